import { notThatFar, stageOf } from '../../facts/login.ts';
import { ifSeen } from '../../facts/observed.ts';
import { passwordSet } from '../../remedies/role.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

export const noPassword = defineRule({
  id: 'role/no-password',
  title: 'The server asks for a password, but the replication role has none',
  severity: 'error',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationLogin', 'connectionPlan'],
  wants: ['replicationRole', 'primary'],
  explains: [
    'role/wrong-password',
    'client/passfile-no-match',
    'client/passfile-ignored',
    'client/no-password',
    'conninfo/no-password',
    ...notStreaming,
  ],
  messages: ['auth-detail-no-password'],
  says: ['User "%s" has an empty password'],
  docs: {
    what: 'Fails if the server refuses the password or asks for one, and pg_authid (readable by a superuser) has no password for the role.',
    why: 'The server refuses every password for a role that has none. To the client this looks like a wrong password; only the log of the server says why.',
    references: [
      'Password Authentication: https://www.postgresql.org/docs/current/auth-password.html',
      'src/backend/libpq/crypt.c: get_role_password()',
    ],
  },
  judge({ replicationLogin, connectionPlan: plan, ...wanted }) {
    const stage = stageOf(replicationLogin);
    if (stage.stage === 'accepted') return pass(`${plan.user} logged in`);
    const asked =
      (stage.stage === 'server-refused' && stage.refusal === 'password-refused') ||
      (stage.stage === 'client-stopped' && stage.why === 'no-password');
    if (!asked) return unexamined(notThatFar(stage.attempt));
    if (wanted.replicationRole.status === 'unseen') return unexamined(wanted.replicationRole.why);
    const role = ifSeen(wanted.replicationRole);
    if (role?.exists !== true) return notApplicable(`role ${plan.user} does not exist (role/missing)`);
    if (role.password === 'unknown')
      return unexamined({
        kind: 'permission',
        because: 'pg_authid: only a superuser can see whether a password is stored',
        remedy: 'give --admin a superuser connection',
      });
    if (role.password !== 'none') return pass(`a password is stored for ${role.name} (pg_authid)`);
    return fail({
      title: `Role ${role.name} has no password, but the server asks for one`,
      message: `pg_hba.conf requires a password for ${role.name}, but the role has none, so the server refuses every password.`,
      where: at('primary', ifSeen(wanted.primary)?.name),
      evidence: [
        evidence('stored password', 'none', 'pg_authid'),
        stage.stage === 'server-refused'
          ? evidence('the server says', stage.error.message, 'the replication login')
          : evidence('the server asks for', 'a password', 'the replication login'),
      ],
      remedy: safe('Give the role a password.', passwordSet(role.name)),
    });
  },
});
