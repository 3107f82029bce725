import { ifSeen } from '../../facts/observed.ts';
import { roleMade } from '../../remedies/role.ts';
import { safe } from '../../remedies/remedy.ts';
import { byHand, connectionFacts } from '../../remedies/connecting.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const superuser = defineRule({
  id: 'role/superuser',
  title: 'The standby replicates as a superuser',
  severity: 'info',
  commands: ['preflight', 'clone', 'postmortem'],
  needs: ['replicationRole', 'now'],
  wants: ['primary', ...connectionFacts],
  docs: {
    what: 'Checks whether the replication role is a superuser.',
    why: 'Replication works, but -R writes the credentials into the data directory of the standby. Anyone who can read them there can do anything on the primary. A role with LOGIN and REPLICATION is enough.',
    references: ['Log-Shipping Standby Servers: https://www.postgresql.org/docs/current/warm-standby.html'],
  },
  judge({ replicationRole: role, ...wanted }) {
    if (!role.exists) return notApplicable(`role ${role.name} does not exist (role/missing)`);
    if (!role.superuser) return pass(`role ${role.name} is not a superuser`);
    return fail({
      message: `Role ${role.name} is a superuser; a standby needs only LOGIN and REPLICATION.`,
      where: at('primary', ifSeen(wanted.primary)?.name),
      evidence: [evidence('rolsuper', 'true', 'pg_roles')],
      remedy: safe(
        'Create a role for replication only, and connect with it.',
        roleMade('replicator'),
        byHand(wanted, {
          client: 'Give the new role with -U as soon as pg_hba.conf has an entry for it.',
          standby:
            'set user=replicator and its password as soon as pg_hba.conf has an entry for that role, and reload: SELECT pg_reload_conf();',
        }),
      ),
    });
  },
});
