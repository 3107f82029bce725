import { formatNames, formats } from '../../report/formats.ts';
import { backupTargets } from '../configuration/keys.ts';
import type { Completed } from '../help/help-page.ts';
import { outputOption } from '../options/outputs.ts';
import { targetOption } from '../options/own-options.ts';
import type { OwnOption } from '../options/own-options.ts';

/** A word that fits, and what it means. */
export type Candidate = readonly [word: string, does: string];

/** What may stand where the cursor is. */
export interface Answer {
  /** The shell knows its own files. */
  readonly paths?: 'files' | 'directories';
  /** What stands before a path in the same word: `--config=` */
  readonly prefix?: string;
  readonly words?: readonly Candidate[];
}

/** Where the word stands: what a target is for, and which configuration is named. */
interface Call {
  readonly command: string;
  readonly before: readonly string[];
}

/** What fits behind `prefix` in the word that is typed. */
export async function valueOf(
  kinds: readonly (OwnOption | Completed)[],
  typed: string,
  prefix: string,
  call: Call,
): Promise<Answer> {
  const answers = await Promise.all(kinds.map(async (kind) => answerFor(kind, typed, prefix, call)));
  const paths = answers.find((answer) => answer.paths !== undefined) ?? {};
  return { ...paths, words: answers.flatMap(({ words = [] }) => words) };
}

async function answerFor(option: OwnOption | Completed, typed: string, prefix: string, call: Call): Promise<Answer> {
  const kind = typeof option === 'object' && 'long' in option ? kindOf(option) : option;
  if (kind === undefined) return {};
  if (kind === 'files' || kind === 'directories') return { paths: kind, prefix };
  if (kind === 'formats') {
    const file = /^.*?=/u.exec(typed.slice(prefix.length))?.[0];
    if (file !== undefined) return { paths: 'files', prefix: prefix + file };
    return { words: formatNames.map((name) => [prefix + name, formats[name].for]) };
  }
  if (kind === 'rule list') {
    const { needsAdmin } = await import('../../diagnosis/verdict.ts');
    const [list = prefix] = /^.*,/u.exec(typed) ?? [];
    const all: readonly Candidate[] = [[needsAdmin, 'all that only --admin can show'], ...(await rules())];
    return { words: all.map(([id, title]) => [list + id, title]) };
  }
  if (kind === 'rules') return { words: await rules() };
  if (kind === 'targets') return { words: (await targets(call)).map(([name, does]) => [prefix + name, does]) };
  return { words: kind.map((word) => [prefix + word, '']) };
}

type Kind = Completed | 'formats' | 'rule list';

/** By what stands for the value in the help. */
function kindOf({ long, value = '' }: OwnOption): Kind | undefined {
  if (value === outputOption.value) return 'formats';
  if (long === targetOption.long && value === targetOption.value) return 'targets';
  if (/^[\w-]+(?:\|[\w-]+)+$/u.test(value)) return value.split('|');
  return kinds[value] ?? known[long];
}

const kinds: Readonly<Record<string, Kind>> = {
  DIRECTORY: 'directories',
  WALDIR: 'directories',
  FILE: 'files',
  FACTS: 'files',
  BUNDLE: 'files',
  REPORT: 'files',
  OLDMANIFEST: 'files',
  'GLOB...': 'files',
  'RULE,...': 'rule list',
};

/** Of pg_basebackup, whose help has one word for them (pg_basebackup.c). */
const known: Readonly<Record<string, readonly string[]>> = {
  'manifest-checksums': ['NONE', 'CRC32C', 'SHA224', 'SHA256', 'SHA384', 'SHA512'],
  'sync-method': ['fsync', 'syncfs'],
  target: backupTargets,
  compress: ['', 'client-', 'server-'].flatMap((side) => ['gzip', 'lz4', 'zstd'].map((method) => side + method)),
};

async function rules(): Promise<readonly Candidate[]> {
  const { catalogue } = await import('../../rules/catalogue.ts');
  return catalogue.map(({ id, title }) => [id, title]);
}

/** A configuration that cannot be read has none. */
async function targets({ command, before }: Call): Promise<readonly Candidate[]> {
  const { configurationOf } = await import('../configuration/resolve.ts');
  const { findConfiguration } = await import('../configuration/find.ts');
  const at = before.lastIndexOf('--config');
  const file = at === -1 ? before.findLast((word) => word.startsWith('--config='))?.slice(9) : before[at + 1];
  const read = await configurationOf(file, findConfiguration()).catch(() => undefined);
  const isFor = command === 'clone' ? 'preflight' : command;
  return Object.entries(read?.content.targets ?? {})
    .filter((target) => ['fleet', 'config', 'serve', target[1].command].includes(isFor))
    .map(([name, target]) => [name, target.command]);
}
