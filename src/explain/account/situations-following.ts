import { promotedByMistake } from '../symptoms/changes.ts';
import { oldPrimary } from '../symptoms/old-primary.ts';
import { receives } from '../symptoms/where-to-look.ts';
import type { Situation } from './situation.ts';

const walGone =
  'It needs WAL that the primary has removed meanwhile: "requested WAL segment … has already been removed" in its log. Without that WAL in an archive it needs a new base backup.';
const whyNot = 'grep -nE "FATAL|PANIC|could not|removed" <log of PostgreSQL> | tail -5';

/** A standby that does not follow, or follows another server than it should. */
export const situationsOfFollowing: readonly Situation[] = [
  {
    facts: [
      ['standby: down', 'service: down', ': down'],
      ['standby: behind', 'standby: does not follow', 'standby: stuck', 'data: behind', ': does not follow'],
    ],
    words:
      /\b(?:weekend|days?|hours?|weeks?|months?|since (?:mon|tues|wednes|thurs|fri|satur|sun)day|overnight|holidays?|a while|(?:on|until) (?:mon|tues|wednes|thurs|fri|satur|sun)day)\b/iu,
    unless: ['former primary', ': promoted', ': restarts', ': shrinks'],
    unlessWords: /\bprimary (?:was|is|has been) (?:down|off|stopped)\b|\b(?:query|quer(?:y|ies)|pg_dump)\b/iu,
    means:
      'A standby that was away goes on where it stopped, if the WAL since then still exists: in pg_wal of the primary, kept by a slot or wal_keep_size, or in an archive.',
    causes: [
      { cause: walGone, check: whyNot, rule: 'wal/segment-removed' },
      {
        cause: 'It still catches up: the position moves, and it only takes time.',
        check: 'psql -Atc "SELECT pg_last_wal_replay_lsn()"; sleep 30; psql -Atc "SELECT pg_last_wal_replay_lsn()"',
      },
      {
        cause: 'Its address or name has changed with the machine, so that pg_hba.conf or a firewall refuses it.',
        check: `${whyNot}; psql -c "SHOW primary_conninfo"`,
        rule: 'streaming/not-connected',
      },
    ],
    todo: 'Nothing has to be made again as long as the WAL exists. A slot on the primary (with max_slot_wal_keep_size) or an archive prevents this the next time.',
  },
  {
    facts: [
      ['disk: full', 'standby: full', ': full'],
      ['standby: does not follow', 'standby: stuck', 'standby: behind', ': does not follow', 'standby: down'],
    ],
    words:
      /\b(?:enlarged|resized?|extended|expanded|grew|freed|free(?:d)? (?:up )?(?:some )?space|more space|cleaned|made (?:some )?(?:room|space)|bigger disk|\d+ ?[gt]b more|more (?:disk|room)|added (?:\d+ ?\w+|space|disk))\b/iu,
    unless: ['slot', 'primary: full'],
    means:
      'A server whose disk is full cannot write WAL: its startup process or its receiver stops, or the whole server does. It goes on when there is space and it is started; whether it still can, its log and the WAL on the primary decide.',
    causes: [
      {
        cause: 'The server, or only its receiver, has stopped: start it again and look whether it replays.',
        check: `pg_ctl -D <data directory> status; ${receives}`,
      },
      { cause: walGone, check: whyNot, rule: 'wal/segment-removed' },
      {
        cause:
          'A WAL segment was only half written when the space ran out: the log repeats an invalid record or a wrong size at the same position.',
        check: 'grep -nE "invalid|PANIC|No space|incorrect" <log of PostgreSQL> | tail -5',
      },
    ],
    todo: 'Start it as it is first; never delete files from pg_wal.',
  },
  {
    facts: [
      ['standby: promoted', ': promoted', 'primary: promoted'],
      ['other standby: does not follow', 'standby: does not follow', 'other standby: behind', 'other standby: stuck'],
    ],
    unless: ['former primary: does not follow', ': two of them', 'former primary: back'],
    unlessWords:
      /\b(?:did|does|do|could|can|will|would)(?: not|n['’]t) (?:\w+ )?(?:promot|fail ?over|switch ?over|elect)\w*/iu,
    means:
      'After a failover each other standby needs the address of the new primary. PostgreSQL does not do that: primary_conninfo keeps the old address until a manager or a person changes it.',
    causes: [
      {
        cause:
          'repmgr: repmgrd must run on that standby too and have a follow_command; it follows by itself then. With repmgrd, --siblings-follow does not belong into promote_command.',
        check:
          'repmgr -f /etc/repmgr.conf service status; grep -nE "^(failover|follow_command|promote_command)" /etc/repmgr.conf',
      },
      {
        cause: 'It still asks the old primary.',
        check: 'psql -c "SHOW primary_conninfo" -c "SELECT status, sender_host FROM pg_stat_wal_receiver"',
        rule: 'streaming/wrong-upstream',
      },
      {
        cause: 'The new primary refuses it: no slot of that name, or no line in pg_hba.conf.',
        check: whyNot,
        rule: 'streaming/not-connected',
      },
      {
        cause:
          'It had received more than the server that was promoted, or recovery_target_timeline is not latest (the default from 12 on): it cannot follow the new timeline.',
        check: 'psql -c "SHOW recovery_target_timeline"; grep -nE "timeline|forked" <log of PostgreSQL> | tail -5',
        rule: 'timeline/diverged',
      },
    ],
    todo: 'By hand: set primary_conninfo to the new primary and reload (13 and later; restart before). With repmgr: repmgr -f /etc/repmgr.conf standby follow.',
  },
  {
    facts: [
      ['standby: attached', ': attached'],
      ['former primary', ': promoted'],
    ],
    words: /\b(?:former|old|previous|original|ex)[- ]?(?:primary|master|leader)\b/iu,
    unless: [': does not follow', ': behind', ': stuck', 'slot', ': two of them'],
    unlessWords: /\bcan['’]?t|cannot|error|fail/iu,
    means:
      'A standby may follow another standby: that is a cascade. It gets everything through it, and is up to date as long as that one is; but it stops when that one does.',
    causes: [
      {
        cause: 'Whom it follows.',
        check: 'psql -c "SELECT status, sender_host, sender_port FROM pg_stat_wal_receiver"',
        rule: 'streaming/wrong-upstream',
      },
      {
        cause:
          'To attach it to the new primary with repmgr (without it: primary_conninfo and a reload; before 13 a restart).',
        check: 'repmgr -f /etc/repmgr.conf standby follow --dry-run',
      },
    ],
    todo: 'Before that, the new primary needs its slot (if primary_slot_name is set), its line in pg_hba.conf, and max_wal_senders enough for all.',
    asks: true,
  },
  {
    facts: [['former primary: back', ': back'], ': two of them'],
    ...oldPrimary,
    means:
      'The server that was the primary came back as one: two primaries now write, each its own data. PostgreSQL never makes the old one a standby by itself.',
  },
  {
    facts: [': promoted', ': down', [': does not follow', ': rejected', ': does not start']],
    words:
      /\b(?:repaired|fixed|is back|came back|recovered|again|re-?join|back in|as an? (?:replica|standby|slave))\b/iu,
    unless: ['other standby', ': two of them', 'slot'],
    unlessWords: /\b(?:did|does|do)(?: not|n['’]t) (?:\w+ )?(?:promot|fail ?over|switch ?over|elect)\w*/iu,
    ...oldPrimary,
  },
  {
    facts: [['standby: writable']],
    words:
      /\b(?:sudden\w*|this morning|by itself|on its own|out of nowhere|overnight|nobody|no one|unexpected\w*|without (?:anyone|anybody|a reason)|by accident)\b/iu,
    unless: ['copy'],
    unlessWords: /\b(?:pg_basebackup|-R\b|from scratch|set up|setup|new standby)/iu,
    means:
      'The standby was promoted, or was started without standby.signal. Its log says which and when. What was written to it is on no other server.',
    causes: [
      {
        cause:
          'It was promoted: "received promote request" in its log, and a new timeline. That is pg_ctl promote or pg_promote() by a person or a script, a manager, promote_trigger_file (up to 15).',
        check:
          'grep -nE "promote|trigger file|new timeline|entering standby mode" <log of PostgreSQL> | tail; ls -l <data directory>/pg_wal/*.history',
        rule: 'timeline/diverged',
      },
      {
        cause: 'It was restarted without standby.signal (removed by configuration management, a restore, an upgrade).',
        check: 'ls -l <data directory>/*.signal; psql -c "SELECT pg_is_in_recovery(), pg_postmaster_start_time()"',
        rule: 'standby/signal-missing',
      },
    ],
    todo: 'Keep clients away from it until you know which server has the right data; then pg_rewind or copy it again as a standby.',
  },
  {
    facts: [': promoted'],
    words:
      /\b(?:accident\w*|by mistake|mistakenly|wrongly|oops|(?:on|the) wrong (?:one|box|server|node|host|machine|instance|replica|standby|terminal))\b|\b(?:during|for|in|as) an? (?:\w+ )?test\b[^]*\b(?:standby|replica|slave) again\b|\bmake it an? (?:standby|replica|slave) again\b|\bback (?:in)?to an? (?:standby|replica|slave)\b/iu,
    unless: [': two of them'],
    ...promotedByMistake,
  },
  {
    facts: [
      ['wal: missing', 'wal: down', 'wal: rejected'],
      ['copy', 'restore'],
    ],
    words: /\b(?:hours?|days?|long|slow|wan|large|big|tb|terabytes?|too long|attempts?|times)\b/iu,
    unless: [': promoted', 'former primary', 'standby: down'],
    means:
      'The copy takes longer than the primary keeps WAL: when it is complete, the WAL since its beginning is gone, and the standby cannot go on from there.',
    causes: [
      {
        cause: 'No slot holds the WAL from the beginning of the copy until the standby streams.',
        on: 'primary',
        check:
          'psql -c "SHOW wal_keep_size" -c "SHOW max_slot_wal_keep_size" -c "SELECT slot_name, active, wal_status FROM pg_replication_slots"',
        rule: 'wal/segment-removed',
      },
    ],
    todo: 'pg_basebackup -X stream -C -S <slot> -R makes a slot that the standby goes on using; the primary needs room for the WAL of that time. Or let restore_command read an archive. Remove the slot if the copy is given up.',
    where: 'before the next attempt',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -C -S <slot> -R',
  },
  {
    facts: [
      ['data: missing', ': missing'],
      [': promoted', 'primary: promoted', 'standby: promoted'],
    ],
    words:
      /\b(?:last|seconds?|minutes?|some|few|recent)\b.{0,60}\b(?:lost|gone|missing|disappeared|not there)\b|\b(?:lost|missing)\b.{0,40}\b(?:last|seconds?|minutes?|recent)\b/iu,
    unless: ['slot', 'query'],
    unlessWords: /\b(?:index\w*|collation|sequences?|unlogged)\b/iu,
    means:
      'Replication is asynchronous by default: a commit is reported before a standby has it. What the old primary had not sent when it failed is not on the server that took over.',
    causes: [
      {
        cause:
          'It is still on the disk of the old primary: keep that directory as it is, stopped, and read the rows there before you rewind or copy it again.',
        on: 'primary',
        check: 'pg_controldata -D <data directory> | grep -E "cluster state|TimeLineID|Latest checkpoint location"',
      },
      {
        cause:
          'How far the standby was behind: the log of the manager and of the new primary ("new timeline", the position at the promotion).',
        check:
          'cat <data directory>/pg_wal/*.history; grep -nE "promote|new timeline|redo done" <log of PostgreSQL> | tail -5',
      },
    ],
    todo: 'To lose no commit: synchronous_standby_names with at least two candidates (ANY 1 (a, b)) and synchronous_commit = on; each commit then waits for a standby. Patroni: synchronous_mode, maximum_lag_on_failover.',
    asks: true,
  },
];
