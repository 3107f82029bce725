import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

import type { Looked } from '../../diagnosis/diagnose.ts';
import type { Policy } from '../../findings/policy.ts';
import type { Host } from '../../hosts/host.ts';
import { placeIn } from '../../hosts/place.ts';
import { indent, wrap } from '../../report/layout.ts';
import type { Recording } from '../../recording/recording.ts';
import { redact } from '../../recording/redact.ts';
import type { Tokens } from '../../recording/redact.ts';
import { readBaseBackupCall } from '../options/base-backup-options.ts';
import type { CommandSurroundings } from '../command.ts';
import { configured } from '../configuration/find.ts';
import { didYouMean } from '../options/did-you-mean.ts';
import { examine } from '../examination/examination.ts';
import type { HelpPage } from '../help/help-page.ts';
import { recording } from '../options/own-options.ts';
import type { CommonOptions, RecordingCommand } from '../options/own-options.ts';
import { readPostmortemOptions, recordedPostmortemOptions } from '../options/postmortem-options.ts';
import { checkWritable, writeWhole } from '../output/report-files.ts';
import { shownWord } from '../options/shown-word.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';

/** A command that looks as `preflight` or `postmortem` does, and writes what it sees instead of judging it. */
export interface RecordingPurpose {
  readonly command: RecordingCommand;
  /** What is written, at the beginning of a sentence: `The facts`. */
  readonly what: string;
  readonly page: () => Promise<HelpPage>;
  /** Before anything is looked at. */
  readonly check?: (output: RecordingOutput) => void;
  /** Writes it while the examined machine can still be reached, and gives the exit status. */
  readonly write: (seen: Seen, output: RecordingOutput, surroundings: CommandSurroundings) => Promise<number>;
}

export interface Seen {
  readonly recording: Recording;
  readonly host: Host;
  readonly timeoutMs: number;
}

export interface RecordingOutput {
  readonly file: string;
  readonly redact: boolean;
  readonly map: string | undefined;
  readonly yes: boolean;
}

export async function recordedLook(
  purpose: RecordingPurpose,
  words: readonly string[],
  surroundings: CommandSurroundings,
): Promise<number> {
  const [command = '', ...rest] = words;
  if (command === 'postmortem') return ofPostmortem(purpose, rest, surroundings);
  if (command === 'preflight') return ofPreflight(purpose, rest, surroundings);
  if (words.some((word) => word === '--help' || word === '-?')) return help(purpose, surroundings);
  if (words.some((word) => word === '--version' || word === '-V')) return showVersion(surroundings);
  const { command: name } = purpose;
  throw new UsageError(
    command === ''
      ? `${name} needs the command that it looks for: preflight or postmortem.`
      : `${name} takes the command that it looks for first, preflight or postmortem, not "${shownWord(command)}".`,
    didYouMean(command, ['preflight', 'postmortem']) ??
      `For example: standbylint ${name} postmortem -D DIRECTORY -o FILE`,
  );
}

async function showVersion({ print }: CommandSurroundings): Promise<number> {
  await print(`standbylint ${version}\n`);
  return 0;
}

async function help({ page }: RecordingPurpose, { print }: CommandSurroundings): Promise<number> {
  const { helpPage } = await import('../help/help-page.ts');
  await print(helpPage(await page()));
  return 0;
}

async function ofPostmortem(
  purpose: RecordingPurpose,
  words: readonly string[],
  surroundings: CommandSurroundings,
): Promise<number> {
  const specs = recordedPostmortemOptions(purpose.command);
  const { words: whole, policy } = await configured('postmortem', words, specs);
  const options = { ...readPostmortemOptions(whole, specs), policy };
  const answer = await answered(purpose, options, surroundings);
  if (answer !== undefined) return answer;
  const output = await outputOf(purpose, options);
  const { examineStandby } = await import('../examination/standby-examination.ts');
  return examineStandby(options, surroundings.signal, {
    here: async ({ looked, surroundings: { host } }) =>
      purpose.write(seenOf(looked, host, options, policy), output, besideOutput(output, surroundings)),
  });
}

async function ofPreflight(
  purpose: RecordingPurpose,
  words: readonly string[],
  surroundings: CommandSurroundings,
): Promise<number> {
  const { words: whole, policy } = await configured('preflight', words, recording[purpose.command]);
  const call = readBaseBackupCall(purpose.command, whole, policy);
  if (call.command === undefined) return (await answered(purpose, call.own, surroundings)) ?? 0;
  const output = await outputOf(purpose, call.own);
  const { signal } = surroundings;
  const place = placeIn(call.command.directory ?? '');
  const write = async ({ looked, host }: Awaited<ReturnType<typeof examine>>): Promise<number> =>
    purpose.write(seenOf(looked, host, call.own, policy), output, besideOutput(output, surroundings));
  if (place === undefined) return write(await examine('preflight', call, signal));
  const { callAt, hostOfCopy, throughPlace } = await import('../examination/places.ts');
  return throughPlace(place, call.own, 'preflight', signal, async ({ host, dataDirectory }) => {
    const examined = await examine('preflight', callAt(call, place, dataDirectory), signal, hostOfCopy(host));
    return async () => write(examined);
  });
}

const seenOf = (
  looked: Looked,
  host: Host,
  { timeoutMs }: Pick<CommonOptions, 'timeoutMs'>,
  policy: Policy | undefined,
): Seen => ({
  host,
  timeoutMs,
  recording: { ...looked, tool: version, machine: hostname(), redacted: false, ...(policy && { policy }) },
});

/** --help and --version. */
async function answered(
  purpose: RecordingPurpose,
  options: CommonOptions,
  surroundings: CommandSurroundings,
): Promise<number | undefined> {
  if (options.help) return help(purpose, surroundings);
  if (!options.version) return undefined;
  return showVersion(surroundings);
}

async function outputOf(
  { command, what, check }: RecordingPurpose,
  { factsFile: file, redact: isRedacted, redactMap: map, yes }: CommonOptions,
): Promise<RecordingOutput> {
  if (file === undefined)
    throw new UsageError(
      `missing option -o: no file is given for ${what.charAt(0).toLowerCase()}${what.slice(1)}.`,
      `Add -o ${command === 'collect' ? 'FACTS' : 'BUNDLE.tar.gz'}.`,
    );
  if (map !== undefined && !isRedacted)
    throw new UsageError('--redact-map applies only to --redact, which is not given.', 'Add --redact.');
  if (map === file) throw new UsageError('-o and --redact-map name the same file.', 'Give each a file of its own.');
  const output = { file, redact: isRedacted, map, yes };
  check?.(output);
  if (file !== standardOutputName) await checkWritable(file, what);
  else if (command === 'bundle')
    throw new UsageError(
      'a bundle is shown on standard output, and is written to a file.',
      'Name it: -o BUNDLE.tar.gz',
    );
  else if (process.stdout.isTTY)
    throw new UsageError(
      `-o - writes ${what.charAt(0).toLowerCase()}${what.slice(1)} to standard output, which is a terminal.`,
      'Name a file, or send it on: -o - | standbylint analyze -',
    );
  if (map !== undefined) await checkWritable(map, whatMap);
  return output;
}

const whatMap = 'The tokens';

/** As a file of -o. */
export const standardOutputName = '-';

/** What is told of it must not get among what is written. */
const besideOutput = ({ file }: RecordingOutput, surroundings: CommandSurroundings): CommandSurroundings =>
  file === standardOutputName
    ? { ...surroundings, print: async (text) => new Promise((resolve) => process.stderr.write(text, () => resolve())) }
    : surroundings;

/** What goes into the file, with --redact by its tokens: the recording, and other texts beside it. */
export function redacted<Others>(
  { recording: seen }: Seen,
  others: Others,
  output: RecordingOutput,
): { readonly recording: Recording; readonly others: Others; readonly tokens: Tokens | undefined } {
  return output.redact ? redact(seen, randomBytes(32), others) : { recording: seen, others, tokens: undefined };
}

/** It says much about the servers, and only its owner needs to read it. */
export async function writeForOwner(
  content: Uint8Array,
  { file, map }: RecordingOutput,
  { what }: Pick<RecordingPurpose, 'what'>,
  tokens: Tokens | undefined,
): Promise<void> {
  if (file === standardOutputName) await new Promise((resolve) => process.stdout.write(content, resolve));
  else await writeWhole(file, content, { what, modeAfter: ownersOnly });
  if (map !== undefined && tokens !== undefined)
    await writeWhole(map, mapText(tokens), { what: whatMap, modeAfter: ownersOnly });
}

const ownersOnly = (): number => 0o600;

/** One JSON object: the token, and what it stands for. */
const mapText = (tokens: Tokens): string =>
  `${JSON.stringify(Object.fromEntries([...tokens].map(([name, token]) => [token, name])), undefined, 2)}\n`;

export const redactedText = (map: string | undefined): string =>
  `Names, addresses and paths are replaced by tokens. ${
    map === undefined
      ? 'Nothing says what they stand for: --redact-map FILE writes it.'
      : `${map} says what they stand for: keep it.`
  }`;

export function bullet(text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(text, width - 4);
  return [`  - ${first}`, ...indent(rest, 4)];
}
