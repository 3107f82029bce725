import { managerWords } from '../../postgres/manager-log/words.ts';
import type { Answer } from '../answer.ts';

const list = 'patronictl -c /etc/patroni/patroni.yml list';

/** Patroni: its store, watchdog, slots and switchovers; `source` names the file that prints it. */
export const answersAboutPatroniDecisions: readonly Answer[] = [
  {
    id: 'patroni-remote-none',
    says: [
      'failed to bootstrap clone from remote master None',
      'failed to bootstrap clone from remote primary None',
      'failed to bootstrap clone from remote',
    ],
    source: 'patroni/ha.py, bootstrap_standby_leader, clone',
    matters: 5,
    means:
      'This node was to become the leader of a standby cluster, and Patroni could not make the copy from the remote primary ("None": no address of one is configured).',
    causes: [
      {
        cause:
          'standby_cluster has neither host nor port. Without them, each of create_replica_methods must work without a running server: no_leader: true (before 3.0 no_master: 1) in the section of that method.',
        on: 'standby',
        check:
          'patronictl show-config; grep -nA8 -E "standby_cluster|create_replica_methods" /etc/patroni*.yml /etc/patroni/*.yml',
      },
      {
        cause:
          'The remote primary is configured and refuses the copy: pg_hba.conf, password, network. The lines before say which.',
        on: 'standby',
        check: 'psql "host=<remote primary> user=<role> replication=true dbname=postgres" -c "IDENTIFY_SYSTEM"',
      },
    ],
    todo: 'standby_cluster counts in bootstrap.dcs only for a cluster that is not in the DCS yet. For one that is: patronictl edit-config.',
  },
  {
    of: ['patroni-system-id'],
    when: /!= *$/mu,
    matters: 5,
    means:
      'Patroni could not read the system identifier of its own data directory (nothing stands behind "!="), so it takes the directory for that of another cluster and stops.',
    causes: [
      {
        cause:
          'pg_controldata does not run, or not on this directory: bin_dir or data_dir in patroni.yml is wrong (often after an upgrade of the packages), or the directory is not mounted or incomplete.',
        on: 'standby',
        check:
          'grep -nE "bin_dir|data_dir" /etc/patroni*.yml /etc/patroni/*.yml; sudo -u postgres <bin_dir>/pg_controldata <data directory> | head -5',
      },
    ],
    todo: 'Correct the path or mount the directory, then start Patroni. Do not remove the cluster from the DCS.',
  },
  {
    id: 'patroni-store-answers',
    says: [
      'Error communicating with DCS',
      'Can not get cluster from dcs',
      'Etcd is not responding properly',
      'Consul is not responding properly',
      'ZooKeeper in not responding properly',
      'Kubernetes API is not responding properly',
      'Failed to keepalive/grant lease',
      'Our lease disappeared from Etcd. Will try to get a new one and retry attempt',
      'Our lease disappeared from Etcd, can not "touch_member"',
      'Our session disappeared from Consul. Will try to get a new one and retry attempt',
      'Our session disappeared from Consul, can not "touch_member"',
      'Failed to renew/create session',
      'Etcd3 authentication failed: %s',
      'Could not get the list of servers, maybe you provided the wrong host(s) to connect to?',
      'Neither srv, hosts, host nor url are defined in etcd section of config',
      'Could not get the list of K8s API server nodes',
      'Unexpected error from Kubernetes API',
      'failed to update leader lock',
      'Lost lock while starting up. Demoting self.',
      'demoted self because failed to update leader lock in DCS',
      'Loop time exceeded, rescheduling immediately.',
    ],
    source: 'Patroni, patroni/dcs, patroni/ha.py',
    matters: 4,
    means:
      'Patroni does not get proper answers from its store (etcd, Consul, ZooKeeper or Kubernetes). A leader that cannot renew its key steps down, so the cluster is read-only until the store is back.',
    causes: [
      {
        cause: 'The store has no quorum, its disk is slow, or the machine of Patroni was stopped for some seconds.',
        on: 'primary',
        check: 'etcdctl endpoint status --cluster -w table; etcdctl alarm list',
      },
      { cause: 'Its address, certificate, user or password in patroni.yml is wrong, or a firewall closes its port.' },
    ],
    todo: 'Repair the store first. patronictl pause keeps Patroni from acting meanwhile, if the store still takes it.',
  },
  {
    id: 'patroni-switchover-refused',
    says: [
      'manual failover: no healthy members found, failover is not possible',
      'manual failover: members list is empty',
      'manual failover: leader name does not match: %s != %s',
      'manual failover: I am already the leader, no need to failover',
      'no good candidates have been found',
      'No candidates found to %s to',
      'This cluster has no leader',
      'Can not find a suitable member',
      'Failover could be performed only to a specific candidate',
      'Failover is possible only to a specific candidate in a paused state',
      'Member %s exceeds maximum replication lag',
      'Failover candidate=%s does not match with sync_standbys=%s',
      'Wal position of %s is ahead of my wal position',
      'My timeline %s is behind last known cluster timeline %s',
      'Timeline %s of member %s is behind the cluster timeline %s',
    ],
    source: 'Patroni, patroni/ha.py, patroni/ctl.py, patroni/api.py',
    matters: 4,
    means:
      'Patroni finds no member that may become the leader, or not this one: it would lose data or has another state than needed.',
    causes: [
      {
        cause:
          'A replica lags more than maximum_lag_on_failover, is on an older timeline, does not run, has nofailover: true, or is not the synchronous one.',
        on: 'primary',
        check: list,
      },
      {
        cause:
          'The list looks well, and the leader does not reach the REST API of the candidate (connect_address under restapi, port 8008: a firewall, a wrong address, TLS), or the watchdog is required and missing there.',
        on: 'primary',
        check: 'curl -sS http://<candidate>:8008/patroni',
      },
      { cause: 'The cluster is paused: patronictl resume.' },
    ],
    todo: 'Bring a replica up to date first. patronictl failover --candidate <member> --force chooses one all the same, and what it has not received is lost.',
  },
  {
    of: ['patroni-not-healthy'],
    beside: /My wal position exceeds maximum replication lag/u,
    matters: 5,
    means:
      'This node may not become the leader: it lacks more WAL than maximum_lag_on_failover allows, measured from the last position that the old leader wrote to the DCS.',
    causes: [
      {
        cause: 'The node with more WAL, usually the old leader, is down: start that one first, and nothing is lost.',
        on: 'standby',
        check: 'patronictl list; patronictl history | tail -3',
      },
    ],
    todo: 'Only if that node is gone for good: patronictl failover --candidate <member> --force. What this node has not received is lost.',
  },
  {
    of: ['patroni-slots'],
    beside: /statement timeout/u,
    matters: 4,
    means:
      'Patroni wanted to create or drop a replication slot, and the server did not do it within the statement_timeout of Patroni: the statement waited for something.',
    causes: [
      {
        cause:
          'The statement waits for a synchronous standby that is gone, for a lock, or for a disk or network volume that does not answer.',
        on: 'primary',
        check:
          'psql -c "SELECT pid, wait_event_type, wait_event, state, left(query, 60) FROM pg_stat_activity WHERE wait_event IS NOT NULL AND state <> \'idle\'" -c "SHOW synchronous_standby_names"; dmesg -T | tail -20',
      },
      {
        cause: 'The machine is overloaded: Patroni then loses its leader key next.',
        on: 'primary',
        check: 'uptime; iostat -x 5 2',
      },
    ],
  },
  {
    id: 'patroni-slots',
    of: ['patroni-slots'],
    says: [
      "Failed to create physical replication slot '%s'",
      "Failed to drop replication slot '%s'",
      'Exception when changing replication slots',
      "Failed to create logical replication slot '%s' plugin='%s': %s",
      'Failed to copy logical slots from the %s via postgresql connection: %s',
      "Failed to advance logical replication slot '%s': %s",
      'Logical slot failover requires "hot_standby_feedback". Please check postgresql.auto.conf',
      'Logical replication slots that might be unsafe to use after promote: %s',
      'Physical slot %s does not exist on the primary',
      'Following cluster members share a replication slot name: %s',
      "Invalid permanent replication slot name '%s'",
      "Bad value for slot '%s' in permanent_slots: %s",
    ],
    // those of Stolon have the same words
    among: /^(?![^]*keeper\.go:\d)/u,
    source: 'Patroni, patroni/postgresql/slots.py, patroni/dcs/__init__.py',
    matters: 4,
    means:
      'Patroni keeps the replication slots of its members and the permanent ones (slots: in its dynamic configuration), and could not do so for one.',
    causes: [
      {
        cause: 'max_replication_slots is used up, or the slot is in use by a process that Patroni does not know.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, slot_type, active, wal_status FROM pg_replication_slots" -c "SHOW max_replication_slots"',
      },
      { cause: 'Two members have names that make the same slot name (Patroni turns - and . into _).' },
      { cause: 'Logical slots need hot_standby_feedback = on, use_slots and PostgreSQL 11 or later.' },
    ],
    todo: 'patronictl edit-config for slots and max_replication_slots (a restart). Slots of other tools: name them under ignore_slots.',
  },
  {
    id: 'patroni-startup-waits',
    says: [
      'Timed out waiting for PostgreSQL to start',
      'Demoting self because primary startup is taking too long',
      'Demoting self because crash recovery is taking too long',
      'Timeout during postmaster stop, aborting Postgres.',
      'PostgreSQL shutdown failed, leader key not removed.',
      'Cannot start PostgreSQL because one is already running.',
      "Can't determine PostgreSQL startup status, assuming running",
      'Primary crashed. Failing over.',
    ],
    source: 'Patroni, patroni/ha.py, patroni/postgresql/__init__.py',
    kind: 'consequence',
    matters: 4,
    means:
      'PostgreSQL on this node did not start or stop in the time that Patroni allows. Its own log says what it was doing.',
    causes: [
      {
        cause:
          'It replays a lot of WAL after a crash (primary_start_timeout, before 3.0 master_start_timeout), or writes a long checkpoint at the stop.',
        on: 'primary',
        check: `${list}; tail -n 30 <log of PostgreSQL>`,
      },
    ],
    todo: 'If it only needs time, raise primary_start_timeout (or master_start_timeout, primary_stop_timeout) with patronictl edit-config.',
  },
  {
    id: 'patroni-rest-taken',
    says: managerWords['patroni-rest-taken'].says,
    source: 'patroni/api.py, __initialize',
    matters: 5,
    means: 'Patroni cannot listen on the address of its REST API, and ends without starting the server.',
    causes: [
      {
        cause: 'Another program has the port. Often it is an earlier Patroni that did not end.',
        on: 'standby',
        check: 'ss -ltnp | grep 8008; pgrep -af patroni',
      },
      {
        cause:
          'The host of restapi.listen is not an address of this machine: the configuration was copied from another node.',
        on: 'standby',
        check: 'grep -n -A4 "^restapi" /etc/patroni*.yml /etc/patroni/*.yml; ip -brief address',
      },
    ],
  },
  {
    id: 'patroni-configuration',
    says: [
      'Invalid "restapi" config: expected <HOST>:<PORT> for "listen", but got "%s"',
      'Can not find "restapi.listen" config',
      "'%s' exists and it's not a file, check your `postgresql.pgpass` configuration",
      "data_dir directory postgresql version (%s) doesn't match with 'postgres --version' output (%s)",
      'Removing invalid parameter `%s` from postgresql.parameters',
      'Removing unexpected parameter=%s value=%s from the config',
      'No initialize key in DCS and PostgreSQL is running as replica, aborting start',
      'Please first start Patroni on the node running as primary',
      'config path %s is neither directory nor file',
      'is not a directory or does not look like a valid data directory',
      "doesn't look like a valid data directory",
    ],
    source: 'Patroni, patroni/api.py, patroni/config.py, patroni/validator.py, patroni/__main__.py',
    among: /patroni|restapi|INFO:|ERROR:|CRITICAL:|parameter/u,
    matters: 4,
    means: 'Patroni does not like its configuration, or what it finds at the start does not fit it.',
    causes: [
      {
        cause: 'An address, a path or a parameter in patroni.yml is wrong, or its port (8008) is in use.',
        on: 'standby',
        check: 'patroni --validate-config /etc/patroni/patroni.yml; ss -ltnp "sport = :8008"',
      },
      { cause: 'An existing cluster is taken over: start Patroni on the primary first, then on the standbys.' },
    ],
  },
  {
    id: 'patroni-wal-e',
    says: [
      'could not query wal-e latest backup: %s',
      'could not query wal-e latest backup',
      'wal-e did not find any backups',
      'wal-e returned more than one row of backups: %s',
      'unable to get some of WALE backup parameters',
      'wal-e backup size diff is over threshold, falling back to other means of restore: %s',
      'Error when fetching backup with WAL-E: %s',
      'Unhandled exception when running WAL-E restore',
      'could not determine difference with the leader location',
    ],
    source: 'Patroni, patroni/scripts/wale_restore.py; Spilo',
    matters: 4,
    means:
      'Patroni was to make this member from a backup in the object store with WAL-E or WAL-G, and the tool gave no usable backup. For a replica, Patroni then copies the leader; without a leader there is no other source.',
    causes: [
      {
        cause: 'No backup is there yet, or bucket, prefix, region or credentials are wrong for this member.',
        on: 'standby',
        check: 'envdir <directory of the settings> wal-g backup-list',
      },
    ],
    todo: 'Run backup-list by hand with the same environment: its error is the reason. For a new cluster without a backup, leave the clone or standby section out.',
  },
  {
    id: 'patronictl-no-cluster',
    says: ['Listing members: No cluster names were provided', "%s cluster doesn't have any members"],
    source: 'Patroni, patroni/ctl.py',
    matters: 3,
    means: 'patronictl did not find the configuration of Patroni, so it knows neither the cluster nor its store.',
    causes: [
      {
        cause:
          'It looks for ~/.config/patroni/patronictl.yaml unless -c or PATRONICTL_CONFIG_FILE names the file of Patroni.',
        on: 'primary',
        check: 'systemctl cat patroni | grep ExecStart; ls -l /etc/patroni* ~/.config/patroni',
      },
    ],
    todo: `Name it: ${list}`,
  },
  {
    id: 'autobase-replica-waits',
    says: [
      'Check that the patroni is healthy on the replica server',
      'Check PostgreSQL is started and accepting connections on %s (%d retries left)',
      'Wait for the cluster to initialize (%s is the leader with the lock)',
    ],
    source: 'autobase (postgresql_cluster), roles/patroni/tasks/main.yml',
    kind: 'consequence',
    matters: 3,
    means:
      'The playbook waits for Patroni on that host to say that its server is up. It is still starting or being copied, or fails again and again.',
    causes: [
      {
        cause:
          'On a replica: pg_basebackup is refused by the leader (pg_hba.conf, password), or takes long. On the master: initdb, a setting or a library; the log of PostgreSQL says which.',
        on: 'standby',
        check: `${list}; journalctl -u patroni -n 50 --no-pager`,
      },
    ],
  },
];
