import type { Answer } from '../answer.ts';

/** What the errors of Pgpool-II mean, by what they are about. */
export const linesOfPgpool: readonly Answer[] = [
  {
    id: 'pgpool-configuration',
    source: 'Pgpool-II 4.6.1',
    matters: 3,
    elsewhere: true,
    means: 'A setting in pgpool.conf cannot be used or changed as it is.',
    causes: [
      {
        cause: 'The setting, and what is in force.',
        on: 'pgpool host',
        check:
          'grep -nvE "^ *(#|$)" /etc/pgpool2/pgpool.conf; psql -h localhost -p 9999 -U <role> -d postgres -c "PGPOOL SHOW ALL"',
      },
    ],
  },
  {
    id: 'pgpool-session',
    source: 'Pgpool-II 4.6.1',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'A session through Pgpool-II ended or a message of it could not be passed on. It says nothing yet of replication: the reason is in the lines before, or the client or the server closed the connection.',
    causes: [
      {
        cause: 'Whether the backends are well.',
        on: 'pgpool host',
        check: 'psql -h <pgpool host> -p 9999 -U <role> -d postgres -c "SHOW pool_nodes"',
      },
    ],
  },
  {
    id: 'pgpool-watchdog-failed',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    elsewhere: true,
    means:
      'The watchdog of Pgpool-II could not start, reach the other Pgpool-II hosts, or agree with them (quorum, leader, virtual address).',
    causes: [
      {
        cause: 'What each host sees.',
        on: 'pgpool host',
        check:
          'pcp_watchdog_info -h localhost -p 9898 -U <pcp user> -w -v; grep -nE "^(wd_|hostname|pgpool_port|heartbeat_|delegate_|use_watchdog|trusted)" /etc/pgpool2/pgpool.conf',
      },
      {
        cause:
          'wd_port (9000) and wd_heartbeat_port (9694, UDP) must be open between them; pgpool_node_id differs on each host.',
        on: 'pgpool host',
        check: 'cat /etc/pgpool2/pgpool_node_id; nc -vz <other host> 9000',
      },
    ],
  },
  {
    id: 'pgpool-virtual-address',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    elsewhere: true,
    means:
      'Pgpool-II could not bring its virtual address (delegate_ip) up or down, or a command of an escalation failed.',
    causes: [
      {
        cause: 'The commands, and whether the user of Pgpool-II may run them (sudo, or setuid).',
        on: 'pgpool host',
        check:
          'grep -nE "^(delegate_ip|if_up_cmd|if_down_cmd|arping_cmd|if_cmd_path|wd_.*escalation)" /etc/pgpool2/pgpool.conf; ip addr; sudo -u postgres sudo -l',
      },
    ],
    todo: 'Make sure that the address is on one host only.',
  },
  {
    id: 'pgpool-key-file',
    source: 'Pgpool-II 4.6.1',
    matters: 2,
    elsewhere: true,
    means:
      'Pgpool-II did not find or does not accept the file with the key (.pgpoolkey) by which it decrypts passwords in pool_passwd. Where none is encrypted (AES), that is harmless.',
    causes: [
      {
        cause:
          'The file, which must be of mode 0600 and of the user that runs Pgpool-II, and whether pool_passwd has lines with AES.',
        on: 'pgpool host',
        check:
          'ls -l ~postgres/.pgpoolkey; grep -c AES /etc/pgpool2/pool_passwd; grep -n pool_key_file /etc/pgpool2/pgpool.conf',
      },
    ],
    todo: 'PGPOOLKEYFILE in the environment names another place.',
  },
  {
    id: 'pgpool-login',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    elsewhere: true,
    means: 'Pgpool-II could not log the client in, or could not log in to a backend for it.',
    causes: [
      {
        cause:
          'Its own lines (pool_hba.conf, pool_passwd) against those of the server; the same login straight to the backend.',
        on: 'pgpool host',
        check:
          'psql -h <backend> -p 5432 -U <role> -d <database> -c "SELECT 1"; grep -nvE "^ *(#|$)" /etc/pgpool2/pool_hba.conf',
      },
      {
        cause:
          'With scram-sha-256 the password must be in pool_passwd (AES, with its key file) or allow_clear_text_frontend_auth be on.',
        on: 'pgpool host',
        check: 'ls -l /etc/pgpool2/pool_passwd ~postgres/.pgpoolkey',
      },
    ],
    todo: 'pg_enc -m -u <role> -p writes it encrypted into pool_passwd; then reload Pgpool-II (pgpool reload).',
  },
  {
    id: 'pgpool-recovery-failed',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    means: 'Online recovery of a backend (pcp_recovery_node) failed. The backend stays detached; the others go on.',
    causes: [
      {
        cause:
          'The first stage is a script in the data directory of the primary, called by the extension pgpool_recovery in template1; its output is in the log of the server there.',
        on: 'primary',
        check:
          'psql -d template1 -c "\\\\dx pgpool_recovery"; ls -l <data directory>/recovery_1st_stage <data directory>/pgpool_remote_start; tail -n 30 <log of PostgreSQL>',
      },
      {
        cause: 'recovery_user and its password in pgpool.conf.',
        on: 'pgpool host',
        check: 'grep -nE "^recovery_" /etc/pgpool2/pgpool.conf',
      },
    ],
    todo: 'Run the script by hand as postgres with the same arguments; then pcp_recovery_node again.',
  },
  {
    id: 'pgpool-pcp',
    source: 'Pgpool-II 4.6.1',
    matters: 3,
    elsewhere: true,
    means: 'A PCP command (pcp_attach_node, pcp_promote_node and so on) was not carried out.',
    causes: [
      {
        cause: 'User and password are in pcp.conf (md5), the port is pcp_port; and what the node is now.',
        on: 'pgpool host',
        check: 'pcp_node_info -h localhost -p 9898 -U <pcp user> -w; ls -l /etc/pgpool2/pcp.conf ~/.pcppass',
      },
    ],
  },
  {
    id: 'pgpool-backend-lost',
    source: 'Pgpool-II 4.6.1',
    matters: 4,
    means:
      'Pgpool-II could not reach a backend, or lost its connection to it. After that it may detach it (a failover), so that clients go elsewhere.',
    causes: [
      {
        cause: 'Whether the server runs and is reachable from here.',
        on: 'pgpool host',
        check:
          'pg_isready -h <backend_hostname> -p <backend_port>; psql -h <pgpool host> -p 9999 -U <role> -d postgres -c "SHOW pool_nodes"',
      },
    ],
    todo: 'A backend that is well again comes back with pcp_attach_node -h localhost -p 9898 -U <pcp user> -n <node id> only (or auto_failback).',
  },
  {
    id: 'pgpool-own-files',
    source: 'Pgpool-II 4.6.1',
    matters: 3,
    elsewhere: true,
    means:
      'Pgpool-II could not read or write one of its own files (configuration, PID, status, lock, log), or a directory for its sockets is missing.',
    causes: [
      {
        cause: 'Whose they are: Pgpool-II runs as postgres.',
        on: 'pgpool host',
        check:
          'ls -ld /var/run/pgpool /var/run/postgresql /var/log/pgpool; grep -nE "^(pid_file_name|logdir|unix_socket|socket_dir|pcp_socket_dir)" /etc/pgpool2/pgpool.conf',
      },
    ],
  },
  {
    id: 'pgpool-tls',
    source: 'Pgpool-II 4.6.1',
    matters: 3,
    elsewhere: true,
    means: 'An encrypted connection of Pgpool-II, to a client or to a backend, could not be set up or ended.',
    causes: [
      {
        cause: 'Its key and certificate.',
        on: 'pgpool host',
        check: 'grep -nE "^ssl" /etc/pgpool2/pgpool.conf; ls -l <ssl_key> <ssl_cert>',
      },
    ],
  },
  {
    id: 'pgpool-system',
    source: 'Pgpool-II 4.6.1',
    matters: 3,
    elsewhere: true,
    means:
      'Pgpool-II got no memory, process, socket or semaphore from the operating system, or a process of it crashed.',
    causes: [
      {
        cause: 'What this machine has left; a segmentation fault is a bug of this release.',
        on: 'pgpool host',
        check: 'free -m; ulimit -a; pgpool --version; dmesg -T | grep -i pgpool | tail',
      },
    ],
  },
  {
    id: 'pgpool-cache',
    source: 'Pgpool-II 4.6.1',
    matters: 2,
    elsewhere: true,
    means: 'The query cache of Pgpool-II (memory_cache_enabled) had a failure. Queries go to the servers instead.',
    causes: [{ cause: 'Its settings.', on: 'pgpool host', check: 'grep -nE "^mem" /etc/pgpool2/pgpool.conf' }],
  },
  {
    id: 'pgpool-ordinary',
    source: 'Pgpool-II 4.6.1',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'Pgpool-II reports what it does. That line needs no attention.',
    causes: [
      {
        cause: 'How it sees its backends.',
        on: 'pgpool host',
        check: 'psql -h <pgpool host> -p 9999 -U <role> -d postgres -c "SHOW pool_nodes"',
      },
    ],
  },
];
