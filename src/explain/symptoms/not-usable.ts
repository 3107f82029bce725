import { standby } from './symptom.ts';
import type { Symptom } from './symptom.ts';

/** A copy that is there and does not start, or lets no session in. */
export const copiesNotUsable: readonly Symptom[] = [
  {
    all: [
      /\b(?:can(?:no|['’])t|cannot|could ?n[o'’]?t|unable to|fail\w* to|missing|not found|no such)\b/iu,
      /\b(?:timescaledb|postgis|pg_stat_statements|pg_cron|pgaudit|pg_repack|citus|pglogical|auto_explain|shared_preload_libraries|[\w-]+\.so|extension)\b/iu,
      standby,
    ],
    means:
      'Usually shared_preload_libraries came with the configuration of the primary, and a library in it is not installed on this machine (or for another major release): then the server does not start.',
    causes: [
      {
        cause: 'What is asked for, and what is there.',
        check:
          'postgres -C shared_preload_libraries -D <data directory>; ls /usr/lib/postgresql/*/lib /usr/pgsql-*/lib 2>/dev/null | grep -i <library>',
      },
    ],
    todo: 'Install the same package as on the primary, in the same version. Leaving it out of shared_preload_libraries lets the standby start, but queries on its tables and a promotion fail then.',
  },
  {
    all: [/\brejecting connections\b/iu, /\b(?:standby|replica|slave|secondary|postgres\w*|pg_isready)\b/iu],
    means:
      'The server runs and lets no session in: it replays WAL and is not consistent yet, or hot_standby is off. On a standby that waits for WAL, this does not end by itself.',
    causes: [
      {
        cause: 'It replays: the segment in the process list changes. Wait, and look again.',
        check: 'ps aux | grep -E "[s]tartup|[w]alreceiver"; tail -n 30 <log of PostgreSQL>',
        rule: 'network/server-starting',
      },
      {
        cause: 'It waits for WAL that it cannot get: a FATAL line about every five seconds says why.',
        check: 'grep -nE "FATAL|waiting for WAL" <log of PostgreSQL> | tail -5',
        rule: 'streaming/not-connected',
      },
      {
        cause: 'hot_standby is off on this standby: it never lets anybody in.',
        check: 'postgres -C hot_standby -D <data directory>',
        rule: 'recovery/hot-standby-off',
      },
    ],
  },
  {
    all: [
      /\bpg_(?:wal|xlog)\b.{0,40}\b(?:symlink|(?:symbolic )?link)\b|\b(?:symlink|(?:symbolic )?link)\b.{0,40}\bpg_(?:wal|xlog)\b/iu,
      /\b(?:not exist|missing|broken|dangling|wrong|fail\w*|does not|not found)\b|n['’]t\b/iu,
    ],
    means:
      'pg_wal is a link to a directory that this machine does not have: the server cannot start until it leads to one. pg_basebackup makes an ordinary directory (or what --waldir names); rsync copies the link as it is.',
    causes: [
      {
        cause: 'Where the link leads, and whether the directory is there and belongs to the user of the server.',
        check: 'ls -ld <data directory>/pg_wal "$(readlink <data directory>/pg_wal)"',
      },
      {
        cause:
          'A copy by rsync needs the WAL since its start, too, and only between pg_backup_start() and pg_backup_stop(); with an empty pg_wal it needs restore_command or its primary, and backup_label.',
        check: 'ls -l <data directory>/backup_label <data directory>/standby.signal',
        rule: 'standby/raw-copy',
      },
    ],
    todo: 'mkdir -p <target of the link>, with the owner postgres and mode 0700. If the copy was made of a running server without backup mode, make a new one: pg_basebackup --waldir=<directory>.',
  },
  {
    all: [
      /\bservice\b/iu,
      /\bstart(?:s|ed)? and (?:then )?stop(?:s|ped)?\b|\bstops? (?:immediately|again|at once|right away)\b|\b(?:does|do|did|will|would|can)(?:\s?n[o'’]?t| not) start\b|\bfail\w* to start\b|\berror 10(?:53|67)\b/iu,
    ],
    beside:
      /^(?=[^]*(?:\bwindows\b|\b[A-Z]:\\|postgresql-x64))(?=[^]*\b(?:standby|replica|slave|secondary|pg_basebackup)\b)/iu,
    means:
      'The service runs as another account than the one that made the copy (NT AUTHORITY\\NETWORK SERVICE in the installer), or looks at another directory. The reason is in its log, or in the event log where it has not got so far.',
    causes: [
      {
        cause: 'The account of the service may not write to the copy: it needs full control of the whole directory.',
        check: 'icacls "<data directory>"',
        rule: 'standby/wrong-owner',
      },
      {
        cause: 'The service starts another directory: -D in its command line.',
        check:
          'Get-CimInstance Win32_Service -Filter "Name LIKE \'postgresql%\'" | Format-List Name, StartName, PathName',
      },
      {
        cause: 'What the server itself said.',
        check:
          'Get-WinEvent -FilterHashtable @{LogName="Application"; ProviderName="PostgreSQL"} -MaxEvents 10; Get-ChildItem "<data directory>\\log" | Select-Object -Last 1 | Get-Content -Tail 20',
      },
    ],
    todo: 'icacls "<data directory>" /grant "NT AUTHORITY\\NETWORK SERVICE:(OI)(CI)F" /T (with the account that StartName names), then start the service again.',
  },
];
