import type { Answer } from '../answer.ts';

/** What repmgr needs before it does anything: its records, ssh, an archive that keeps up. */
export const answersAboutRepmgrPrerequisites: readonly Answer[] = [
  {
    of: ['repmgr-rewind-impossible'],
    when: /"full_page_writes" must be set to "on"/u,
    matters: 5,
    means:
      'pg_rewind copies pages from the current primary while it runs, which needs full_page_writes = on there. repmgr asks the server that -d names, not the node that is to rejoin. It changes nothing.',
    causes: [
      {
        cause: 'full_page_writes is off on the primary to which -d leads.',
        on: 'primary',
        check: 'psql -c "SHOW full_page_writes"',
      },
    ],
    todo: "On that primary: ALTER SYSTEM SET full_page_writes = 'on'; SELECT pg_reload_conf(); and, before node rejoin, CHECKPOINT; there. It belongs on everywhere, unless the file system never writes half a page.",
  },
  {
    id: 'repmgr-rewind-impossible',
    of: ['repmgr-rewind-impossible'],
    says: [
      '--force-rewind specified but pg_rewind cannot be used',
      '"wal_log_hints" is set to "off" but unable to determine checksum version',
      '"wal_log_hints" is set to "off" and checksums are disabled',
      '"full_page_writes" must be set to "on"',
    ],
    source: 'repmgr, repmgr-client.c, can_use_pg_rewind',
    matters: 5,
    means:
      'pg_rewind needs data checksums or wal_log_hints = on (set before the servers diverged), and repmgr has not found either on this node. It changes nothing.',
    causes: [
      {
        cause: 'Both are off.',
        on: 'standby',
        check: 'psql -c "SHOW data_checksums" -c "SHOW wal_log_hints" -c "SHOW full_page_writes"',
      },
      {
        cause:
          '"unable to determine": repmgr could not read global/pg_control. data_directory in repmgr.conf is not that of this server, or its user may not read it.',
        on: 'standby',
        check:
          'grep -n "^data_directory" /etc/repmgr.conf; psql -Atc "SHOW data_directory"; repmgr -f /etc/repmgr.conf node check --data-directory-config',
      },
    ],
    todo: 'Correct data_directory. If both are off: wal_log_hints = on and a restart help the next time only; now the old primary needs a new clone (repmgr standby clone).',
  },
  {
    id: 'repmgr-no-node-records',
    says: ['no node records were found', 'unable to connect to current primary node'],
    among: /repmgr|at least one node is registered|this standby is registered/u,
    source: 'repmgr, repmgr-action-cluster.c, do_cluster_show; repmgr-action-standby.c, do_standby_switchover',
    matters: 5,
    means:
      'repmgr is connected to a database of its own and does not find there the node that it looks for: its table of nodes is empty, or the primary in it cannot be reached.',
    causes: [
      {
        cause:
          'The primary was never registered, or conninfo in repmgr.conf names another database than the one that was used for that.',
        on: 'primary',
        check:
          'grep -n "^conninfo" /etc/repmgr.conf; psql -d repmgr -c "SELECT node_id, node_name, type, active, conninfo FROM repmgr.nodes"',
      },
      {
        cause:
          'The conninfo with which the primary is registered does not work from this node: the name does not resolve, the server is down, pg_hba.conf or a password refuses it.',
        on: 'standby',
        check: 'psql "<conninfo of the primary>" -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'repmgr -f /etc/repmgr.conf primary register on the primary first (with --force if its conninfo has changed), then standby register on each standby.',
  },
  {
    id: 'repmgr-pending-archive',
    says: [
      'number of pending archive files on demotion candidate "%s" is critical',
      'number of pending archive files on demotion candidate "%s" exceeds the critical threshold',
      'number of pending archive files on demotion candidate "%s" exceeds the warning threshold',
    ],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover',
    matters: 5,
    means:
      'Many WAL segments of the primary are not archived yet. A server archives all of them before it stops, so the switchover would hang in the stop: repmgr does not begin it.',
    causes: [
      {
        cause: 'archive_command fails or is too slow.',
        on: 'primary',
        check:
          'psql -c "SELECT archived_count, failed_count, last_failed_wal, last_failed_time FROM pg_stat_archiver" -c "SHOW archive_command"',
        rule: 'primary/archive-failing',
      },
    ],
    todo: 'Make archiving work and wait until the segments are archived, then run the switchover again with --dry-run.',
  },
  {
    of: ['repmgr-ssh'],
    when: /host ""/u,
    matters: 5,
    means:
      'repmgr has no host name for the other node: its registered connection string has no host=, so there is nothing for ssh to connect to.',
    causes: [
      {
        cause: 'conninfo of that node was registered without host (a socket, or host in the environment).',
        on: 'primary',
        check: 'psql -d repmgr -c "SELECT node_id, node_name, conninfo FROM repmgr.nodes"',
      },
    ],
    todo: "In repmgr.conf of that node: conninfo='host=<name that the other nodes reach> user=repmgr dbname=repmgr', then register it again with --force.",
  },
  {
    id: 'repmgr-ssh',
    of: ['repmgr-ssh'],
    says: [
      'unable to connect via SSH to host "%s", user "%s"',
      'unable to connect via SSH to host',
      'unable to connect via SSH to host "%s"',
      'unable to execute "repmgr" on "%s"',
      'unable to execute "%s" on "%s"',
    ],
    source: 'repmgr-action-standby.c, repmgr-client.c',
    among: /repmgr|via SSH/u,
    matters: 5,
    means: 'repmgr could not run a command on the other node through ssh.',
    causes: [
      {
        cause:
          'ssh without a password does not work for the user that runs repmgr (postgres), or repmgr is not in the PATH there (set repmgr_bindir or pg_bindir).',
        on: 'standby',
        check: 'sudo -u postgres ssh -o BatchMode=yes <host> repmgr --version',
      },
    ],
  },
  {
    id: 'repmgr-data-directory-unset',
    says: [
      'unable to create standby.signal file at "%s"',
      'unable to create recovery.conf file at "%s"',
      'unable to write to standby.signal file at "%s"',
    ],
    source: 'repmgr, repmgr-client.c, write_standby_signal; repmgr-action-standby.c',
    matters: 5,
    means:
      'The copy is made, and repmgr could not write the file that makes it a standby. Until that is there, the copy would start as a primary.',
    causes: [
      {
        cause:
          'The path has no directory ("/standby.signal"): no configuration file was given, so data_directory is not known. -D does not replace it.',
        on: 'standby',
        check: 'grep -n "^data_directory" /etc/repmgr.conf',
      },
      {
        cause: 'repmgr runs as another user than the owner of the data directory, or the disk is full.',
        on: 'standby',
        check: 'id -un; ls -ld <data directory>; df -h <data directory>',
      },
    ],
    todo: 'Do not start the copy. Name the file with data_directory in it (repmgr -f /etc/repmgr.conf …) and clone again with --force, or write only the configuration: standby clone --replication-conf-only --force.',
  },
  {
    id: 'repmgr-witness-records',
    says: ['witness node is already initialised and contains node records'],
    source: 'repmgr, repmgr-action-witness.c, do_witness_register',
    matters: 4,
    means:
      "The witness has repmgr's tables from an earlier registration, and repmgr does not write over them unasked. Nothing was changed.",
    causes: [
      {
        cause: 'It was registered before, or "witness unregister" left the records of the other nodes.',
        on: 'standby',
        check: 'psql -d repmgr -c "SELECT node_id, node_name, type, active, upstream_node_id FROM repmgr.nodes"',
      },
    ],
    todo: 'If this server is really the witness, and no member of the cluster: repmgr -f /etc/repmgr.conf witness register -h <primary> --force. It replaces these records by those of the primary.',
  },
  {
    id: 'repmgr-event-failed',
    says: [
      'executing notification command for event "repmgrd_promote_error"',
      'executing notification command for event "standby_clone_failed"',
      'executing notification command for event "repmgrd_failover_abort"',
    ],
    source: 'repmgr, dbutils.c, _create_event; repmgrd-physical.c',
    kind: 'consequence',
    matters: 4,
    means:
      'repmgr reports an event that says in its name what failed (a promotion, a clone, a failover). The lines before it have the reason.',
    causes: [
      {
        cause: 'promote_command or follow_command failed: run by hand as the user of repmgrd, it says why.',
        on: 'standby',
        check:
          'grep -nE "^(promote_command|follow_command|service_promote_command)" /etc/repmgr.conf; repmgr -f /etc/repmgr.conf cluster event --limit 20',
      },
      {
        cause: 'The server was promoted all the same, and only the report was late: see who is primary now.',
        on: 'standby',
        check: 'repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
  },
  {
    id: 'repmgr-demoted-not-back',
    says: ['unable to reestablish connection to remote node "%s"'],
    source: 'repmgr, repmgr-action-standby.c, do_standby_switchover',
    matters: 5,
    means:
      'The switchover promoted the standby, and the old primary did not come back as its standby: its server did not start, or does not let repmgr in.',
    causes: [
      {
        cause: 'Its server did not start: its log says why.',
        on: 'old primary',
        check: 'tail -30 <log of PostgreSQL>; pg_controldata -D <data directory> | grep "cluster state"',
      },
      {
        cause: 'It runs, and service_start_command, pg_hba.conf or the password keep repmgr out.',
        on: 'old primary',
        check: 'repmgr -f /etc/repmgr.conf node check; grep -n service_ /etc/repmgr.conf',
      },
    ],
    todo: 'Do not start it as a primary: the new one has taken over. Then repmgr node rejoin -d <conninfo of the new primary> --force-rewind --dry-run, and without --dry-run.',
  },
  {
    id: 'repmgr-primary-connect',
    says: ['unable to connect to the primary database', 'unable to connect to primary database'],
    source: 'repmgr, repmgr-action-standby.c, do_standby_register',
    among: /\brepmgr|a primary node must be configured|local node "|\bnode \d/iu,
    matters: 5,
    means:
      "repmgr reached the standby on this node, and not its primary: it takes the primary's connection string from its own table (repmgr.nodes), as this node has it.",
    causes: [
      {
        cause:
          'conninfo of the primary has no host, or localhost: every other node then reaches itself with it. It must have an address that all nodes reach.',
        on: 'standby',
        check: 'psql -d repmgr -c "SELECT node_id, node_name, type, conninfo FROM repmgr.nodes"',
      },
      {
        cause: 'The primary refuses the repmgr role from this node: pg_hba.conf there, or ~/.pgpass here.',
        on: 'standby',
        check: 'psql "<conninfo of the primary>" -c "SELECT pg_is_in_recovery()"',
      },
      { cause: 'The primary was never registered, so that the table is empty: repmgr primary register, there.' },
    ],
    todo: 'Correct conninfo in repmgr.conf on the primary, there: repmgr -f /etc/repmgr.conf primary register --force. Then register the standby again.',
  },
];
