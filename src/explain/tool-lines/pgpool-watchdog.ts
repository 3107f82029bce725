import type { Answer } from '../answer.ts';

/** The watchdog of Pgpool-II: hosts that have to agree. */
export const linesOfPgpoolWatchdogs: readonly Answer[] = [
  {
    id: 'pgpool-watchdog-settings',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    elsewhere: true,
    means: 'The settings of the watchdog of Pgpool-II are incomplete or wrong, so that it does not start.',
    causes: [
      {
        cause:
          'The message names the setting. Every host has the same lists (hostname0, wd_port0, pgpool_port0, heartbeat_hostname0, …), itself included.',
        on: 'pgpool host',
        check: 'grep -nE "^(use_watchdog|hostname|wd_|pgpool_port|heartbeat_)" /etc/pgpool2/pgpool.conf',
      },
      {
        cause: 'pgpool_node_id says which of them this host is.',
        on: 'pgpool host',
        check: 'cat /etc/pgpool2/pgpool_node_id',
      },
      {
        cause: 'An interface that is named (wd_monitoring_interfaces_list, heartbeat_device0) is not on this machine.',
        on: 'pgpool host',
        check: 'ip -brief address',
      },
    ],
    todo: 'Correct pgpool.conf on every host, then restart Pgpool-II.',
  },
  {
    id: 'pgpool-heartbeat-lost',
    source: 'Pgpool-II 4.6.1, src/watchdog/wd_lifecheck.c, check_pgpool_status_by_hb',
    matters: 4,
    elsewhere: true,
    means:
      'The life check of the watchdog reports a change of another Pgpool-II host. "NODE DEAD, No heartbeat signal": this one has heard nothing from it for wd_heartbeat_deadtime (30 s), and takes it for dead; if it was the leader, another one becomes it.',
    causes: [
      {
        cause: 'Pgpool-II on that host was stopped, hangs, or the host is down.',
        on: 'that host',
        check: 'pgrep -af pgpool; systemctl status pgpool2 --no-pager; journalctl -u pgpool2 -n 50 --no-pager',
      },
      {
        cause:
          'It runs, and its UDP packets (port 9694) do not arrive: a firewall, another interface in heartbeat_device, a wrong host name in heartbeat_hostname.',
        on: 'pgpool host',
        check:
          'grep -nE "^(heartbeat_|wd_heartbeat|hostname)" /etc/pgpool2/pgpool.conf; pcp_watchdog_info -h localhost -p 9898 -U <pcp user> -w -v',
      },
    ],
  },
  {
    id: 'pgpool-watchdog-cut-off',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    elsewhere: true,
    means:
      'A host of Pgpool-II is cut off from the others: its network is down, or it does not hear the leader any more.',
    causes: [
      {
        cause:
          'Its interfaces, and whether the ports of the watchdog are open: wd_port (9000, TCP) and the one of the heartbeat (9694, UDP).',
        on: 'pgpool host',
        check: 'ip -brief link; ip -brief address; nc -vz <other host> 9000',
      },
      {
        cause: 'What each host sees of the quorum.',
        on: 'pgpool host',
        check: 'pcp_watchdog_info -h localhost -p 9898 -U <pcp user> -w -v',
      },
      {
        cause: 'The machine stood still for a while (a snapshot, memory).',
        on: 'pgpool host',
        check: 'journalctl -k -n 50 --no-pager',
      },
    ],
    todo: 'Bring the network back, then restart Pgpool-II on the host that was cut off. Make sure that only one host has the virtual address.',
  },
  {
    id: 'pgpool-watchdog-sockets',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    elsewhere: true,
    means: 'The watchdog of Pgpool-II could not open a port or socket of its own.',
    causes: [
      {
        cause: 'Another process has the port: often an older Pgpool-II that has not ended.',
        on: 'pgpool host',
        check: 'ss -lntup | grep -E ":(9000|9694) "; pgrep -af pgpool',
      },
      {
        cause: 'The host name is not an address of this machine, or cannot be resolved.',
        on: 'pgpool host',
        check:
          'grep -nE "^(use_watchdog|hostname|wd_|pgpool_port|heartbeat_)" /etc/pgpool2/pgpool.conf; ip -brief address',
      },
      {
        cause: 'wd_ipc_socket_dir is missing or belongs to another user.',
        on: 'pgpool host',
        check: 'grep -n wd_ipc_socket_dir /etc/pgpool2/pgpool.conf; ls -ld /var/run/postgresql /tmp',
      },
    ],
  },
  {
    id: 'pgpool-watchdog-differs',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    elsewhere: true,
    means:
      'The hosts of Pgpool-II are not set up alike: a setting, the number of nodes or backends, an id or the release differs, or one refuses the other.',
    causes: [
      {
        cause: 'The message names what differs; compare that on all hosts.',
        on: 'pgpool host',
        check:
          'grep -vE "^ *(#|$)" /etc/pgpool2/pgpool.conf | sort | md5sum; cat /etc/pgpool2/pgpool_node_id; pgpool --version',
      },
      {
        cause: 'wd_authkey differs: then a host is not let in.',
        on: 'pgpool host',
        check: 'grep -c "^wd_authkey" /etc/pgpool2/pgpool.conf',
      },
    ],
    todo: 'pgpool.conf is the same on all hosts, pgpool_node_id differs on each. Then restart Pgpool-II, one host after the other.',
  },
  {
    id: 'pgpool-trusted-servers',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    elsewhere: true,
    means:
      'The watchdog pings the hosts of trusted_servers to see whether this machine is on the network, and they do not answer.',
    causes: [
      {
        cause: 'This machine is cut off.',
        on: 'pgpool host',
        check: 'grep -nE "^(trusted_servers|ping_path)" /etc/pgpool2/pgpool.conf; ping -c 3 <trusted server>',
      },
      {
        cause: 'The named host is gone or does not answer ping, or ping is not where ping_path says.',
        on: 'pgpool host',
        check: 'grep -n "^ping_path" /etc/pgpool2/pgpool.conf; command -v ping',
      },
    ],
    todo: 'Name hosts that always answer, such as the router. Where none answers, this Pgpool-II gives up the virtual address.',
  },
  {
    id: 'pgpool-conflict',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    means:
      'A session on a standby was ended by its replay (a conflict with recovery), and Pgpool-II passes that on. Nothing is wrong with Pgpool-II or its backends.',
    causes: [
      {
        cause: 'A long query on the standby met vacuum or DDL of the primary.',
        on: 'standby',
        check:
          'psql -c "SELECT datname, confl_snapshot, confl_lock, confl_tablespace, confl_bufferpin FROM pg_stat_database_conflicts"',
      },
    ],
    todo: 'hot_standby_feedback = on on the standby helps against vacuum, a larger max_standby_streaming_delay against the rest (replay lags meanwhile). Or send such queries to the primary.',
  },
];
