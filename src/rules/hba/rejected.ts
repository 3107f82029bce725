import { isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { attemptToLetIn, decide, frameOf, inWords } from '../../derived/hba-decision.ts';
import { entryFacts, letIn } from '../../remedies/let-in.ts';

export const rejected = defineRule({
  id: 'hba/rejected',
  title: 'The first matching line of pg_hba.conf says reject',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: entryFacts,
  messages: ['hba-rejects-replication', 'hba-rejects-database'],
  explains: [...notStreaming],
  docs: {
    what: 'Logs in exactly as pg_basebackup does. Fails if the server answers that pg_hba.conf rejects the connection. With --admin it shows the line.',
    why: 'The first matching line decides. The server never reads a later line that would let the role in.',
    references: [
      'The pg_hba.conf File: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'src/backend/libpq/auth.c: ClientAuthentication()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`the server let ${plan.user} in`);
    if (stage.stage === 'client-stopped') return pass(`the server went on to authenticate ${plan.user}`);
    if (stage.stage === 'not-reached') return unexamined(notThatFar(stage.attempt));
    if (stage.refusal === 'no-hba-entry') return pass('no line matches (hba/no-replication-entry)');
    if (isPastHba(stage.refusal)) return pass(`the server went on to say "${stage.error.message}"`);
    if (stage.refusal !== 'hba-rejected') return unexamined(notThatFar(stage.attempt));

    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const rules = ifSeen(wanted.hbaRules);
    const role = ifSeen(wanted.replicationRole);
    const primary = ifSeen(wanted.primary);
    const decision = rules && decide(rules, attempt, plan, role, primary);
    const line = decision?.match.matched;
    return fail({
      title: `pg_hba.conf rejects replication as ${plan.user}`,
      message:
        line === undefined || decision === undefined
          ? `A line of pg_hba.conf rejects the connection: ${stage.error.message}.`
          : `Line ${line.line} is the first matching line (${inWords(decision.connection)}) and says reject, so the lines below it do not apply.`,
      where: at('primary', primary?.name, line?.file ?? rules?.file, line?.line),
      evidence: [evidence('the server says', stage.error.message, 'the replication login')],
      ...(line === undefined ? {} : { frame: frameOf(line, 'the first matching line') }),
      remedy: safe(
        'Add an entry for this role and address above that line, and reload.',
        ...letIn(plan, attempt, decision?.match.insertBefore, now, wanted),
      ),
    });
  },
});
