import { isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { attemptToLetIn, decide, frameOf, inWords } from './decision.ts';
import { entryFacts, letIn } from './let-in.ts';

export const rejected = defineRule({
  id: 'hba/rejected',
  title: 'The first line of pg_hba.conf that matches says reject',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: entryFacts,
  says: ['pg_hba.conf rejects replication connection for host', 'pg_hba.conf rejects connection for host'],
  explains: [...notStreaming],
  docs: {
    what: 'Logs in exactly as pg_basebackup would. It fails when the server answers that pg_hba.conf rejects the connection; with --admin it shows the line.',
    why: 'The first line that matches decides. A later line that would let the role in is never looked at.',
    references: [
      'https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'src/backend/libpq/auth.c: ClientAuthentication()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`the server let ${plan.user} in`);
    if (stage.stage === 'client-stopped') return pass(`the server went on to authenticate ${plan.user}`);
    if (stage.stage === 'not-reached') return unexamined(notThatFar(stage.attempt));
    if (stage.refusal === 'no-hba-entry') return pass('no line matches at all (hba/no-replication-entry)');
    if (isPastHba(stage.refusal)) return pass(`the server went on to say "${stage.error.message}"`);
    if (stage.refusal !== 'hba-rejected') return unexamined(notThatFar(stage.attempt));

    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const rules = ifSeen(wanted.hbaRules);
    const role = ifSeen(wanted.replicationRole);
    const primary = ifSeen(wanted.primary);
    const decision = rules && decide(rules, attempt, plan, role, primary);
    const line = decision?.match.matched;
    return fail({
      title: `pg_hba.conf rejects ${plan.user} for replication`,
      message:
        line === undefined || decision === undefined
          ? `The server rejects the connection by a line of pg_hba.conf: ${stage.error.message}.`
          : `Line ${line.line} is the first that matches (${inWords(decision.connection)}), and it says reject: nothing below it counts.`,
      where: at('primary', primary?.name, line?.file ?? rules?.file, line?.line),
      evidence: [evidence('the server says', stage.error.message, 'the replication login')],
      ...(line === undefined ? {} : { frame: frameOf(line, 'the first line that matches') }),
      remedy: safe(
        'Put an entry for this role and this address above that line, and reload (nobody is disturbed).',
        ...letIn(plan, attempt, decision?.match.insertBefore, now, wanted),
      ),
    });
  },
});
