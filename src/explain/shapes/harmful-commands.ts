import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';

/** Commands in the text that damage a data directory. */
export function harmfulCommands(text: string): Explanation | undefined {
  const found = commands.flatMap(([pattern, cause, rule]) => {
    const line = pattern
      .exec(text)?.[0]
      // of a cd and what follows it, the last
      .replace(/^cd\b[\s\S]*[\n;&](?=[^\n;&]*\brm\b)/u, '')
      .replace(/^[\s$#>;&|]*(?:\d+\s+)?/u, '')
      .trim();
    return line === undefined ? [] : [{ line, cause: `"${line}" ${cause}`, rule }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  return shape({
    text: first.line,
    means: 'This changes what the server needs to start.',
    candidates: found.map(({ cause, rule }) => finding(cause, rule)),
    where: 'on the standby',
    command: postmortem,
  });
}

const begin = String.raw`(?:^[ \t]*\d+[ \t]+|^|[$#>;&|])[ \t]*(?:sudo(?:[ \t]+-u[ \t]+\w+)?[ \t]+)?`;

const commands: readonly (readonly [RegExp, string, string])[] = [
  [
    new RegExp(String.raw`${begin}(?:rm|mv)\b[^\n;&|]*\bbackup_label\b[^\n;&|]*`, 'mu'),
    'takes away backup_label: a restored copy then starts from the wrong checkpoint, or not at all. Restore the copy again and leave the file in place.',
    'standby/raw-copy',
  ],
  [
    new RegExp(String.raw`${begin}rm\b[^\n;&|]*\bpg_(?:wal|xlog)\/[^\n;&|]*`, 'mu'),
    'deletes WAL that the server needs: it cannot start without the WAL since its last checkpoint, and a standby cannot go on.',
    'standby/raw-copy',
  ],
  // in the directory that a cd before it names
  [
    new RegExp(
      String.raw`\bcd[ \t]+["']?[^\s;&|"']*\bpg_(?:wal|xlog)\/?["']?[ \t]*(?:&&|;|\n)(?:[^\n]*\n){0,8}?${begin}rm\b[^\n;&|]*(?:\b[0-9A-F]{8,24}\b|\*)[^\n;&|]*`,
      'mu',
    ),
    'deletes WAL that the server needs: it cannot start without the WAL since its last checkpoint, and a standby cannot go on.',
    'standby/raw-copy',
  ],
  [
    new RegExp(String.raw`${begin}(?:[^\s$#>;&|]*\/)?pg_reset(?:wal|xlog)[ \t]+(?:-|\/|\S*\/)[^\n;&|]*`, 'mu'),
    'throws WAL away: the data is damaged without a message, and no standby can follow this server any more. A standby needs a new base backup; a primary a dump and a new cluster.',
    'standby/raw-copy',
  ],
  [
    new RegExp(String.raw`${begin}rm\b[^\n;&|]*\bstandby\.signal\b[^\n;&|]*`, 'mu'),
    'removes standby.signal: the server then starts as a primary and no longer follows. Once it has run like that, creating the file again is not enough: it needs pg_rewind or a new base backup.',
    'standby/signal-missing',
  ],
];
