import type { ServerJudgement, Refusal } from '../facts/server-judgement.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { StandbyConfiguration } from '../facts/standby-configuration.ts';
import type { ConfigurationFault, SettingAssignment } from '../postgres/configuration.ts';
import { settingKnownTo } from '../postgres/setting-names.ts';
import { readSetting, settingDefinition } from '../postgres/settings.ts';
import type { SettingRow } from '../postgres/settings-table.ts';

export interface Trouble {
  /** `the command line` is one too. */
  readonly file: string;
  readonly line: number | undefined;
  readonly words: string;
  /** The line can be made a comment, and then the rest holds. */
  readonly canComment: boolean;
  /** A minor release that this tool does not know may have the setting. */
  readonly doubtful?: boolean;
  /** The setting of the command line that it is about. */
  readonly option?: string;
  /** What a person has to do, where no line can be made a comment; absent: the file is to be put there. */
  readonly byHand?: string;
  /** The line is right, but for the byte order mark at its beginning. */
  readonly marked?: true;
  /** The file is there, and could not be opened. */
  readonly unreadable?: true;
  /** Who says so; absent: we read the files as the server does. */
  readonly source?: string;
}

export interface ConfigurationSeen {
  readonly configuration: StandbyConfiguration;
  readonly major: number | undefined;
  /** What the server's program itself says; undefined: it could not be asked. */
  readonly judgement: ServerJudgement | undefined;
  /** The running server has a setting of this name. */
  readonly runsWith: (name: string) => boolean;
  readonly log: ServerLog | undefined;
}

/**
 * What the server does not take in its configuration. Where its program was asked, its word holds: what it takes is no
 * fault, and our own table of settings gives its refusals plainer words. Where it was not asked, or stopped at the files
 * before it came to the values, the table judges.
 */
export const configurationTroubles = (seen: ConfigurationSeen): readonly Trouble[] =>
  troublesOf(seen).map((one) => (isMarked(one, seen) ? { ...one, words: byMark, marked: true } : one));

/** To the server's scanner it is a letter of the first word (`LETTER` in guc-file.l). */
const isMarked = ({ file, line }: Trouble, { configuration: { written } }: ConfigurationSeen): boolean =>
  line === 1 && written?.get(file)?.lines[0]?.startsWith('\uFEFF') === true;

const byMark = 'the file begins with a byte order mark, which the server takes for a part of the first word';

function troublesOf(seen: ConfigurationSeen): readonly Trouble[] {
  const { configuration, judgement } = seen;
  const byTable = ofSettings(seen);
  const ofFiles = configuration.files.faults.map((fault) => told(fault));
  if (judgement === undefined) return firstOfEachLine([...ofFiles, ...byTable, ...refusedBefore(seen)]);
  const byServer = judgement.refused.flatMap((refusal) => ofServer(refusal, judgement.program, seen));
  const agreed = byTable.filter((one) => judgement.stoppedEarly || byServer.some((other) => isSameLine(one, other)));
  const sure = agreed.filter(({ doubtful }) => doubtful !== true);
  return firstOfEachLine([...ofFiles, ...sure, ...byServer, ...(judgement.stoppedEarly ? refusedBefore(seen) : [])]);
}

const firstOfEachLine = (troubles: readonly Trouble[]): readonly Trouble[] =>
  troubles.filter((one, index, all) => all.findIndex((other) => isSameLine(one, other)) === index);

const isSameLine = (one: Trouble, other: Trouble): boolean =>
  one.file === other.file && one.line === other.line && one.option === other.option;

function ofServer(
  { words, settings, file, line }: Refusal,
  program: string,
  { configuration: { files, configFile }, major }: ConfigurationSeen,
): readonly Trouble[] {
  const source = `${program} -C`;
  // a fault of the files, which was found above if it is one; of two that say the same the first is kept
  if (file !== undefined && line !== undefined) return [{ file, line, words, canComment: true, source }];
  if (
    settings.some((name) => isOfOtherRule.test(name)) ||
    [isOfLibrary, isOfTargets, isOfTheWay].some((other) => other.test(words))
  )
    return [];
  const all = settings.flatMap((name) => files.settings.get(name) ?? []);
  // of several that exclude each other those that only repeat the default are not to blame
  const chosen = all.filter(({ name, value }) => value !== settingDefinition(name, major ?? 18)?.default);
  const set = chosen.length === 0 ? all : chosen;
  if (set.length === 0)
    return files.faults.length > 0
      ? []
      : [
          {
            file: configFile,
            line: undefined,
            words,
            canComment: false,
            source,
            byHand: `Change what the server rejects: ${words}`,
          },
        ];
  return set.map((one) => {
    const inWords = words.toLowerCase().includes(one.name)
      ? words
      : `${one.name} cannot be ${JSON.stringify(one.value)}: ${words}`;
    return { ...setBy(one), words: inWords, source };
  });
}

function setBy({ name, source }: SettingAssignment): Omit<Trouble, 'words'> {
  if (source.kind === 'file') return { file: source.file, line: source.line, canComment: true };
  return {
    file: 'the command line',
    line: undefined,
    canComment: false,
    option: name.toLowerCase(),
    byHand: `Remove ${source.written} from the command that starts the server: it overrides ${name} in every file.`,
  };
}

/** slot/invalid-name and standby/locale-missing say what is wrong with these. */
const isOfOtherRule = /^(?:primary_slot_name|lc_\w+)$/u;
/** standby/files-closed: the way there is closed, and no file is wrong */
export const isOfTheWay = /^could not access directory "[^"]*": Permission denied$/u;
/** recovery/target-set; 13 and 14 say it only at a start */
const isOfTargets = /^multiple recovery targets specified/u;
/** standby/library-missing */
export const isOfLibrary = /^(?:could not (?:access|load) (?:file|library) |incompatible library )/u;

function told(fault: ConfigurationFault): Trouble {
  switch (fault.kind) {
    case 'syntax':
      return {
        file: fault.file,
        line: fault.line,
        words:
          fault.near === null
            ? `the line ends where ${fault.expected} is expected`
            : `${fault.expected} is expected instead of ${JSON.stringify(fault.near)}`,
        canComment: true,
      };
    case 'not-read': {
      const { path, what, problem, includedFrom } = fault;
      const why = problem.status === 'absent' ? 'does not exist' : `cannot be read: ${problem.why}`;
      return includedFrom === null
        ? {
            file: path,
            line: undefined,
            words: `the ${what} ${why}`,
            canComment: false,
            ...(problem.status === 'unreadable' ? { unreadable: true } : {}),
          }
        : { ...includedFrom, words: `the ${what} ${path}, which it includes, ${why}`, canComment: true };
    }
    case 'too-deep':
      return { ...fault.includedFrom, words: `${fault.path} is included more than ten files deep`, canComment: true };
    case 'recursion':
      return { ...fault.includedFrom, words: 'the file includes itself', canComment: true };
    case 'empty-name':
      return { ...fault.includedFrom, words: 'the name of the included file is empty', canComment: true };
    case 'too-many-files':
      return { ...fault.includedFrom, words: 'more than 2,000 files are included', canComment: true };
  }
}

function ofSettings({ configuration: { files }, major, runsWith, log }: ConfigurationSeen): readonly Trouble[] {
  if (major === undefined || major < 13 || major > 18) return [];
  const names = files.assignments.flatMap((one): readonly Trouble[] => {
    const { name } = one;
    if (runsWith(name.toLowerCase())) return [];
    const unknown = unknownName(name, major);
    if (unknown === undefined) return [];
    // minor releases have brought settings before: a name that resembles none is refused for sure where the log says so
    const doubtful = !unknown.isKnownNot && !refusedName(name, log);
    return [{ ...setBy(one), words: unknown.words, doubtful }];
  });
  const values = [...files.settings.values()].flatMap((one): readonly Trouble[] => {
    const definition = settingDefinition(one.name, major);
    const words = definition === undefined ? undefined : refusedValue(definition, one.value);
    return words === undefined ? [] : [{ ...setBy(one), words }];
  });
  return [...names, ...values];
}

/** What the server itself refused when it was last started or reloaded, and what still stands there. */
function refusedBefore({ configuration: { files }, log }: ConfigurationSeen): readonly Trouble[] {
  return (log?.summary.sightings ?? []).flatMap(({ recognition, healed }): readonly Trouble[] => {
    const [, name = '', value] = /^invalid value for parameter "([^"]+)": "(.*)"$/u.exec(recognition.text) ?? [];
    const set = files.settings.get(name.toLowerCase());
    // slot/invalid-name says what is wrong with the name of a slot
    if (healed || set?.source.kind !== 'file' || set.value !== value || set.name === 'primary_slot_name') return [];
    const words = `${name} cannot be ${JSON.stringify(value)}: the server rejected this value at its last start`;
    return [{ file: set.source.file, line: set.source.line, words, canComment: true }];
  });
}

const refusedName = (name: string, log: ServerLog | undefined): boolean =>
  log?.summary.sightings.some(
    ({ recognition, healed }) =>
      !healed && recognition.text.startsWith(`unrecognized configuration parameter "${name}"`),
  ) === true;

function refusedValue(definition: SettingRow, value: string): string | undefined {
  const { name, context } = definition;
  if (context === 'internal')
    return `${name} cannot be set: it only shows how the server was built or what it is doing`;
  const read = readSetting(definition, value);
  return read.ok ? undefined : `${name} cannot be ${JSON.stringify(value)}: ${read.expected} is expected`;
}

/** `isKnownNot`: what it is instead is known, so that no minor release has it either. */
function unknownName(
  name: string,
  major: number,
): { readonly words: string; readonly isKnownNot: boolean } | undefined {
  const known = settingKnownTo(name, major);
  const no = `PostgreSQL ${major} has no setting ${name}`;
  switch (known.kind) {
    case 'known':
    case 'custom':
      return undefined;
    case 'gone':
      return { words: `${no}: ${known.until} was the last release with it`, isKnownNot: true };
    case 'later':
      return { words: `${no}: it was added in ${known.since}`, isKnownNot: true };
    case 'unknown': {
      const instead = replaced.get(name) ?? known.nearest[0];
      return instead === undefined
        ? { words: no, isKnownNot: false }
        : { words: `${no}; ${instead} replaces it`, isKnownNot: true };
    }
  }
}

/** What older releases had, and what serves now. */
const replaced: ReadonlyMap<string, string> = new Map([
  ['standby_mode', 'the file standby.signal'],
  ['trigger_file', '`pg_ctl promote`'],
  ['wal_keep_segments', 'wal_keep_size (in megabytes)'],
  ['checkpoint_segments', 'max_wal_size'],
]);
