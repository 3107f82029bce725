import { managerWords } from '../../postgres/manager-log/words.ts';
import type { Answer } from '../answer.ts';

/** Patroni; `source` names the file that prints it. */
export const answersAboutPatroni: readonly Answer[] = [
  {
    id: 'patroni-backup-method',
    says: [
      'not restoring from backup because of amount of generated wals exceeds %s',
      'Can not find any backups',
      'could not query wal-e latest backup list: %s',
      'Error creating replica using method wal_e: %s exited with code=%d',
      'Error creating replica using method wal_g: %s exited with code=%d',
      'Error creating replica using method pgbackrest: %s exited with code=%d',
      'Error creating replica using method barman: %s exited with code=%d',
    ],
    source: 'spilo, wale_restore.sh; patroni/scripts/wale_restore.py',
    kind: 'consequence',
    matters: 5,
    means:
      'Patroni did not use the backup in the archive for this replica and goes on with its next method, usually a base backup from the leader. By itself this is not an error.',
    causes: [
      {
        cause:
          'There is no backup yet, the prefix or the credentials differ, or so much WAL has been written since the last one that a copy of the leader is faster.',
        on: 'standby',
        check: 'envdir /run/etc/wal-e.d/env wal-g backup-list',
      },
      {
        cause:
          'If the replica does not appear after that: the reason is in the lines of the next method (pg_basebackup).',
        on: 'standby',
        check: 'patronictl list',
      },
    ],
  },
  {
    id: 'patroni-postmaster-gone',
    says: managerWords['patroni-postmaster-gone'].says,
    among: /patroni|postmaster pid=|restarting after failure|postmaster is not running\s*$/iu,
    source: 'patroni/postgresql/__init__.py, wait_for_port_open',
    kind: 'consequence',
    matters: 4,
    means:
      'Patroni started the server on this node, and it ended again at once. The reason is the FATAL or PANIC line in the log of the server, not in that of Patroni.',
    causes: [
      {
        cause: 'See the last lines of the server log.',
        on: 'standby',
        check: 'tail -50 "$(ls -t <data directory>/log/* <data directory>/pg_log/* 2>/dev/null | head -1)"',
      },
    ],
  },
  {
    id: 'patroni-no-answer',
    of: ['patroni-no-answer'],
    says: [
      'Error communicating with PostgreSQL. Will try again later',
      '%s - rejecting connections',
      '%s - no response',
      '%s - no attempt',
      'Still starting up as a standby',
      'Postgresql is not running',
      "Retry got exception: 'connection problems'",
      "patroni.exceptions.PostgresConnectionException: 'connection problems'",
      'Failed to determine PostgreSQL state from the connection, falling back to cached role',
    ],
    tool: 'patroni',
    source: 'patroni/ha.py, patroni/postgresql/__init__.py; PostgreSQL, src/bin/pg_isready/pg_isready.c',
    kind: 'consequence',
    matters: 5,
    means:
      'The PostgreSQL server of this node does not answer Patroni: it is starting or recovering ("rejecting connections") or not running ("no response"). The reason is in the PostgreSQL log, not in the Patroni log.',
    causes: [
      {
        cause:
          'Recovery has not reached a consistent state: it replays a lot of WAL, or waits for WAL that does not come. Its log says which.',
        on: 'standby',
        check: 'tail -50 "$(ls -t <data directory>/{log,../pg_log}/* | head -1)"',
        rule: 'network/server-starting',
      },
      {
        cause: 'The server stopped or does not start: FATAL or PANIC in its log.',
        on: 'standby',
        check: 'ps aux | grep "[p]ostgres -D"',
        rule: 'standby/not-running',
      },
      {
        cause:
          'The server runs but Patroni cannot log in or all connections are in use (superuser in postgresql.authentication, pg_hba.conf, max_connections).',
        on: 'standby',
        check: 'psql -c "SELECT count(*) FROM pg_stat_activity" -c "SHOW max_connections"',
      },
    ],
    todo: 'Read the PostgreSQL log of this node. patronictl list shows whether another node leads.',
  },
  {
    id: 'patroni-leader-for-rewind',
    says: [
      'Exception when working with leader',
      'Exception when working with primary via replication connection',
      "Leader is still in_recovery and therefore can't be used for rewind",
    ],
    source: 'patroni/postgresql/rewind.py',
    kind: 'consequence',
    matters: 4,
    means:
      'Before a rewind, Patroni connects to the leader with the rewind (or superuser) account and the replication account, and this connection failed. The last line of the traceback is the reason.',
    causes: [
      {
        cause:
          "pg_hba.conf of the leader does not let this node's address in for that account, or requires a client certificate.",
        on: 'primary',
        check:
          'psql -c "SELECT line_number, type, database, user_name, address, auth_method, options FROM pg_hba_file_rules"',
      },
      { cause: 'The leader was promoted a moment ago and is still in recovery: Patroni tries again.' },
    ],
  },
  {
    id: 'patroni-no-way-to-copy',
    says: ["failed to bootstrap from leader '%s'", "failed to bootstrap from replica '%s'"],
    // no program said anything in between
    among:
      /trying to bootstrap from (?:leader|replica) '[^'\n]*'\s*\n(?:[^\n]*Lock owner[^\n]*\n)*[^\n]*failed to bootstrap from/u,
    source: 'patroni/postgresql/bootstrap.py, create_replica',
    kind: 'consequence',
    matters: 4,
    means:
      'Patroni gave the copy up, and no program that copies has failed before that (there would be a line with its exit code): it has no address to copy from, or no method to copy with.',
    causes: [
      {
        cause:
          'The leader has published no conn_url: postgresql.connect_address is missing or empty there (in Kubernetes also where Patroni may not write the annotations of its pod).',
        on: 'primary',
        check: 'curl -s http://<leader>:8008/cluster; patronictl list',
      },
      {
        cause:
          'create_replica_methods of this node names no method that can be used: "basebackup" is not in it, or its section is missing.',
        on: 'standby',
        check: 'grep -n -A6 "create_replica_methods" /etc/patroni/*.yml; patronictl show-config',
      },
      {
        cause: 'The program wrote its reason elsewhere: to the standard error of the service or the container.',
        on: 'standby',
        check: 'journalctl -u patroni -n 100 --no-pager | grep -iE "pg_basebackup|FATAL|error"',
      },
    ],
  },
  {
    id: 'patroni-bootstrap-failed',
    says: managerWords['patroni-bootstrap-failed'].says.filter((words) => !words.includes('without leader')),
    source: 'patroni/postgresql/bootstrap.py, ha.py',
    kind: 'consequence',
    matters: 4,
    means:
      'Patroni could not create this replica: pg_basebackup (or the configured method) failed. The program itself says why, right before these lines or on the standard error of the patroni service.',
    causes: [
      {
        cause:
          'pg_hba.conf of the leader has no replication line for this node, or the replication password differs (postgresql.authentication.replication; pg_hba in the dynamic configuration).',
        on: 'standby',
        check: 'journalctl -u patroni -n 100 --no-pager | grep -iE "pg_basebackup|FATAL"',
      },
      {
        cause: 'The leader has published no address, or cannot be reached at it (no pg_basebackup message at all).',
        on: 'standby',
        check: 'patronictl list',
      },
      {
        cause: 'The disk of the replica is full, or the data directory is not writable.',
        on: 'standby',
        check: 'df -h',
      },
      {
        cause: 'code=-9: the program was killed, usually because memory ran out (a limit of the container).',
        on: 'standby',
        check: 'dmesg -T | grep -i "killed process"',
      },
    ],
  },
  {
    id: 'patroni-cannot-run',
    says: managerWords['patroni-cannot-run'].says,
    source: 'patroni/postgresql/bootstrap.py, basebackup',
    matters: 5,
    means:
      'Patroni could not even run pg_basebackup for this replica: the text after the last colon is what Python reports, not an answer of the leader.',
    causes: [
      {
        cause:
          '[Errno 13] Permission denied: Patroni runs as another user than the owner of postgresql.data_dir, or may not execute the programs in postgresql.bin_dir.',
        on: 'standby',
        check: 'ps -o user= -C patroni; grep -nE "bin_dir|data_dir|pgpass" /etc/patroni/*.yml; ls -ld <data directory>',
      },
      {
        cause:
          '[Errno 2] No such file or directory: postgresql.bin_dir is wrong, or the server package is not installed.',
        on: 'standby',
        check: 'ls /usr/lib/postgresql/*/bin/pg_basebackup /usr/pgsql-*/bin/pg_basebackup',
      },
    ],
    todo: 'Run Patroni as the user of the server (postgres), which must own the data directory, its parent and the file postgresql.pgpass.',
  },
  {
    id: 'patroni-waiting-leader',
    says: managerWords['patroni-waiting-leader'].says,
    source: 'patroni/ha.py',
    means:
      'Patroni found the cluster marked as initialized in the DCS (etcd, Consul, Kubernetes) and no leader: it waits, and this node may not start a new cluster.',
    causes: [
      {
        cause: 'An earlier bootstrap failed or the data was removed, and the "initialize" key stayed in the DCS.',
        on: 'standby',
        check: 'patronictl list',
      },
      { cause: 'The node that has the data is down: start it first.' },
    ],
    todo: 'Only if no node has data that is needed: patronictl remove <cluster name> , then start the nodes.',
  },
  {
    id: 'patroni-etcd-version',
    says: [
      'Detected Etcd version %s is lower than %s, watches are not supported',
      "Failed to get list of machines from %s: <Unknown error: '404 page not found'",
      "Failed to get list of machines from %s: EtcdException('Bad response : 404",
    ],
    source: 'patroni/dcs/etcd.py, patroni/dcs/etcd3.py',
    matters: 5,
    means:
      'etcd answers Patroni, and not in the version of its protocol that Patroni asks for. The network and the quorum are not the reason.',
    causes: [
      {
        cause:
          'The configuration has a section etcd: (version 2 of the protocol), and etcd 3.4 and later has that turned off. Rename the section to etcd3:.',
        on: 'standby',
        check: 'grep -nE "^ *etcd3?:" /etc/patroni*.yml /etc/patroni/*.yml',
      },
      {
        cause: 'The address leads to something else than etcd (a proxy, another service on this port).',
        on: 'standby',
        check: 'curl -s <etcd address>/version',
      },
      { cause: 'etcd has just started or is older than 3.1: Patroni could not read its version.' },
    ],
  },
  {
    id: 'patroni-not-healthy',
    of: ['patroni-not-healthy'],
    says: [
      'My wal position exceeds maximum replication lag',
      'following a different leader because i am not the healthiest node',
      'Could not take out TTL lock',
      'not healthy enough for leader race',
    ],
    source: 'patroni/ha.py',
    kind: 'consequence',
    matters: 2,
    means:
      'Patroni did not make this node the leader: another one has the lock, or this one is behind by more than maximum_lag_on_failover.',
    causes: [{ cause: 'See which node leads, and how far each is behind.', on: 'standby', check: 'patronictl list' }],
  },
  {
    id: 'patroni-rewind',
    says: managerWords['patroni-rewind'].says,
    source: 'patroni/postgresql/rewind.py',
    means: 'Patroni could not rewind this former primary to follow the new one. It stays out until it is copied again.',
    causes: [
      {
        cause:
          "pg_rewind's own message in the lines before: no WAL back to the fork, neither wal_log_hints nor checksums, a missing right of the rewind role.",
        on: 'standby',
        check: 'patronictl list',
      },
    ],
    todo: 'patronictl reinit <cluster name> <member> makes a new copy (the old data directory of that member is lost).',
  },
  {
    id: 'patroni-copies',
    says: ["bootstrap from leader '%s' in progress", "bootstrap from replica '%s' in progress"],
    // the last thing that is said, and not after a rewind
    among: /^(?![\s\S]*pg_rewind)[\s\S]*in progress[^\n]*\s*$/u,
    source: 'patroni/ha.py, handle_long_action_in_progress',
    kind: 'consequence',
    matters: 1,
    means:
      'This replica is being made: a copy of the leader or a restore from a backup runs, and Patroni says so every loop_wait seconds. That is normal as long as the copy grows.',
    causes: [
      {
        cause: 'See whether it grows, and what runs.',
        on: 'standby',
        check:
          'du -sh <data directory>; sleep 30; du -sh <data directory>; ps aux | grep -E "[p]g_basebackup|[w]al-[ge]|[p]gbackrest"',
      },
      {
        cause: 'The files are there, and the server is recovering: its own log says how far it is.',
        on: 'standby',
        check: 'ps aux | grep "[s]tartup"',
      },
    ],
  },
  {
    id: 'patroni-in-progress',
    says: ["trying to bootstrap from leader '%s'", 'running pg_rewind from %s in progress', 'pg_rewind exit code=0'],
    source: 'patroni/ha.py, patroni/postgresql/rewind.py',
    kind: 'course',
    means: 'Patroni is at work on this node.',
  },
  {
    id: 'patroni-system-id-invalid',
    says: managerWords['patroni-system-id-invalid'].says,
    source: 'patroni/ha.py',
    matters: 5,
    means:
      'The data directory on this node cannot be used for this cluster: its system identifier is another one, or cannot be read. Patroni leaves it alone and does not start.',
    causes: [
      {
        cause:
          'The directory is of another cluster: made by initdb, restored, or left from an earlier one under the same name (scope).',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "system identifier"; patronictl list',
      },
      {
        cause:
          'pg_control is missing or damaged, or pg_controldata cannot be run: after a full disk, or a copy that was broken off.',
        on: 'standby',
        check: 'ls -l <data directory>/global/pg_control',
      },
      { cause: 'The key /initialize in the DCS is of an earlier cluster.', on: 'standby', check: 'patronictl list' },
    ],
    todo: 'Look at both identifiers first. If nothing on this node is needed: patronictl reinit <cluster name> <member> deletes its directory and copies the leader.',
  },
];
