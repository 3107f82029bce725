import { stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { PrimaryPaths } from '../../facts/primary.ts';
import { beginsWithMark, editFile } from '../../remedies/edit-file.ts';
import { reload, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { linesOf } from '../../derived/hba-entry-lines.ts';
import { attemptToLetIn, decide } from '../../derived/hba-decision.ts';
import { entryFacts, letIn } from '../../remedies/let-in.ts';

export const invalidLine = defineRule({
  id: 'hba/invalid-line',
  title: 'pg_hba.conf has an invalid line, so the server keeps its old rules',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: [...entryFacts, 'primaryPaths', 'preparedConfiguration', 'baseBackup'],
  explains: ['hba/no-replication-entry', 'hba/not-reloaded', 'hba/rejected', ...notStreaming],
  says: ['pg_hba.conf was not reloaded'],
  docs: {
    what: 'Reads pg_hba.conf as the server does (pg_hba_file_rules.error, and the text if it is readable) and fails on a line that does not parse. If the login works nevertheless, this is a warning, except before a base backup that includes the file: the standby would not start.',
    why: 'Because of one invalid line, a reload keeps all the old rules: an entry added elsewhere in the file has no effect, and the server does not start with this file.',
    references: [
      'pg_hba_file_rules: https://www.postgresql.org/docs/current/view-pg-hba-file-rules.html',
      'src/backend/libpq/hba.c: load_hba()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    const accepted = stage.stage === 'accepted';
    if (wanted.hbaRules.status !== 'seen') {
      if (accepted) return pass(`the active rules let ${plan.user} in`);
      if (wanted.hbaRules.status === 'unseen') return unexamined(wanted.hbaRules.why);
      return pass(wanted.hbaRules.why);
    }
    const rules = wanted.hbaRules.value;
    const broken = rules.lines.filter((line) => line.kind === 'broken');
    const [first] = broken;
    if (first === undefined) return pass(`all ${rules.lines.length} lines of ${rules.file} are valid`);

    const primary = ifSeen(wanted.primary);
    const role = ifSeen(wanted.replicationRole);
    const files = [...new Set(broken.map(({ file }) => file))];
    // with the broken lines out, does anything let the role in? If not, the entry that it needs goes in with them
    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const decision = decide(rules, attempt, plan, role, primary);
    const missing =
      ((accepted && decision.match.certain) ||
        (stage.stage === 'server-refused' && (stage.refusal === 'no-hba-entry' || stage.refusal === 'hba-rejected'))) &&
      (decision.match.matched === undefined || decision.match.matched.method === 'reject');
    const marked = broken.every(({ file, line }) => line === 1 && beginsWithMark(rules.written?.get(file)));
    const travels = comesWithTheCopy(rules.file, wanted);
    return fail({
      severity: accepted && !travels ? 'warning' : 'error',
      message: `${place(first)}: ${first.error}${marked ? ', as the file begins with a byte order mark' : ''}. The server keeps the rules that it read earlier, and will not start with this file.${travels ? ' The base backup includes the file, so the standby would not start either.' : ''}`,
      where: at('primary', primary?.name, first.file, first.line),
      evidence: broken.map((line) => evidence(place(line), line.error, 'pg_hba_file_rules')),
      frame: {
        side: 'primary',
        file: first.file,
        lines: broken
          .filter(({ file }) => file === first.file)
          .map((line) => ({ number: line.line, text: line.text, remark: line.error })),
      },
      remedy: safe(
        `${marked ? 'Remove the byte order mark' : `Comment out ${broken.length === 1 ? 'the line' : 'these lines'}`}${missing ? ', add an entry for this role' : ''}, and reload.`,
        ...files.map((file) =>
          editFile(
            'primary',
            // what lets the role in makes a copy of its own
            { file, now, written: rules.written?.get(file), ...(missing ? { copySuffix: '-broken' } : {}) },
            { act: 'comment-out', lines: broken.flatMap((line) => (line.file === file ? linesOf(line) : [])) },
          ),
        ),
        ...(missing ? letIn(plan, attempt, decision.match.insertBefore, now, wanted) : [reload('primary')]),
      ),
    });
  },
});

/** pg_hba.conf in the data directory is copied, and is the standby's own where this machine has no other for it. */
const comesWithTheCopy = (
  file: string,
  {
    primaryPaths,
    preparedConfiguration,
    baseBackup,
  }: {
    readonly primaryPaths: Observed<PrimaryPaths>;
    readonly preparedConfiguration: Observed<unknown>;
    readonly baseBackup: Observed<unknown>;
  },
): boolean => {
  const directory = ifSeen(primaryPaths)?.dataDirectory;
  return (
    baseBackup.status === 'seen' &&
    preparedConfiguration.status !== 'seen' &&
    directory !== undefined &&
    file.startsWith(`${directory}/`)
  );
};

const place = ({ file, line }: { readonly file: string; readonly line: number }): string => `${file}, line ${line}`;
