import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { passwordSet } from '../../remedies/role.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { decide, frameOf } from './decision.ts';

export const methodNeedsOtherPassword = defineRule({
  id: 'hba/method-needs-other-password',
  title: 'pg_hba.conf demands scram-sha-256, and the stored password of the role is an md5 hash',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['hbaRules', 'replicationRole', 'primary'],
  explains: ['role/wrong-password', ...notStreaming],
  says: ['User "%s" does not have a valid SCRAM secret'],
  docs: {
    what: 'Holds the method of the line that matched against the kind of secret that is stored for the role (pg_authid, seen by a superuser). It fails when scram-sha-256 is demanded and an md5 hash is stored.',
    why: 'A SCRAM exchange cannot be made from an md5 hash, so the right password is refused like a wrong one, and only the log of the server says why.',
    notes: '`md5` in pg_hba.conf accepts a SCRAM secret: that is no finding.',
    references: [
      'https://www.postgresql.org/docs/current/auth-password.html',
      'src/backend/libpq/auth-scram.c: scram_init()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} logged in`);
    if (stage.stage !== 'server-refused' || stage.refusal !== 'password-refused')
      return stage.stage === 'client-stopped'
        ? pass('the login ended before a password was held against the stored one')
        : unexamined(notThatFar(stage.attempt));
    if (wanted.replicationRole.status === 'unseen') return unexamined(wanted.replicationRole.why);
    const role = ifSeen(wanted.replicationRole);
    if (role?.exists !== true) return pass(`there is no role ${plan.user} (role/missing)`);
    if (role.password === 'unknown')
      return unexamined({
        kind: 'permission',
        because: 'pg_authid: only a superuser sees which kind of password is stored',
        remedy: 'give --admin a superuser',
      });
    if (role.password !== 'md5')
      return pass(`the stored password of ${role.name} is ${inWords[role.password]} (pg_authid)`);

    const primary = ifSeen(wanted.primary);
    const rules = ifSeen(wanted.hbaRules);
    const line = rules && decide(rules, stage.attempt, plan, role, primary).match.matched;
    if (line?.method === 'md5' || line?.method === 'password')
      return pass(`line ${line.line} of ${line.file} says ${line.method}, which an md5 hash serves`);
    return fail({
      title: `pg_hba.conf demands scram-sha-256, and the stored password of ${role.name} is an md5 hash`,
      message: `The server can make no SCRAM exchange from an md5 hash, so it refuses even the right password: ${stage.error.message}.`,
      where: at('primary', primary?.name, line?.file, line?.line),
      evidence: [
        evidence('stored password', 'md5 hash', 'pg_authid'),
        evidence('the server says', stage.error.message, 'the replication login'),
      ],
      ...(line === undefined ? {} : { frame: frameOf(line, 'demands a SCRAM secret') }),
      remedy: safe('Set the same password again: it is stored as a SCRAM secret then.', passwordSet(role.name)),
    });
  },
});

const inWords = { 'scram-sha-256': 'a SCRAM secret', none: 'not set', other: 'of another kind' } as const;
