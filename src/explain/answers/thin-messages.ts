import type { Answer } from '../answer.ts';

/** Messages that say what was met, and not why. */
export const answersAboutThinMessages: readonly Answer[] = [
  {
    of: [
      'data-dir-does-not-exist',
      'pgctl-dir-missing',
      'not-a-valid-data-dir',
      'pgctl-not-cluster-dir',
      'could-not-find-db-system',
    ],
    matters: 5,
    means: 'PostgreSQL finds no data directory of its own at {directory|the path in the message}.',
    causes: [
      {
        cause: 'A base backup failed and removed what it had copied, or has not been made yet.',
        on: 'standby',
        check: 'ls -la {directory|<data directory>}; ls {directory|<data directory>}/PG_VERSION',
      },
      {
        cause:
          'The path is wrong: Debian has /var/lib/postgresql/<version>/main, Red Hat /var/lib/pgsql/<version>/data, the image /var/lib/postgresql/data (18 and later: /var/lib/postgresql/18/docker).',
        on: 'standby',
        check: 'pg_lsclusters; systemctl cat "postgresql*" | grep -i pgdata; echo $PGDATA',
      },
      { cause: 'The volume is not mounted.', on: 'standby', check: 'findmnt -T {directory|<data directory>}' },
    ],
    todo: 'For a standby: pg_basebackup makes the directory. initdb would make a new, empty server that cannot follow.',
  },
  {
    of: ['config-invalid-value'],
    matters: 4,
    means:
      'Setting {parameter} has the value "{value}", which this server does not accept. A starting server does not start with it; a running one keeps the old value.',
    causes: [
      {
        cause: 'It was written for another release or another machine, or the unit or spelling is wrong.',
        on: 'standby',
        check: `grep -rn "{parameter|<setting>}" <data directory>/postgresql*.conf; psql -c "SELECT sourcefile, sourceline, name, setting, error FROM pg_file_settings WHERE error IS NOT NULL"`,
      },
      {
        cause:
          'It comes from ALTER SYSTEM (postgresql.auto.conf), which is read last and was copied with the base backup.',
        on: 'standby',
        check: 'cat <data directory>/postgresql.auto.conf',
      },
    ],
  },
  {
    of: ['config-cannot-change-restart'],
    kind: 'consequence',
    matters: 3,
    means:
      'Setting {parameter} was changed in the configuration, and takes effect only with a restart. Until then the old value counts.',
    causes: [
      {
        cause: 'See which settings wait for the restart.',
        on: 'primary',
        check: 'psql -c "SELECT name, setting FROM pg_settings WHERE pending_restart"',
      },
    ],
    todo: 'Restart when it suits. A setting such as max_connections must first be raised on the standbys, then on the primary.',
  },
  {
    of: ['slot-exists-wal-level-logical'],
    matters: 5,
    means:
      'The server does not start: it has a logical replication slot ({slot|the one in the message}), which needs wal_level = logical, and wal_level is lower.',
    causes: [
      {
        cause:
          'wal_level was changed, or the configuration of another server was copied. On a standby: its slots came with a copy that was not made by pg_basebackup.',
        on: 'standby',
        check: 'postgres -C wal_level -D <data directory>; ls <data directory>/pg_replslot',
      },
    ],
    todo: 'Set wal_level = logical and start the server. Then ask who uses the slot, before it is dropped with pg_drop_replication_slot().',
  },
  {
    of: ['slot-too-many-before-shutdown'],
    matters: 5,
    means: 'The server does not start: pg_replslot holds more slots than max_replication_slots allows.',
    causes: [
      {
        cause: 'max_replication_slots was lowered, or the configuration is that of another server.',
        on: 'standby',
        check: 'ls <data directory>/pg_replslot; postgres -C max_replication_slots -D <data directory>',
      },
      { cause: 'A copy of the primary that brought its slots along (a disk image; pg_basebackup leaves them out).' },
    ],
    todo: 'Raise max_replication_slots to at least that number and start the server. Then drop the slots that are not used (pg_replication_slots).',
  },
  {
    of: ['archive-file-wrong-size', 'short-read-wal-segment'],
    matters: 5,
    means:
      'A WAL segment does not have the size that it must have (16 MB, unless the cluster was made with another one): it is cut off, empty or still compressed.',
    causes: [
      {
        cause:
          'archive_command copied it while the disk of the archive was full, or was interrupted: cp leaves the part that it wrote.',
        on: 'standby',
        check: 'ls -l <directory of the archive>/{segment|<segment>}*; df -h <directory of the archive>',
      },
      {
        cause: 'restore_command delivers the compressed file (.gz, .lz4, .zst): it must decompress it into %p.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>; file <directory of the archive>/{segment|<segment>}*',
      },
      {
        cause: 'The archive is of a cluster with another segment size.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "WAL segment"',
      },
    ],
    todo: 'If the primary still has the segment, the standby can stream it instead: set primary_conninfo. Otherwise a whole copy of the segment, or a new base backup.',
  },
  {
    of: ['immediate-shutdown-lock-invalid'],
    matters: 5,
    means:
      'The server stopped at once because postmaster.pid in its data directory was removed or replaced while it ran.',
    causes: [
      {
        cause: 'A base backup, a restore or a script wrote into (or emptied) the directory of a running server.',
        on: 'standby',
        check: 'ls -la --time-style=full-iso <data directory> | head -20; journalctl -u "postgresql*" -n 30 --no-pager',
      },
      {
        cause: 'The volume was unmounted, or two containers use it.',
        on: 'client',
        check: 'findmnt -T <data directory>; docker ps --filter volume=<volume>',
      },
    ],
    todo: 'Find out what wrote there before the server is started again: the directory may hold files of two servers. In doubt, make a new base backup.',
  },
  {
    of: ['auth-cert-failed'],
    matters: 4,
    means:
      'The client certificate is valid, and its common name is not {role|the role}: with the method cert (clientcert=verify-full) both must be the same, or joined by a map.',
    causes: [
      {
        cause: 'The certificate was issued for another name (a host name, another role).',
        on: 'standby',
        check: 'openssl x509 -in ~/.postgresql/postgresql.crt -noout -subject',
      },
      {
        cause: 'map= is missing in the line of pg_hba.conf, or pg_ident.conf has no such pair.',
        on: 'primary',
        check:
          'psql -c "SELECT * FROM pg_hba_file_rules WHERE auth_method = \'cert\'"; grep -v "^#" "$(psql -Atc "SHOW ident_file")"',
      },
    ],
    todo: 'Issue a certificate with CN={role|<role>}, or add the pair to pg_ident.conf and map=<name> to the line, then reload.',
  },
  {
    of: ['semaphores-removed', 'dsm-open'],
    matters: 5,
    means:
      'Something removed shared memory or semaphores of the running server. It is not safe to go on: the server must be restarted.',
    causes: [
      {
        cause:
          'systemd does so when the user of the server logs out (RemoveIPC), if that user is not a system user: a cron job or su is enough.',
        on: 'standby',
        check:
          'loginctl show-session 2>/dev/null | grep -i removeipc; grep -n RemoveIPC /etc/systemd/logind.conf; id -u postgres',
      },
      {
        cause: 'A clean-up script (ipcrm, tmpfiles for /dev/shm).',
        on: 'standby',
        check: 'grep -rn "ipcrm\\|/dev/shm" /etc/cron* /etc/tmpfiles.d 2>/dev/null',
      },
    ],
    todo: 'RemoveIPC=no in /etc/systemd/logind.conf (systemctl restart systemd-logind), or make the user a system user (uid below 1000), then restart the server.',
  },
  {
    of: ['role-too-many-connections'],
    matters: 4,
    means:
      'Role {role} has as many connections as its CONNECTION LIMIT allows. pg_basebackup -X stream needs two, a standby one.',
    causes: [
      {
        cause: 'Several standbys or backups share the role, or connections of a standby that is gone are still open.',
        on: 'primary',
        check: `psql -c "SELECT rolname, rolconnlimit FROM pg_roles WHERE rolname = '{role}'" -c "SELECT pid, application_name, client_addr, state FROM pg_stat_replication"`,
      },
    ],
    todo: 'ALTER ROLE {role} CONNECTION LIMIT -1; or a number that is large enough for all of them.',
  },
  {
    of: ['recovery-has-paused'],
    matters: 4,
    means: 'Replay on this standby stands still until it is resumed. It goes on receiving WAL.',
    causes: [
      {
        cause: 'pg_wal_replay_pause() was called (a person, a backup tool).',
        on: 'standby',
        check: 'psql -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_replay_lsn()"',
        rule: 'recovery/replay-paused',
      },
      {
        cause: 'A setting is lower than on the primary: a WARNING "hot standby is not possible" came before.',
        on: 'standby',
        check: 'grep -n "insufficient parameter settings" -A3 <log of PostgreSQL> | tail',
      },
      {
        cause: 'A recovery target was reached (recovery_target_action = pause).',
        on: 'standby',
        check: `psql -c "SELECT name, setting FROM pg_settings WHERE name LIKE 'recovery_target%' AND setting <> ''"`,
      },
    ],
    todo: '1: SELECT pg_wal_replay_resume(); 2: raise it and restart, for the server stops when replay is resumed. 3: resuming makes the server a primary; for a standby, remove the target and restart.',
  },
  {
    of: ['pgbb-sysid-mismatch'],
    matters: 5,
    means: 'The two connections of pg_basebackup reached two different servers, so the copy was given up.',
    causes: [
      {
        cause: 'The host name is a load balancer, a Kubernetes service for replicas, or several hosts.',
        on: 'client',
        check:
          'for i in 1 2 3 4; do psql -h <primary> -U <role> -d postgres -Atc "SELECT inet_server_addr(), system_identifier FROM pg_control_system()"; done',
      },
    ],
    todo: 'Name one server: its own host name or address, or the service of the primary.',
  },
  {
    of: ['pgbb-stream-ended-early', 'could-not-identify-system'],
    kind: 'consequence',
    matters: 4,
    means:
      'The other server ended the connection or did not answer as a WAL sender does: it was stopped or failed over, or it is another kind of server.',
    causes: [
      {
        cause: 'It was restarted or stopped at this time: its log says why.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time(), pg_is_in_recovery()"',
      },
      {
        cause:
          'A pooler or proxy (PgBouncer, Pgpool-II, HAProxy in the wrong mode) is between: replication needs a direct connection.',
        on: 'standby',
        check: 'psql "host=<primary> user=<role> replication=true" -c "IDENTIFY_SYSTEM"',
      },
    ],
    todo: 'Connect to the port of PostgreSQL itself. The unfinished copy cannot be used.',
  },
  {
    of: ['pgctl-not-shut-down'],
    kind: 'consequence',
    matters: 4,
    means:
      'pg_ctl stopped waiting. The server is still shutting down, or waits for something. Do not start another one on its directory and do not kill it with -9.',
    causes: [
      {
        cause:
          'It writes its last checkpoint, or waits until all WAL is archived or sent to a standby that is connected and slow.',
        on: 'primary',
        check: 'ps aux | grep -E "[c]heckpointer|[a]rchiver|[w]alsender"; tail -5 <log of PostgreSQL>',
      },
      {
        cause: 'Smart mode waits for every session to end.',
        on: 'primary',
        check: 'ps aux | grep "[p]ostgres: .* idle"',
      },
    ],
    todo: 'pg_ctl stop -m fast -t 600 ends the sessions and waits longer. For systemd: TimeoutStopSec.',
  },
  {
    of: ['auth-timeout'],
    matters: 3,
    means: 'A client connected and did not finish the login within authentication_timeout (1 minute).',
    causes: [
      {
        cause:
          'A slow name service, LDAP or RADIUS server: with log_hostname or host names in pg_hba.conf every login waits for it.',
        on: 'primary',
        check: 'time getent hosts <address of the client>; psql -c "SHOW log_hostname"',
      },
      {
        cause: 'The client waits at a prompt for a password, or the network lost its packets.',
        on: 'client',
        check: 'ls -l ~/.pgpass',
      },
      { cause: 'A port scanner or a health check that opens the port and says nothing: harmless.' },
    ],
  },
  {
    of: ['libpq-server-hot-standby', 'libpq-session-read-only', 'libpq-writable-13'],
    matters: 4,
    means:
      'The connection string asks for a server that accepts writes (target_session_attrs), and the server that was reached is a standby or read-only.',
    causes: [
      {
        cause:
          'Only the standby is named, or the primary in the list cannot be reached: the errors for the other hosts are on the lines before.',
        on: 'client',
        check: 'for h in <host 1> <host 2>; do psql -h $h -Atc "SELECT pg_is_in_recovery()"; done',
      },
      {
        cause: 'A failover is under way, and no server is primary yet.',
        on: 'client',
        check: 'patronictl list; repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause: 'default_transaction_read_only is on.',
        on: 'primary',
        check: 'psql -c "SHOW default_transaction_read_only"',
      },
    ],
    todo: 'In primary_conninfo of a cascading standby leave target_session_attrs out.',
  },
];
