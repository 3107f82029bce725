import { lagAsked } from '../symptoms/questions.ts';
import { queriesCanceled } from '../symptoms/views.ts';
import type { Situation } from './situation.ts';

/** Daily work with standbys: queries, roles, limits, clean-up. */
export const situationsOfWork: readonly Situation[] = [
  {
    facts: [['query: ended'], ['standby']],
    unless: ['primary: ended', 'service: restarts'],
    ...queriesCanceled,
    causes: [
      ...queriesCanceled.causes,
      {
        cause:
          'A limit of the session or of something in between: statement_timeout, idle_in_transaction_session_timeout, a proxy.',
        check: 'psql -c "SHOW statement_timeout" -c "SHOW idle_in_transaction_session_timeout"',
      },
    ],
  },
  {
    facts: ['standby', 'lag'],
    words:
      /\b(?:query|sql|metric|way|how)\b.{0,60}\b(?:alert\w*|monitor\w*|measur\w*|check|know|see)\b.{0,60}\b(?:behind|lag\w*|delay\w*)\b/iu,
    unless: [': grows', ': stuck', ': does not follow', 'slot', ': idle'],
    unlessWords: /\b(?:zabbix|nagios|grafana) (?:says|shows|reports)\b/iu,
    ...lagAsked,
  },
  {
    facts: ['login'],
    words:
      /\breplication (?:user|role|account)\b[^]*\bsuper-?user\b|\bsuper-?user\b[^]*\breplication (?:user|role|account)\b/iu,
    unless: ['login: rejected'],
    unlessWords: /\bmust be superuser\b|\bFATAL\b/u,
    means:
      'No: a role with LOGIN and REPLICATION is enough for a standby and for pg_basebackup, and better than a superuser. It can read all data, but change none.',
    causes: [
      {
        cause: 'Make it, on the primary: CREATE ROLE <role> LOGIN REPLICATION; then \\password <role>.',
        on: 'primary',
        check: 'psql -c "SELECT rolname, rolsuper, rolreplication, rolcanlogin FROM pg_roles WHERE rolreplication"',
      },
      { cause: 'Its own line in pg_hba.conf, with the word replication as database.' },
      {
        cause:
          'pg_rewind needs a little more: EXECUTE on pg_ls_dir, pg_stat_file and both pg_read_binary_file (11 and later).',
      },
    ],
    asks: true,
  },
  {
    facts: [
      ['standby', 'receiver', 'sender', 'other standby'],
      [': rejected', 'standby: rejected', ': does not follow', 'other standby: rejected'],
    ],
    words: /\bmax_wal_senders\b/iu,
    unlessWords: /\b(?:max_connections|wal_level)\b/iu,
    means:
      'Each standby, each pg_receivewal and each pg_basebackup (two with -X stream) takes one of max_wal_senders. When all are taken, the next one is refused.',
    causes: [
      {
        cause: 'How many are taken, and by whom. One whose connection was cut stays until wal_sender_timeout.',
        on: 'primary',
        check:
          'psql -c "SHOW max_wal_senders" -c "SELECT pid, application_name, client_addr, state FROM pg_stat_replication"',
        rule: 'primary/wal-senders-exhausted',
      },
    ],
    todo: 'ALTER SYSTEM SET max_wal_senders = 10; then restart: on the standbys first (they need at least the value of the primary), then on the primary. max_replication_slots likewise, if slots are used.',
  },
  {
    facts: ['standby'],
    words:
      /\b(?:get(?:ting)? rid of|remov(?:e|ed|ing)|retir(?:e|ed|ing)|decommission(?:ed|ing)?|take (?:it |one |a replica )?out|delet(?:e|ing)|dismantl\w+) (?:\w+ ){0,4}?(?:stand-?bys?|replicas?|slaves?|secondary|node)\b[^]*\b(?:clean\w*|left to do|anything (?:else|more|left|to do)|remains?|forget|properly|correct\w*|steps?|what)\b/iu,
    unless: ['disk: full', 'wal: grows', ': waits', ': promoted'],
    unlessWords: /\bpg_wal\b|\bfiles?\b/iu,
    means:
      'A standby may simply be stopped; what the primary keeps for it has to be taken away, or its disk fills and its commits may wait.',
    causes: [
      {
        cause: 'Before it is stopped: synchronous_standby_names must not need it.',
        on: 'primary',
        check:
          'psql -c "SHOW synchronous_standby_names" -c "SELECT application_name, sync_state FROM pg_stat_replication"',
      },
      {
        cause: "After it is stopped, its slot: SELECT pg_drop_replication_slot('<slot>');",
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots"',
      },
      {
        cause:
          'With a manager: repmgr standby unregister, pg_autoctl drop node, a smaller number of instances in an operator; Patroni forgets a member that is stopped, and its slot (from 4.0 on after member_slots_ttl).',
      },
      {
        cause: 'Its line in pg_hba.conf, its role if nothing else uses it, and its address in proxies and monitoring.',
      },
    ],
    asks: true,
    steps: true,
  },
  {
    facts: ['standby'],
    words:
      /^(?=[^]*\b(?:auto-?vacuum|vacuum|analyze)\b)(?=[^]*\b(?:need|needs|needed|own|necessary|should|required?)\b)(?=[^]*\?|(?:do|does|should|is)\b)/iu,
    unless: [': grows', 'query', 'slot'],
    unlessWords: /\b(?:bloat\w*|dead (?:rows|tuples)|lag\w*|wraparound|explain)\b/iu,
    means:
      'No: a standby gets the work of vacuum and analyze with the WAL, tables and planner statistics alike. The numbers in pg_stat_user_tables are counted by each server for itself, and on a standby mostly stay at zero.',
    causes: [
      {
        cause: 'The planner statistics are there: pg_stats has them.',
        check: 'psql -c "SELECT count(*) FROM pg_stats"',
      },
      {
        cause: 'Vacuum is the work of the primary; hot_standby_feedback lets it wait for queries of the standby.',
        on: 'primary',
        check:
          'psql -c "SELECT relname, last_autovacuum, last_autoanalyze FROM pg_stat_user_tables ORDER BY 2 LIMIT 5"',
      },
    ],
    asks: true,
  },
  {
    facts: [
      ['standby', 'service'],
      [': back', 'standby: back', ': not ready'],
    ],
    words: /\b(?:takes?|needs?|for|after) (?:about |around |up to |almost |over )?\d+ (?:min\w*|hours?|h)\b/iu,
    unless: [
      'copy',
      ': restarts',
      ': does not follow',
      ': does not start',
      ': rejected',
      ': stuck',
      'slot',
      ': promoted',
      ': down',
      'lag',
    ],
    unlessWords: /\b(?:connection (?:drops|is lost)|every|fails|lost)\b/iu,
    means:
      'A standby that starts replays all WAL since its last restartpoint before it accepts sessions. That takes as long as that WAL is much.',
    causes: [
      {
        cause:
          'Restartpoints are rare: a standby makes one only for a checkpoint of the primary, so that max_wal_size and checkpoint_timeout of both servers decide.',
        check:
          'psql -c "SHOW checkpoint_timeout" -c "SHOW max_wal_size"; pg_controldata -D <data directory> | grep -E "checkpoint location|REDO location|Time of latest"',
      },
      {
        cause:
          'It was stopped hard (immediate, a kill, a timeout of the service): a fast stop makes a restartpoint first, if one is possible.',
        check: 'grep -nE "shutdown request|interrupted|redo starts|consistent recovery" <log of PostgreSQL> | tail',
      },
      {
        cause: 'A slow disk, or a small shared_buffers, for replay: recovery_prefetch (15 and later) helps.',
        check: 'iostat -x 5 2',
      },
    ],
    todo: 'Before a planned restart: CHECKPOINT; on the primary, then CHECKPOINT; on the standby, then a fast stop.',
    asks: true,
  },
  {
    facts: [['service: does not start', ': does not start']],
    words:
      /\b(?:moved?|moving|relocat\w+|new (?:mount|disk|volume|path|location))\b[^]*\b(?:data directory|data dir|pgdata|\/\w+)/iu,
    unless: ['copy', ': promoted'],
    means:
      'A service that cannot even begin writes nothing to the log of PostgreSQL: the reason is in the journal of the service. After a move it is the path, the owner or the label of the new directory.',
    causes: [
      {
        cause: 'The service still has the old directory: PGDATA in its unit, data_directory in /etc/postgresql.',
        check:
          'journalctl -u "postgresql*" -n 30 --no-pager; systemctl cat "postgresql*" | grep -n PGDATA; pg_lsclusters 2>/dev/null',
      },
      {
        cause: 'SELinux does not let it use that path (CentOS, RHEL, Fedora): the label must be postgresql_db_t.',
        check: 'getenforce; ls -ldZ <data directory>; ausearch -m avc -ts recent 2>/dev/null | tail -3',
      },
      {
        cause:
          'The owner or mode: the directory belongs to postgres with 0700, and postgres needs x on each parent directory.',
        check: 'namei -l <data directory>',
        rule: 'standby/permissions',
      },
    ],
    todo: 'For SELinux: semanage fcontext -a -t postgresql_db_t "<data directory>(/.*)?" && restorecon -R <data directory>',
  },
];
