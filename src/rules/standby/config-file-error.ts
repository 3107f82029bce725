import { posix } from 'node:path';

import { ifSeen, seen } from '../../facts/observed.ts';
import type { ServerControl } from '../../facts/primary.ts';
import type { Step } from '../../findings/report.ts';
import type { Written } from '../../postgres/written-lines.ts';
import { commandWithout, mountedAgain } from '../../remedies/container-again.ts';
import { backupName, editFile } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { startedWith } from '../../remedies/started-with.ts';
import { manual, safe, reload } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { configurationTroubles } from '../../derived/configuration-troubles.ts';
import type { Trouble } from '../../derived/configuration-troubles.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { fileMade, moved } from '../../remedies/reversible.ts';

export const standbyConfigFileError = defineRule({
  id: 'standby/config-file-error',
  title: 'A configuration file has an error',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['standbyConfiguration', 'dataDirectory', 'now'],
  wants: ['serverJudgement', 'standbyControl', 'runningStandby', 'serverLog', 'standbyServerUser'],
  explains: [...notStreaming, 'conninfo/missing', 'conninfo/not-applied', 'conninfo/overridden'],
  messages: [
    'config-syntax-token',
    'config-syntax-eol',
    'config-file-errors',
    'config-file-errors-unaffected',
    'config-file-errors-none',
    'config-unrecognized-param-file',
    'config-could-not-open',
    'config-nesting-depth',
    'hba-could-not-open-hba-13',
    'config-could-not-open-dir',
  ],
  says: ['postgres: could not access the server configuration file "%s"'],
  docs: {
    what: 'Reads postgresql.conf with all included files, then postgresql.auto.conf, as the server does. Fails on whatever the server would reject: a line that does not parse, an included file that does not exist, an unknown setting, an invalid value; and on a directory in the place of postgresql.conf.',
    why: 'One such line keeps the server from starting. A running server keeps its old settings and ignores every change until the line is fixed.',
    notes:
      "While the server is running, or if no server program of the release is installed, values are checked against the type, range, unit and allowed words in PostgreSQL's own table of settings (pg_settings of 13, 15, 17 and 18; for 14 and 16 where the releases before and after agree). While the server is down, its own program checks them, including values that only the program can check (time zone, DateStyle, synchronous_standby_names): `postgres -C port` reads the files and the time zones and touches nothing else. In 15 and later, `postgres -C shared_memory_size` checks the settings against each other and loads shared_preload_libraries; it writes postmaster.pid, so it runs on a scratch directory with a copy of pg_control, never on the data directory. Both run as the owner of the data directory. Without the program, a value that the server rejected according to its log also fails if it is still set. include_if_exists skips missing files. If a setting occurs twice, only the last value applies, but an unknown name is rejected wherever it occurs. Settings with a dot in the name belong to extensions.",
    references: [
      'Parameter Interaction via the Configuration File: https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-CONFIGURATION-FILE',
      'src/backend/utils/misc/guc.c: ProcessConfigFileInternal()',
      'src/backend/utils/misc/guc-file.l: ParseConfigFp()',
    ],
  },
  judge(facts) {
    const { standbyConfiguration, dataDirectory, now, serverJudgement, standbyControl, runningStandby, serverLog } =
      facts;
    const { configFile, files, isDirectory } = standbyConfiguration;
    const running = ifSeen(runningStandby)?.settings;
    const judgement = ifSeen(serverJudgement);
    const troubles = configurationTroubles({
      configuration: standbyConfiguration,
      major: dataDirectory.major,
      judgement,
      runsWith: (name) => running?.has(name) === true,
      log: ifSeen(serverLog),
    });
    const [first] = troubles;
    if (first === undefined) {
      const many = files.filesRead.length === 1 ? 'configuration file' : 'configuration files';
      const judge = judgement === undefined ? "by standbylint's own table of settings" : `by ${judgement.program} -C`;
      return pass(`${files.filesRead.length} ${many}, starting with ${configFile}: accepted ${judge}`);
    }
    const user = ifSeen(facts.standbyServerUser);
    // nothing is wrong with a file that another account would read
    if (
      user?.given === true &&
      user.uid !== dataDirectory.owner.uid &&
      troubles.every(({ unreadable }) => unreadable === true)
    )
      return notApplicable(`${user.name} cannot read ${first.file}, see standby/wrong-owner`);
    const runs = dataDirectory.postmaster?.process === 'running';
    const place = `${first.file}${first.line === undefined ? '' : `, line ${first.line}`}`;
    const more =
      troubles.length > 1
        ? ` There ${troubles.length === 2 ? 'is one more such error' : `are ${troubles.length - 1} more such errors`}.`
        : '';
    const options = new Map(
      troubles.flatMap(({ option }) => (option === undefined ? [] : [[option, undefined] as const])),
    );
    const control = ifSeen(standbyControl);
    // a start reads the same command line again: it is printed without what the server refuses
    const other = options.size === 0 || control === undefined ? undefined : startedWith(control.control, options);
    const apply =
      runs && ifSeen(runningStandby) !== undefined
        ? reload('standby')
        : other === undefined || control === undefined
          ? intoUse(standbyControl, dataDirectory)
          : intoUse(seen({ ...control, control: other }, 'its command line'), dataDirectory);
    if (isDirectory !== undefined) {
      const again = isDirectory === 'mounted' ? mountedAgain(control?.control, configFile) : undefined;
      return fail({
        title: `${posix.basename(configFile)} is a directory`,
        message: `${configFile} is a directory, so the server does not start.${again === undefined ? '' : ' An engine of containers makes a directory where the file that is to be mounted does not exist on its host.'}`,
        where: at('standby', undefined, configFile),
        evidence: [evidence(configFile, isDirectory === 'mounted' ? 'a directory, mounted' : 'a directory', 'stat(2)')],
        remedy: safe(
          'Put a file in its place.',
          ...(again ?? [
            manual(
              'standby',
              `Move the directory ${configFile} aside, and put a ${posix.basename(configFile)} in its place.`,
            ),
            apply,
          ]),
        ),
      });
    }
    const empty = troubles.find(({ file }) => isZeros(standbyConfiguration.written, file));
    if (empty !== undefined) {
      const { file } = empty;
      const name = posix.basename(file);
      const isOfAlterSystem = name === 'postgresql.auto.conf';
      return fail({
        title: `${name} is filled with zeros`,
        severity: runs ? 'warning' : 'error',
        message: `${file} has nothing but zero bytes, as a file system leaves it after a power failure: what it set is lost. The server ${runs ? 'would not start again with it' : 'does not start with it'}.`,
        where: at('standby', undefined, file),
        evidence: [evidence(file, 'every byte is 0', 'its first lines')],
        remedy: safe(
          isOfAlterSystem
            ? 'Put an empty file in its place, and set again what it had set: primary_conninfo above all.'
            : 'Put a copy of the file in its place.',
          ...(isOfAlterSystem
            ? [moved('standby', file, backupName(file, now)), fileMade('standby', file)]
            : [
                manual(
                  'standby',
                  `Move ${file} aside, and put a copy of it in its place: from a backup, or the file of the primary with the values of this server.`,
                ),
              ]),
          apply,
        ),
      });
    }
    const wide = troubles.find(({ file }) => isWide(standbyConfiguration.written, file));
    if (wide !== undefined)
      return fail({
        title: `${posix.basename(wide.file)} is encoded as UTF-16`,
        severity: runs ? 'warning' : 'error',
        message: `${wide.file} was saved as UTF-16, as editors of Windows do. The server reads ASCII and UTF-8, and ${runs ? 'would not start again with it' : 'does not start with it'}.`,
        where: at('standby', undefined, wide.file),
        evidence: [evidence(wide.file, 'every other byte is 0', 'its first lines')],
        remedy: safe(
          'Save the file as UTF-8.',
          manual(
            'standby',
            `Convert it, and keep the original: cd ${shellWord(posix.dirname(wide.file))} && cp -p ${shellWord(posix.basename(wide.file))} ${shellWord(`${posix.basename(wide.file)}.utf16`)} && iconv -f UTF-16 -t UTF-8 ${shellWord(`${posix.basename(wide.file)}.utf16`)} | tr -d '\\r' > ${shellWord(posix.basename(wide.file))}`,
          ),
          apply,
        ),
      });
    const inFiles = other === undefined ? troubles : troubles.filter(({ option }) => option === undefined);
    return fail({
      severity: runs || troubles.every(({ doubtful }) => doubtful === true) ? 'warning' : 'error',
      message: `${place}: ${first.words}. ${runs ? 'The server keeps its old settings, ignores every change, and would not start again' : 'This keeps the server from starting'}${first.doubtful === true ? ', unless its minor release added the setting' : ''}.${more}`,
      where: at('standby', undefined, first.file, first.line),
      evidence: troubles
        .slice(0, 20)
        .map(({ file, line, words, source = 'read as the server reads it' }) =>
          evidence(line === undefined ? file : `${file}, line ${line}`, words, source),
        ),
      remedy: safe(
        inFiles.some(({ option }) => option === undefined)
          ? inFiles.every((one) => unclosed(one, standbyConfiguration.written) !== undefined)
            ? 'Close the quotation mark.'
            : inFiles.every(({ marked }) => marked === true)
              ? 'Remove the byte order mark.'
              : 'Comment out what the server rejects.'
          : 'Start the server without the option that it rejects. Remove the option from whatever starts the server at boot, too.',
        ...commenting(inFiles, now, standbyConfiguration.written, control?.control),
        apply,
      ),
    });
  },
});

/** A file system that lost what was written last has the size of the file, and no content. */
const isZeros = (written: Written | undefined, file: string): boolean =>
  /^\0+$/u.test(written?.get(file)?.lines.join('') ?? '');

/** UTF-16: a byte of each character is zero. */
const isWide = (written: Written | undefined, file: string): boolean =>
  written
    ?.get(file)
    ?.lines.slice(0, 3)
    .some((line) => line.includes('\0')) === true;

/** The line, where its value begins with a quotation mark that nothing closes: with one at its end it says what was meant. */
function unclosed({ file, line }: Trouble, written: Written | undefined): string | undefined {
  const text = line === undefined ? undefined : written?.get(file)?.lines[line - 1];
  return text !== undefined && /^\s*[\w.]+\s*(?:=\s*)?'(?:[^'\\#]|''|\\.)*$/u.test(text) ? text : undefined;
}

function commenting(
  troubles: readonly Trouble[],
  now: Date,
  written: Written | undefined,
  control: ServerControl | undefined,
): readonly Step[] {
  const files = [...new Set(troubles.map(({ file }) => file))];
  return files.flatMap((file) => {
    const lines = troubles.flatMap((one) =>
      one.file === file && one.canComment && one.line !== undefined ? [one.line] : [],
    );
    const byHand = troubles.flatMap((one) => (one.file === file && one.byHand !== undefined ? [one.byHand] : []));
    const options = troubles.flatMap(({ option }) => option ?? []);
    const typed = byHand.map((text) => manual('standby', text));
    if (typed.length > 0 && lines.length === 0)
      return options.length === 0 ? typed : commandWithout(control, options, typed);
    if (lines.length === 0)
      return [
        manual(
          'standby',
          `Create ${file}, readable by the user that runs the server. Start from the primary's file (SHOW config_file; shows its path) or from ${posix.basename(file)}.sample in the PostgreSQL packages.`,
        ),
      ];
    const target = { file, now, written: written?.get(file) };
    const open = troubles.flatMap((one) => {
      const text = one.file === file ? unclosed(one, written) : undefined;
      return text === undefined || one.line === undefined ? [] : [{ line: one.line, text }];
    });
    const [only] = open;
    if (only !== undefined && lines.length === 1)
      return [
        editFile('standby', target, { act: 'replace', line: only.line, becomes: [`${only.text}'`], by: ["s/$/'/"] }),
      ];
    return [editFile('standby', target, { act: 'comment-out', lines })];
  });
}
