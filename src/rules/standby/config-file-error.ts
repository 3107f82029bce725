import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import type { Step } from '../../facts/report.ts';
import type { ConfigurationFault } from '../../postgres/configuration.ts';
import { settingDefinition, readSetting } from '../../postgres/settings.ts';
import type { SettingRow } from '../../postgres/settings.ts';
import { settingKnownTo } from '../../postgres/setting-names.ts';
import type { Written } from '../../postgres/written-lines.ts';
import type { ServerLog } from '../../facts/server-log.ts';
import type { StandbyConfiguration } from '../../facts/standby.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { at, manual, safe, reload } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { intoUse } from './signal.ts';

interface Trouble {
  readonly file: string;
  readonly line: number | undefined;
  readonly words: string;
  /** The line can be made a comment, and then the rest holds. */
  readonly canComment: boolean;
  /** A minor release that this tool does not know may have the setting. */
  readonly doubtful?: boolean;
}

export const standbyConfigFileError = defineRule({
  id: 'standby/config-file-error',
  title: 'A configuration file has an error',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConfiguration', 'dataDirectory', 'now'],
  wants: ['standbyControl', 'runningStandby', 'serverLog'],
  explains: [
    ...notStreaming,
    'conninfo/missing',
    'conninfo/not-applied',
    'conninfo/overridden',
    'standby/signal-missing',
  ],
  says: [
    'syntax error in file "%s" line %u, near token "%s"',
    'syntax error in file "%s" line %u, near end of line',
    'configuration file "%s" contains errors',
    'unrecognized configuration parameter "%s" in file "%s" line %d',
    'could not open configuration file "%s"',
    'could not open configuration directory "%s"',
    'postgres: could not access the server configuration file "%s"',
  ],
  docs: {
    what: 'Reads postgresql.conf with all that it includes, then postgresql.auto.conf, as the server does, and fails on what the server would refuse: a line that does not parse, a file that is included and not there, a setting that this release does not have, a value that it does not take.',
    why: 'With one such line the server does not start. One that runs goes on with its old settings and ignores every change until the line is mended.',
    notes:
      'Values are judged by the type, the range, the unit and the words that PostgreSQL’s own table gives a setting (pg_settings of 13, 15, 17 and 18; for 14 and 16 where the releases before and after agree); what only the server’s own hooks judge (a time zone, a search path) is known from the log: it is an error where the server refused it and it still stands there. include_if_exists passes over what is not there. Of a setting that stands twice only the last value counts, but a name that is unknown is refused wherever it stands. Settings with a dot in the name belong to extensions.',
    references: [
      'PostgreSQL manual, section 19.1.2, Parameter Interaction via the Configuration File',
      'utils/misc/guc.c, ProcessConfigFileInternal()',
      'utils/misc/guc-file.l',
    ],
  },
  judge({ standbyConfiguration, dataDirectory, now, standbyControl, runningStandby, serverLog }) {
    const { configFile, files } = standbyConfiguration;
    const log = ifSeen(serverLog);
    const running = ifSeen(runningStandby)?.settings;
    const troubles: readonly Trouble[] = [
      ...files.faults.map((fault) => told(fault)),
      ...ofSettings(standbyConfiguration, dataDirectory.major, (name) => running?.has(name) === true, log),
      ...refusedBefore(standbyConfiguration, log),
    ].filter((one, index, all) => all.findIndex(({ file, line }) => file === one.file && line === one.line) === index);
    const [first] = troubles;
    if (first === undefined)
      return pass(
        `${files.filesRead.length} configuration ${files.filesRead.length === 1 ? 'file was' : 'files were'} read as the server reads them, from ${configFile} on`,
      );
    const runs = dataDirectory.postmaster?.process === 'running';
    const place = `${first.file}${first.line === undefined ? '' : `, line ${first.line}`}`;
    const more =
      troubles.length > 1
        ? ` There ${troubles.length === 2 ? 'is one more such place' : `are ${troubles.length - 1} more such places`}.`
        : '';
    const apply =
      runs && ifSeen(runningStandby) !== undefined ? reload('standby') : intoUse(standbyControl, dataDirectory);
    return fail({
      severity: runs || troubles.every(({ doubtful }) => doubtful === true) ? 'warning' : 'error',
      message: `${place}: ${first.words}. ${runs ? 'The server goes on with its old settings, ignores every change, and would not start again' : 'The server does not start with it'}${first.doubtful === true ? ', unless its minor release brought the setting' : ''}.${more}`,
      where: at('standby', undefined, first.file, first.line),
      evidence: troubles
        .slice(0, 20)
        .map(({ file, line, words }) =>
          evidence(line === undefined ? file : `${file}, line ${line}`, words, 'read as the server reads it'),
        ),
      remedy: safe(
        'Turn what the server refuses into a comment.',
        ...commenting(troubles, now, standbyConfiguration.written),
        apply,
      ),
    });
  },
});

function told(fault: ConfigurationFault): Trouble {
  switch (fault.kind) {
    case 'syntax':
      return {
        file: fault.file,
        line: fault.line,
        words:
          fault.near === null
            ? `the line ends where ${fault.expected} is expected`
            : `${fault.expected} is expected where ${JSON.stringify(fault.near)} stands`,
        canComment: true,
      };
    case 'not-read': {
      const { path, what, problem, includedFrom } = fault;
      const why = problem.status === 'absent' ? 'does not exist' : `cannot be read: ${problem.why}`;
      return includedFrom === null
        ? { file: path, line: undefined, words: `the ${what} ${why}`, canComment: false }
        : { ...includedFrom, words: `the ${what} ${path}, which it includes, ${why}`, canComment: true };
    }
    case 'too-deep':
      return { ...fault.includedFrom, words: `${fault.path} is included more than ten files deep`, canComment: true };
    case 'recursion':
      return { ...fault.includedFrom, words: 'the file includes itself', canComment: true };
    case 'empty-name':
      return { ...fault.includedFrom, words: 'the name of what is included is empty', canComment: true };
    case 'too-many-files':
      return { ...fault.includedFrom, words: 'more than 2,000 files are included', canComment: true };
  }
}

function ofSettings(
  { files }: StandbyConfiguration,
  major: number | undefined,
  runsWith: (name: string) => boolean,
  log: ServerLog | undefined,
): readonly Trouble[] {
  if (major === undefined || major < 13 || major > 18) return [];
  const names = files.assignments.flatMap(({ name, source }): readonly Trouble[] => {
    if (source.kind !== 'file' || runsWith(name.toLowerCase())) return [];
    const unknown = unknownName(name, major);
    if (unknown === undefined) return [];
    // minor releases have brought settings before: a name that resembles none is refused for sure where the log says so
    const doubtful = !unknown.isKnownNot && !refusedName(name, log);
    return [{ file: source.file, line: source.line, words: unknown.words, canComment: true, doubtful }];
  });
  const values = [...files.settings.values()].flatMap(({ name, value, source }): readonly Trouble[] => {
    const definition = settingDefinition(name, major);
    if (source.kind !== 'file' || definition === undefined) return [];
    const words = refusedValue(definition, value);
    return words === undefined ? [] : [{ file: source.file, line: source.line, words, canComment: true }];
  });
  return [...names, ...values];
}

/** What the server itself refused when it was last started or reloaded, and what still stands there. */
function refusedBefore({ files }: StandbyConfiguration, log: ServerLog | undefined): readonly Trouble[] {
  return (log?.summary.sightings ?? []).flatMap(({ recognition, healed }): readonly Trouble[] => {
    const [, name = '', value] = /^invalid value for parameter "([^"]+)": "(.*)"$/u.exec(recognition.text) ?? [];
    const set = files.settings.get(name.toLowerCase());
    // slot/invalid-name says what is wrong with the name of a slot
    if (healed || set?.source.kind !== 'file' || set.value !== value || set.name === 'primary_slot_name') return [];
    const words = `${name} does not take ${JSON.stringify(value)}: the server refused it at its last start`;
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
  if (context === 'internal') return `${name} cannot be set: it shows how the server was built, or what it does`;
  const read = readSetting(definition, value);
  return read.ok ? undefined : `${name} does not take ${JSON.stringify(value)}: ${read.expected} is expected`;
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
      return { words: `${no}: ${known.until} was the last release that had it`, isKnownNot: true };
    case 'later':
      return { words: `${no}: it came with ${known.since}`, isKnownNot: true };
    case 'unknown': {
      const instead = replaced.get(name) ?? known.nearest[0];
      return instead === undefined
        ? { words: no, isKnownNot: false }
        : { words: `${no}; ${instead} is what is probably meant`, isKnownNot: true };
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

function commenting(troubles: readonly Trouble[], now: Date, written: Written | undefined): readonly Step[] {
  const files = [...new Set(troubles.map(({ file }) => file))];
  return files.flatMap((file) => {
    const lines = troubles.flatMap((one) =>
      one.file === file && one.canComment && one.line !== undefined ? [one.line] : [],
    );
    if (lines.length === 0)
      return [
        manual(
          'standby',
          `Put ${file} there and make it readable for the server's user: the primary's own is a beginning (SHOW config_file; tells where it is), and so is ${posix.basename(file)}.sample of the packages.`,
        ),
      ];
    return [editFile('standby', { file, now, written: written?.get(file) }, { act: 'comment-out', lines })];
  });
}
