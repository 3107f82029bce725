import type { Answer } from '../answer.ts';

const nodes = 'psql -p 9999 -c "SHOW pool_nodes"';

/** What several Pgpool-II nodes decide together, and what they find when they look after the backends. */
export const answersAboutPgpoolDecisions: readonly Answer[] = [
  {
    id: 'pgpool-consensus',
    says: [
      'degenerate backend request for node_id: %d from pid [%d], will be handled by watchdog, which is building consensus for request',
      'degenerate backend request for %d node(s) from pid [%d], is changed to quarantine node request by watchdog',
      'remote node "%s" is asking to inform about quarantined backend nodes',
      'failover requires the majority vote, waiting for consensus',
      'watchdog is taking time to build consensus',
    ],
    source: 'Pgpool-II, src/main/pgpool_main.c, src/watchdog/watchdog.c',
    matters: 4,
    elsewhere: true,
    means:
      'This Pgpool-II node has lost a backend and asks the others for a failover. As long as most of them do not report the same, there is none: the backend is put in quarantine here only.',
    causes: [
      {
        cause: 'The other nodes still reach the backend: only this one does not (network, firewall, health check).',
        on: 'pgpool host',
        check: `${nodes}; pg_isready -h <backend_hostname> -p <backend_port>`,
      },
      {
        cause: 'Their health checks come later or are off: health_check_period must be set on all nodes.',
        on: 'pgpool host',
        check:
          'grep -nE "^(health_check_|failover_(when|require)|allow_multiple_failover)" /etc/pgpool2/pgpool.conf /etc/pgpool-II/pgpool.conf 2>/dev/null',
      },
      {
        cause: 'Of two nodes both must agree, unless enable_consensus_with_half_votes is on.',
        on: 'pgpool host',
        check: 'pcp_watchdog_info -h localhost -U <pcp user> -v',
      },
    ],
    todo: 'If the backend is really down, read the log of PostgreSQL on that host. A node in quarantine comes back by itself when this Pgpool-II reaches it again.',
  },
  {
    id: 'pgpool-no-quorum',
    says: [
      'failover requires the quorum to hold, which is not present at the moment',
      'watchdog does not holds the quorum',
      'I am the cluster leader node but we do not have enough nodes in cluster',
      'waiting for the quorum to start escalation process',
      'Rejecting the failover request',
    ],
    source: 'Pgpool-II, src/watchdog/watchdog.c, compute_failover_consensus',
    matters: 5,
    elsewhere: true,
    means:
      'Too few of the Pgpool-II nodes see each other (no quorum). Until that changes, the virtual address is nowhere, and no failover is made: the standby is not promoted.',
    causes: [
      {
        cause: 'The other Pgpool-II nodes are down or cut off. With two nodes, one alone has no quorum.',
        on: 'pgpool host',
        check: 'pcp_watchdog_info -h localhost -U <pcp user> -v',
      },
    ],
    todo: 'Bring the other Pgpool-II nodes back; with two: a third, or enable_consensus_with_half_votes = on. Turned off, failover_when_quorum_exists risks two primaries.',
  },
  {
    id: 'pgpool-lag-check',
    says: ['Failed to check replication time lag', 'check sr_check_user and sr_check_password'],
    source: 'Pgpool-II, src/streaming_replication/pool_worker_child.c, check_replication_time_lag',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The worker of Pgpool-II that measures replication lag has no connection to a backend. Clients are not affected by this alone.',
    causes: [
      {
        cause: 'That backend is down or was just detached: the line is repeated until it is back.',
        on: 'pgpool host',
        check: nodes,
      },
      {
        cause:
          'It runs and refuses sr_check_user: the role, the password (sr_check_password or pool_passwd), pg_hba.conf.',
        on: 'pgpool host',
        check:
          'psql -h <backend_hostname> -p <backend_port> -U <sr_check_user> -d postgres -c "SELECT pg_is_in_recovery()"',
      },
    ],
  },
  {
    of: ['recovery-in-progress'],
    beside: /pgpool|while checking replication time lag|\bpid \d+: /iu,
    elsewhere: true,
    matters: 4,
    means:
      'Pgpool-II asked a backend that it takes for the primary, and that is a standby: its idea of who is the primary is old.',
    causes: [
      {
        cause: 'A failover or a failback has just happened: it looks for the primary again, and the line ends.',
        on: 'pgpool host',
        check: nodes,
      },
      {
        cause:
          'It stays: a former primary came back as a standby, or was attached in the wrong role. See what each really is.',
        on: 'pgpool host',
        check: 'psql -h <backend_hostname> -p <backend_port> -d postgres -c "SELECT pg_is_in_recovery()"',
      },
    ],
    todo: 'If SHOW pool_nodes has another primary than the servers themselves: start Pgpool-II again with -D. It then forgets the saved status and looks for the primary again.',
  },
];
