import { idleLag } from './idle-lag.ts';
import { standby, standbyOrReplication } from './symptom.ts';
import type { Symptom } from './symptom.ts';
import { receives, whereItIsLost } from './where-to-look.ts';

const none =
  /(?<!\b(?:not|never|isn['’]t|n['’]t) )\b(?:empty|blank|no (?:rows?|records?|entr(?:y|ies)|results?|data|lines?|output)|(?:zero|0) (?:rows?|records?|results?)|nothing|null)\b/iu;

const noneOrNotRunning = new RegExp(
  `${none.source}|\\bno wal[ _]?receiver\\b|\\b(?:not|never)\\b.{0,20}\\b(?:run\\w*|start\\w*|exist\\w*|there)\\b|n['’]t (?:run|start|exist)\\w*|\\b(?:missing|absent)\\b`,
  'iu',
);

const ageOfTransaction: Omit<Symptom, 'all'> = {
  means:
    'now() - pg_last_xact_replay_timestamp() is the age of the last transaction that was replayed. Where the primary writes nothing it grows, although the standby has everything.',
  causes: [
    {
      cause: 'Compare positions: if received and replayed are equal and the state is streaming, there is no lag.',
      check:
        'psql -c "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END AS lag" -c "SELECT status FROM pg_stat_wal_receiver"',
    },
    {
      cause: 'The primary knows it better: replay_lag, and what is not yet replayed in bytes.',
      on: 'primary',
      check: whereItIsLost,
    },
  ],
};

/** Queries on a standby that end because of replay. */
export const queriesCanceled: Omit<Symptom, 'all'> = {
  means:
    'Replay on a standby goes before its queries: one that is in the way of WAL that has to be replayed is canceled after max_standby_streaming_delay (30 s).',
  causes: [
    {
      cause:
        'Vacuum on the primary removed row versions that the query still needs, or something took an exclusive lock.',
      check:
        'psql -c "SELECT datname, confl_snapshot, confl_lock, confl_bufferpin, confl_deadlock FROM pg_stat_database_conflicts"',
      rule: 'streaming/conflicts',
    },
  ],
  todo: 'confl_snapshot grows: hot_standby_feedback = on (the primary keeps more dead rows). confl_lock grows: a larger max_standby_streaming_delay (the standby falls behind meanwhile).',
};

/** Rows of which a role may not see more. */
export const columnsHidden: Omit<Symptom, 'all'> = {
  means:
    'The rows are there, and most of their columns are empty: the role that asks may not see them. Replication has no fault by that.',
  causes: [
    {
      cause:
        'Only a superuser and members of pg_monitor or pg_read_all_stats see addresses, positions and states of other sessions.',
      on: 'primary',
      check: "psql -Atc \"SELECT current_user, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')\"",
    },
  ],
  todo: 'GRANT pg_monitor TO <role>; on the primary (10 and later).',
};

/** What is seen of the stream in the server's views, in its conflicts and at certain times. */
export const symptomsOfViews: readonly Symptom[] = [
  {
    all: [
      /\bpg_stat_wal_receiver\b/iu,
      none,
      /\bon (?:the |my |our )?(?:primary|master|leader)\b.{0,60}\bpg_stat_wal_receiver\b|\bpg_stat_wal_receiver\b.{0,40}\bon (?:the |my |our )?(?:primary|master|leader)\b/iu,
    ],
    asks: true,
    means:
      'On a primary, pg_stat_wal_receiver has no row, and that is normal: only a standby receives WAL. The primary has one row in pg_stat_replication for each standby that is connected.',
    causes: [
      {
        cause: 'Which standbys are connected; state streaming is what it should be.',
        on: 'primary',
        check: whereItIsLost,
      },
      {
        cause: 'On the standby, one row with status streaming.',
        check:
          'psql -c "SELECT pg_is_in_recovery()" -c "SELECT status, sender_host, latest_end_lsn FROM pg_stat_wal_receiver"',
      },
    ],
  },
  {
    all: [
      /\bpg_stat_replication\b/iu,
      none,
      /\bon (?:the |my |our )?(?:standby|replica|slave|secondary)\b.{0,60}\bpg_stat_replication\b|\bpg_stat_replication\b.{0,40}\bon (?:the |my |our )?(?:standby|replica|slave|secondary)\b/iu,
    ],
    asks: true,
    means:
      'On a standby, pg_stat_replication has no row, unless another standby is connected to it (a cascade). That is normal: look on the primary.',
    causes: [
      {
        cause: 'Which standbys are connected to the primary, and what they have not got.',
        on: 'primary',
        check: whereItIsLost,
      },
      { cause: 'On the standby itself: one row with status streaming.', check: receives },
    ],
  },
  {
    all: [/\b(?:behind|lag\w*|delay\w*|late|old|stale|out of date)\b/iu, standby],
    beside:
      /\bpg_last_xact_replay_timestamp\b(?=[^]*(?:(?:receive\w*|replay\w*|lsns?|positions?)\b[^\n]{0,80}\b(?:equal|identical|the same|match)\b|\b(?:same|equal|identical) (?:lsns?|positions?)\b))/iu,
    means:
      'Where the received and the replayed position are equal, the standby has replayed all that it has. now() - pg_last_xact_replay_timestamp() is the age of the last transaction, not a delay: it grows while the primary writes nothing.',
    causes: [
      {
        cause: 'The primary has written nothing since, and the standby streams: it is not behind.',
        on: 'primary',
        check: whereItIsLost,
      },
      {
        cause:
          'Nothing arrives: it does not stream any more. Then the two positions are equal as well, and both are old.',
        check: 'psql -c "SELECT status, latest_end_lsn, last_msg_receipt_time FROM pg_stat_wal_receiver"',
        rule: 'streaming/not-connected',
      },
    ],
  },
  {
    all: [/\bpg_last_xact_replay_timestamp\b/iu],
    beside:
      /\b(?:nobody|no ?one|nothing|hardly any(?:one|body)|no users?) (?:uses?|us(?:ing|ed)|writes?|works?|happens|is written)\b|\bat night\b|\bweekends?\b|\b(?:staging|test|dev\w*) (?:system|server|environment|cluster|database)\b|\b0 (?:MB |bytes? )?(?:of )?lag\b|\blag (?:in MB )?(?:is|of|=|:) ?0\b(?!\.?\d)/iu,
    ...ageOfTransaction,
  },
  {
    all: [
      /\bpg_last_xact_replay_timestamp\b/iu,
      /\b(?:grow\w*|increas\w*|rises?|rising|high|large|wrong|minutes|hours|lag|delay)\b/iu,
      /\b(?:idle|few|no|little|without|low) (?:writes?|traffic|activity|load|transactions?|changes?)\b|\bkeeps?\b|\balthough\b|\bbut\b|\beven (?:though|if)\b/iu,
    ],
    asks: true,
    ...ageOfTransaction,
  },
  {
    all: [
      /\bslots?\b/iu,
      /\b(?:deleted|gone|lost|lose|loses|disappear\w*|dropped|missing|removed|vanish\w*|(?:does|do) ?n(?:'|o)t exist|not copied|not there)\b/iu,
      /\bfail-?over\b|\bpromot\w*|\bswitch-?over\b|\bnew (?:primary|master|leader)\b/iu,
    ],
    means:
      'Physical slots are not replicated: a standby that is promoted has only those that were created on it. Other standbys that ask for a slot are refused until it exists there.',
    causes: [
      {
        cause: 'The new primary has no slot of that name.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, slot_type, active, restart_lsn FROM pg_replication_slots"',
        rule: 'slot/missing',
      },
      {
        cause:
          'A manager makes or removes them: Patroni drops what is neither a member nor listed under slots in its configuration; repmgr (use_replication_slots) and the agents of Pacemaker make their own.',
        on: 'primary',
        check: 'patronictl show-config | grep -A5 slots; grep -n slot /etc/repmgr*.conf',
      },
    ],
    todo: "On the new primary: SELECT pg_create_physical_replication_slot('<slot>', true); a standby that missed WAL meanwhile needs an archive or a new base backup. Logical slots: sync_replication_slots from 17 on.",
  },
  {
    all: [/\bpg_replication_slots?\b|\breplication slots?\b/iu, none, standby],
    asks: true,
    means:
      'Slots belong to the server on which they were created. The slot that a standby streams through is on its primary, so pg_replication_slots on the standby has no row for it. This is normal.',
    causes: [
      {
        cause: 'Look on the primary: the slot of this standby must be there, with active = t.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
        rule: 'slot/missing',
      },
      {
        cause: 'The name that the standby asks for.',
        check: 'psql -c "SHOW primary_slot_name" -c "SELECT slot_name, status FROM pg_stat_wal_receiver"',
      },
    ],
  },
  {
    all: [/\bpg_stat_wal_receiver\b|\bwal[ _]?receiver(?: (?:process|service))?\b/iu, noneOrNotRunning],
    means:
      'This standby receives no WAL: no WAL receiver runs. Its log says why, in a line of FATAL about every five seconds.',
    causes: [
      {
        cause: 'Its connection is refused or fails: address, pg_hba.conf, password, slot, or WAL that is gone.',
        check: 'tail -n 30 <log of PostgreSQL>; psql -c "SHOW primary_conninfo" -c "SHOW primary_slot_name"',
        rule: 'streaming/not-connected',
      },
      {
        cause: 'The server is not a standby: it was started without standby.signal, or was promoted.',
        check: 'psql -c "SELECT pg_is_in_recovery()"',
        rule: 'standby/signal-missing',
      },
      {
        cause:
          'primary_conninfo is empty, or restore_command still brings WAL from an archive: it streams only after that.',
        check: 'psql -c "SHOW primary_conninfo" -c "SHOW restore_command"',
      },
      { cause: 'The query was typed on the primary: only a standby has a row.' },
    ],
  },
  {
    all: [
      /\bpg_stat_replication\b/iu,
      /\b(?:other|most|all|some|rest of the|many) (?:of the )?(?:columns?|fields?)\b|\bonly (?:get|see|shows?|returns?)\b.{0,30}\bpid\b/iu,
      none,
    ],
    ...columnsHidden,
  },
  {
    all: [/\bpg_stat_replication\b/iu, none],
    means: 'No standby is connected to this server, or the query was typed on the standby itself.',
    causes: [
      {
        cause: 'The standby tries and is refused: its log says why (pg_hba.conf, password, slot, WAL that is gone).',
        check: `tail -n 30 <log of PostgreSQL>; psql -c "SHOW primary_conninfo"`,
        rule: 'streaming/not-connected',
      },
      {
        cause:
          'The "standby" runs as a primary: it was started without standby.signal (-R of pg_basebackup was missing), or was promoted.',
        after: 'not in recovery',
        check: 'psql -c "SELECT pg_is_in_recovery()"; ls -l <data directory>/*.signal',
        rule: 'standby/signal-missing',
      },
      {
        cause: 'It follows another server (a cascade, an old primary, another port): its receiver says which.',
        check: 'psql -c "SELECT status, sender_host, sender_port FROM pg_stat_wal_receiver"',
        rule: 'streaming/wrong-upstream',
      },
      {
        cause: 'Rows with empty columns: the role may not see them. It needs pg_monitor.',
        on: 'primary',
        check: 'psql -c "SELECT current_user, pg_is_in_recovery()"',
      },
    ],
  },
  {
    all: [
      /\bback-?ups?\b/iu,
      standby,
      /\b(?:wait\w*|hang\w*|hung|stuck|never (?:finish\w*|end\w*|complet\w*)|endless\w*|forever)\b/iu,
      /\b(?:no|without(?: any)?|little|low|idle|zero) (?:traffic|writes?|activity|load|transactions?|changes?)\b|\bidle\b|\bpg_switch_wal\b|\bnot busy\b/iu,
    ],
    means:
      'A backup of a standby ends when the primary has finished the WAL segment in which it ended. Where nothing is written, that does not happen, and pg_switch_wal() does nothing either.',
    causes: [
      {
        cause: 'Write something on the primary, then switch: the backup ends.',
        on: 'primary',
        check: `psql -c "SELECT pg_logical_emit_message(true, 'backup', 'switch')" -c "SELECT pg_switch_wal()"`,
      },
      {
        cause:
          'The segment is finished and not archived: archive_command fails, or with archive_mode = always that of the standby.',
        on: 'primary',
        check: 'psql -c "SELECT archived_count, failed_count, last_failed_wal FROM pg_stat_archiver"',
        rule: 'primary/archive-failing',
      },
    ],
    todo: 'Barman 3.1 and later switches by itself with primary_conninfo set. archive_timeout helps only where something is written.',
  },
  {
    all: [
      /\bprimary_conninfo\b/iu,
      /\brestore_command\b/iu,
      /\b(?:ignor\w*|instead|both|no longer|prefer\w*|disabl\w*|rather|only)\b/iu,
    ],
    asks: true,
    means:
      'A standby may have both. It takes WAL from the archive (restore_command), then from pg_wal, then streams (primary_conninfo), and comes back to the archive each time a stream fails. As long as the archive brings segments, it does not stream.',
    causes: [
      {
        cause:
          'It tries to stream and is refused, so it goes back to the archive: FATAL lines every few seconds in its log say why.',
        check: 'grep -nE "FATAL|could not|restored log file|started streaming" <log of PostgreSQL> | tail -20',
        rule: 'streaming/not-connected',
      },
      {
        cause:
          'It has not reached the end of the archive yet: "restored log file" goes on, and streaming begins after the last one.',
        check: receives,
      },
      {
        cause:
          'restore_command ends with 0 although the file is not there (a script, a pipe): the standby believes it and never streams.',
        check: 'psql -c "SHOW restore_command"',
      },
    ],
  },
  {
    all: [
      /\b(?:lag|delay|behind|last_xact_replay)\b/iu,
      /\b(?:no|without(?: any)?|zero) (?:writes?|activity|traffic|load|transactions?|changes?|inserts?)\b|\bidle\b|\bnothing (?:is )?(?:happen|writ|chang)\w*/iu,
    ],
    asks: true,
    ...idleLag,
  },
  {
    all: [
      /\bquer(?:y|ies)\b|\bselects?\b|\bpg_dump\b|\breports?\b|\bstatements?\b/iu,
      standby,
      /\bcancel\w*|\bterminat\w*|\bkilled\b|\babort\w*/iu,
    ],
    ...queriesCanceled,
  },
  {
    all: [
      standbyOrReplication,
      /\b(?:every|each) (?:single )?(?:night|day|morning|evening|week|weekend|hour|few|couple|other|\d+)\b|\bat night\b|\bovernight\b|\bnightly\b|\bonce (?:a|per) (?:day|week|night|hour)\b|\b(?:randomly|periodically|intermittent\w*|sporadic\w*|from time to time|after (?:a few|some|several|\d+) (?:hours|days|minutes))\b|\bevery time at\b/iu,
      /\b(?:stop\w*|break\w*|broke\w*|fail\w*|crash\w*|disconnect\w*|los(?:es|t|ing)|drops?|dropped|hang\w*|dies|died|out of sync|behind|restart\w*|interrupt\w*|delet\w*)\b/iu,
    ],
    means:
      'What comes back at certain times has a cause that runs at those times. The log of the standby at the minute when it stops names it.',
    causes: [
      {
        cause:
          'A job on the primary writes more WAL than it keeps, and the standby is too slow for it: "requested WAL segment … has already been removed".',
        check: 'grep -nE "FATAL|terminating|removed|timeout" <log of PostgreSQL> | tail -20',
        rule: 'wal/segment-removed',
      },
      {
        cause:
          'A firewall, NAT or proxy drops connections that are quiet or old: "terminating walreceiver due to timeout", "connection reset", on both sides at the same interval.',
        on: 'primary',
        check: 'grep -nE "replication timeout|reset by peer|unexpected EOF" <log of PostgreSQL> | tail -20',
        rule: 'streaming/breaks-repeatedly',
      },
      {
        cause: 'A report or backup on the standby at that hour holds replay back, or memory runs out there.',
        check:
          'psql -c "SELECT pid, backend_start, state, left(query, 60) FROM pg_stat_activity ORDER BY xact_start LIMIT 10"; dmesg -T | grep -i "killed process"',
        rule: 'streaming/replay-stuck',
      },
      {
        cause: 'cron or a timer restarts or stops one of the servers.',
        check: 'grep -rn postgres /etc/cron* /var/spool/cron 2>/dev/null; systemctl list-timers',
      },
    ],
    todo: 'Against the first: a replication slot (with max_slot_wal_keep_size), or a larger wal_keep_size.',
  },
];
