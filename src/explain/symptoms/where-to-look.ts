/** On the primary: the three places where WAL waits. */
export const whereItIsLost =
  'psql -c "SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) AS not_sent, pg_wal_lsn_diff(sent_lsn, flush_lsn) AS under_way, pg_wal_lsn_diff(flush_lsn, replay_lsn) AS not_replayed FROM pg_stat_replication"';
/** On the standby: what it receives and replays. */
export const receives =
  'psql -c "SELECT status, sender_host, slot_name, latest_end_time FROM pg_stat_wal_receiver" -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()"';
