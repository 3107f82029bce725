import { managerWords } from '../../postgres/manager-log/words.ts';
import type { Answer } from '../answer.ts';

/** Patroni: the start of a cluster, replicas and slots; `source` names the file that prints it. */
export const answersAboutPatroniReplicas: readonly Answer[] = [
  {
    id: 'patroni-without-leader',
    says: ['failed to bootstrap (without leader)'],
    source: 'Patroni, patroni/ha.py, bootstrap',
    kind: 'consequence',
    matters: 5,
    means:
      'There is no leader to copy from, and the DCS says that this cluster was initialized before: so Patroni only tries the methods that need no leader (no_leader, a restore from the archive), and they failed.',
    causes: [
      {
        cause: 'Another node has the data and is down: start it first, it becomes the leader.',
        on: 'standby',
        check: 'patronictl list',
      },
      {
        cause:
          'The data was removed everywhere, and the DCS still has the cluster (in Kubernetes: the annotations of its endpoints or config maps).',
        on: 'standby',
        check: 'patronictl list; kubectl get endpoints,configmaps -l <labels of the cluster>',
      },
      { cause: 'The backup is to be restored: the command of that method says why it fails, in the lines before.' },
    ],
    todo: 'Only if no node has data that is needed: patronictl remove <cluster>, then start the nodes.',
  },
  {
    id: 'patroni-cluster-bootstrap',
    says: [
      'Failed to bootstrap cluster',
      'removing initialize key after failed attempt to bootstrap the cluster',
      'removing initialize key after failed attempt to initialize the cluster',
      'Exception during custom bootstrap',
    ],
    source: 'patroni/ha.py, patroni/postgresql/bootstrap.py',
    kind: 'consequence',
    matters: 4,
    means:
      'Patroni wanted to make a new cluster on this node (initdb or the custom bootstrap method), and that failed. It moves the data directory aside and begins again.',
    causes: [
      {
        cause:
          'initdb, the script, or the first start of the server failed: the lines before say why (rights of the data directory, a setting or library that the server does not know, a locale).',
        on: 'standby',
        check: 'journalctl -u patroni -n 200 --no-pager | grep -iE "initdb|FATAL|error|could not"',
      },
      {
        cause: 'post_init (post_bootstrap) ended with an error.',
        on: 'standby',
        check: 'journalctl -u patroni -n 200 --no-pager | grep post_init',
      },
      {
        cause:
          'This node was to become a replica of an existing cluster: scope, namespace or the address of the DCS differ from those of the other nodes.',
        on: 'standby',
        check: 'patronictl list; grep -nE "^(scope|namespace|name):" /etc/patroni*.yml /etc/patroni/*.yml',
      },
    ],
  },
  {
    id: 'patroni-post-init',
    says: ['post_init script %s returned non-zero code %d', 'post_init script %s failed'],
    source: 'patroni/postgresql/bootstrap.py, call_post_bootstrap',
    matters: 4,
    means:
      'The cluster was made, and the script in post_init (post_bootstrap) failed: Patroni throws the new cluster away.',
    causes: [
      {
        cause: 'The script is not executable, or a statement in it fails. It gets a connection string as its argument.',
        on: 'standby',
        check: 'journalctl -u patroni -n 200 --no-pager | grep -B20 post_init',
      },
    ],
  },
  {
    id: 'patroni-replication-login',
    says: [
      'Can not fetch local timeline and lsn from replication connection',
      'Can not fetch local timeline and lsn from replication connection: %s',
    ],
    source: 'patroni/postgresql/__init__.py, get_replica_timeline',
    kind: 'consequence',
    matters: 3,
    means:
      'Patroni opens a replication connection to the server on its own node, and that was refused. The last line of the error says why.',
    causes: [
      {
        cause:
          'pg_hba.conf of this node has no replication line for the replication user from 127.0.0.1, ::1 or local.',
        on: 'standby',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
      {
        cause:
          'The replication user does not exist or has another password than postgresql.authentication.replication.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, rolreplication FROM pg_roles WHERE rolreplication"',
      },
    ],
  },
  {
    of: ['walsender-no-sql-physical'],
    tool: 'patroni',
    matters: 5,
    means:
      'Patroni sent an ordinary statement on its replication connection, and the server refused it. Patroni cannot read the timeline of the other node this way.',
    causes: [
      {
        cause:
          'Patroni before 2.1.0 with psycopg2 2.9 or later, which opens a transaction on every connection: the Python module was updated and Patroni was not.',
        on: 'standby',
        check: 'patroni --version; python3 -c "import psycopg2; print(psycopg2.__version__)"',
      },
      {
        cause: 'A pooler is between Patroni and the server and hands over the wrong kind of connection.',
        on: 'standby',
        check: 'patronictl list',
      },
    ],
    todo: 'Update Patroni. Until then an older psycopg2 works: pip install "psycopg2-binary<2.9".',
  },
  {
    id: 'patroni-no-dcs-configured',
    says: ['Can not find suitable configuration of distributed configuration store'],
    source: 'patroni/dcs/__init__.py, get_dcs',
    matters: 5,
    means:
      'Patroni has no DCS that it could use: the configuration has no section for one, or the Python module for it is not installed.',
    causes: [
      {
        cause:
          '"Available implementations" does not list yours: the package for it is missing (patroni[etcd], patroni[etcd3], python3-etcd).',
        on: 'standby',
        check: 'pip list 2>/dev/null | grep -iE "patroni|etcd|consul|kazoo"',
      },
      {
        cause:
          'The section etcd3:, etcd:, consul:, zookeeper: or kubernetes: is missing in the configuration, or indented wrongly.',
        on: 'standby',
        check: 'patroni --validate-config <configuration file>',
      },
    ],
  },
  {
    id: 'patroni-same-name',
    says: managerWords['patroni-same-name'].says,
    source: 'patroni/__main__.py, ensure_unique_name',
    matters: 5,
    means: 'Another Patroni with the same name answers in this cluster.',
    causes: [
      {
        cause: 'The configuration was copied from another node: name must differ on each.',
        on: 'standby',
        check: 'patronictl list; grep -n "^name:" /etc/patroni*.yml /etc/patroni/*.yml',
      },
      { cause: 'An earlier Patroni process still runs on this node.', on: 'standby', check: 'pgrep -af patroni' },
    ],
  },
  {
    id: 'patroni-drops-slot',
    says: ["Dropped unknown replication slot '%s'", "Trying to drop unknown replication slot '%s'"],
    source: 'patroni/postgresql/slots.py',
    matters: 4,
    means:
      'Patroni removes replication slots that it does not know: this one was made by hand or by another tool, and the standby or client that used it loses its WAL.',
    causes: [
      {
        cause: 'The slot belongs to a standby or tool outside of Patroni (Barman, pg_receivewal, Debezium).',
        on: 'client',
        check: 'patronictl show-config',
      },
    ],
    todo: 'Name the slot under "slots" in the dynamic configuration (patronictl edit-config), or let Patroni leave it alone with ignore_slots (Patroni 2.0 and later).',
  },
  {
    id: 'patroni-start-failed',
    says: managerWords['patroni-start-failed'].says,
    tool: 'patroni',
    source: 'patroni/ha.py',
    kind: 'consequence',
    matters: 3,
    means: 'Patroni could not start the server on this node. The log of the server has the reason.',
    causes: [
      {
        cause: 'See the last lines of the server log (in Spilo: pg_log beside the data directory).',
        on: 'standby',
        check: 'journalctl -u patroni -n 100 --no-pager; tail -50 "$(ls -t <log directory>/*.log | head -1)"',
      },
    ],
  },
  {
    id: 'patroni-peer',
    says: ['Request failed to %s: GET %s', 'Request failed to %s: POST %s'],
    tool: 'patroni',
    source: 'patroni/ha.py, fetch_node_status',
    matters: 3,
    means:
      'Patroni asked the Patroni of another member through its REST API and got no answer. This is not a connection to PostgreSQL. While members start one after the other it is normal.',
    causes: [
      {
        cause: 'Patroni on that member is down or is just starting.',
        on: 'standby',
        check: 'patronictl list',
      },
      {
        cause: 'restapi.connect_address of that member is wrong, or a firewall does not let port 8008 through.',
        on: 'standby',
        check: 'curl -s http://<connect_address>/patroni',
      },
    ],
  },
  {
    id: 'patroni-reinit',
    says: [
      'Cluster has no leader, can not reinitialize',
      'I am the leader, can not reinitialize',
      'Failed: reinitialize for member %s, status code=%d, (%s)',
    ],
    source: 'patroni/ha.py, patroni/ctl.py',
    matters: 4,
    means:
      'Patroni does not copy this member again: a new copy needs a running leader, and the leader itself is never replaced.',
    causes: [
      {
        cause: 'No member is leader at the moment: bring one up first, the one with the newest data.',
        on: 'standby',
        check: 'patronictl list',
      },
    ],
  },
  {
    id: 'patroni-dcs-request',
    says: ['Request to server %s failed: %s'],
    among: /:2379|\/v[23](?:beta|alpha)?\/|etcd|patroni/iu,
    source: 'patroni/dcs/etcd.py, patroni/dcs/etcd3.py',
    kind: 'consequence',
    matters: 4,
    means:
      'One request to a member of etcd failed; Patroni tries the next member. Only if none answers until retry_timeout does the leader step down.',
    causes: [
      {
        cause: 'This etcd member is down, slow (its disk) or not reachable from this node.',
        on: 'standby',
        check: 'etcdctl endpoint status --cluster -w table',
      },
    ],
  },
  {
    id: 'patroni-task-failed',
    says: ['Exception during execution of long running task %s'],
    source: 'patroni/async_executor.py, run',
    kind: 'consequence',
    matters: 4,
    means:
      'Patroni was at a longer task on this node (the name is at the end of the line: a bootstrap, a restart, a reinitialization), and its own program ended in an error. The last line of the traceback is the reason; Patroni tries again.',
    causes: [
      {
        cause:
          'PermissionError, FileNotFoundError, OSError: a file or directory that Patroni reads or writes, often the data directory or its owner (a user id that changed with the image or the cluster).',
        on: 'standby',
        check:
          'journalctl -u patroni -n 200 --no-pager | grep -A40 "long running task" | grep -E "^.*[A-Za-z]+(Error|Exception)"',
      },
      {
        cause:
          'AttributeError, TypeError, KeyError: a value is missing in the configuration, or it is a fault of this release of Patroni.',
        on: 'standby',
        check: 'patroni --version; patroni --validate-config <configuration file>',
      },
    ],
  },
  {
    id: 'patroni-standby-bootstrap',
    says: ['bootstrap_standby_leader in progress', 'trying to bootstrap a new standby leader'],
    source: 'patroni/ha.py, bootstrap_standby_leader',
    kind: 'consequence',
    matters: 3,
    means:
      'This is a standby cluster, and its first member is being made from the remote primary or from a backup. That takes as long as the copy does; "not healthy enough for leader race" beside it is normal.',
    causes: [
      {
        cause:
          'It stays so and nothing is copied: the program that makes the copy waits or fails (pg_basebackup, WAL-G, WAL-E, pgBackRest).',
        on: 'standby',
        check: 'ps aux | grep -E "[p]g_basebackup|[w]al-[ge]|[p]gbackrest"; du -sh <data directory>',
      },
      {
        cause:
          'It begins again and again: host, port, slot or create_replica_methods under standby_cluster are wrong, or the backup is not found.',
        on: 'standby',
        check: 'patronictl show-config',
      },
    ],
  },
  {
    id: 'patroni-watchdog',
    says: ['Could not activate Linux watchdog device: %s'],
    source: 'patroni/watchdog/base.py',
    kind: 'course',
    means: 'Patroni works without a watchdog on this node. That is an error only where watchdog.mode is "required".',
  },
  {
    id: 'patroni-course',
    says: [
      'no action. I am (%s), the leader with the lock',
      'no action. I am (%s), a secondary, and following a leader (%s)',
      'doing crash recovery in a single user mode',
      'failed to acquire initialize lock',
      "Kubernetes RBAC doesn't allow GET access to the '%s' endpoint in the '%s' namespace",
      'replica has been created using %s',
      'Selected new etcd server %s',
      'establishing a new patroni heartbeat connection to postgres',
    ],
    source: 'patroni/ha.py, patroni/postgresql/bootstrap.py',
    kind: 'course',
    means: 'Patroni is at work on this node.',
  },
  {
    of: ['patroni-no-answer'],
    beside: /^(?![^]*rejecting connections)[^]*(?:failed to start postgres|Postgresql is not running)/u,
    tool: 'patroni',
    kind: 'consequence',
    matters: 5,
    means:
      'The PostgreSQL server of this node does not run: it did not start, or stopped. Patroni does not see why; the log of PostgreSQL says it.',
    causes: [
      {
        cause: 'Its last FATAL or PANIC names the reason (a setting, a permission, WAL that is missing, a full disk).',
        on: 'standby',
        check:
          'grep -hE "FATAL|PANIC" "$(ls -t <data directory>/{log,../pg_log}/* | head -1)" | tail -5; df -h <data directory>',
        rule: 'standby/not-running',
      },
    ],
    todo: 'patronictl list shows whether another node leads. Where no other node has the data, do not remove this data directory.',
  },
];
