import { isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { reload, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { attemptToLetIn, decide, frameOf } from '../../derived/hba-decision.ts';

export const notReloaded = defineRule({
  id: 'hba/not-reloaded',
  title: 'pg_hba.conf was changed, but the server has not reloaded it',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['hbaRules', 'replicationRole', 'primary'],
  explains: [...notStreaming],
  docs: {
    what: 'Compares the answer of the running server with the current file. Fails if the server refuses the login although the file allows it.',
    why: 'The server reads pg_hba.conf only at start and on a reload, so an edited file has no effect at first. pg_hba_file_rules shows the file, not the active rules.',
    references: [
      'The pg_hba.conf File: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'pg_hba_file_rules: https://www.postgresql.org/docs/current/view-pg-hba-file-rules.html',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`the active rules let ${plan.user} in`);
    if (stage.stage === 'client-stopped') return pass(`the active rules let ${plan.user} continue to authentication`);
    if (stage.stage === 'not-reached') return unexamined(notThatFar(stage.attempt));
    if (stage.refusal !== 'no-hba-entry' && stage.refusal !== 'hba-rejected')
      return isPastHba(stage.refusal)
        ? pass(`the active rules accept the connection: the server says "${stage.error.message}"`)
        : unexamined(notThatFar(stage.attempt));

    if (wanted.hbaRules.status === 'unseen') return unexamined(wanted.hbaRules.why);
    if (wanted.hbaRules.status === 'not-applicable') return notApplicable(wanted.hbaRules.why);
    const rules = wanted.hbaRules.value;
    const primary = ifSeen(wanted.primary);
    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const decision = decide(rules, attempt, plan, ifSeen(wanted.replicationRole), primary);
    const line = decision.match.matched;
    if (decision.broken.length > 0)
      return notApplicable('an invalid line prevents the server from using the file (hba/invalid-line)');
    if (line === undefined || line.method === 'reject' || !decision.match.certain)
      return pass(`the current ${rules.file} does not let ${plan.user} in either`);
    return fail({
      message: `Line ${line.line} of ${rules.file} lets ${plan.user} in for replication, but the server still uses the rules that it read earlier: ${stage.error.message}.`,
      where: at('primary', primary?.name, line.file, line.line),
      evidence: [
        evidence('the server says', stage.error.message, 'the replication login'),
        evidence(`line ${line.line} of the file`, line.text, 'pg_hba_file_rules'),
        ...(rules.changedSinceLoad === true
          ? [evidence('changed since the last reload', 'yes', 'pg_stat_file, pg_conf_load_time()')]
          : []),
      ],
      frame: frameOf(line, 'matches after a reload'),
      remedy: safe('Reload the configuration.', reload('primary')),
    });
  },
});
