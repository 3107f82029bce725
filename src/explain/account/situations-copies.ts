import type { Situation } from './situation.ts';

const recovers =
  'psql -c "SELECT pg_is_in_recovery(), timeline_id FROM pg_control_checkpoint()"; ls -l <data directory>/*.signal';

/** Copies that run as something else than they should, and what stops the making of them. */
export const situationsOfCopies: readonly Situation[] = [
  {
    facts: [
      [': writable', 'standby: writable'],
      ['restore', 'copy'],
    ],
    unless: [': two of them', 'former primary', ': promoted'],
    means:
      'A server that should follow runs as a primary. A copy is a standby only if standby.signal is in its data directory when it starts; primary_conninfo alone makes none.',
    causes: [
      {
        cause:
          'standby.signal was missing at the start: pg_basebackup without -R, a snapshot, a restored backup (pgBackRest: --type=standby).',
        check: recovers,
        rule: 'standby/signal-missing',
      },
      {
        cause: 'recovery.signal was there, or a recovery target: the restore ended, and with that the recovery.',
        check:
          'psql -c "SELECT name, setting FROM pg_settings WHERE name LIKE \'recovery_target%\'"; cat <data directory>/pg_wal/*.history',
        rule: 'standby/recovery-signal-instead',
      },
    ],
    todo: 'It has written a history of its own since then: standby.signal now does not undo that. Copy it again, or pg_rewind it, with standby.signal before the first start.',
    where: 'before the next copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    facts: [
      ['restore', 'copy'],
      ['other standby', 'standby'],
    ],
    words:
      /\b(?:only one|one of (?:the )?(?:two|them|both)|kick\w*|fight\w*|alternat\w*|each other|take turns|either)\b[^]*\b(?:connected|stream\w*|active|works?|out|online)\b|\b(?:kick\w*|fight\w*) each other\b|\balternat(?:e|es|ing)\b/iu,
    unless: [': promoted', ': two of them'],
    means:
      'A standby that is a copy of another standby has its identity, too: primary_slot_name, application_name and, with a manager, its node number. A slot serves one connection only.',
    causes: [
      {
        cause: 'Both ask for the same slot: the second is refused as long as the first is connected.',
        check: 'psql -c "SHOW primary_slot_name" -c "SHOW primary_conninfo" -c "SHOW cluster_name"',
        rule: 'slot/in-use',
      },
      {
        cause: 'Both have one name (application_name), one address, or one node_id of repmgr.',
        on: 'primary',
        check: 'psql -c "SELECT pid, application_name, client_addr, backend_start FROM pg_stat_replication"',
        rule: 'streaming/name-not-unique',
      },
    ],
    todo: "Give the copy a slot and a name of its own: SELECT pg_create_physical_replication_slot('<slot>', true); on the primary, then primary_slot_name and application_name on the copy.",
  },
  {
    facts: ['copy'],
    words:
      /\b(?:cron\w*|crontab|systemd timer|jenkins|ansible|script|nohup)\b[^]*\b(?:shell|bash|by hand|manually|terminal|command line|interactive\w*)\b|\b(?:shell|bash|by hand|manually|terminal)\b[^]*\b(?:cron\w*|systemd timer)\b/iu,
    means:
      'What works in a shell and not from a script has another environment there: another user, another HOME with another password file, another PATH, and no terminal to ask for a password.',
    causes: [
      {
        cause:
          'It waits for a password that cannot be typed: -w makes it fail at once instead. The password file is that of the user that runs the script.',
        on: 'client',
        check: 'ps aux | grep "[p]g_basebackup"; ls -l ~/.pgpass',
      },
      {
        cause: 'PATH: another release of pg_basebackup, or none.',
        on: 'client',
        check: 'command -v pg_basebackup; pg_basebackup --version',
      },
    ],
    todo: 'In the script: pg_basebackup -w with its whole path, PGPASSFILE set, and its output kept in a file.',
    where: 'as that user',
    command: 'standbylint preflight pg_basebackup -w -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    facts: [['standby', 'copy']],
    words:
      /\btablespaces?\b[^]*\bsame (?:machine|host|server|box)\b|\bsame (?:machine|host|server|box)\b[^]*\btablespaces?\b/iu,
    means:
      'A tablespace is copied to the same path that it has on the primary. On one machine that path is taken: it has to be mapped to another one.',
    causes: [
      {
        cause: 'Which there are.',
        on: 'primary',
        check: 'psql -c "SELECT spcname, pg_tablespace_location(oid) FROM pg_tablespace"',
      },
      {
        cause:
          'One mapping for each: --tablespace-mapping=<old directory>=<new directory>, both absolute, the new one empty.',
        on: 'client',
        check: 'ls -ld <new directory>',
      },
      { cause: 'And a port of its own for the second server, in its postgresql.conf.' },
    ],
    where: 'with the mapping',
    command:
      'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> --tablespace-mapping=<old directory>=<new directory> -X stream -R',
    asks: true,
  },
  {
    facts: [['standby', 'former primary', 'primary']],
    words:
      /\bpg_rewind\b[^]*\b(?:neither|none of (?:them|these|both)|still be used|don['’]?t have|not (?:set|enabled|on)|without|switch(?:ed)? (?:it |them )?on|enable (?:it|them)? ?now|turn (?:it |them )?on)\b/iu,
    unlessWords: /\bfull_page_writes\b/iu,
    means:
      'pg_rewind needs data checksums or wal_log_hints = on from before the two servers diverged. To switch one on now is too late for this time: the changes that it would have to find are not in the WAL.',
    causes: [
      {
        cause: 'What the old primary had.',
        check: 'pg_controldata -D <data directory> | grep -E "checksum version|wal_log_hints|cluster state"',
      },
    ],
    todo: 'Copy it again: pg_basebackup into an empty directory, with the old one moved aside until the new one streams. For the next time: wal_log_hints = on (and a restart), or pg_checksums --enable on a stopped server.',
    where: 'before the copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
    asks: true,
  },
  {
    facts: ['standby'],
    words:
      /\b(?:pg_)?upgrad(?:e|es|ing)\b.{0,120}\b(?:from )?(?<!\b(?:debian|ubuntu|rhel|centos|rocky|alma|alpine|fedora|os|suse) )(?:9\.\d|1\d) (?:to|->|→) (?:1\d)\b|\bpg_upgrade to 1\d\b/isu,
    unlessWords: /\b(?:logical|subscri\w+|error|fail\w*|can (?:I|we) have)\b/iu,
    means:
      'pg_upgrade upgrades one server. Its standbys cannot follow it over that: each is made again afterwards, by a new base backup or by the rsync procedure in the documentation of pg_upgrade.',
    causes: [
      {
        cause:
          'A new base backup of each standby, one after the other: simple, and safe. Keep one old standby stopped as the way back until the new primary is proven.',
      },
      {
        cause:
          'rsync with --hard-links --size-only, while both are stopped, exactly in the order of the documentation: minutes, also for large servers; any deviation damages the standby without a message.',
      },
      {
        cause:
          'Logical replication to a new cluster (pg_createsubscriber from 17 on makes one of a standby): little downtime.',
      },
    ],
    where: 'before each new copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
    asks: true,
  },
  {
    facts: ['standby', ['data: missing', ': missing', 'query: missing', 'data: empty', ': empty']],
    words:
      /\b(?:centos|rhel|red ?hat|rocky|alma|ubuntu|debian|alpine|macos|glibc|collation|locale|other (?:os|distribution|operating system))\b[^]*\b(?:lookups?|index\w*|quer(?:y|ies)|search\w*|select|where)\b|\b(?:lookups?|index\w*|quer(?:y|ies)|select)\b[^]*\b(?:glibc|collation|centos|ubuntu|alpine|debian|rhel)\b/iu,
    unless: ['service: does not start'],
    unlessWords: /\b(?:config(?:uration)? files?|pg_hba|postgresql\.conf|start(?:s|ed)? )/iu,
    means:
      'A text index has the order of the C library that built it. Another distribution or release of glibc (or musl) sorts otherwise, and a search through such an index misses rows that are there.',
    causes: [
      {
        cause: 'The two systems have other versions: from 15 on the server names it ("collation version mismatch").',
        on: 'both',
        check:
          'ldd --version | head -1; psql -c "SELECT datname, datcollate, datcollversion, pg_database_collation_actual_version(oid) FROM pg_database"',
        rule: 'platform/collation-version-differs',
      },
      {
        cause: 'The rows themselves are there: without the index they are found.',
        check:
          'psql -c "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM <table> WHERE <condition>"',
      },
    ],
    todo: 'On the primary of now: REINDEX DATABASE CONCURRENTLY <database>; (12 and later) for all text indexes, then ALTER DATABASE <database> REFRESH COLLATION VERSION; (15 and later). Unique indexes may have let duplicates in: look before the REINDEX. Then use one system for all servers.',
  },
];
