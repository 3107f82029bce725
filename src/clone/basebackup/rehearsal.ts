import type { Tool } from '../../facts/machine.ts';
import type { Command } from './commands.ts';

/**
 * pg_basebackup to the target `blackhole` (basebackup_target.c; it needs no more than REPLICATION): of the user's options
 * those that say where the server is and how it is read. WAL is fetched and not streamed, which a target cannot have; with
 * none the server would wait until its archiver has done (basebackup.c, WAIT). What is thrown away needs no manifest.
 */
export function rehearsalCommand(
  tool: Tool,
  options: readonly { readonly name: string; readonly words: readonly string[] }[],
): Command {
  const own = options.filter(({ name }) => kept.has(name)).flatMap(({ words }) => words);
  const limit = options.some(({ name }) => name === 'max-rate') ? [] : ['-r', '32M'];
  return { program: tool.path, args: [...own, ...limit, '-t', 'blackhole', '-X', 'fetch', '--no-manifest', '-P'] };
}

const kept: ReadonlySet<string> = new Set([
  'host',
  'port',
  'username',
  'dbname',
  'max-rate',
  'checkpoint',
  'label',
  'no-password',
  'no-verify-checksums',
]);
