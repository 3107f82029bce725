import { ifSeen } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const storeSilent = defineRule({
  id: 'manager/store-silent',
  title: 'Patroni does not reach its configuration store',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['manager'],
  wants: ['adminServer', 'runningStandby'],
  explains: [
    'primary/is-standby',
    'streaming/not-connected',
    'streaming/not-seen-by-primary',
    'streaming/upstream-receives-nothing',
  ],
  docs: {
    what: "Asks the REST API of this member's Patroni (GET /patroni) for dcs_last_seen: when it reached etcd, Consul, ZooKeeper or Kubernetes last. Fails if that is longer ago than the ttl of the lock of the leader.",
    why: 'A leader that cannot renew its lock is demoted: then no member accepts writes, and patronictl does not work either.',
    notes:
      'An error if no member of the cluster holds the lock of the leader. Patroni before 2.1, and a REST API with TLS, do not say.',
    references: ['REST API: https://patroni.readthedocs.io/en/latest/rest_api.html'],
  },
  judge({ manager, adminServer, runningStandby }) {
    if (manager.kind !== 'patroni') return notApplicable('Patroni does not manage this server');
    const { state } = manager;
    if (state?.storeSilentSeconds === undefined) return notApplicable('the REST API of Patroni was not read');
    const { storeSilentSeconds: seconds, unlocked } = state;
    if (seconds <= manager.ttlSeconds) return pass(`Patroni reached its configuration store ${seconds} s ago`);
    const readOnly = ifSeen(adminServer)?.inRecovery === true;
    const streams = ifSeen(runningStandby)?.receiver?.status === 'streaming';
    return fail({
      severity: readOnly || (unlocked && !streams) ? 'error' : 'warning',
      title: readOnly
        ? 'No member is the primary: Patroni does not reach its configuration store'
        : 'Patroni does not reach its configuration store',
      message: `Patroni of member ${manager.member ?? 'this member'} reached its configuration store (etcd, Consul, ZooKeeper, Kubernetes) ${seconds} s ago.${readOnly ? ' The leader could not renew its lock, and Patroni has made it a standby: no member accepts writes.' : ' A leader that cannot renew its lock becomes a standby.'}`,
      where: at('standby', undefined, manager.configFile),
      evidence: [
        evidence('dcs_last_seen', `${seconds} s ago`, "Patroni's REST API"),
        ...(unlocked ? [evidence('cluster_unlocked', 'true', "Patroni's REST API")] : []),
      ],
      remedy: safe(
        'bring the configuration store back: Patroni elects a leader by itself then',
        manual(
          'standby',
          `Start the configuration store that ${manager.configFile ?? "Patroni's configuration"} names (etcd: systemctl start etcd as root), or open the way to it. Patroni goes on by itself within its ttl.`,
        ),
      ),
    });
  },
});
