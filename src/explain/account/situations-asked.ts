import type { Situation } from './situation.ts';

/** What people want to know, and to do. */
export const situationsAsked: readonly Situation[] = [
  {
    facts: ['standby'],
    words: /\btemp(?:orary)? tables?\b/iu,
    means:
      'No setting allows it: a standby in recovery writes nothing, not even temporary tables, because their catalog entries would have to be written.',
    causes: [
      { cause: 'Write it as WITH … AS MATERIALIZED (…), or as a function that returns a set.' },
      {
        cause: 'A foreign server: a small primary beside it with postgres_fdw to the standby has the temporary tables.',
      },
      { cause: 'A copy that may be written to: logical replication (a subscription) instead of streaming.' },
    ],
    command: 'standbylint postmortem -D <data directory>',
    asks: true,
  },
  {
    facts: ['login', ': stored'],
    words: /\bpasswords?\b/iu,
    means:
      'primary_conninfo needs no password: the standby looks into the password file of the user that runs the server, and takes the line for the database "replication".',
    causes: [
      {
        cause:
          'One line for the primary: host:port:replication:role:password. Mode 0600, owned by that user; another file with passfile=… in primary_conninfo.',
        check: 'ls -l ~postgres/.pgpass',
      },
      {
        cause:
          'pg_basebackup -R writes the password that it was given into postgresql.auto.conf: take it out there (ALTER SYSTEM SET primary_conninfo = …), reload (13 and later), and look whether it streams.',
        check: 'psql -c "SELECT status FROM pg_stat_wal_receiver"',
      },
      {
        cause:
          'Without any password: a client certificate (cert in pg_hba.conf, sslcert and sslkey in primary_conninfo).',
      },
    ],
    asks: true,
  },
  {
    facts: ['pooler', ['standby', 'primary']],
    words:
      /\bprimary_conninfo\b|\breplicat\w*\b.{0,30}\b(?:connections?|traffic|through|via|over)\b|\bstream\w* (?:through|via)\b|\bpg_basebackup\b/iu,
    unless: ['login: rejected'],
    means:
      'PgBouncer carries replication connections only from 1.23 on, and then one to one. Before that, and in most other poolers, the standby must connect to PostgreSQL itself.',
    causes: [
      {
        cause:
          'Several hosts in primary_conninfo find the primary without anything in between: host=a,b target_session_attrs=read-write (10 and later; primary from 14).',
        check: 'psql -c "SHOW primary_conninfo"',
      },
      {
        cause:
          'A name or address that moves with the primary (DNS, a virtual IP, HAProxy in TCP mode with a check of the role) passes it through unchanged.',
      },
      { cause: 'A manager (Patroni, repmgr) changes primary_conninfo itself.' },
    ],
    asks: true,
  },
  {
    facts: [['slot: added', ': added', 'standby: added'], 'standby'],
    words:
      /\bslots?\b[^]*\b(?:existing|without (?:a |an )?(?:new |fresh |another )?(?:copy|base ?backup|re-?building|rebuild|re-?creating|downtime)|already (?:running|streaming)|running (?:standby|replica)|later)\b|\b(?:existing|running) (?:standby|replica|slave)\b[^]*\bslots?\b/iu,
    unless: ['disk: full', 'wal: grows', ': promoted'],
    means:
      'Yes, and nothing has to be copied again: a slot is made on the primary, and primary_slot_name on the standby names it.',
    causes: [
      {
        cause: 'Make it, and let it keep WAL from now on.',
        on: 'primary',
        check: 'psql -c "SELECT pg_create_physical_replication_slot(\'<slot>\', true)"',
      },
      {
        cause:
          'Name it on the standby. From 13 on a reload does it; before, a restart of the standby. The primary is not restarted, if max_replication_slots is enough.',
        check: 'psql -c "ALTER SYSTEM SET primary_slot_name = \'<slot>\'" -c "SELECT pg_reload_conf()"',
      },
      {
        cause: 'It is used: active = t.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
      },
    ],
    todo: 'Set max_slot_wal_keep_size on the primary: without it, a standby that is away fills its disk.',
    asks: true,
    steps: true,
  },
  {
    facts: ['wal'],
    words:
      /\b(?:so much|too much|\d+ ?(?:x|times)|amount of|volume of|what (?:makes|generates|writes)|reduce|less|huge) .{0,60}\b(?:wal|xlog|traffic)\b|\b(?:wal|traffic)\b.{0,60}\b(?:so much|too much|\d+ ?(?:x|times) (?:bigger|larger|more)|(?:be )?(?:reduced?|turned down))\b/iu,
    unless: ['slot', 'disk: full', 'archive', ': stuck'],
    means:
      'WAL has whole pages as well as changes: the first change of a page after each checkpoint writes all 8 kB of it (full_page_writes). Index entries, vacuum and hint bits (with checksums or wal_log_hints) come on top.',
    causes: [
      {
        cause: 'What writes it: kinds of records, and how much of it are full pages.',
        on: 'primary',
        check:
          'pg_waldump --stats=record <data directory>/pg_wal/<first segment> <last segment>; psql -c "SELECT wal_records, wal_fpi, pg_size_pretty(wal_bytes) FROM pg_stat_wal"',
      },
      {
        cause: 'Checkpoints are frequent: a larger max_wal_size and checkpoint_timeout write fewer full pages.',
        on: 'primary',
        check: 'psql -c "SHOW checkpoint_timeout" -c "SHOW max_wal_size" -c "SHOW wal_compression"',
      },
      {
        cause:
          'wal_compression = on (lz4, zstd from 15 on) makes the full pages smaller; fewer unused indexes help, and UNLOGGED tables for data that may be lost.',
      },
    ],
    todo: 'Leave full_page_writes on: without it a crash can damage data.',
    asks: true,
  },
  {
    facts: ['standby'],
    words: /\b(?:stop slave|start slave|stop replica)\b/iu,
    unlessWords: /\b(?:lag|behind|broken|error|fail)/iu,
    means:
      'On a hot standby the counterpart of STOP SLAVE is pg_wal_replay_pause(): it goes on receiving WAL, and what queries see stays as it is until pg_wal_replay_resume().',
    causes: [
      {
        cause: 'Pause, read or dump, resume.',
        check: 'psql -c "SELECT pg_wal_replay_pause()" -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_replay_lsn()"',
      },
      {
        cause:
          'A single pg_dump needs no pause: it reads one snapshot. The standby only has to let it (max_standby_streaming_delay, hot_standby_feedback).',
        check: 'psql -c "SHOW max_standby_streaming_delay" -c "SHOW hot_standby_feedback"',
      },
      {
        cause: 'A copy of the files: pg_basebackup from the standby, or stop it and copy.',
      },
    ],
    todo: 'Do not forget pg_wal_replay_resume(): WAL piles up on the standby meanwhile.',
    asks: true,
    steps: false,
  },
  {
    facts: [['data', 'write']],
    words:
      /\b(?:ids?|sequences?|serials?|nextval|primary keys?|identity)\b[^]*\b(?:logical|subscri\w+|publication)\b|\b(?:logical|subscri\w+|publication)\b[^]*\b(?:ids?|sequences?|serials?|nextval|identity)\b/iu,
    unlessWords: /\b(?:slots?|jump\w*|gaps?)\b|replica identity/iu,
    means:
      'Logical replication copies rows and not the state of sequences: on the subscriber each still has its first value, and gives out numbers that exist already.',
    causes: [
      {
        cause: 'Set each to the highest number of its column.',
        on: 'subscriber',
        check:
          "psql -Atc \"SELECT format('SELECT setval(%L, (SELECT coalesce(max(%I), 1) FROM %s));', pg_get_serial_sequence(c.oid::regclass::text, a.attname), a.attname, c.oid::regclass) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND pg_get_serial_sequence(c.oid::regclass::text, a.attname) IS NOT NULL\"",
      },
    ],
    todo: 'The command prints one statement for each column: run them after the last write on the old server and before the first on the new one. Up to 18, sequences are not replicated; a switchover must do it.',
    asks: true,
  },
];
