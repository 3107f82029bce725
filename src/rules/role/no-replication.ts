import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { connectionFacts } from '../../remedies/connecting.ts';
import { giveUser } from '../../remedies/give-user.ts';
import { safe } from '../../remedies/remedy.ts';
import { roleAltered } from '../../remedies/reversible.ts';
import { meantRole } from '../../derived/assumed-role.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const noReplication = defineRule({
  id: 'role/no-replication',
  title: 'The replication role lacks the REPLICATION attribute',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan', 'now'],
  wants: ['replicationRole', 'primary', 'hbaRules', ...connectionFacts],
  explains: [...notStreaming],
  messages: ['walsender-permission'],
  docs: {
    what: 'Checks the REPLICATION attribute of the role (pg_roles), or the answer of the server to the login.',
    why: 'Only a superuser or a role with REPLICATION may start a WAL sender, which both pg_basebackup and a standby need.',
    notes: 'Attributes are not inherited: membership in a role that has REPLICATION does not help.',
    references: [
      'Role Attributes: https://www.postgresql.org/docs/current/role-attributes.html',
      'src/backend/utils/init/postinit.c: InitPostgres()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`the server started a WAL sender for ${plan.user}`);
    const role = ifSeen(wanted.replicationRole);
    if (role?.exists === false) return notApplicable(`role ${plan.user} does not exist (role/missing)`);
    const refused = stage.stage === 'server-refused' && stage.refusal === 'role-no-replication';
    if (!refused && role === undefined) return unexamined(notThatFar(stage.attempt));
    if (!refused && (role?.superuser === true || role?.replication === true))
      return pass(`role ${plan.user} ${role.superuser ? 'is a superuser' : 'has REPLICATION'} (pg_roles)`);
    const assumed = meantRole(plan, stage.attempt, ifSeen(wanted.hbaRules), ifSeen(wanted.primary));
    if (stage.stage === 'server-refused' && stage.refusal === 'no-hba-entry' && assumed !== undefined)
      return notApplicable(`no user was given, and pg_hba.conf lets "${assumed}" in (hba/no-replication-entry)`);
    const through = role?.exists === true ? role.replicationThrough : [];
    const notInherited =
      through.length === 0
        ? ''
        : ` It is a member of ${through.join(', ')}, which has the attribute, but attributes are not inherited.`;
    return fail({
      title: `Role ${plan.user} lacks the REPLICATION attribute`,
      message: `Role ${plan.user} lacks REPLICATION, so the primary does not start a WAL sender for it.${notInherited}`,
      where: at('primary', ifSeen(wanted.primary)?.name),
      evidence: [
        ...(stage.stage === 'server-refused' && refused
          ? [evidence('the server says', stage.error.message, 'the replication login')]
          : []),
        ...(role === undefined ? [] : [evidence('rolreplication', String(role.replication), 'pg_roles')]),
      ],
      remedy:
        giveUser(plan, role, wanted) ??
        safe('Grant the attribute.', roleAltered(plan.user, 'WITH REPLICATION', 'WITH NOREPLICATION')),
    });
  },
});
