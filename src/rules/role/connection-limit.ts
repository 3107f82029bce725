import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { identifier } from '../../remedies/quoting.ts';
import { safe, sql } from '../../remedies/remedy.ts';
import { roleAltered } from '../../remedies/reversible.ts';
import { hasItsConnection, withOneToLook } from '../../derived/connections-needed.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const connectionLimit = defineRule({
  id: 'role/connection-limit',
  title: 'The connection limit of the replication role is too low',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['replicationRole', 'primary', 'dataDirectory', 'runningStandby'],
  explains: [...notStreaming],
  messages: ['role-too-many-connections'],
  docs: {
    what: 'Logs in as pg_basebackup does, and for -X stream opens a second connection. Fails if the server answers that the role has too many connections.',
    why: 'pg_basebackup -X stream needs two connections at once: one copies the files, the other receives WAL.',
    notes:
      'Only the answer of the server decides. PostgreSQL 13 counts WAL senders against CONNECTION LIMIT. PostgreSQL 15 and later do not, and even a limit of 0 lets pg_basebackup in.',
    references: [
      'CREATE ROLE: https://www.postgresql.org/docs/current/sql-createrole.html',
      'src/backend/utils/init/miscinit.c: InitializeSessionUserId()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    const attempt = stage.stage === 'accepted' ? secondOf(stage.session) : stage.attempt;
    if (attempt === undefined) return pass(`the server gave ${plan.user} every requested connection`);
    const { outcome } = attempt;
    if (outcome.kind !== 'server-refused' || outcome.refusal !== 'role-connection-limit') {
      if (stage.stage === 'accepted')
        return pass(`${plan.user} logged in, and the server reports no problem with its limit`);
      const role = ifSeen(wanted.replicationRole);
      if (role?.exists === false) return notApplicable(`role ${plan.user} does not exist (role/missing)`);
      return role?.connectionLimit === -1
        ? pass(`role ${plan.user} has no limit (pg_roles)`)
        : unexamined(notThatFar(attempt));
    }
    if (hasItsConnection(wanted.runningStandby)) return pass('the standby is streaming, so it has its connection');
    const role = ifSeen(wanted.replicationRole);
    const limit = role?.exists === true ? role.connectionLimit : undefined;
    const exists = wanted.dataDirectory.status === 'seen';
    const which = stage.stage === 'accepted' && !exists ? 'a second connection, which -X stream needs' : 'a connection';
    return fail({
      title: `The connection limit of role ${plan.user} is too low`,
      message: `The primary refuses ${plan.user} ${which}: ${outcome.error.message}.`,
      where: at('primary', ifSeen(wanted.primary)?.name),
      evidence: [
        evidence('the server says', outcome.error.message, 'the replication login'),
        ...(limit === undefined ? [] : [evidence('rolconnlimit', String(limit), 'pg_roles')]),
      ],
      remedy: safe(
        limit === undefined
          ? 'Remove the limit.'
          : `Allow two more connections: ${exists ? "one for the standby and one for standbylint's check" : 'one for the files and one for WAL'}.`,
        limit === undefined
          ? sql('primary', `ALTER ROLE ${identifier(plan.user)} CONNECTION LIMIT -1;`, 'change-role')
          : roleAltered(plan.user, `CONNECTION LIMIT ${limit + withOneToLook}`, `CONNECTION LIMIT ${limit}`),
      ),
    });
  },
});

const secondOf = ({ second }: Extract<ReturnType<typeof stageOf>, { stage: 'accepted' }>['session']) =>
  second?.accepted === false ? second.attempt : undefined;
