import {
  milliseconds,
  pendingRestart,
  preamble,
  rightsOf,
  sendersQuery,
  serverValue,
  sessionSources,
  shown,
  slotsQuery,
  written,
} from './catalogue-sql.ts';

/**
 * It is shown as `streaming` from its login on, before the primary was asked for WAL. Until the primary's first message
 * both times are that of its start (walreceiver.c, WalReceiverMain); it waits there once WAL was promised.
 */
const course = `'heard', coalesce(last_msg_send_time <> last_msg_receipt_time, false),
      'inStream', CASE WHEN there THEN coalesce(wait_event = 'WalReceiverMain', false) END`;

/** The receiver that there is, with what its process does: the views of both, without what they look up besides. */
const receiver = `pg_stat_get_wal_receiver() r LEFT JOIN LATERAL
      (SELECT true AS there, backend_start, wait_event FROM pg_stat_get_activity(r.pid)) a ON true
    WHERE r.pid IS NOT NULL`;

/**
 * Everything that a running standby shows of itself to any role: one row with one JSON object. What this login does not
 * see is null in it (pg_stat_get_wal_receiver and pg_stat_get_activity leave the columns empty). Serves 13 to 18.
 */
export const standbyPart = (
  major: number,
  timeoutMs: number,
): string => `${preamble(timeoutMs)}; SELECT json_build_object(
  'login', json_build_object(
    'user', current_user,
    'superuser', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
    'allSettings', ${rightsOf('pg_read_all_settings')},
    'allStatistics', ${rightsOf('pg_read_all_stats')},
    'settingsView', has_table_privilege('pg_file_settings', 'SELECT'),
    'settingsFunction', has_function_privilege('pg_show_all_file_settings()', 'EXECUTE')),
  'server', json_build_object(
    'version', current_setting('server_version'),
    'inRecovery', pg_is_in_recovery(),
    'port', current_setting('port'),
    'systemIdentifier', (SELECT system_identifier::text FROM pg_control_system()),
    'startedAt', ${milliseconds('pg_postmaster_start_time()')},
    'loadedAt', ${milliseconds('pg_conf_load_time()')},
    'clock', ${milliseconds('clock_timestamp()')}),
  'receiver', (SELECT json_build_object(
      'pid', pid, 'status', status, 'writtenLsn', written_lsn, 'flushedLsn', flushed_lsn,
      'timeline', received_tli::text, 'latestEndLsn', latest_end_lsn,
      'sinceMessage', ${milliseconds('(clock_timestamp() - last_msg_receipt_time)')},
      'senderHost', sender_host, 'senderPort', sender_port, 'slotName', slot_name, 'conninfo', conninfo, ${course},
      'age', ${milliseconds('(clock_timestamp() - backend_start)')})
    FROM ${receiver}),
  'replay', json_build_object(
    ${positions()},
    'pause', CASE WHEN pg_is_in_recovery() THEN ${pauseState(major)} END,
    'lastCommitAt', ${milliseconds('pg_last_xact_replay_timestamp()')}),
  'settings', (SELECT json_agg(json_build_array(
    name, CASE WHEN name = 'primary_conninfo' THEN setting ELSE ${shown('name', 'value')} END,
    unit, source, sourcefile, sourceline, pending_restart))
    FROM (SELECT *, ${serverValue} AS value FROM pg_show_all_settings() OFFSET 0) settings),
  'conflicts', (SELECT json_build_object(
      'tablespace', sum(confl_tablespace)::text, 'lock', sum(confl_lock)::text, 'snapshot', sum(confl_snapshot)::text,
      'bufferpin', sum(confl_bufferpin)::text, 'deadlock', sum(confl_deadlock)::text,
      'logicalSlot', coalesce(sum((to_jsonb(c) ->> 'confl_active_logicalslot')::bigint), 0)::text)
    FROM pg_stat_database_conflicts c),
  'tablespaces', (SELECT json_agg(oid::text) FROM pg_tablespace WHERE oid >= 16384),
  'slots', ${slotsQuery},
  'senders', ${sendersQuery},
  ${startupWaitQuery()},
  'sessions', (SELECT json_agg(json_build_object(
      'pid', pid, 'user', pg_get_userbyid(usesysid),
      'database', (SELECT datname FROM pg_database d WHERE d.oid = datid), 'applicationName', application_name, 'state', state,
      'open', ${milliseconds('(clock_timestamp() - xact_start)')}, 'blocks', coalesce(pid = ANY (holders), false))
      ORDER BY coalesce(pid = ANY (holders), false) DESC, xact_start)
    FROM (SELECT * FROM pg_stat_get_activity(NULL),
        -- pg_blocking_pids() does not know the startup process (procarray.c, BackendPidGetProc); its lock is always
        -- AccessExclusiveLock, so that whoever holds another one on the same object is waited for
        (SELECT array_agg(h.pid) AS holders
          FROM pg_stat_get_activity(NULL) a JOIN pg_lock_status() w ON w.pid = a.pid AND NOT w.granted
            JOIN pg_lock_status() h ON h.granted AND h.pid <> w.pid AND h.locktype = w.locktype
              AND (h.database, h.relation, h.page, h.tuple, h.classid, h.objid, h.objsubid)
                IS NOT DISTINCT FROM (w.database, w.relation, w.page, w.tuple, w.classid, w.objid, w.objsubid)
          WHERE a.backend_type = 'startup') startup
      WHERE backend_type = 'client backend' AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
      ORDER BY coalesce(pid = ANY (holders), false) DESC, xact_start LIMIT 5) oldest)
)`;

/** A moment later: whether replay and the receiver are still where they were. */
export const secondLook = `SELECT json_build_object(
  ${positions()}, 'receiver', (SELECT json_build_object('pid', pid, 'status', status, ${course})
    FROM ${receiver}), ${startupWaitQuery()})`;

/** What the configuration files would do at a reload. */
export const fileSettingsPart = `WITH ${written} SELECT json_build_object(
  'problems', (SELECT json_agg(json_build_array(sourcefile, sourceline, name, error) ORDER BY seqno)
    FROM written WHERE error IS NOT NULL),
  'written', (SELECT json_agg(json_build_array(f.name, ${shown('f.name', 'f.setting')}) ORDER BY seqno) FROM written f
    JOIN pg_show_all_settings() s ON lower(s.name) = lower(f.name) WHERE f.applied AND s.unit IS NULL AND s.source IN (${sessionSources})),
  'pendingRestart', ${pendingRestart})`;

function positions(): string {
  return "'received', pg_last_wal_receive_lsn(), 'replayed', pg_last_wal_replay_lsn()";
}

function startupWaitQuery(): string {
  return `'startupWaits', (SELECT CASE WHEN backend_type IS NOT NULL THEN coalesce(wait_event_type || '/' || wait_event, '') END
    FROM pg_stat_get_activity(NULL) WHERE backend_type = 'startup')`;
}

/** pg_get_wal_replay_pause_state() came with 14. */
function pauseState(major: number): string {
  return major >= 14
    ? 'pg_get_wal_replay_pause_state()'
    : "CASE WHEN pg_is_wal_replay_paused() THEN 'paused' ELSE 'not paused' END";
}
