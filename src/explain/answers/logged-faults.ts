import type { Answer, Candidate } from '../answer.ts';

const target: readonly Candidate[] = [
  {
    cause: 'A restore to a point in time: this is what was asked for.',
    on: 'server',
    check:
      'psql -c "SELECT pg_is_in_recovery()" -c "SHOW recovery_target_action"; grep -n recovery_target <data directory>/postgresql*.conf',
    rule: 'recovery/target-set',
  },
  { cause: 'It should be a standby: recovery_target_… is left from a restore. A standby must have none.' },
];

const ofFiles: Omit<Candidate, 'cause'> = {
  on: 'server',
  check:
    'grep -nE "^ *include" <data directory>/postgresql*.conf; psql -c "SELECT sourcefile, sourceline, name, error FROM pg_file_settings WHERE error IS NOT NULL"',
  rule: 'standby/config-file-error',
};

const unreadableSyncNames = {
  means:
    'The value of synchronous_standby_names cannot be read. A running server keeps the old one; a starting one does not start.',
  causes: [
    {
      cause: 'A name with a dash, a dot or capitals needs double quotes inside the single ones, or the number is 0.',
      on: 'primary',
      check:
        'grep -rn synchronous_standby_names <data directory>/postgresql*.conf; psql -Atc "SHOW synchronous_standby_names"',
      rule: 'primary/config-file-error',
    },
  ],
  todo: `Write for example: synchronous_standby_names = 'ANY 1 ("db-2", "db-3")', then SELECT pg_reload_conf(); An empty value switches synchronous replication off. The names are application_name in pg_stat_replication.`,
} satisfies Answer;

/** Faults that the server reports as LOG: its label does not say that something is wrong. */
export const answersAboutLoggedFaults: readonly Answer[] = [
  {
    of: [
      'recovery-stop-after-consistency',
      'recovery-stop-before-lsn',
      'recovery-stop-before-commit',
      'recovery-stop-before-abort',
      'recovery-stop-restore-point',
      'recovery-stop-after-lsn',
      'recovery-stop-after-commit',
      'recovery-stop-after-abort',
    ],
    kind: 'consequence',
    means:
      'Recovery reached its target and stops here. What follows is recovery_target_action: pause (the default), promote or shutdown.',
    causes: target,
    todo: 'A restore: look at the data; SELECT pg_wal_replay_resume(); then makes it a primary. A standby: ALTER SYSTEM RESET the recovery_target_… that is set, and restart it before it is promoted.',
  },
  {
    of: [
      'recovery-target-immediate-only',
      'recovery-target-timeline-nan',
      'recovery-target-time-range',
      'recovery-target-name-too-long',
    ],
    means:
      "A recovery_target_… setting has a value that it cannot have, so the server does not start: recovery_target is 'immediate' or empty, recovery_target_timeline is 'latest', 'current' or a number, recovery_target_time is a time such as '2026-03-11 09:00:00+00'.",
    causes: [
      {
        cause: 'Which ones are set, and where:',
        on: 'server',
        check: 'grep -n recovery_target <data directory>/postgresql.conf <data directory>/postgresql.auto.conf',
        rule: 'standby/config-file-error',
      },
    ],
    todo: 'Correct the value and start the server. A standby needs none of them.',
  },
  {
    of: ['syncrep-parser-failed', 'syncrep-number-zero'],
    ...unreadableSyncNames,
  },
  {
    of: ['config-invalid-value'],
    when: /for parameter "synchronous_standby_names"/u,
    matters: 5,
    ...unreadableSyncNames,
  },
  {
    of: [
      'config-requires-boolean',
      'config-too-many-syntax-errors',
      'config-nesting-depth',
      'config-recursion',
      'config-empty-file-name',
    ],
    means:
      'A configuration file cannot be used as it is: the message names the setting or the file. A running server keeps the old values; a starting one does not start.',
    causes: [
      {
        cause:
          'A value of another kind (on or off, a number with a unit), a wrong file in this place, or files that include one another in a circle.',
        ...ofFiles,
      },
    ],
    todo: 'Correct it (the query names every such line while the server runs), then SELECT pg_reload_conf(); or start the server.',
  },
  {
    of: ['scram-invalid-secret'],
    means:
      'What the server has stored as the password of role {role} is damaged or was not made by it, so no password can be right.',
    causes: [
      {
        cause:
          "A script set the stored secret directly (CREATE ROLE … PASSWORD 'SCRAM-SHA-256$…') and lost a part of it: a shell replaces what follows a $.",
        on: 'primary',
        check: `psql -c "SELECT rolname, length(rolpassword), rolpassword ~ '^SCRAM-SHA-256.[0-9]+:' AS whole FROM pg_authid WHERE rolname = '{role}'"`,
        rule: 'role/wrong-password',
      },
    ],
    todo: 'On the primary: \\password {role}, with the same password as before if it is known. Otherwise every client of this role needs the new one.',
  },
  {
    of: ['unix-socket-path-too-long', 'libpq-socket-path-long'],
    means:
      'The path of the local socket, {socket|in the message}, is longer than the operating system allows ({number} bytes).',
    causes: [
      {
        cause:
          'unix_socket_directories (or host=/… of a client) is a deep directory, or a name was taken for a directory.',
        on: 'server',
        check: 'grep -rn unix_socket_directories <data directory>/postgresql*.conf; env | grep ^PGHOST',
        rule: 'standby/cannot-listen',
      },
    ],
    todo: "unix_socket_directories = '/tmp' or '/var/run/postgresql' and restart; clients then use -h with the same directory.",
  },
  {
    of: ['could-not-create-socket'],
    kind: 'consequence',
    means:
      'The server could not make a socket for the address {host}: {error|see the text after the colon}. If it listens on its other addresses, nothing is wrong.',
    causes: [
      {
        cause: 'IPv6 is switched off on this machine ("Address family not supported by protocol").',
        on: 'server',
        check: 'ss -ltn | grep -w 5432; sysctl net.ipv6.conf.all.disable_ipv6',
      },
      { cause: 'A security profile of the container or unit forbids it ("Permission denied").' },
    ],
    todo: "listen_addresses = '0.0.0.0' listens on IPv4 alone and ends the message (with the next restart).",
  },
  {
    of: ['tls-key-passphrase-reload'],
    means:
      'The server was asked to reload, and cannot ask for the passphrase of its private key {file} then. It keeps the old certificate and key.',
    causes: [
      {
        cause: 'ssl_passphrase_command is empty, or ssl_passphrase_command_supports_reload is off.',
        on: 'primary',
        check:
          'psql -c "SHOW ssl_passphrase_command" -c "SHOW ssl_passphrase_command_supports_reload" -c "SHOW ssl_cert_file"',
        rule: 'tls/certificate-expired',
      },
    ],
    todo: 'Set ssl_passphrase_command and ssl_passphrase_command_supports_reload = on, or use a key without a passphrase (mode 0600), and reload before the old certificate expires.',
  },
  {
    of: ['tls-not-in-build'],
    means: 'ssl is on, and this server was built without TLS. It does not start.',
    causes: [
      {
        cause: 'The configuration is that of another build.',
        on: 'server',
        check:
          'grep -nE "^ *ssl *=" <data directory>/postgresql*.conf; pg_config --configure | grep -o "with-[a-z]*ssl"',
        rule: 'standby/config-file-error',
      },
    ],
    todo: 'Install a build with OpenSSL (those of the distributions have it), or set ssl = off, if no client needs it.',
  },
  {
    of: ['slot-detail-xid-horizon', 'slot-detail-wal-level-standby'],
    means:
      'A logical slot on this standby was invalidated: the primary removed rows that it needed, or has wal_level below logical. The slot cannot be used any more; physical replication continues.',
    causes: [
      {
        cause:
          'hot_standby_feedback is off on the standby, or it has no physical slot on the primary, so that feedback is lost while it is away.',
        on: 'standby',
        check:
          'psql -c "SHOW hot_standby_feedback" -c "SHOW primary_slot_name" -c "SELECT slot_name, active, wal_status FROM pg_replication_slots"',
        rule: 'slot/lost',
      },
      { cause: 'wal_level was lowered.', on: 'primary', check: 'psql -c "SHOW wal_level"' },
    ],
    todo: 'Set hot_standby_feedback = on and primary_slot_name on the standby, wal_level = logical on the primary. The slot must be dropped and created again, and its subscriber must copy its tables again: first find out who uses it.',
  },
  {
    of: ['db-shutdown-interrupted'],
    kind: 'consequence',
    means:
      'The server was killed while it was shutting down (last known up at {time}). It replays its WAL now, and nothing that was committed is lost.',
    causes: [
      {
        cause:
          'A stop timeout was too short: docker stop waits 10 s, Kubernetes 30 s, systemd 90 s, and the last checkpoint takes longer.',
        on: 'host',
        check:
          'docker inspect <container> --format "{{.State.ExitCode}} {{.Config.StopTimeout}}"; systemctl show -p TimeoutStopUSec postgresql',
      },
      {
        cause: 'A power failure, kill -9, or memory ran out.',
        on: 'host',
        check: 'dmesg -T | grep -iE "killed process|out of memory" | tail -3; last -x | head -5',
      },
    ],
    todo: 'Give it more time: docker stop -t 120 (compose: stop_grace_period), terminationGracePeriodSeconds, TimeoutStopSec. CHECKPOINT; before the stop makes it short.',
  },
  {
    of: ['shutting-down-restart-after-crash-off'],
    kind: 'consequence',
    means:
      'A server process crashed, and the server stops instead of recovering by itself, because restart_after_crash is off (Patroni and some operators set that and start it again themselves).',
    causes: [
      {
        cause:
          'The line "was terminated by signal …" before this one: 9 is out of memory, 11 and 6 are bugs or extensions.',
        on: 'server',
        check:
          'grep -n "terminated by signal" <log of PostgreSQL> | tail -3; dmesg -T | grep -i "killed process" | tail -3',
      },
    ],
    todo: 'Treat that signal. If nothing starts the server again: its manager is not running (patronictl list, systemctl status patroni).',
  },
  {
    of: ['archive-command-exception'],
    means:
      'archive_command crashed on Windows, so WAL is not archived, and the server keeps it until its disk is full.',
    causes: [
      {
        cause:
          'The program or a library of it is missing or of another architecture, or its paths have blanks and no quotes.',
        on: 'primary',
        check: 'psql -c "SHOW archive_command" -c "SELECT last_failed_wal, last_failed_time FROM pg_stat_archiver"',
        rule: 'primary/archive-failing',
      },
    ],
    todo: 'Run the command by hand as the user of the service. Quote the paths: copy "%p" "D:\\archive\\%f".',
  },
  {
    of: ['wal-different-blcksz'],
    means:
      'The WAL was written by a server that was built with another WAL block size (--with-wal-blocksize). It can be replayed by the same build only.',
    causes: [
      {
        cause: 'Primary and standby run different builds, or the archive is of another cluster.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -E "WAL block size|system id"; postgres --version',
        rule: 'recovery/archive-of-another-cluster',
      },
      {
        cause: 'What the primary has.',
        on: 'primary',
        check: 'psql -c "SHOW wal_block_size" -c "SELECT system_identifier FROM pg_control_system()"',
      },
    ],
    todo: 'Use the same build on both, and correct restore_command or primary_conninfo, if they lead to the wrong cluster.',
  },
  {
    of: ['request-flush-past-end'],
    means:
      'A page was changed at {lsn}, and the WAL of this server ends at {lsn2}: data and WAL are of different times.',
    causes: [
      {
        cause: 'pg_resetwal was run, or the directory was started without its backup_label or with an old pg_wal.',
        on: 'server',
        check:
          'ls -la --time-style=full-iso <data directory> | head -30; pg_controldata -D <data directory> | grep -i checkpoint',
        rule: 'standby/raw-copy',
      },
    ],
    todo: 'A standby: make a new base backup. A primary: take a file copy of the directory, then move to a standby or a backup from before.',
  },
  {
    of: ['unexpected-timeline-end-of-recovery'],
    means:
      'The WAL says at the end of a recovery that timeline {timeline} begins, and {number|another one} was expected: WAL of two histories is mixed in pg_wal or in the archive.',
    causes: [
      {
        cause: 'Two servers archive into one directory, or segments were copied by hand.',
        on: 'standby',
        check: 'tail -n +1 <data directory>/pg_wal/*.history; ls -l <directory of the archive>/*.history',
        rule: 'timeline/stray-history-file',
      },
    ],
    todo: 'Give each server its own archive. Stop the standby, move its directory aside, and make a new base backup: pg_basebackup -h <primary> -U <role> -D <data directory> -R -X stream -c fast',
  },
  {
    of: ['pgbb-not-removed'],
    kind: 'consequence',
    means:
      'pg_basebackup failed, and left what it had written in {directory}, because --no-clean was given. It is not a usable copy.',
    causes: [
      { cause: 'The reason is in the lines before.', on: 'client', check: 'ls -la {directory}; df -h {directory}' },
    ],
    todo: 'Do not start a server on it. Move it aside before the next attempt: mv {directory} {directory}.failed',
  },
  {
    of: ['online-backup-canceled'],
    means:
      'An exclusive backup was in progress when the server was stopped (13, 14): it is canceled, and its backup_label was renamed. The copy that was made meanwhile cannot be used.',
    causes: [
      {
        cause: 'A backup script calls pg_start_backup(), and the server was stopped before pg_stop_backup().',
        on: 'primary',
        check: 'ls -l <data directory>/backup_label*; grep -n "backup mode canceled" <log of PostgreSQL> | tail -3',
      },
    ],
    todo: 'Take the backup again, with pg_basebackup, or with pg_start_backup(…, false, false) in one session that stays open. From 15 on only that way is left.',
  },
  {
    of: ['bb-unexpected-wal-size'],
    means:
      'The server that is copied has a WAL file, {value}, that does not have the size of a segment, so the backup (-X fetch) stops.',
    causes: [
      {
        cause: "A full disk or a crash cut it off, or the file is not PostgreSQL's.",
        on: 'primary',
        check: 'find <data directory>/pg_wal -maxdepth 1 -type f ! -size 16777216c -ls; df -h <data directory>/pg_wal',
        rule: 'wal/segment-damaged',
      },
    ],
    todo: 'With -X stream the backup does not read these files. Move a file that is not a segment out of pg_wal; check the storage, if it is one.',
  },
  {
    of: ['invalid-database'],
    means:
      'Database {database} was being dropped, and DROP DATABASE was interrupted: part of its files are gone, and connections to it are refused. Replication continues.',
    causes: [
      {
        cause: 'Which ones there are (datconnlimit is -2):',
        on: 'primary',
        check: 'psql -d postgres -c "SELECT datname, datconnlimit FROM pg_database WHERE datconnlimit = -2"',
      },
    ],
    todo: 'On the primary: DROP DATABASE "{database}"; again. If it was not to be dropped, restore it from a backup.',
  },
];
