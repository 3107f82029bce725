import type { Answer } from '../answer.ts';

/** What Patroni waits for, checks and refuses beside the election; `source` names the file that prints it. */
export const answersAboutPatroniOperations: readonly Answer[] = [
  {
    id: 'patroni-empty-leader',
    says: ['released leader key voluntarily as data dir empty and currently leader'],
    source: 'Patroni, patroni/ha.py',
    matters: 5,
    means:
      'This node was the leader, and its data directory is empty now: the volume is lost or not mounted, or PGDATA has another path than before. Patroni gave the leadership away so that another member with data may take it.',
    causes: [
      {
        cause: 'The volume is not mounted, is a new one, or data_dir was changed.',
        on: 'primary',
        check: 'findmnt -T <data directory>; ls -la <data directory>; grep -n data_dir /etc/patroni/*.yml',
      },
      {
        cause: 'No other member has data: then all wait for a leader, until the data is back or a backup is restored.',
        on: 'standby',
        check: 'patronictl list; pg_controldata -D <data directory> | grep "cluster state"',
      },
    ],
    todo: 'Bring the volume back, or start a member that has data. Do not run patronictl remove before you know that none has: it lets this node begin with an empty cluster.',
  },

  {
    id: 'patroni-status-unknown',
    says: ['Switchover status unknown', 'Failover status unknown'],
    source: 'Patroni, patroni/api.py, poll_failover_result',
    matters: 4,
    means:
      'Patroni has begun this switchover, and it did not see its end within twice loop_wait (20 seconds, if nothing is set). It may still be going on or have succeeded: it is not to be repeated before the list shows who leads.',
    causes: [
      {
        cause:
          'The old leader takes long to shut down: a large checkpoint, WAL that the standby or the archive has not yet received.',
        on: 'primary',
        check: 'patronictl list; tail -n 30 <log of PostgreSQL>',
      },
      {
        cause: 'The candidate was not promoted: its log of Patroni says why, and the old leader goes on as leader.',
        on: 'standby',
        check: 'patronictl history | tail -3; journalctl -u patroni -n 50 --no-pager',
      },
    ],
    todo: 'Wait and look at patronictl list. Before the next switchover, a CHECKPOINT on the leader shortens the shutdown; primary_stop_timeout bounds it.',
  },
  {
    id: 'patroni-busy-as-leader',
    says: ['updated leader lock during %s: demote', 'updated leader lock during %s', 'Demoting primary during %s'],
    source: 'patroni/ha.py, handle_long_action_in_progress',
    kind: 'course',
    matters: 3,
    means:
      'The leader is busy with what the line names, and keeps its lock meanwhile so that no other member takes over. "demote": it is stopping PostgreSQL for a switchover.',
    todo: 'If it repeats for minutes, PostgreSQL does not stop: its log says what it waits for (sessions that do not end, a checkpoint, the archiver, a WAL sender that must send all WAL). On that member: psql -c "SELECT pid, backend_type, state, wait_event FROM pg_stat_activity"; tail -n 20 <log of PostgreSQL>. primary_stop_timeout (master_stop_timeout) limits it in synchronous mode.',
  },
  {
    id: 'patroni-watchdog-fails',
    says: [
      'Watchdog device is not usable',
      'Watchdog device is closed',
      'Could not send watchdog keepalive: %s',
      'Cancelling bootstrap because watchdog activation failed',
      'Watchdog not supported because leader TTL %s is less than 2x loop_wait %s',
      "Watchdog implementation can't be disabled. System will reboot after %s seconds when watchdog times out.",
      'Configuration requires watchdog, but watchdog could not be configured.',
      'Configuration requires watchdog, but watchdog could not be activated',
      'Configuration requires watchdog, but a safe watchdog timeout %s could not be configured.',
      'Configuration requires a watchdog, but watchdog is not supported on this platform.',
      'Configuration requires watchdog, but a safe watchdog timeout',
      'Could not set timeout on watchdog device: %s',
      'loop_wait of %s seconds is too long for watchdog %s second timeout',
    ],
    source: 'patroni/watchdog/base.py, linux.py',
    matters: 5,
    elsewhere: true,
    means:
      'Patroni cannot use the watchdog of this machine. With watchdog.mode: required, this member never becomes the leader; with automatic, it goes on without.',
    causes: [
      {
        cause: 'There is no /dev/watchdog (module softdog is not loaded), or postgres may not write to it.',
        on: 'that member',
        check: 'ls -l /dev/watchdog; lsmod | grep -E "softdog|_wdt"',
      },
      {
        cause:
          'The timeouts do not fit together: ttl must be at least loop_wait + 2 × retry_timeout, and more than safety_margin.',
        on: 'that member',
        check: 'patronictl show-config | grep -E "ttl|loop_wait|retry_timeout"; grep -A4 watchdog /etc/patroni/*.yml',
      },
    ],
    todo: 'modprobe softdog; chown postgres /dev/watchdog, both at each boot (in the unit: ExecStartPre=-+/sbin/modprobe softdog, ExecStartPre=-+/bin/chown postgres /dev/watchdog).',
  },
  {
    id: 'patroni-port-waits',
    says: ['Timeout when waiting for %s:%d'],
    among: /patroni/iu,
    source: 'Ansible, wait_for, as in roles that install Patroni',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The playbook waited for the REST API of Patroni on that host, and it did not open: Patroni ended again after its start, or never began.',
    causes: [
      {
        cause:
          'Its configuration is refused, bin_dir or data_dir is wrong, or the DCS cannot be reached: its log says which.',
        on: 'that host',
        check: 'systemctl status patroni --no-pager; journalctl -u patroni -n 100 --no-pager',
      },
      {
        cause: 'It runs, and restapi.listen is another address or port.',
        on: 'that host',
        check: 'ss -ltnp | grep -iE "patroni|python|:8008 "',
      },
    ],
  },
  {
    id: 'patroni-validate',
    says: [
      'must not contain "127.0.0.1", "0.0.0.0", "*", "::1", "localhost"',
      "didn't pass validation: %s",
      'Port %s is already in use.',
    ],
    among: /patroni|connect_address|restapi|listen|pass validation/iu,
    source: 'patroni/validator.py (patroni --validate-config)',
    matters: 5,
    elsewhere: true,
    means: 'patroni --validate-config does not accept a value of the configuration; the name before it says which.',
    causes: [
      {
        cause:
          'connect_address must be an address at which the other members reach this one, not one that leads each machine to itself.',
        on: 'that member',
        check: 'grep -nE "listen|connect_address" /etc/patroni/*.yml; hostname -I',
      },
      { cause: 'already in use: Patroni or PostgreSQL runs already; while it does, this message can be ignored.' },
    ],
  },
  {
    id: 'patroni-kubernetes-account',
    says: [
      'Service token file does not exists.',
      'Token file exists but empty.',
      'Service host/port is not set.',
      'Service certificate file does not exists.',
      'Cert file exists but empty.',
      'Failed to refresh service account token: %s',
    ],
    source: 'patroni/dcs/kubernetes.py, K8sConfig.load_incluster_config',
    matters: 5,
    elsewhere: true,
    means: 'Patroni is to use Kubernetes as its DCS, and this container has no service account to do so.',
    causes: [
      {
        cause: 'automountServiceAccountToken is false, or Patroni does not run in a pod.',
        on: 'client',
        check:
          'kubectl exec <pod> -- ls -l /var/run/secrets/kubernetes.io/serviceaccount; kubectl get pod <pod> -o yaml | grep -i serviceaccount',
      },
    ],
  },
  {
    id: 'patroni-etcd3-login',
    says: [
      'Username or password not set, authentication is not possible',
      'Authentication is required by Etcd cluster but not supported on version lower than 3.3.0.',
      'Invalid auth token: %s',
    ],
    among: /etcd|patroni|auth token/iu,
    source: 'patroni/dcs/etcd3.py',
    matters: 5,
    elsewhere: true,
    means: 'etcd asks for a login, and Patroni has none that it accepts. Without its DCS no member stays the leader.',
    causes: [
      {
        cause:
          'Authentication was switched on in etcd, and etcd3.username and etcd3.password are missing in the configuration of Patroni.',
        on: 'that member',
        check: 'grep -nA6 "^etcd" /etc/patroni/*.yml | grep -v password; etcdctl auth status',
      },
      {
        cause:
          'An old token after a restart of etcd: Patroni gets a new one by itself; if it repeats, compare the clocks.',
      },
    ],
  },
  {
    id: 'patroni-slot-names',
    says: [
      'Slot name may only contain lower case letters, numbers, and the underscore chars',
      "Permanent logical replication slot {'%s': %s} is conflicting with physical replication slot for cluster member",
      'Permanent logical replication slots supported by Patroni only starting from PostgreSQL 11. Following slots will not be created: %s.',
    ],
    source: 'patroni/dcs/__init__.py, Cluster._get_permanent_slots',
    matters: 4,
    elsewhere: true,
    means:
      'A permanent slot in the configuration of the cluster (slots:) is not created: its name or kind is not possible.',
    causes: [
      {
        cause:
          'The name has capitals or hyphens, or is the name of a member (with - as _), whose slot Patroni makes itself.',
        on: 'that member',
        check: 'patronictl show-config | grep -A12 "^slots"; patronictl list',
      },
    ],
    todo: 'Change it with patronictl edit-config.',
  },
  {
    id: 'patroni-file-backup',
    says: [
      'unable to restore configuration files from backup',
      'unable to create backup copies of configuration files',
      'Could not rename data directory %s',
      'Could not remove data directory %s',
    ],
    source: 'patroni/postgresql/config.py, __init__.py',
    matters: 3,
    means: 'Patroni may not write where it has to: in the data directory, or in the directory that holds it.',
    causes: [
      {
        cause:
          'A file or directory belongs to another user, the disk is full, or the data directory is a mount point, which cannot be renamed.',
        on: 'that member',
        check:
          'ls -ld {directory|<data directory>} {directory|<data directory>}/..; df -h {directory|<data directory>}; findmnt -T {directory|<data directory>}',
      },
    ],
    todo: 'Mount the volume one level higher, so that the data directory is a directory in it.',
  },
  {
    of: ['libpq-errno-refused', 'libpq-errno-timedout', 'libpq-errno-noroute'],
    tool: 'patroni',
    beside:
      /Request to server https?:\/\/|Failed to get list of machines from|port=(?:2379|8500|2181)\)|watchprefix failed|url: \/v[23]\w*\/(?:kv|keys|machines)|:(?:2379|8500|2181)\b[^]*(?:refused|timed out|No route)/u,
    elsewhere: true,
    matters: 5,
    means:
      'Patroni cannot reach one member of its DCS (etcd, Consul, ZooKeeper). That is not PostgreSQL. It tries the other members; as long as one with a majority answers, the cluster goes on.',
    causes: [
      {
        cause: 'The etcd (or agent) on that host is stopped, is starting, or listens on another address.',
        on: 'that host',
        check: 'systemctl status etcd --no-pager; ss -ltnp | grep -E ":(2379|8500|2181) "',
      },
      {
        cause: 'A firewall between the nodes, or a wrong address in the configuration of Patroni.',
        on: 'this member',
        check: 'grep -nA6 -E "^(etcd3?|consul|zookeeper):" /etc/patroni/*.yml | grep -v -iE "password|token"',
      },
    ],
    todo: 'If "Selected new etcd server" follows, nothing has happened to PostgreSQL. If no member answers for longer than ttl, the leader demotes itself: bring the majority of the DCS back.',
  },
];
