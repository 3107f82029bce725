import { ifSeen } from '../../facts/observed.ts';
import type { ConfigFileProblem, Settings } from '../../facts/primary.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { identifier } from '../../remedies/quoting.ts';
import { at, manual, safe, reload, sql } from '../../remedies/remedy.ts';
import type { Step } from '../../facts/report.ts';
import type { Observed } from '../../facts/observed.ts';
import { outsideFacts, streamsNow } from '../streaming/from-outside.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const configFileError = defineRule({
  id: 'primary/config-file-error',
  title: 'A configuration file of the primary has an error',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['configFileProblems', 'primarySettings', 'primary', ...outsideFacts],
  docs: {
    what: 'Fails when pg_file_settings reports an error in postgresql.conf, postgresql.auto.conf or a file that they include.',
    why: 'The server that runs keeps its old values and refuses the change. It does not start with such a file, and neither does the standby, whose data directory is a copy of this one.',
    notes:
      'A setting that only waits for a restart is shown by pg_file_settings too and is no error here: see primary/pending-restart. pg_file_settings stops at the first syntax error and looks at values only where there is none: behind it there may be more, which the next examination shows. Where only this view is not shown (it is a superuser’s), the rule is not examined and the verdict does not wait for it: the settings in force are seen, and an error in a file shows when the server starts the next time. Neither does it wait where a standby streams.',
    references: ['https://www.postgresql.org/docs/current/view-pg-file-settings.html'],
  },
  judge({ now, configFileProblems, primarySettings, primary, ...standby }) {
    if (configFileProblems.status === 'not-applicable') return notApplicable(configFileProblems.why);
    if (configFileProblems.status === 'unseen') {
      const isMilder = streamsNow(standby) || seesAll(primarySettings);
      return unexamined(configFileProblems.why, isMilder ? 'warning' : undefined);
    }
    const problems = configFileProblems.value;
    const [first, ...others] = problems;
    if (first === undefined) return pass('the configuration files have no error (pg_file_settings)');
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    const host = ifSeen(primary)?.name;
    return fail({
      title: `${first.file === '' ? 'A configuration file' : `${first.file}${first.line === undefined ? '' : ` line ${first.line}`}`}: ${first.error}${more}`,
      message: `The running server ignores what stands there and keeps its old values. It would not start again with these files${standby.dataDirectory.status === 'seen' ? '' : ', and a standby made from it has the same ones'}.`,
      where: at('primary', host, first.file === '' ? undefined : first.file, first.line),
      evidence: problems.map(({ file, line, name, error }) =>
        evidence(
          `${file}${line === undefined ? '' : `:${line}`}`,
          name === undefined ? error : `${name}: ${error}`,
          'pg_file_settings',
        ),
      ),
      remedy: safe(
        'Set the lines that the server refuses aside as comments (a copy of the file is kept) and reload.',
        ...steps(problems, now),
        reload('primary'),
      ),
    });
  },
});

/** pg_settings leaves out, for most roles, what pg_read_all_settings shows: shared_preload_libraries is of that kind. */
const seesAll = (settings: Observed<Settings>): boolean =>
  settings.status === 'seen' && settings.value.has('shared_preload_libraries');

function steps(problems: readonly ConfigFileProblem[], now: Date): readonly Step[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  return files.flatMap((file) => {
    const inFile = problems.filter((problem) => problem.file === file);
    if (file === '' || inFile.some(({ line }) => line === undefined))
      return [
        manual(
          'primary',
          `Correct ${file === '' ? 'the configuration files' : file}: ${inFile.map(({ error }) => error).join('; ')}`,
        ),
      ];
    // ALTER SYSTEM keeps this file in order by itself (guc.c, AlterSystemSetConfigFile)
    const names = inFile.map(({ name }) => name).filter((name) => name !== undefined);
    if (file.endsWith('/postgresql.auto.conf') && names.length === inFile.length)
      return names.map((name) =>
        sql('primary', `ALTER SYSTEM RESET ${name.split('.').map(identifier).join('.')};`, 'set-configuration'),
      );
    const lines = inFile.flatMap(({ line }) => line ?? []);
    return [editFile('primary', { file, now, written: inFile[0]?.written }, { act: 'comment-out', lines })];
  });
}
