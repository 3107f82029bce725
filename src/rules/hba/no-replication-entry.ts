import { addressSeenByServer, isPastHba, notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { attemptToLetIn, decide, inWords, nearestLines } from '../../derived/hba-decision.ts';
import { meantRole } from '../../derived/assumed-role.ts';
import { connectWith, connectionFacts, standbyOf } from '../../remedies/connecting.ts';
import { renamedRole } from '../../derived/renamed-role.ts';
import { giveUser } from '../../remedies/give-user.ts';
import { entryFacts, letIn } from '../../remedies/let-in.ts';

export const noReplicationEntry = defineRule({
  id: 'hba/no-replication-entry',
  title: 'pg_hba.conf has no entry for this replication connection',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['adminServer', 'walSenders', ...entryFacts, ...connectionFacts],
  messages: ['no-hba-replication', 'no-hba-database'],
  explains: [...notStreaming],
  docs: {
    what: 'Logs in exactly as pg_basebackup does. Fails if the server answers that no line of pg_hba.conf matches. With --admin it shows the nearest lines and why each does not match.',
    why: 'The server reads pg_hba.conf from the top and uses the first line whose type, database, role and address all match. If no line matches, it refuses the connection before it asks for a password.',
    notes:
      '`all` in the database column does **not** cover replication: the line must say `replication`, without quotes (in quotes it is a database of that name). A `hostssl` line does not match an unencrypted connection, and a `hostnossl` line does not match a TLS connection.',
    references: [
      'The pg_hba.conf File: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
      'src/backend/libpq/hba.c: check_hba()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, now, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted')
      return pass(
        `the server let ${plan.user} in for replication from ${addressSeenByServer(stage.attempt) ?? 'this machine'}`,
      );
    if (stage.stage === 'client-stopped')
      return pass(`a line matched: the server went on to authenticate ${plan.user}`);
    if (stage.stage === 'not-reached') return unexamined(notThatFar(stage.attempt));
    if (stage.refusal === 'hba-rejected') return pass('a line matches, and it says reject (hba/rejected)');
    if (isPastHba(stage.refusal)) return pass(`a line matched: the server went on to say "${stage.error.message}"`);
    // the limit of WAL senders is looked at before pg_hba.conf: that the file will refuse it, too, can be seen already
    const isForeseen = stage.refusal === 'wal-senders-exhausted';
    if (!isForeseen && stage.refusal !== 'no-hba-entry') return unexamined(notThatFar(stage.attempt));

    const attempt = attemptToLetIn(replicationLogin, stage.attempt);
    const rules = ifSeen(wanted.hbaRules);
    const role = ifSeen(wanted.replicationRole);
    const primary = ifSeen(wanted.primary);
    const decision = rules && decide(rules, attempt, plan, role, primary);
    if (isForeseen && (decision?.match.certain !== true || decision.match.matched !== undefined))
      return unexamined(notThatFar(stage.attempt));
    if (decision !== undefined && decision.broken.length > 0)
      return notApplicable('an invalid line prevents the server from using the file (hba/invalid-line)');
    if (decision?.match.matched !== undefined && decision.match.certain)
      return notApplicable(
        'the file has an entry that matches, but the server has not loaded it yet (hba/not-reloaded)',
      );

    // a slip of the pen, in primary_conninfo or in -U, or an old name: there is an entry for the role that is meant
    const similar = role?.exists === false ? role.similar : undefined;
    const isRenamed = similar?.length === 0 && standbyOf({ ...wanted, now }) !== undefined;
    const meant = isRenamed ? renamedRole(plan.user, wanted) : similar?.length === 1 ? similar[0] : undefined;
    const other =
      meant === undefined ? undefined : rules && decide(rules, attempt, { ...plan, user: meant }, undefined, primary);
    if (other?.match.matched !== undefined && other.match.matched.method !== 'reject')
      return notApplicable(`role "${plan.user}" does not exist, and a line lets "${meant}" in (role/missing)`);

    const assumed = meantRole(plan, attempt, rules, primary);
    if (assumed !== undefined && role?.exists === false)
      return notApplicable(`role "${plan.user}" does not exist, and a line lets "${assumed}" in (role/missing)`);

    const withUser = giveUser(plan, role, { ...wanted, now });
    if (withUser !== undefined && role?.exists === false)
      return notApplicable(`no user was given, and role "${plan.user}" does not exist (role/missing)`);

    const frame = rules && decision && nearestLines(rules, decision);
    const asked = decision
      ? inWords(decision.connection)
      : `database replication, user ${plan.user}, address ${addressSeenByServer(attempt) ?? 'unknown'}`;
    return fail({
      title: `pg_hba.conf has no entry for replication as ${plan.user}`,
      message: `No line of pg_hba.conf matches this connection (${asked}), so the server ${isForeseen ? 'will refuse' : 'refuses'} it.`,
      where: at('primary', primary?.name, rules?.file),
      evidence: [
        isForeseen
          ? evidence('matching line', 'none', rules?.file ?? 'pg_hba.conf')
          : evidence('the server says', stage.error.message, 'the replication login'),
      ],
      ...(frame === undefined ? {} : { frame }),
      remedy:
        assumed === undefined
          ? (withUser ??
            safe(
              'Add an entry for this role and address, and reload.',
              ...letIn(plan, attempt, decision?.match.insertBefore, now, wanted),
            ))
          : safe(
              `Log in as "${assumed}", which pg_hba.conf lets in. (No user was given: ${plan.user} comes from ${plan.sources['user'] ?? 'the default'}.)`,
              ...connectWith({ ...wanted, now }, { user: assumed }, { without: ['username'], with: ['-U', assumed] }),
            ),
    });
  },
});
