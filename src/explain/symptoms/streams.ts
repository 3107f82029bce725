import { standbyOrReplication } from './symptom.ts';
import type { Symptom } from './symptom.ts';
import { receives, whereItIsLost } from './where-to-look.ts';

/** That the standby does not follow, or not fast enough: the most general ones. */
export const symptomsOfStreams: readonly Symptom[] = [
  {
    all: [
      /\b(?:stream\w*|in sync|no lag|(?:0|zero) (?:bytes? )?lag|lag (?:is |of )?0)\b/iu,
      /\b(?:old|stale|outdated|missing|yesterday['’]s|hours? old|not (?:there|visible))\b/iu,
      /\b(?:yet|but|although|still|even though|however)\b/iu,
      standbyOrReplication,
    ],
    means:
      'A standby that streams and has replayed everything shows the same rows as its primary. Where a query shows old ones, the query does not see this server as it is now, or not this server.',
    causes: [
      {
        cause: 'The session goes elsewhere: a pooler, another port, another database or schema, a third server.',
        check:
          'psql -c "SELECT inet_server_addr(), inet_server_port(), current_database(), pg_is_in_recovery(), pg_last_xact_replay_timestamp()"',
        rule: 'streaming/wrong-upstream',
      },
      {
        cause: 'It is in a transaction that began earlier (REPEATABLE READ, autocommit off): it sees that moment.',
        check:
          'psql -c "SELECT pid, state, xact_start, left(query, 60) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5"',
      },
      {
        cause: 'Received is not replayed: replay is paused or delayed, which replay_lsn shows and sent_lsn does not.',
        check: 'psql -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
        rule: 'recovery/replay-paused',
      },
      {
        cause: 'The table is UNLOGGED, or the rows are not committed on the primary.',
        on: 'primary',
        check: 'psql -d <database> -c "SELECT relname FROM pg_class WHERE relpersistence = \'u\'"',
      },
    ],
  },
  {
    all: [
      standbyOrReplication,
      /\b(?:replication|replica|replay|apply|write|flush)?[- _]?lag(?:s|ging|ged)?\b|\bdelay\w*\b|\bbehind\b|\bcatch(?:es|ing)?[- ]?up\b|\bcaught up\b|\bkeep(?:s|ing)? (?:up|pace)\b|\bslow(?:er|ly)?\b/iu,
      /\b(?:grow\w*|increas\w*|rising|rises|climb\w*|builds? up|jumps?|high|huge|large|big|(?:fall|get|run)(?:s|ing|en)?|lag(?:s|ging|ged)|fell|never|not|can'?t|cannot|unable|fail\w*|does ?n'?t|is ?n'?t|keeps?|behind|slow(?:er|ly)?|\d+ ?(?:hours?|minutes?|min|h|seconds?|days?|GB|MB|TB)|struggl\w*|stuck|spik\w*|constant\w*)\b/iu,
    ],
    means:
      'The standby is behind its primary. Three differences on the primary say where the WAL waits: not sent, under way, or not replayed.',
    causes: [
      {
        cause:
          'not_replayed is large: a query on the standby holds replay back (up to max_standby_streaming_delay, -1: without a limit), replay is paused or delayed, or one startup process and its disk are too slow for what is written.',
        on: 'primary',
        check: whereItIsLost,
        rule: 'streaming/replay-stuck',
      },
      {
        cause: 'The query that holds it, and a pause.',
        check:
          'psql -c "SELECT pid, xact_start, wait_event, left(query, 60) FROM pg_stat_activity ORDER BY xact_start LIMIT 5" -c "SELECT pg_is_wal_replay_paused()" -c "SHOW recovery_min_apply_delay"',
        rule: 'recovery/replay-paused',
      },
      {
        cause: 'under_way is large: the network or the disk of the standby is slower than the primary writes.',
        check:
          'iostat -x 5 2; psql -c "SELECT latest_end_lsn, last_msg_send_time, last_msg_receipt_time FROM pg_stat_wal_receiver"',
        rule: 'streaming/lag',
      },
      {
        cause:
          'No row for this standby: it does not stream at all, and will not catch up by waiting. Its log says why.',
        check: receives,
        rule: 'streaming/not-connected',
      },
    ],
    todo: 'Do not stop the standby to let it rest: the primary may remove WAL that it still needs, unless a slot holds it.',
  },
  {
    vague: true,
    all: [
      standbyOrReplication,
      /\b(?:old|stale|outdated|obsolete|yesterday's|wrong|different) (?:data|rows?|results?|values?|records?)\b|\b(?:missing|no new) (?:data|rows?|records?)\b|\bnot? (?:being )?(?:updat\w*|replicat\w*|sync\w*|receiv\w*|propagat\w*|refresh\w*|gett\w*|follow\w*|stream\w*)|\b(?:does ?n[o']t|do ?n[o']t|did ?n[o']t|is ?n[o']t|are ?n[o']t|won't|never) (?:being )?(?:get|see|show|receive|replicate|sync\w*|update\w*|appear|work\w*|stream\w*|replicat\w*|reflect\w*|follow|resume|continue)\b|\b(?:not|never) visible\b|\b(?:seen|visible|there|shown|present) on \w+,? (?:and|but) not on\b|\breplication does(?: not|n[o']t) start\b|\bout[- ]of[- ](?:sync|date)\b|\b(?:is|are|has|have) (?:stopped|broken|stuck|frozen)\b|\b(?:stopped|stops|ceased) (?:replicating|syncing|streaming|receiving|updating|following|working)\b|\breplication (?:is |has )?(?:stopped|stops|broke|broken|breaks|fails|failed|stuck|not working|does ?n[o']t work)\b/iu,
    ],
    means:
      'The standby does not follow. Four questions in this order tell why: is it in recovery, does it receive, does it replay, and whom does it follow.',
    causes: [
      {
        cause: 'It receives no WAL (no row in pg_stat_wal_receiver): its log says why the primary refuses it.',
        check: receives,
        rule: 'streaming/not-connected',
      },
      {
        cause:
          'pg_is_in_recovery is f: it runs as a primary, started without standby.signal or promoted, and has gone its own way.',
        check: 'psql -c "SELECT pg_is_in_recovery()"; ls -l <data directory>/*.signal',
        rule: 'standby/signal-missing',
      },
      {
        cause:
          'It receives and does not replay: replay is paused, delayed (recovery_min_apply_delay), or waits for a query here.',
        check:
          'psql -c "SELECT pg_is_wal_replay_paused()" -c "SHOW recovery_min_apply_delay" -c "SHOW max_standby_streaming_delay"',
        rule: 'streaming/replay-stuck',
      },
      {
        cause: 'It follows another server than the one that was written to, or the table is UNLOGGED.',
        check: 'psql -c "SELECT sender_host, sender_port FROM pg_stat_wal_receiver"',
        rule: 'streaming/wrong-upstream',
      },
    ],
  },
];
