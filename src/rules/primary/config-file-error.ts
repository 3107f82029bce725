import { ifSeen } from '../../facts/observed.ts';
import type { ConfigFileProblem, Settings } from '../../facts/primary.ts';
import { beginsWithMark, editFile } from '../../remedies/edit-file.ts';
import { identifier } from '../../remedies/quoting.ts';
import { manual, safe, reload, sql } from '../../remedies/remedy.ts';
import type { Step } from '../../findings/report.ts';
import type { Observed } from '../../facts/observed.ts';
import { outsideFacts, streamsNow } from '../../derived/stream-from-outside.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const configFileError = defineRule({
  id: 'primary/config-file-error',
  title: 'A configuration file of the primary has an error',
  severity: 'error',
  milderOnce: 'streaming',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['now'],
  wants: ['configFileProblems', 'primarySettings', 'primary', ...outsideFacts],
  docs: {
    what: 'Fails if pg_file_settings reports an error in postgresql.conf, postgresql.auto.conf or an included file.',
    why: 'The running server keeps its old values and ignores the change. It will not start with such a file, and neither will the standby, whose data directory is a copy of this one.',
    notes:
      'pg_file_settings also shows settings that only wait for a restart; they are not errors (see primary/pending-restart). pg_file_settings stops at the first syntax error and checks values only if there is none, so there may be more errors, which the next run shows. If this view is not readable (only superusers can read it), the rule is not checked and the verdict does not depend on it, because the active settings are known and an error in a file has an effect only at the next start. The verdict does not depend on it either while a standby is streaming.',
    references: ['pg_file_settings: https://www.postgresql.org/docs/current/view-pg-file-settings.html'],
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
    const marked = problems.every(({ line, written }) => line === 1 && beginsWithMark(written));
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    const host = ifSeen(primary)?.name;
    return fail({
      title: `${first.file === '' ? 'A configuration file' : `${first.file}${first.line === undefined ? '' : ` line ${first.line}`}`}: ${first.error}${more}`,
      message: `The running server ignores this change and keeps its old values. It will not start again with these files${standby.dataDirectory.status === 'seen' ? '' : ', and neither will a standby made from it'}.`,
      where: at('primary', host, first.file === '' ? undefined : first.file, first.line),
      evidence: problems.map(({ file, line, name, error }) =>
        evidence(
          `${file}${line === undefined ? '' : `:${line}`}`,
          name === undefined ? error : `${name}: ${error}`,
          'pg_file_settings',
        ),
      ),
      remedy: safe(
        `${marked ? 'Remove the byte order mark with which the file begins' : 'Comment out the lines that the server refuses'} (a copy of the file is kept), and reload the configuration.`,
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
