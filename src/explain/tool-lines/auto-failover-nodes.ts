import type { Answer } from '../answer.ts';

/** What the errors and remarks of pg_autoctl and of the monitor of pg_auto_failover mean, by what they are about. */
export const linesOfAutoFailoverNodes: readonly Answer[] = [
  {
    id: 'pg-autoctl-no-standby',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    means:
      'No standby streams from this primary at the moment: a failover would have no candidate, and with synchronous replication writes wait.',
    causes: [
      {
        cause: 'Who streams, and what the monitor says of the others.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"; pg_autoctl show state --pgdata <data directory>',
      },
    ],
    todo: 'Look into the log of the standby: its receiver says why it does not connect.',
  },
  {
    id: 'pg-autoctl-programs',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means: "pg_autoctl did not find PostgreSQL's programs, or found several releases of them.",
    causes: [
      {
        cause: 'Which there are.',
        on: 'standby',
        check: 'pg_config --bindir; ls /usr/lib/postgresql/*/bin/pg_ctl /usr/pgsql-*/bin/pg_ctl',
      },
    ],
    todo: 'Name it: --pgctl <path of pg_ctl>, or PG_CONFIG=<path of pg_config> in the environment of the service.',
  },
  {
    id: 'pg-autoctl-roles',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means: 'pg_autoctl could not create a role or a database that it needs on this server.',
    causes: [
      {
        cause:
          'The reason follows, or is above: the server is a standby (read-only), or the operating system user is not a superuser in the database.',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_recovery()" -c "\\du"',
      },
    ],
  },
  {
    id: 'pg-autoctl-monitor-answer',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means:
      'The monitor answered otherwise than this pg_autoctl expects. The line above may have its error; else both are of different releases.',
    causes: [
      {
        cause: 'The release here and there.',
        on: 'monitor',
        check:
          'pg_autoctl version; psql -d pg_auto_failover -c "SELECT installed_version FROM pg_available_extensions WHERE name = \'pgautofailover\'"',
      },
    ],
    todo: 'Install the same release on the monitor and the nodes, the monitor first.',
  },
  {
    id: 'pg-autoctl-waited',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means:
      'pg_autoctl asked the monitor for a change and waited for the nodes to carry it out; that did not happen in time. The change goes on all the same.',
    causes: [
      {
        cause: 'How far they are.',
        on: 'monitor',
        check:
          'pg_autoctl show state --pgdata <directory of the monitor>; pg_autoctl show events --count 20 --pgdata <directory of the monitor>',
      },
    ],
    todo: 'A node whose current state differs from its assigned one for long has the reason in its own log.',
  },
  {
    id: 'pg-autoctl-metadata',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'The monitor could not be asked, or refused, a change of what it knows of this formation: a node, its priority, its group, a failover, maintenance.',
    causes: [
      {
        cause: 'What the monitor knows now and what happened; the line above has its refusal.',
        on: 'monitor',
        check:
          'pg_autoctl show state --pgdata <directory of the monitor>; pg_autoctl show events --count 20 --pgdata <directory of the monitor>; pg_autoctl show settings --pgdata <directory of the monitor>',
      },
    ],
    todo: 'Where a change is under way, wait until each node has the same current and assigned state, then repeat the command.',
  },
  {
    id: 'pg-autoctl-tls-weak',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means:
      'pg_autoctl reminds that this setup does not encrypt, or does not check whom it talks to. It works all the same.',
    todo: 'For certificates of your own: pg_autoctl enable ssl --ssl-ca-file … --server-cert … --server-key ….',
  },
  {
    id: 'pg-autoctl-tls',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 3,
    elsewhere: true,
    means: 'pg_autoctl could not set up the certificate or key for TLS.',
    causes: [
      {
        cause:
          'Whether the files are there and belong to the user that runs pg_autoctl; a key must not be readable by others.',
        on: 'standby',
        check: 'ls -l <certificate> <key>; openssl x509 -in <certificate> -noout -subject -enddate',
      },
    ],
  },
  {
    id: 'pg-autoctl-network-partition',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    kind: 'course',
    matters: 3,
    elsewhere: true,
    means: 'pg_autoctl cannot reach the monitor, and looks whether this node is cut off from everything.',
    causes: [
      {
        cause: 'If it does not reach a standby either, a primary stops itself so that there are not two.',
        on: 'standby',
        check: 'pg_autoctl show state --pgdata <data directory>',
      },
    ],
  },
  {
    id: 'pg-autoctl-monitor-lost',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'pg_autoctl of this node has not got an answer from the monitor. Without it, no failover is begun; a running primary and its standbys go on.',
    causes: [
      {
        cause: 'The monitor is down, not reachable from here, or refuses the login of autoctl_node.',
        on: 'standby',
        check: 'psql "$(pg_autoctl config get --pgdata <data directory> pg_autoctl.monitor)" -c "SELECT 1"',
      },
      {
        cause: 'On its host: whether it runs, and its log.',
        on: 'monitor',
        check: 'pg_autoctl status --pgdata <directory of the monitor>; journalctl -u pgautofailover -n 50 --no-pager',
      },
    ],
    todo: 'Bring the monitor back; the nodes then report and go on by themselves. Do not start a promotion by hand meanwhile.',
  },
  {
    id: 'pg-autoctl-sync',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'pg_autoctl could not change or read what decides about synchronous replication (synchronous_standby_names, the quorum). Commits on the primary may wait, or data may be less safe than intended.',
    causes: [
      {
        cause: 'What the server has now, and what the monitor wants.',
        on: 'primary',
        check:
          'psql -c "SHOW synchronous_standby_names" -c "SELECT application_name, state, sync_state FROM pg_stat_replication"; pg_autoctl show standby-names --pgdata <data directory>',
      },
    ],
    todo: 'The lines above say why: mostly no connection to this server or to the monitor. pg_autoctl tries the step again.',
  },
  {
    id: 'pg-autoctl-version',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    elsewhere: true,
    means:
      'pg_autoctl and the extension pgautofailover on the monitor are of different releases, or the extension could not be created or updated there.',
    causes: [
      {
        cause: 'The release of both.',
        on: 'monitor',
        check:
          'pg_autoctl version; psql -d pg_auto_failover -c "SELECT name, default_version, installed_version FROM pg_available_extensions WHERE name = \'pgautofailover\'"',
      },
    ],
    todo: 'Install the same release everywhere. Update the monitor first (it updates its extension when pg_autoctl restarts there), then the nodes.',
  },
  {
    id: 'pg-autoctl-rewind',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 5,
    means:
      'The former primary, or a standby that went another way, could not be made to follow the new primary with pg_rewind.',
    causes: [
      {
        cause:
          'The output of pg_rewind above has the reason; otherwise pg_autoctl takes a whole copy (pg_basebackup) instead, which needs time and room.',
        on: 'standby',
        check: 'df -h <data directory>; journalctl -u pgautofailover -n 50 --no-pager',
        rule: 'timeline/diverged',
      },
    ],
    todo: 'Leave pg_autoctl at it, unless it stops: then its log has the reason, and pg_autoctl run begins again.',
  },
  {
    id: 'pg-autoctl-timeline',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'A step around WAL positions or timelines did not work, or is not done yet: a standby has not reached the timeline of its upstream, or a position or a history file could not be read. pg_autoctl tries it again.',
    causes: [
      {
        cause: 'Whether it gets there.',
        on: 'standby',
        check:
          'psql -c "SELECT status, received_tli, flushed_lsn FROM pg_stat_wal_receiver" -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      },
    ],
    todo: 'If it stays so for minutes, the standby cannot go over: its log says why (a missing history file, or WAL that is gone).',
  },
  {
    id: 'pg-autoctl-promote',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 5,
    means: 'The standby that was chosen could not be promoted. Until one is, the formation has no primary.',
    causes: [
      {
        cause: 'Why is in the log of PostgreSQL there: it does not start, replays still, or pg_ctl promote fails.',
        on: 'standby',
        check:
          'pg_controldata -D <data directory> | grep "cluster state"; tail -n 30 <log of PostgreSQL>; pg_autoctl show state --pgdata <data directory>',
      },
    ],
    todo: 'Do not promote another node by hand: pg_autoctl repeats the step. When its cause is gone and it does not: pg_autoctl perform failover.',
  },
  {
    id: 'pg-autoctl-basebackup',
    source: 'pg_auto_failover 2.2, src/bin/pg_autoctl',
    matters: 4,
    means:
      'The standby could not be made or renewed as a copy of its primary (pg_basebackup, its settings, its first start).',
    causes: [
      {
        cause: 'The connection for the replication role (pgautofailover_replicator), from this host to the primary.',
        on: 'standby',
        check:
          'psql "host=<primary> user=pgautofailover_replicator dbname=postgres replication=1" -c "IDENTIFY_SYSTEM"',
      },
      {
        cause: 'Room, and what is in the directory.',
        on: 'standby',
        check: 'df -h <data directory>; ls -la <data directory>',
      },
    ],
    todo: 'pg_autoctl takes the step again by itself. A slot that is missing on the primary appears once pg_autoctl runs there.',
  },
];
