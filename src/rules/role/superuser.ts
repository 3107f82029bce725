import { ifSeen } from '../../facts/observed.ts';
import { roleMade } from '../../remedies/role.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { byHand, connectionFacts } from '../conninfo/connecting.ts';
import { defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const superuser = defineRule({
  id: 'role/superuser',
  title: 'The standby replicates as a superuser',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationRole', 'now'],
  wants: ['primary', ...connectionFacts],
  docs: {
    what: 'Looks whether the role that replicates is a superuser.',
    why: 'It works. But -R writes its credentials into the standby, where whoever reads them can do anything on the primary; a role with LOGIN and REPLICATION is all that is needed.',
    references: ['https://www.postgresql.org/docs/current/warm-standby.html'],
  },
  judge({ replicationRole: role, ...wanted }) {
    if (!role.exists) return notApplicable(`there is no role ${role.name} (role/missing)`);
    if (!role.superuser) return pass(`role ${role.name} is not a superuser`);
    return fail({
      message: `Role ${role.name} is a superuser; LOGIN and REPLICATION are all that a standby needs.`,
      where: at('primary', ifSeen(wanted.primary)?.name),
      evidence: [evidence('rolsuper', 'true', 'pg_roles')],
      remedy: safe(
        'Create a role for replication alone, and connect with it.',
        roleMade('replicator'),
        byHand(wanted, {
          client: 'Give the new role with -U, once pg_hba.conf lets it in.',
          standby:
            'write user=replicator and its password, once pg_hba.conf lets that role in, and reload: SELECT pg_reload_conf();',
        }),
      ),
    });
  },
});
