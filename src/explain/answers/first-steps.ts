import type { Answer } from '../answer.ts';

/** A server that does not come as far as its log: where its files are, where it listens, and what its settings say. */
export const answersAboutFirstSteps: readonly Answer[] = [
  {
    of: ['guc-no-config-file', 'pgctl-no-dir'],
    means:
      'The program was started without -D and without PGDATA, so it does not know which data directory is meant. Nothing was changed.',
    causes: [
      {
        cause:
          'sudo, su and systemd do not pass PGDATA on: it is set in another shell only. Where the directories are:',
        on: 'server',
        check:
          'ps -eo user,args | grep "[p]ostgres.* -D"; pg_lsclusters 2>/dev/null; find / -xdev -name PG_VERSION -not -path "*/base/*" 2>/dev/null',
        rule: 'standby/not-a-data-directory',
      },
      {
        cause: 'Debian and Ubuntu: servers are started with pg_ctlcluster <release> <cluster> start, or by systemctl.',
      },
    ],
    todo: 'Add -D <data directory>, or PGDATA=<data directory> before the command, as the user of the server.',
  },
  {
    of: ['pgctl-program-version'],
    means:
      '{value2|The program} found {value|another program} beside it, and the two are not of the same release ({value3|the message names the one that is needed}).',
    causes: [
      {
        cause: 'An upgrade replaced a part of the packages, or a link leads to another release.',
        on: 'server',
        check:
          'ls -l "$(command -v pg_ctl)"; pg_ctl --version; postgres --version; dpkg -l "postgresql*" 2>/dev/null | grep ^ii; rpm -qa "postgresql*" 2>/dev/null',
      },
    ],
    todo: 'Call it by the full path of one release: /usr/lib/postgresql/<release>/bin/pg_ctl or /usr/pgsql-<release>/bin/pg_ctl, and complete the upgrade of the packages.',
  },
  {
    of: ['invalid-list-syntax'],
    means:
      'The setting {parameter} is a list of names, and its value cannot be read as one. A starting server does not start with it.',
    causes: [
      {
        cause:
          'A comma is missing, one is too many, or the quotes do not match: names are separated by commas, and the whole is in single quotes.',
        on: 'server',
        check: 'grep -n {parameter} <data directory>/postgresql.conf <data directory>/postgresql.auto.conf',
        rule: 'standby/config-file-error',
      },
    ],
    todo: "Write {parameter} = 'a, b'. A name with a dash or capitals in a list of names gets double quotes inside: '\"db-2\", db3'.",
  },
  {
    of: ['alter-system-parse'],
    means:
      'ALTER SYSTEM changed nothing: {file} has a line that cannot be read. The server would not start with it either.',
    causes: [
      {
        cause: 'It was edited by hand, or a script appended to it (a quote is missing, a line was cut).',
        on: 'server',
        check:
          'psql -c "SELECT sourcefile, sourceline, name, error FROM pg_file_settings WHERE error IS NOT NULL"; cat -A <data directory>/postgresql.auto.conf',
        rule: 'primary/config-file-error',
      },
    ],
    todo: "Correct that line with an editor: every line is name = 'value', each single quote in a value written twice. The server need not be stopped. Then repeat ALTER SYSTEM.",
  },
  {
    of: ['socket-group-missing'],
    means:
      'unix_socket_group is "{value}", and this machine has no such group. The server does not make its local socket.',
    causes: [
      {
        cause: 'The setting came from another machine (with the copy of the primary, or a configuration tool).',
        on: 'server',
        check: 'getent group {value}; id postgres; grep -rn unix_socket_group <data directory>/postgresql*.conf',
        rule: 'standby/cannot-listen',
      },
    ],
    todo: 'As root: groupadd {value}; usermod -aG {value} postgres, and start the server. Or take the setting out: the group of the server is used then.',
  },
  {
    of: ['could-not-create-unix-socket-dir'],
    means:
      'The server could not make its socket in {directory}. The line before says why. It starts only if it can make one in another directory of unix_socket_directories: TCP alone is not enough.',
    causes: [
      {
        cause: 'The file system has no sockets, or forbids them (a directory of Docker Desktop, a share, FUSE).',
        on: 'server',
        check: 'findmnt -T {directory}; ls -la {directory}; grep -rn unix_socket <data directory>/postgresql*.conf',
        rule: 'standby/cannot-listen',
      },
      { cause: 'unix_socket_group names a group that does not exist here, or the path is too long.' },
      {
        cause: 'A server with the same port uses it.',
        on: 'server',
        check: 'ss -xlp | grep PGSQL',
      },
    ],
    todo: "Name a directory of the machine or container itself, unix_socket_directories = '/var/run/postgresql' or '/tmp', and start the server. It must exist and belong to postgres. An empty value makes no socket at all: the server then listens on TCP alone.",
  },
  {
    of: ['could-not-translate-listen'],
    means:
      'listen_addresses has the name "{host}", and this machine cannot find its address. The server listens on its other addresses; without any, it does not start.',
    causes: [
      {
        cause: 'The setting came with the copy of the primary, or the name is known on another network only.',
        on: 'server',
        check: 'getent ahosts {host}; ip -br addr; grep -rn listen_addresses <data directory>/postgresql*.conf',
        rule: 'standby/cannot-listen',
      },
      {
        cause:
          'The server starts before the network or the name service at boot (systemd: After=network-online.target).',
      },
    ],
    todo: "listen_addresses = '*', or addresses of this machine, and restart. pg_hba.conf decides who gets in.",
  },
  {
    of: ['os-eaddrnotavail'],
    means:
      'The program asked for an address that this machine does not have. For a server it is one in listen_addresses; for a client, all local ports to that server may be in use.',
    causes: [
      {
        cause:
          'listen_addresses came with the copy of the primary, or names a virtual address that is on the other machine now (keepalived, Pacemaker).',
        on: 'server',
        check: 'ip -br addr; grep -rn listen_addresses <data directory>/postgresql*.conf',
        rule: 'standby/cannot-listen',
      },
      {
        cause: 'IPv6 is switched off, and ::1 or :: is listed.',
        on: 'server',
        check: 'sysctl net.ipv6.conf.all.disable_ipv6',
      },
      {
        cause: 'A client opened very many connections within a minute.',
        on: 'client',
        check: 'ss -s; sysctl net.ipv4.ip_local_port_range',
      },
    ],
    todo: "listen_addresses = '*' or an address of this machine, and restart. For a virtual address that moves: '*', or net.ipv4.ip_nonlocal_bind = 1.",
  },
  {
    of: ['archive-mode-not-configured'],
    means:
      'archive_mode is on, and neither archive_command nor archive_library is set: no WAL is archived, and the server keeps all of it, until its disk is full.',
    causes: [
      {
        cause:
          'Archiving was switched on (or came with a copy) and never set up, or the command was emptied to stop it.',
        on: 'primary',
        check:
          'psql -c "SHOW archive_command" -c "SELECT archived_count, last_archived_wal FROM pg_stat_archiver" -c "SELECT count(*), pg_size_pretty(sum(size)) FROM pg_ls_waldir()"; df -h <data directory>/pg_wal',
        rule: 'primary/archive-failing',
      },
    ],
    todo: 'Set archive_command and SELECT pg_reload_conf(); (no restart). If nothing is to be archived: ALTER SYSTEM SET archive_mode = off; and restart the server; the WAL is then removed at the next checkpoints.',
  },
  {
    of: ['recovery-command-failed'],
    means:
      'The command of {value|archive_cleanup_command or recovery_end_command} failed: {reason|see the text after the colon}. Replay continues without it.',
    causes: [
      {
        cause:
          'The program is not found (pg_archivecleanup is in the bin directory of the release), or may not write to the archive.',
        on: 'standby',
        check:
          'psql -c "SHOW archive_cleanup_command" -c "SHOW recovery_end_command"; ls -ld <directory of the archive>',
      },
      {
        cause: 'The archive is not mounted there, or read-only.',
        on: 'standby',
        check: 'findmnt -T <directory of the archive>',
      },
    ],
    todo: 'Run it by hand as the user of the server, with a real segment for %r. Until then the archive grows. Never let it clean an archive that another standby or a backup needs.',
  },
];
