import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { safe } from '../../remedies/remedy.ts';
import { roleAltered } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const noLogin = defineRule({
  id: 'role/no-login',
  title: 'The replication role may not log in',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['replicationRole', 'primary'],
  explains: [...notStreaming],
  messages: ['role-not-permitted-login'],
  docs: {
    what: 'Checks the LOGIN attribute of the role (pg_roles), or the answer of the server to the login.',
    why: 'A role created by CREATE ROLE, unlike CREATE USER, cannot log in unless it is created with LOGIN.',
    references: [
      'Role Attributes: https://www.postgresql.org/docs/current/role-attributes.html',
      'src/backend/utils/init/miscinit.c: InitializeSessionUserId()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} logged in`);
    const role = ifSeen(wanted.replicationRole);
    if (role?.exists === false) return notApplicable(`role ${plan.user} does not exist (role/missing)`);
    const refused = stage.stage === 'server-refused' && stage.refusal === 'role-no-login';
    if (!refused && role === undefined) return unexamined(notThatFar(stage.attempt));
    if (!refused && role?.canLogin !== false) return pass(`role ${plan.user} has LOGIN (pg_roles)`);
    return fail({
      title: `Role ${plan.user} may not log in`,
      message: `Role ${plan.user} lacks the LOGIN attribute: the primary refuses every connection as this role.`,
      where: at('primary', ifSeen(wanted.primary)?.name),
      evidence: [
        ...(stage.stage === 'server-refused' && refused
          ? [evidence('the server says', stage.error.message, 'the replication login')]
          : []),
        ...(role === undefined ? [] : [evidence('rolcanlogin', String(role.canLogin), 'pg_roles')]),
      ],
      remedy: safe('Grant the attribute.', roleAltered(plan.user, 'WITH LOGIN', 'WITH NOLOGIN')),
    });
  },
});
