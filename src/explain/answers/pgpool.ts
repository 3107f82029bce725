import type { Answer } from '../answer.ts';

/** Pgpool-II; `source` names the file that prints it. */
export const answersAboutPgpool: readonly Answer[] = [
  {
    id: 'pgpool-recovery-waits',
    says: [
      'recovery is checking if postmaster is started',
      'checking if postmaster is started',
      'postmaster on hostname:"%s" database:"%s" user:"%s" failed to start in %d second',
      'trying to connect to postmaster on hostname:%s database:%s user:%s (retry %d times)',
    ],
    source: 'pgpool-II, src/pcp_con/recovery.c, check_postmaster_started',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'Online recovery of Pgpool-II has made the copy and asks the recovered node again and again whether its server answers, up to recovery_timeout.',
    causes: [
      {
        cause:
          'The server on the recovered node does not start, or pgpool_remote_start does not start it: its log says why.',
        on: 'standby',
        check:
          'sudo -u postgres pg_ctl -D <data directory> status; tail -50 "$(ls -t <log directory>/*.log | head -1)"',
      },
      {
        cause:
          'It runs, but refuses the login of recovery_user from the Pgpool-II host (pg_hba.conf, recovery_password).',
        on: 'pgpool host',
        check: 'psql -h <node> -p <port> -U <recovery_user> -d postgres -c "SELECT pg_is_in_recovery()"',
      },
    ],
  },
  {
    id: 'pgpool-pcp-busy',
    says: [
      'failed to process PCP request at the moment DETAIL: failover is in progress',
      'failed to process PCP request at the moment',
    ],
    source: 'pgpool-II, src/pcp_con/pcp_child.c',
    matters: 5,
    elsewhere: true,
    means:
      'Pgpool-II is in the middle of a failover and takes no pcp command until that has ended. A refused login behind it is only a consequence.',
    causes: [
      {
        cause:
          'The command is called by failover_command itself, which the failover waits for. Recovery of the standbys belongs in follow_primary_command, which runs afterwards.',
        on: 'pgpool host',
        check: 'grep -E "^(failover|follow_primary)_command" /etc/pgpool2/pgpool.conf /etc/pgpool-II/pgpool.conf',
      },
      { cause: 'A failover that does not end: its script hangs, for example in ssh.' },
    ],
    todo: 'Call pcp_recovery_node from follow_primary_command, or in the background after a pause.',
  },
  {
    id: 'pgpool-pcp-login',
    says: ['authentication failed for new PCP connection', 'authentication failed for user "%s" on new PCP connection'],
    among: /pcp/iu,
    source: 'pgpool-II, src/pcp_con/pcp_worker.c',
    matters: 4,
    elsewhere: true,
    means:
      'Pgpool-II did not accept the pcp command. This is its own administration port (9898), not a login to PostgreSQL.',
    causes: [
      {
        cause:
          'The user and the MD5 hash of the password are not in pcp.conf, or ~/.pcppass of the caller does not fit.',
        on: 'pgpool host',
        check: 'cut -d: -f1 /etc/pgpool2/pcp.conf /etc/pgpool-II/pcp.conf 2>/dev/null; ls -l ~/.pcppass',
      },
      {
        cause:
          '"failover is in progress": a pcp command that a failover script calls must wait until the failover has ended.',
      },
    ],
    todo: 'A line of pcp.conf is <user>:<hash>, with the hash from: pg_md5 -p',
  },
  {
    id: 'pgpool-recovery',
    says: ['executing recovery, execution of command failed at "%s"', 'pgpool_recovery failed', 'recovery is canceled'],
    source: 'pgpool-II, src/pcp_con/recovery.c, src/sql/pgpool-recovery/',
    matters: 4,
    means:
      'Online recovery of Pgpool-II ran its script on the primary, and the script failed. What the script printed is in the PostgreSQL log of the primary, not in that of Pgpool-II.',
    causes: [
      {
        cause:
          'The script fails: ssh without a password from postgres to the other node, pg_basebackup (pg_hba.conf, password file), or a wrong path in it.',
        on: 'primary',
        check:
          'ls -l <data directory>/recovery_1st_stage; tail -50 "$(ls -t <data directory>/log/* 2>/dev/null | head -1)"',
      },
      {
        cause:
          'recovery_1st_stage_command must be the name of a file in the data directory of the primary, without a path, and executable.',
      },
    ],
    todo: 'Run the script by hand on the primary as postgres, with the same arguments.',
  },
  {
    id: 'pgpool-degenerates',
    says: [
      'received degenerate backend request for node_id: %d from pid [%d]',
      '=== Starting degeneration. shutdown host %s(%d) ===',
      'starting degeneration. shutdown host %s(%d)',
      'watchdog is processing the failover command [DEGENERATE_BACKEND_REQUEST] received from local pgpool-II on IPC interface',
    ],
    source: 'pgpool-II, src/main/pgpool_main.c, degenerate_backend_set_ex',
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'Pgpool-II takes a node out of use (status down) and runs failover_command for it. Why is in the line just before, of the same pid.',
    causes: [
      {
        cause:
          'The pid is that of a session: one broken connection to the node was enough, because failover_on_backend_error is on (older name: fail_over_on_backend_error). Set it to off and leave the decision to the health check.',
        on: 'pgpool host',
        check:
          'grep -nE "^(fail_?over_on_backend|health_check_(period|max_retries|timeout))" /etc/pgpool2/pgpool.conf /etc/pgpool-II/pgpool.conf 2>/dev/null',
      },
      {
        cause: 'The pid is that of health_check: the node did not answer within the retries.',
        on: 'pgpool host',
        check: 'pg_isready -h <backend_hostname> -p <backend_port>',
      },
      { cause: 'The server was stopped by an administrator ("was shutdown by administrative command").' },
    ],
    todo: 'If the node is well and follows the current primary: pcp_attach_node -n <node id>. Pgpool-II does not take it back by itself (unless auto_failback is on).',
  },
  {
    of: ['libpq-errno-refused', 'libpq-is-running-tcp', 'libpq-conn-failed-tcp', 'libpq-could-not-connect-13'],
    beside: /"[^"\n]*\/pgpool\/[^"\n]*\.s\.PGSQL\.\d+"/u,
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The probe asked Pgpool-II itself in its pod, and it did not listen yet. That follows from its restarts; why it is not well is in its other messages and in the pods of PostgreSQL.',
    causes: [
      {
        cause: 'The servers behind it: whether one is up, and what the log of the others says.',
        on: 'client',
        check: 'kubectl get pods; kubectl logs <pod of postgresql> --tail=50',
      },
    ],
  },
  {
    id: 'pgpool-backend-unreachable',
    says: [
      'failed to make persistent db connection',
      'failed to connect to PostgreSQL server on "%s"',
      'health check failed on node %d (timeout:%d)',
      'health check failed on node %d but failover is disallowed for the node',
      'health check retrying on DB node: %d (round:%d)',
      'failed to create a backend connection',
      'failed to create a backend %d connection',
      'connection to host:"%s" failed',
      'No persistent db connection for the node %d',
    ],
    source: 'pgpool-II, src/protocol/pool_connection_pool.c, src/main/health_check.c',
    matters: 4,
    elsewhere: true,
    means:
      'Pgpool-II cannot connect to one of its backends. After the configured retries it marks the node as down and starts a failover, where that is allowed.',
    causes: [
      {
        cause:
          'The server on that node is down, still starting, or does not listen on the address in backend_hostname and backend_port.',
        on: 'pgpool host',
        check: 'pg_isready -h <backend_hostname> -p <backend_port>',
      },
      {
        cause:
          'It answers and refuses: pg_hba.conf there, or the user and password of the health check or the replication check (health_check_user, sr_check_user, pool_passwd).',
        on: 'pgpool host',
        check: 'psql -h <backend_hostname> -p <backend_port> -U <sr_check_user> -c "SELECT pg_is_in_recovery()"',
      },
      {
        cause: 'A firewall or a network policy is between them ("timed out", "No route to host").',
        on: 'pgpool host',
        check: 'nc -vz <backend_hostname> <backend_port>',
      },
    ],
    todo: 'Pgpool-II does not take a node back by itself (unless auto_failback is on): pcp_attach_node, after you have made sure that the node follows the current primary.',
  },
  {
    id: 'pgpool-no-backend',
    says: [
      'all backend nodes are down, pgpool requires at least one valid node',
      'pgpool is not accepting any new connections',
    ],
    source: 'pgpool-II, src/protocol/child.c, pool_connection_pool.c',
    matters: 5,
    elsewhere: true,
    means: 'Pgpool-II has marked every backend as down. That is its own record: the servers may be running.',
    causes: [
      {
        cause: 'The servers run, and the record is old: kept in the file pgpool_status, which survives a restart.',
        on: 'pgpool host',
        check: 'psql -h <pgpool host> -p 9999 -U <role> -c "SHOW pool_nodes"; pg_isready -h <backend_hostname>',
      },
      {
        cause: 'The servers are really down or unreachable from here.',
        on: 'pgpool host',
        check: 'pg_isready -h <backend_hostname> -p <backend_port>',
      },
    ],
    todo: 'First see which server is the primary (SELECT pg_is_in_recovery() on each). Then pcp_attach_node for each node that runs; -D at the start of pgpool ignores the status file.',
  },
  {
    id: 'pgpool-no-primary',
    says: ['find_primary_node_repeatedly: waiting for finding a primary node', 'waiting for finding a primary node'],
    source: 'pgpool-II, src/main/pgpool_main.c, find_primary_node_repeatedly',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'Pgpool-II asks its backends which of them is the primary. If "primary node is …" follows, all is well; if not, it found none.',
    causes: [
      {
        cause: 'Every backend is a standby: nothing was promoted after the primary was lost.',
        on: 'client',
        check: 'psql -h <backend_hostname> -c "SELECT pg_is_in_recovery()"',
      },
      {
        cause: 'The query fails: sr_check_user, sr_check_password or sr_check_database.',
        on: 'pgpool host',
        check: 'psql -h <backend_hostname> -U <sr_check_user> -d <sr_check_database> -c "SELECT pg_is_in_recovery()"',
      },
    ],
  },
  {
    id: 'pgpool-pool-passwd',
    says: ['pool_passwd file does not contain an entry for "%s"', 'pool_passwd file does not contain an entry for %s'],
    source: 'pgpool-II, src/auth/pool_auth.c',
    matters: 5,
    elsewhere: true,
    means: 'Pgpool-II itself checks the password of this role, and its file pool_passwd has no entry for it.',
    causes: [
      {
        cause: 'The role was never added to pool_passwd, or another file is read.',
        on: 'pgpool host',
        check:
          'grep -n pool_passwd <configuration directory>/pgpool.conf; cut -d: -f1 <configuration directory>/pool_passwd',
      },
    ],
    todo: 'pg_md5 -m -u <role> (md5) or pg_enc -m -u <role> (scram-sha-256) adds it; then pgpool reload. Replication connections cannot pass through Pgpool-II: pg_basebackup and standbys connect to the server itself.',
  },
  {
    id: 'pgpool-watchdog-lost',
    says: [
      'lifecheck failed %d times. pgpool %d (%s) seems not to be working',
      'remote node "%s" is shutting down',
      'remote node "%s" is lost',
      'removing watchdog node "%s" from the standby list',
    ],
    source: 'Pgpool-II, src/watchdog/wd_lifecheck.c, watchdog.c',
    matters: 4,
    elsewhere: true,
    means:
      'The watchdog of this Pgpool-II has lost another Pgpool-II node: it was stopped, or does not answer. That is about Pgpool-II, and not yet about a PostgreSQL server.',
    causes: [
      {
        cause:
          'The machine or the service there was stopped, or the ports 9000 (watchdog) and 9694 (heartbeat, UDP) are closed.',
        on: 'pgpool host',
        check: 'pcp_watchdog_info -h localhost -U <pcp user> -v',
      },
      {
        cause:
          'With two nodes left without a majority, the virtual address is given up: three nodes, or enable_consensus_with_half_votes.',
      },
    ],
  },
  {
    id: 'pgpool-pcp-socket',
    says: ['connection to socket "%s" failed with error "%s"', 'connection to host "%s" failed with error "%s"'],
    among: /9898|pcp/iu,
    source: 'Pgpool-II, src/libs/pcp/pcp.c, pcp_connect',
    matters: 4,
    elsewhere: true,
    means:
      'The pcp command does not find a running Pgpool-II: nothing listens at that socket or port (pcp_port, 9898).',
    causes: [
      {
        cause: 'Pgpool-II is stopped, or has just stopped itself: its log says why.',
        on: 'pgpool host',
        check: 'systemctl status pgpool2 pgpool; ss -lx | grep 9898; ss -ltn | grep 9898',
      },
      { cause: 'Its socket is elsewhere (pcp_socket_dir): give -h localhost, or -h <directory>.' },
    ],
  },
  {
    id: 'pgpool-watchdog-off',
    says: ['PCP: informing watchdog info failed', 'informing watchdog info failed'],
    source: 'Pgpool-II, src/pcp_con/pcp_worker.c',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'pcp_watchdog_info asked a Pgpool-II that runs without its watchdog (use_watchdog = off). The backends do not depend on it.',
    causes: [
      {
        cause: 'use_watchdog is off, or Pgpool-II was not restarted after the change.',
        on: 'pgpool host',
        check: 'psql -p 9999 -c "PGPOOL SHOW use_watchdog"',
      },
    ],
    todo: 'With one Pgpool-II no watchdog is needed. With several: use_watchdog = on and the same hostname entries on all, then a restart.',
  },
  {
    id: 'pgpool-failover-seen',
    says: ['failover or failback event detected', 'child process with pid: %d exits with status %d'],
    source: 'Pgpool-II, src/protocol/child.c, src/main/pgpool_main.c',
    kind: 'course',
    means:
      'A backend of Pgpool-II was attached or detached, and its processes start again for that. Which one, and why, is in the lines before.',
    todo: 'psql -p 9999 -c "SHOW pool_nodes" shows the state of each backend. A node that is down and well again: pcp_attach_node -n <number>.',
  },
];
