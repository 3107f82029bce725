import { hostname } from 'node:os';

import type { Looked } from '../diagnosis/diagnose.ts';
import { placeIn } from '../hosts/place.ts';
import { counted, indent, wrap } from '../report/layout.ts';
import { printable } from '../report/printable.ts';
import { factsFile } from '../recording/facts-file.ts';
import { notCollected } from '../recording/recording.ts';
import type { Recording } from '../recording/recording.ts';
import { readBaseBackupCall } from './base-backup-options.ts';
import type { CommandSurroundings } from './command.ts';
import { didYouMean } from './did-you-mean.ts';
import { examine } from './examination.ts';
import type { CommonOptions } from './own-options.ts';
import { collectedPostmortemOptions, readPostmortemOptions } from './postmortem-options.ts';
import { checkWritable, writeWhole } from './report-files.ts';
import { standardOutput } from './report-output.ts';
import { shownWord } from './shown-word.ts';
import { textWidth } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Looks as `preflight` or `postmortem` does, and writes what it sees instead of judging it. */
export async function collect(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  const [command = '', ...rest] = words;
  if (command === 'postmortem') return collectPostmortem(rest, surroundings);
  if (command === 'preflight') return collectPreflight(rest, surroundings);
  if (words.some((word) => word === '--help' || word === '-?')) return help(surroundings);
  throw new UsageError(
    command === '' ? 'collect needs the command that it looks for: preflight or postmortem.' : unknown(command),
    didYouMean(command, ['preflight', 'postmortem']) ??
      'For example: standbylint collect postmortem -D DIRECTORY -o FACTS',
  );
}

const unknown = (word: string): string =>
  `collect takes the command that it looks for first, preflight or postmortem, not "${shownWord(word)}".`;

async function help({ print }: CommandSurroundings): Promise<number> {
  const { collectHelp } = await import('./collect-help.ts');
  await print(collectHelp());
  return 0;
}

async function collectPostmortem(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  const options = readPostmortemOptions(words, collectedPostmortemOptions);
  const answer = await answered(options, surroundings);
  if (answer !== undefined) return answer;
  const file = await outputOf(options);
  const { examineStandby } = await import('./standby-examination.ts');
  return examineStandby(options, surroundings.signal, {
    here: async ({ looked }) => write(looked, file, surroundings),
  });
}

async function collectPreflight(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  const call = readBaseBackupCall('collect', words);
  if (call.command === undefined) return (await answered(call.own, surroundings)) ?? 0;
  const file = await outputOf(call.own);
  const { signal } = surroundings;
  const place = placeIn(call.command.directory ?? '');
  if (place === undefined) return write((await examine('preflight', call, signal)).looked, file, surroundings);
  const { callAt, hostOfCopy, throughPlace } = await import('./places.ts');
  return throughPlace(place, call.own, 'preflight', signal, async ({ host, dataDirectory }) => {
    const { looked } = await examine('preflight', callAt(call, place, dataDirectory), signal, hostOfCopy(host));
    return async () => write(looked, file, surroundings);
  });
}

/** --help and --version. */
async function answered(options: CommonOptions, surroundings: CommandSurroundings): Promise<number | undefined> {
  if (options.help) return help(surroundings);
  if (!options.version) return undefined;
  await surroundings.print(`standbylint ${version}\n`);
  return 0;
}

/** Before anything is looked at. */
async function outputOf({ factsFile: file }: CommonOptions): Promise<string> {
  if (file === undefined) throw new UsageError('missing option -o: no file is given for the facts.', 'Add -o FACTS.');
  await checkWritable(file, what);
  return file;
}

const what = 'The facts';

async function write(looked: Looked, file: string, { print }: CommandSurroundings): Promise<number> {
  const recording: Recording = {
    ...looked,
    tool: version,
    machine: hostname(),
    redacted: false,
  };
  const content = factsFile(recording);
  // it says much about the servers, and nobody else needs to read it
  await writeWhole(file, content, { what, modeAfter: () => 0o600 });
  await print(summaryOf(recording, file, content.length));
  return 0;
}

function summaryOf({ facts }: Recording, file: string, bytes: number): string {
  const width = textWidth(standardOutput());
  const missing = notCollected(facts);
  const count = Object.values(facts).filter(({ status }) => status === 'seen').length;
  return [
    ...wrap(`${counted(count, 'fact')} written to ${file} (${Math.ceil(bytes / 1024)} kB).`, width),
    ...(missing.length === 0 ? [] : ['', 'Not collected:']),
    ...missing.flatMap(({ because, remedy }) =>
      bullet(remedy === undefined ? because : `${because} (${printable(remedy)})`, width),
    ),
    '',
    `Judge them on any machine: standbylint analyze ${file}`,
    '',
  ].join('\n');
}

function bullet(text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(text, width - 4);
  return [`  - ${first}`, ...indent(rest, 4)];
}
