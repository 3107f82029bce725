import { ifSeen } from '../../facts/observed.ts';
import { identifier } from '../../remedies/quoting.ts';
import { safe, sql } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

const needed = 'pg_write_server_files';

export const noWriteServerFiles = defineRule({
  id: 'role/no-write-server-files',
  title: 'The replication role may not store the base backup on the server',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup', 'connectionPlan', 'replicationRole'],
  wants: ['primary'],
  messages: ['bb-target-perm'],
  docs: {
    what: 'With `--target=server:DIRECTORY`, checks whether the replication role is a superuser or a member of pg_write_server_files.',
    why: 'The primary itself writes the base backup in this case, which REPLICATION alone does not allow.',
    references: [
      'pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/backend/backup/basebackup_server.c: bbsink_server_new()',
    ],
  },
  judge({ baseBackup, connectionPlan: { user }, replicationRole: role, primary }) {
    if (baseBackup.target?.startsWith('server:') !== true)
      return notApplicable('the base backup is not stored on the server');
    if (!role.exists) return notApplicable(`role ${user} does not exist (role/missing)`);
    if (role.superuser) return pass(`role ${user} is a superuser`);
    if (role.memberOf === undefined)
      return unexamined({
        kind: 'not-asked',
        because: `the memberships of ${user} were not seen`,
        remedy: 'add --admin CONNINFO',
      });
    if (role.memberOf.includes(needed)) return pass(`role ${user} is a member of ${needed}`);
    return fail({
      message: `The primary would write the base backup itself (--target), which requires membership in ${needed}. Role ${user} is not a member.`,
      where: at('primary', ifSeen(primary)?.name),
      evidence: [
        evidence(
          user,
          role.memberOf.length === 0 ? 'is a member of no role' : `is a member of ${role.memberOf.join(', ')}`,
          'pg_auth_members',
        ),
      ],
      remedy: safe('Grant the membership.', {
        ...sql('primary', `GRANT ${needed} TO ${identifier(user)};`, 'change-role'),
        undo: sql('primary', `REVOKE ${needed} FROM ${identifier(user)};`, 'change-role'),
      }),
    });
  },
});
