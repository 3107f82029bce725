import { timeText } from '../../derived/sighting-evidence.ts';
import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { literal } from '../../remedies/quoting.ts';
import { safe } from '../../remedies/remedy.ts';
import { roleAltered } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const passwordExpired = defineRule({
  id: 'role/password-expired',
  title: 'The password of the replication role has expired',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['replicationRole', 'primary'],
  explains: ['role/wrong-password', ...notStreaming],
  messages: ['auth-detail-expired'],
  docs: {
    what: "Fails if the server refuses the password and the VALID UNTIL time of the role has passed, according to the primary's clock.",
    why: 'After VALID UNTIL the server refuses even the correct password, and to the client this looks like a wrong password. VALID UNTIL applies only to password methods, not to trust, peer or certificates.',
    references: [
      'CREATE ROLE: https://www.postgresql.org/docs/current/sql-createrole.html',
      'src/backend/libpq/crypt.c: get_role_password()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} logged in`);
    const role = ifSeen(wanted.replicationRole);
    if (role?.exists === false) return notApplicable(`role ${plan.user} does not exist (role/missing)`);
    if (stage.stage !== 'server-refused' || stage.refusal !== 'password-refused')
      return unexamined(notThatFar(stage.attempt));
    if (wanted.replicationRole.status === 'unseen') return unexamined(wanted.replicationRole.why);
    if (role?.expired !== true)
      return pass(
        role?.validUntil === undefined
          ? `the password of ${plan.user} does not expire (pg_roles)`
          : `the password of ${plan.user} is valid until ${timeText(role.validUntil)} (pg_roles)`,
      );
    return fail({
      title: `The password of role ${role.name} has expired`,
      message: `The VALID UNTIL time of role ${role.name} has passed, so the primary refuses even the correct password.`,
      where: at('primary', ifSeen(wanted.primary)?.name),
      evidence: [
        evidence(
          'rolvaliduntil',
          role.validUntil === undefined ? 'in the past' : timeText(role.validUntil),
          'pg_roles',
        ),
        evidence('the server says', stage.error.message, 'the replication login'),
      ],
      remedy: safe(
        'Remove the expiry time: when the password of a service role expires, its standby can no longer connect.',
        roleAltered(
          role.name,
          "VALID UNTIL 'infinity'",
          `VALID UNTIL ${literal(role.validUntil?.toISOString() ?? '-infinity')}`,
        ),
      ),
    });
  },
});
