import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { passwordSet } from '../../remedies/role.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { decide, frameOf } from '../../derived/hba-decision.ts';

export const methodNeedsOtherPassword = defineRule({
  id: 'hba/method-needs-other-password',
  title: 'pg_hba.conf requires scram-sha-256, but the role has an md5 password',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['hbaRules', 'replicationRole', 'primary'],
  explains: ['role/wrong-password', ...notStreaming],
  messages: ['auth-detail-no-scram'],
  docs: {
    what: 'Compares the method of the matching line with the kind of password that is stored for the role (pg_authid, readable by a superuser). Fails if the line requires scram-sha-256 and an md5 hash is stored.',
    why: 'SCRAM authentication does not work with an md5 hash, so the server refuses even the correct password, and only its log says why.',
    notes: '`md5` in pg_hba.conf also accepts a SCRAM secret, so this is not reported.',
    references: [
      'Password Authentication: https://www.postgresql.org/docs/current/auth-password.html',
      'src/backend/libpq/auth-scram.c: scram_init()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} logged in`);
    if (stage.stage !== 'server-refused' || stage.refusal !== 'password-refused')
      return stage.stage === 'client-stopped'
        ? pass('the login ended before the server checked the password')
        : unexamined(notThatFar(stage.attempt));
    if (wanted.replicationRole.status === 'unseen') return unexamined(wanted.replicationRole.why);
    const role = ifSeen(wanted.replicationRole);
    if (role?.exists !== true) return pass(`role ${plan.user} does not exist (role/missing)`);
    if (role.password === 'unknown')
      return unexamined({
        kind: 'permission',
        because: 'pg_authid: only a superuser can see which kind of password is stored',
        remedy: 'give --admin a superuser connection',
      });
    if (role.password !== 'md5')
      return pass(`the stored password of ${role.name} is ${inWords[role.password]} (pg_authid)`);

    const primary = ifSeen(wanted.primary);
    const rules = ifSeen(wanted.hbaRules);
    const line = rules && decide(rules, stage.attempt, plan, role, primary).match.matched;
    if (line?.method === 'md5' || line?.method === 'password')
      return pass(`line ${line.line} of ${line.file} says ${line.method}, which works with an md5 hash`);
    return fail({
      title: `pg_hba.conf requires scram-sha-256, but ${role.name} has an md5 password`,
      message: `SCRAM authentication does not work with the stored md5 hash, so the server refuses even the correct password: ${stage.error.message}.`,
      where: at('primary', primary?.name, line?.file, line?.line),
      evidence: [
        evidence('stored password', 'md5 hash', 'pg_authid'),
        evidence('the server says', stage.error.message, 'the replication login'),
      ],
      ...(line === undefined ? {} : { frame: frameOf(line, 'requires a SCRAM secret') }),
      remedy: safe('Set the same password again, so that it is stored as a SCRAM secret.', passwordSet(role.name)),
    });
  },
});

const inWords = { 'scram-sha-256': 'a SCRAM secret', none: 'not set', other: 'of another kind' } as const;
