import { ifSeen } from '../../facts/observed.ts';
import { textOf } from '../../facts/settings.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const configuredAsAnother = defineRule({
  id: 'manager/configured-as-another',
  title: "Patroni runs this server under another member's name, or in another cluster",
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['manager', 'controlFile'],
  wants: ['adminServer', 'runningStandby'],
  explains: ['standby/already-primary', 'timeline/diverged', 'timeline/two-primaries'],
  docs: {
    what: "Compares `scope` and `name` in the configuration of this member's Patroni with those of the other Patroni processes on this machine, and `scope`, while this server is a primary, with cluster_name of the primary that --admin reaches, which Patroni sets to its own `scope`.",
    why: 'Members of one name use one key in the configuration store: each takes the lock of the leader for its own, and both can be primaries. A member with another `scope` is alone in its cluster, and becomes its leader.',
    notes:
      'Members on other machines are not seen: the name in each configuration must be different. Older releases of Patroni (3.0.2 among them) do not check the name at startup. A standby cluster has a `scope` of its own: only a primary is compared.',
    references: ['scope, name: https://patroni.readthedocs.io/en/latest/yaml_configuration.html'],
  },
  judge({ manager, controlFile, adminServer, runningStandby }) {
    if (manager.kind !== 'patroni') return notApplicable('Patroni does not manage this server');
    const { cluster, member = '', namesake, configFile } = manager;
    const own = configFile ?? 'the configuration of Patroni';
    const runsAsPrimary = ifSeen(runningStandby)?.inRecovery === false;
    const severity = runsAsPrimary || ifSeen(runningStandby) === undefined ? 'error' : 'warning';
    const control = manual(
      'standby',
      'Wait until patronictl list shows it: Patroni rewinds it where use_pg_rewind is true. If it reports "system ID" or "diverged" instead, run this again.',
    );
    if (namesake !== undefined)
      return fail({
        severity,
        title: `Two members of cluster ${cluster} have the name ${member}`,
        message: `${own} gives this member the name ${member}, and so does ${namesake}, whose Patroni runs here, too. The two share one key in the configuration store, so that each takes the lock of the leader for its own.`,
        where: at('standby', undefined, configFile),
        evidence: [evidence('name', member, own), evidence('name', member, namesake)],
        remedy: safe(
          'Give this member a name of its own. No patronictl reinit with the shared name: it may empty the other member.',
          manual(
            'standby',
            `Stop this Patroni (not that of ${namesake}), set name in ${own} to one that no other member has, and start Patroni again.`,
          ),
          control,
        ),
      });
    const admin = ifSeen(adminServer);
    const other = admin === undefined ? undefined : textOf(admin.settings, 'cluster_name');
    const isOwn = controlFile.ok && admin?.systemIdentifier === controlFile.value.systemIdentifier;
    if (!runsAsPrimary || admin === undefined || admin.inRecovery || !isOwn || other === undefined || other === '')
      return pass(`no other member is known to be ${member} of ${cluster}`);
    if (other === cluster) return pass(`the primary is of cluster ${cluster}, too`);
    return fail({
      severity,
      title: `Patroni runs this server in cluster ${cluster}, and its primary in ${other}`,
      message: `scope in ${own} is ${cluster}. The primary that --admin reaches has the same system identifier and is of cluster ${other}. Patroni knows the members of ${cluster} only, and has made this server their leader.`,
      where: at('standby', undefined, configFile),
      evidence: [
        evidence('scope', cluster, own),
        evidence('cluster_name', other, `the primary at ${admin.host}, port ${admin.port}`),
      ],
      remedy: safe(
        `Correct the scope, if this server is to be a member of ${other}. What was written here since it was promoted is lost then. If ${cluster} is a cluster of its own (a restore, a promoted standby cluster), change nothing.`,
        manual('standby', `Stop this Patroni, set scope: ${other} in ${own}, and start Patroni again.`),
        control,
      ),
    });
  },
});
