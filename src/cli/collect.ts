import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

import type { Looked } from '../diagnosis/diagnose.ts';
import { placeIn } from '../hosts/place.ts';
import { counted, indent, wrap } from '../report/layout.ts';
import { printable } from '../report/printable.ts';
import { factsFile } from '../recording/facts-file.ts';
import { notCollected } from '../recording/recording.ts';
import type { Recording } from '../recording/recording.ts';
import { redact } from '../recording/redact.ts';
import type { Tokens } from '../recording/redact.ts';
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
  const { collectPage } = await import('./collect-help.ts');
  const { helpPage } = await import('./help-page.ts');
  await print(helpPage(collectPage));
  return 0;
}

async function collectPostmortem(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  const options = readPostmortemOptions(words, collectedPostmortemOptions);
  const answer = await answered(options, surroundings);
  if (answer !== undefined) return answer;
  const output = await outputOf(options);
  const { examineStandby } = await import('./standby-examination.ts');
  return examineStandby(options, surroundings.signal, {
    here: async ({ looked }) => write(looked, output, surroundings),
  });
}

async function collectPreflight(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  const call = readBaseBackupCall('collect', words);
  if (call.command === undefined) return (await answered(call.own, surroundings)) ?? 0;
  const output = await outputOf(call.own);
  const { signal } = surroundings;
  const place = placeIn(call.command.directory ?? '');
  if (place === undefined) return write((await examine('preflight', call, signal)).looked, output, surroundings);
  const { callAt, hostOfCopy, throughPlace } = await import('./places.ts');
  return throughPlace(place, call.own, 'preflight', signal, async ({ host, dataDirectory }) => {
    const { looked } = await examine('preflight', callAt(call, place, dataDirectory), signal, hostOfCopy(host));
    return async () => write(looked, output, surroundings);
  });
}

/** --help and --version. */
async function answered(options: CommonOptions, surroundings: CommandSurroundings): Promise<number | undefined> {
  if (options.help) return help(surroundings);
  if (!options.version) return undefined;
  await surroundings.print(`standbylint ${version}\n`);
  return 0;
}

interface Output {
  readonly file: string;
  readonly redact: boolean;
  readonly map: string | undefined;
}

/** Before anything is looked at. */
async function outputOf({ factsFile: file, redact, redactMap: map }: CommonOptions): Promise<Output> {
  if (file === undefined) throw new UsageError('missing option -o: no file is given for the facts.', 'Add -o FACTS.');
  if (map !== undefined && !redact)
    throw new UsageError('--redact-map applies only to --redact, which is not given.', 'Add --redact.');
  if (map === file) throw new UsageError('-o and --redact-map name the same file.', 'Give each a file of its own.');
  await checkWritable(file, what);
  if (map !== undefined) await checkWritable(map, whatMap);
  return { file, redact, map };
}

const what = 'The facts';
const whatMap = 'The tokens';

async function write(looked: Looked, output: Output, { print }: CommandSurroundings): Promise<number> {
  const seen: Recording = { ...looked, tool: version, machine: hostname(), redacted: false };
  const { recording, tokens } = output.redact ? redact(seen, randomBytes(32)) : { recording: seen, tokens: undefined };
  const content = factsFile(recording);
  // it says much about the servers, and nobody else needs to read it
  await writeWhole(output.file, content, { what, modeAfter: ownersOnly });
  if (output.map !== undefined && tokens !== undefined)
    await writeWhole(output.map, mapText(tokens), { what: whatMap, modeAfter: ownersOnly });
  await print(summaryOf(seen, output, content.length));
  return 0;
}

const ownersOnly = (): number => 0o600;

/** One JSON object: the token, and what it stands for. */
const mapText = (tokens: Tokens): string =>
  `${JSON.stringify(Object.fromEntries([...tokens].map(([name, token]) => [token, name])), undefined, 2)}\n`;

function summaryOf({ facts }: Recording, { file, redact: isRedacted, map }: Output, bytes: number): string {
  const width = textWidth(standardOutput());
  const missing = notCollected(facts);
  const count = Object.values(facts).filter(({ status }) => status === 'seen').length;
  return [
    ...wrap(`${counted(count, 'fact')} written to ${file} (${Math.ceil(bytes / 1024)} kB).`, width),
    ...(missing.length === 0 ? [] : ['', 'Not collected:']),
    ...missing.flatMap(({ because, remedy }) =>
      bullet(remedy === undefined ? because : `${because} (${printable(remedy)})`, width),
    ),
    ...(isRedacted ? ['', ...wrap(redactedText(map), width)] : []),
    '',
    `Judge them on any machine: standbylint analyze ${file}`,
    '',
  ].join('\n');
}

const redactedText = (map: string | undefined): string =>
  `Names, addresses and paths are replaced by tokens. ${
    map === undefined
      ? 'Nothing says what they stand for: --redact-map FILE writes it.'
      : `${map} says what they stand for: keep it.`
  }`;

function bullet(text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(text, width - 4);
  return [`  - ${first}`, ...indent(rest, 4)];
}
