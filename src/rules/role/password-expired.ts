import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { literal } from '../../remedies/quoting.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { roleAltered } from '../../remedies/reversible.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';

export const passwordExpired = defineRule({
  id: 'role/password-expired',
  title: 'The password of the replication role has expired',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['replicationRole', 'primary'],
  explains: ['role/wrong-password', ...notStreaming],
  says: ['User "%s" has an expired password'],
  docs: {
    what: "Fails when the server refuses the password and VALID UNTIL of the role has passed, by the primary's own clock.",
    why: 'After VALID UNTIL even the right password is refused, and to the client it looks like a wrong one. Only password methods look at it: trust, peer and certificates do not.',
    references: [
      'https://www.postgresql.org/docs/current/sql-createrole.html',
      'src/backend/libpq/crypt.c: get_role_password()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} logged in`);
    const role = ifSeen(wanted.replicationRole);
    if (role?.exists === false) return notApplicable(`there is no role ${plan.user} (role/missing)`);
    if (stage.stage !== 'server-refused' || stage.refusal !== 'password-refused')
      return unexamined(notThatFar(stage.attempt));
    if (wanted.replicationRole.status === 'unseen') return unexamined(wanted.replicationRole.why);
    if (role?.expired !== true)
      return pass(
        role?.validUntil === undefined
          ? `the password of ${plan.user} has no end (pg_roles)`
          : `the password of ${plan.user} is valid until ${role.validUntil.toISOString()} (pg_roles)`,
      );
    return fail({
      title: `The password of role ${role.name} has expired`,
      message: `VALID UNTIL of ${role.name} has passed: the primary refuses even the right password.`,
      where: at('primary', ifSeen(wanted.primary)?.name),
      evidence: [
        evidence('rolvaliduntil', role.validUntil?.toISOString() ?? 'in the past', 'pg_roles'),
        evidence('the server says', stage.error.message, 'the replication login'),
      ],
      remedy: safe(
        'Take the end away; a service role whose password expires stops its standby at an hour that nobody chose.',
        roleAltered(
          role.name,
          "VALID UNTIL 'infinity'",
          `VALID UNTIL ${literal(role.validUntil?.toISOString() ?? '-infinity')}`,
        ),
      ),
    });
  },
});
