import { addressSeenByServer, isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { attemptToLetIn, decide, inWords, nearestLines } from './decision.ts';
import { entryFacts, letIn } from './let-in.ts';

export const noReplicationEntry = defineRule({
  id: 'hba/no-replication-entry',
  title: 'pg_hba.conf has no entry that lets this role in for replication from this address',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: entryFacts,
  says: ['no pg_hba.conf entry for replication connection from host', 'no pg_hba.conf entry for host'],
  explains: [...notStreaming],
  docs: {
    what: 'Logs in exactly as pg_basebackup would. It fails when the server answers that no line of pg_hba.conf matches; with --admin it shows the nearest lines and what keeps each from matching.',
    why: 'The server goes through pg_hba.conf from the top and takes the first line whose type, database, role and address all match. Where none does, it refuses the connection before it asks for a password.',
    notes:
      '`all` in the database column does **not** cover replication: the line must say `replication`, without quotes (in quotes it is a database of that name). A `hostssl` line does not match a plain connection, nor `hostnossl` one over TLS.',
    references: [
      'https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'src/backend/libpq/hba.c: check_hba()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted')
      return pass(
        `the server let ${plan.user} in for replication from ${addressSeenByServer(stage.attempt) ?? 'here'}`,
      );
    if (stage.stage === 'client-stopped')
      return pass(`a line matched: the server went on to authenticate ${plan.user}`);
    if (stage.stage === 'not-reached') return unexamined(notThatFar(stage.attempt));
    if (stage.refusal === 'hba-rejected') return pass('a line matches, and it says reject (hba/rejected)');
    if (isPastHba(stage.refusal)) return pass(`a line matched: the server went on to say "${stage.error.message}"`);
    if (stage.refusal !== 'no-hba-entry') return unexamined(notThatFar(stage.attempt));

    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const rules = ifSeen(wanted.hbaRules);
    const role = ifSeen(wanted.replicationRole);
    const primary = ifSeen(wanted.primary);
    const decision = rules && decide(rules, attempt, plan, role, primary);
    if (decision !== undefined && decision.broken.length > 0)
      return notApplicable(
        'a line that the server cannot read keeps the whole file from being used (hba/invalid-line)',
      );
    if (decision?.match.matched !== undefined && decision.match.certain)
      return notApplicable('the file has an entry that matches, and the server does not use it yet (hba/not-reloaded)');

    const frame = rules && decision && nearestLines(rules, decision);
    const asked = decision
      ? inWords(decision.connection)
      : `database replication, user ${plan.user}, address ${addressSeenByServer(attempt) ?? 'unknown'}`;
    return fail({
      title: `pg_hba.conf has no entry that lets ${plan.user} in for replication`,
      message: `The server matches lines from the top for (${asked}) and finds none.`,
      where: at('primary', primary?.name, rules?.file),
      evidence: [evidence('the server says', stage.error.message, 'the replication login')],
      ...(frame === undefined ? {} : { frame }),
      remedy: safe(
        'Let this role in from this address, and reload (nobody is disturbed).',
        ...letIn(plan, attempt, decision?.match.insertBefore, now, wanted),
      ),
    });
  },
});
