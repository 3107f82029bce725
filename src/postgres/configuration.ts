import { posix } from 'node:path';

import { parseConfigurationText } from './configuration-file.ts';
import type { SyntaxFault } from './configuration-file.ts';
import type { CommandLineSetting } from './postmaster-files.ts';

/** How the examined machine's files are reached. */
export interface ConfigurationFiles {
  readonly read: (path: string) => Promise<ReadResult>;
  readonly list: (directory: string) => Promise<ListResult>;
}

export type ReadResult = { readonly status: 'text'; readonly text: string } | NotRead;

export type ListResult =
  | {
      readonly status: 'listed';
      /** `isDirectory` follows links, as the server does. */
      readonly entries: readonly { readonly name: string; readonly isDirectory: boolean }[];
    }
  | NotRead;

export type NotRead = { readonly status: 'absent' } | { readonly status: 'unreadable'; readonly why: string };

/** Where a value stands. */
export type SettingSource =
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'command line'; readonly written: string };

export interface SettingAssignment {
  readonly name: string;
  readonly value: string;
  readonly source: SettingSource;
}

/** What the files and the command line together say of one setting. */
export interface EffectiveSetting extends SettingAssignment {
  /** The assignments that this one beats, in the order in which they were read. */
  readonly overridden: readonly SettingAssignment[];
}

/** What keeps the server from starting with these files, and from applying them on a reload. */
export type ConfigurationFault =
  | ({ readonly kind: 'syntax'; readonly file: string } & SyntaxFault)
  | {
      readonly kind: 'not-read';
      /** The file or directory that is asked for. */
      readonly path: string;
      readonly what: 'file' | 'directory';
      readonly problem: NotRead;
      readonly includedFrom: Location | null;
    }
  | {
      readonly kind: 'too-deep' | 'recursion' | 'empty-name' | 'too-many-files';
      readonly path: string;
      readonly includedFrom: Location;
    };

export interface Location {
  readonly file: string;
  readonly line: number;
}

export interface Configuration {
  /** By name, in lower case. What no file mentions is not there. */
  readonly settings: ReadonlyMap<string, EffectiveSetting>;
  /** Every assignment in the order in which the server reads them. */
  readonly assignments: readonly SettingAssignment[];
  readonly faults: readonly ConfigurationFault[];
  /** The files that were read, in order; one that is included twice stands there twice. */
  readonly filesRead: readonly string[];
  /** What include_if_exists (and the server, for postgresql.auto.conf) passes over. */
  readonly skipped: readonly { readonly path: string; readonly problem: NotRead }[];
}

/** With the texts of the files that were read, by path: they hold the secrets that stand there. */
export interface ConfigurationRead extends Configuration {
  readonly texts: ReadonlyMap<string, string>;
}

export interface ConfigurationOptions {
  /** The absolute path of postgresql.conf. */
  readonly configFile: string;
  /** Where postgresql.auto.conf is. */
  readonly dataDirectory: string;
  /** What the server was started with, from postmaster.opts: it beats every file. */
  readonly commandLine?: readonly CommandLineSetting[];
}

/**
 * The settings as the server resolves them (utils/misc/guc.c, ProcessConfigFileInternal): postgresql.conf with all that it includes, then
 * postgresql.auto.conf, of two assignments the later, and the command line above all. Unlike the server, it reads on after a fault, so that
 * all faults are seen at once: with any fault the server takes nothing from the files. Whether names are known and values fit is not looked at.
 */
export async function readConfiguration(
  files: ConfigurationFiles,
  options: ConfigurationOptions,
): Promise<ConfigurationRead> {
  const texts = new Map<string, string>();
  const assignments: SettingAssignment[] = [];
  const faults: ConfigurationFault[] = [];
  const filesRead: string[] = [];
  const skipped: { path: string; problem: NotRead }[] = [];
  const load: Loading = { files, assignments, faults, filesRead, skipped, texts };
  await readFile(load, options.configFile, { strict: true, depth: 0, includedFrom: null });
  const autoConf = posix.join(options.dataDirectory, 'postgresql.auto.conf');
  await readFile(load, autoConf, { strict: false, depth: 0, includedFrom: null });
  for (const { name, value, written } of options.commandLine ?? []) {
    assignments.push({ name, value, source: { kind: 'command line', written } });
  }
  return { settings: effective(assignments), assignments, faults, filesRead, skipped, texts };
}

interface Loading {
  readonly files: ConfigurationFiles;
  readonly assignments: SettingAssignment[];
  readonly faults: ConfigurationFault[];
  readonly filesRead: string[];
  readonly skipped: { path: string; problem: NotRead }[];
  readonly texts: Map<string, string>;
}

interface Inclusion {
  /** Whether a file that cannot be read is a fault. */
  readonly strict: boolean;
  readonly depth: number;
  readonly includedFrom: Location | null;
}

/** guc-file.l, CONF_FILE_MAX_DEPTH */
const maxDepth = 10;

/** Include loops that fan out could be followed far; no real configuration has as many files. */
const maxFiles = 2000;

/** ParseConfigFile. False when the file, or one that it includes, has a fault. */
async function readFile(load: Loading, name: string, { strict, depth, includedFrom }: Inclusion): Promise<boolean> {
  if (includedFrom !== null) {
    // said once: the files that are left out may be as many again
    if (load.faults.at(-1)?.kind === 'too-many-files') return false;
    const kind = inclusionFault(name, depth, includedFrom, load.filesRead.length);
    if (kind !== undefined) {
      load.faults.push({ kind, path: name, includedFrom });
      return false;
    }
  }
  const path = absolutePath(name, includedFrom);
  const result = await load.files.read(path);
  if (result.status !== 'text') {
    if (strict) load.faults.push({ kind: 'not-read', path, what: 'file', problem: result, includedFrom });
    else load.skipped.push({ path, problem: result });
    return !strict;
  }
  load.filesRead.push(path);
  load.texts.set(path, result.text);
  const { lines, faults } = parseConfigurationText(result.text);
  for (const fault of faults) load.faults.push({ kind: 'syntax', file: path, ...fault });
  let intact = faults.length === 0;
  for (const { name: setting, value, line } of lines) {
    const location = { file: path, line };
    const inclusion = { depth: depth + 1, includedFrom: location };
    if (setting === 'include_dir') intact = (await readDirectory(load, value, depth + 1, location)) && intact;
    else if (setting === 'include') intact = (await readFile(load, value, { strict: true, ...inclusion })) && intact;
    else if (setting === 'include_if_exists') {
      intact = (await readFile(load, value, { strict: false, ...inclusion })) && intact;
    } else {
      load.assignments.push({ name: setting, value, source: { kind: 'file', ...location } });
    }
  }
  return intact;
}

/** ParseConfigDirectory: the files of a directory in the order of their bytes, up to the first with a fault. */
async function readDirectory(load: Loading, name: string, depth: number, includedFrom: Location): Promise<boolean> {
  if (isBlank(name)) {
    load.faults.push({ kind: 'empty-name', path: name, includedFrom });
    return false;
  }
  const directory = absolutePath(name, includedFrom);
  const listing = await load.files.list(directory);
  if (listing.status !== 'listed') {
    load.faults.push({ kind: 'not-read', path: directory, what: 'directory', problem: listing, includedFrom });
    return false;
  }
  const paths = listing.entries
    .filter((entry) => !entry.isDirectory && entry.name.length > 5 && /^[^.].*\.conf$/su.test(entry.name))
    .map((entry) => posix.join(directory, entry.name))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const path of paths) {
    if (!(await readFile(load, path, { strict: true, depth, includedFrom }))) return false;
  }
  return true;
}

function inclusionFault(
  name: string,
  depth: number,
  includedFrom: Location,
  filesRead: number,
): 'too-deep' | 'recursion' | 'empty-name' | 'too-many-files' | undefined {
  if (isBlank(name)) return 'empty-name';
  if (depth > maxDepth) return 'too-deep';
  if (filesRead >= maxFiles) return 'too-many-files';
  return absolutePath(name, includedFrom) === includedFrom.file ? 'recursion' : undefined;
}

const isBlank = (name: string): boolean => /^[ \t\r\n]*$/u.test(name);

/** AbsoluteConfigLocation (utils/misc/conffiles.c): relative to the directory of the file that includes it. */
function absolutePath(name: string, includedFrom: Location | null): string {
  if (name.startsWith('/') || includedFrom === null) return name;
  const joined = posix.join(posix.dirname(includedFrom.file), name);
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}

function effective(assignments: readonly SettingAssignment[]): ReadonlyMap<string, EffectiveSetting> {
  const byName = new Map<string, SettingAssignment[]>();
  for (const assignment of assignments) {
    const ofName = byName.get(assignment.name);
    if (ofName === undefined) byName.set(assignment.name, [assignment]);
    else ofName.push(assignment);
  }
  const settings = new Map<string, EffectiveSetting>();
  for (const [name, ofName] of byName) {
    const last = ofName.at(-1);
    if (last !== undefined) settings.set(name, { ...last, overridden: ofName.slice(0, -1) });
  }
  return settings;
}
