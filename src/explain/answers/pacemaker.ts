import type { Answer } from '../answer.ts';

/** Pacemaker's agents for PostgreSQL: pgsql of resource-agents, and pgsqlms (PAF). */
export const answersAboutPacemaker: readonly Answer[] = [
  {
    id: 'paf-parameter',
    says: [
      "'invalid parameter' (2): call=%s",
      "'not configured' (6): call=%s",
      "'insufficient privileges' (4): call=%s",
      "'not installed' (5): call=%s",
    ],
    among: /pgsql|postgres/iu,
    source: 'Pacemaker, pcs status; PAF, script/pgsqlms, pgsql_validate_all',
    matters: 5,
    means:
      'The resource agent looked at the configuration before it did anything, and refuses it on that node. PostgreSQL itself was not asked. The agent writes what it refuses to the log of Pacemaker.',
    causes: [
      {
        cause:
          'PAF: primary_conninfo has no application_name equal to the node name, or recovery_target_timeline is not latest; pgdata, bindir or pghost of the resource is wrong.',
        on: 'standby',
        check:
          'grep -hE "pgsqlms|pgsql\\(" /var/log/pacemaker/pacemaker.log /var/log/cluster/corosync.log 2>/dev/null | tail -20; pcs resource config',
      },
      {
        cause: 'The packages or the directory are missing on that node, or belong to another user.',
        on: 'standby',
        check: 'ls -ld <data directory>; ls /usr/pgsql-*/bin /usr/lib/postgresql/*/bin',
      },
    ],
    todo: 'Put the cluster into maintenance first (pcs property set maintenance-mode=true), correct what the log names, then pcs resource cleanup and end the maintenance.',
  },
  {
    id: 'paf-no-lsn',
    says: [
      'can not get LSN location for "%s"',
      'pgsql_promote: can not get LSN location for "%s" %s',
      'pgsql_promote: can not get LSN location for',
    ],
    source: 'PAF, script/pgsqlms, pgsql_promote',
    matters: 5,
    means:
      'Before a promotion, PAF compares how much WAL each node has received, and one node did not report it. PAF does not promote without it.',
    causes: [
      {
        cause:
          'That node is the failed primary or is down (PAF before 1.1 waits for it all the same), or its server does not answer.',
        on: 'standby',
        check: 'crm_mon -A1; psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
    ],
    todo: 'Update PAF. By hand: compare pg_last_wal_receive_lsn() on the standbys that run, and promote the one with the most WAL (pcs resource move, or a score for it).',
  },
  {
    id: 'pacemaker-lock',
    says: [
      'My data may be inconsistent. You have to remove %s file to force start.',
      'My data is old or inconsistent',
      'My data is out-of-date. status=%s',
    ],
    source: 'resource-agents, heartbeat/pgsql, pgsql_replication_start',
    matters: 5,
    means:
      'The agent does not start PostgreSQL on this node: the node was the primary when it ended, and another one may have taken over. Its data may hold changes that the primary of today does not have.',
    causes: [
      {
        cause:
          'This node crashed, was fenced or lost the network while it was the primary, and a standby was promoted.',
        on: 'standby',
        check: 'crm_mon -A1; pg_controldata <data directory> | grep -E "state|TimeLineID"',
      },
      { cause: 'The whole cluster was stopped while the primary had no standby connected.' },
    ],
    todo: 'Find the node with the newest data first. If another node is the primary: make this one a copy of it (pg_rewind or a new base backup), then move PGSQL.lock aside and run: pcs resource cleanup. Moving the lock alone starts the old data as a standby, which often cannot follow.',
  },
  {
    id: 'pacemaker-position',
    says: ["Can't get %s xlog location.", "Can't get my xlog location.", 'Master does not exist.'],
    among: /pgsql|pacemaker|\bocf\b|crm/iu,
    source: 'resource-agents, heartbeat/pgsql',
    matters: 4,
    means:
      'There is no primary, and the agent cannot compare how far the nodes are: it waits for the position of every node before it lets one be promoted.',
    causes: [
      {
        cause: 'Not every node of node_list is online, or its PostgreSQL does not run: the agent waits for it.',
        on: 'standby',
        check: 'crm_mon -Afr1',
      },
      {
        cause:
          'The names in node_list are not those of Pacemaker (short name, full name, address), so no node has that attribute.',
        on: 'standby',
        check: 'crm_node -n; pcs resource config',
      },
      { cause: 'pgsql-data-status of the best node is not LATEST, or its master score is -INFINITY.' },
    ],
    todo: 'Start the missing node, or correct node_list. If one node is known to have the newest data, start the cluster with this node alone, and add the others afterwards.',
  },
  {
    id: 'paf-recovery-settings',
    says: [
      `Parameter "recovery_target_timeline" MUST be set to 'latest'`,
      'Parameter "%s" MUST be set to "%s"',
      `Recovery template file must contain "recovery_target_timeline = 'latest'"`,
      'Recovery template file must contain "standby_mode = on"',
      'Recovery template file must contain in primary_conninfo parameter "application_name=%s"',
      'Parameter "primary_conninfo" MUST contain \'application_name=%s\'',
      'Recovery template file "%s" does not exists',
    ],
    source: 'PAF, script/pgsqlms, pgsql_validate_all',
    matters: 5,
    means:
      'The agent pgsqlms (PAF) refuses the settings for a standby on this node, and with them every action on it, stop included.',
    causes: [
      {
        cause:
          'Before 12: the recovery template (recovery_template) lacks standby_mode = on, recovery_target_timeline = latest, or primary_conninfo with application_name=<name of the node>.',
        on: 'standby',
        check: 'pcs resource config; crm_node -n',
      },
      {
        cause:
          'From 12: the agent reads the settings from the configuration, and another file, or the server options in start_opts, sets a different value. A PAF older than 2.3 does not know release 12.',
        on: 'standby',
        check:
          'postgres -C recovery_target_timeline -D <data directory>; postgres -C primary_conninfo -D <data directory>',
      },
    ],
    todo: 'Correct the setting on every node, then: pcs resource cleanup.',
  },
  {
    id: 'paf-not-connected',
    says: [
      'No secondary connected to the primary',
      '_check_locations: No secondary connected',
      '"%s" is not connected to the primary',
      '"%s" is not connected to the primary, set score to 0',
      '"%s" is not connected to the primary, set score to -1000',
      'ignoring unknown application_name/node "%s"',
    ],
    source: 'PAF, script/pgsqlms, _check_locations',
    matters: 4,
    means:
      'The agent pgsqlms looked into pg_stat_replication on the primary and found no row for {value|a node of the cluster}: that node cannot be promoted until it streams.',
    causes: [
      {
        cause: 'The standby there does not run or does not stream: its own log says why.',
        on: 'standby',
        check: 'psql -c "SELECT status, sender_host, latest_end_time FROM pg_stat_wal_receiver"',
      },
      {
        cause: 'It streams under another name: application_name in its primary_conninfo must be the name of the node.',
        on: 'primary',
        check: 'crm_node -n; psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"',
      },
    ],
  },
  {
    id: 'pacemaker-operation',
    says: [
      'Error performing operation: Input/output error',
      'Error performing operation: Operation not permitted',
      'Error performing operation: No such device or address',
      'Error performing operation: %s',
    ],
    among: /\bocf[:-]|pacemaker|\bpcs\b|\bcrm\b|crm_resource|pgsqlms|debug-(?:start|promote|monitor)/iu,
    source: 'Pacemaker, tools/crm_resource.c',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'The agent was run by hand, and ended with an error. What is behind the colon is only the number of its exit code in words of the operating system (1 "Operation not permitted", 5 "Input/output error"): it says nothing of rights or disks.',
    causes: [
      {
        cause:
          'The line "ocf-exit-reason:" or "exitreason=" has the reason; 5 is "not installed", 6 "not configured", 7 "not running".',
        on: 'that node',
        check: 'crm_mon -1 -A -f; journalctl -u pacemaker -n 50 --no-pager',
      },
    ],
  },
  {
    id: 'paf-state',
    says: [
      'instance "%s" is not listening, but the process referenced in postmaster.pid exists',
      'instance "%s" controldata indicates a running primary instance, the instance has probably crashed',
      'instance "%s" controldata indicates a running secondary instance, the instance has probably crashed',
      'pgsql_start: instance "%s" failed to start',
      'pgsql_start: unexpected state for instance "%s"',
      'instance "%s" is not running as a slave',
      'pgsql_notify: trying to start failing slave "%s"',
    ],
    source: 'PAF, script/pgsqlms',
    kind: 'consequence',
    matters: 3,
    means:
      'The agent found PostgreSQL on this node in another state than Pacemaker expects: it crashed, hangs or does not start. The reason is in the log of the server, not in that of Pacemaker.',
    causes: [
      { cause: 'The server crashed or was killed.', on: 'standby', check: 'ls -t <data directory>/log | head -2' },
      { cause: 'It runs and does not answer: overloaded, or it still recovers.', on: 'standby', check: 'pg_isready' },
    ],
    todo: 'Read the last FATAL or PANIC in the log of the server. When its cause is gone: pcs resource cleanup.',
  },
  {
    id: 'pacemaker-timeout',
    says: [
      '%s_monitor_%d process (PID %d) timed out',
      '%s_%s_%d process (PID %d) timed out',
      'Result of monitor operation for %s on %s: Timed Out',
      'Result of start operation for %s on %s: Timed Out',
      'Result of promote operation for %s on %s: Timed Out',
      'Result of stop operation for %s on %s: Timed Out',
    ],
    among: /pgsql|postgres/iu,
    source: 'Pacemaker, lib/services and daemons/controld',
    matters: 4,
    means:
      'An action of the resource agent took longer than its timeout, so Pacemaker treats the resource as failed, although PostgreSQL may have been running. What follows (stop, promotion, fencing) is its reaction.',
    causes: [
      {
        cause:
          'The machine or its storage hung (backup, snapshot of the virtual machine, swapping), so the agent got no answer in time.',
        on: 'standby',
        check: 'journalctl -k --since "-1 day" | grep -iE "hung|blocked for more|oom"; sar -d 2>/dev/null | tail',
      },
      { cause: 'start or promote: recovery takes longer than the timeout of the operation.' },
      {
        cause: 'All connections are in use, or commits wait for a synchronous standby that is gone.',
        on: 'primary',
        check: 'psql -c "SELECT state, wait_event, count(*) FROM pg_stat_activity GROUP BY 1, 2"',
      },
    ],
    todo: 'Remove the cause, or raise the timeout: pcs resource update <resource> op monitor interval=15s timeout=30s. Then: pcs resource cleanup.',
  },
];
