import { isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, reload, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { attemptToLetIn, decide, frameOf } from './decision.ts';

export const notReloaded = defineRule({
  id: 'hba/not-reloaded',
  title: 'pg_hba.conf has the entry, and the running server does not use it yet',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['hbaRules', 'replicationRole', 'primary'],
  explains: [...notStreaming],
  docs: {
    what: 'Holds the answer of the running server against the file as it stands now. It fails when the server refuses the login although the file, read by the same rules, lets it in.',
    why: 'The server reads pg_hba.conf when it starts and when it is told to reload; an edited file changes nothing by itself. pg_hba_file_rules shows the file, not what is in force.',
    references: [
      'https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'https://www.postgresql.org/docs/current/view-pg-hba-file-rules.html',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`the rules in force let ${plan.user} in`);
    if (stage.stage === 'client-stopped') return pass(`the rules in force let ${plan.user} go on to authenticate`);
    if (stage.stage === 'not-reached') return unexamined(notThatFar(stage.attempt));
    if (stage.refusal !== 'no-hba-entry' && stage.refusal !== 'hba-rejected')
      return isPastHba(stage.refusal)
        ? pass(`the rules in force let the connection through: the server says "${stage.error.message}"`)
        : unexamined(notThatFar(stage.attempt));

    if (wanted.hbaRules.status === 'unseen') return unexamined(wanted.hbaRules.why);
    if (wanted.hbaRules.status === 'not-applicable') return notApplicable(wanted.hbaRules.why);
    const rules = wanted.hbaRules.value;
    const primary = ifSeen(wanted.primary);
    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const decision = decide(rules, attempt, plan, ifSeen(wanted.replicationRole), primary);
    const line = decision.match.matched;
    if (decision.broken.length > 0)
      return notApplicable(
        'a line that the server cannot read keeps the whole file from being used (hba/invalid-line)',
      );
    if (line === undefined || line.method === 'reject' || !decision.match.certain)
      return pass(`${rules.file} as it stands now does not let ${plan.user} in either`);
    return fail({
      message: `Line ${line.line} of ${rules.file} lets ${plan.user} in for replication, but the server goes by the rules that it read before: ${stage.error.message}.`,
      where: at('primary', primary?.name, line.file, line.line),
      evidence: [
        evidence('the server says', stage.error.message, 'the replication login'),
        evidence(`line ${line.line} of the file`, line.text, 'pg_hba_file_rules'),
        ...(rules.changedSinceLoad === true
          ? [evidence('changed since the last reload', 'yes', 'pg_stat_file, pg_conf_load_time()')]
          : []),
      ],
      frame: frameOf(line, 'matches, once it is loaded'),
      remedy: safe('Reload (nobody is disturbed).', reload('primary')),
    });
  },
});
