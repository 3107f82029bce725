import { segmentStart, walFileName } from '../postgres/lsn.ts';
import type { Lsn, TimelineId, WalSegmentSize } from '../postgres/lsn.ts';
import { secretSettings } from '../postgres/secret.ts';
import { literal } from '../postgres/sql-quoting.ts';
import { lateNames, lateSettings } from './session-settings.ts';

/**
 * What an ordinary session is set to before anything is asked, beside what its login has set (session-settings.ts):
 * nothing is written, and nothing waits for longer than this. Sent with the first question, so that it costs no round trip.
 */
export const preamble = (timeoutMs: number): string =>
  [
    'SET default_transaction_read_only = on',
    `SET statement_timeout = ${Math.max(1, Math.round(timeoutMs))}`,
    `SET lock_timeout = ${Math.max(1, Math.round(timeoutMs))}`,
    lateSettings,
  ].join('; ');

const secretNames = secretSettings.map(literal).join(', ');

/** The value of a setting, without what can be a secret. */
export const shown = (name: string, value: string): string =>
  `CASE WHEN ${value} NOT IN ('', '(disabled)') AND (${name} IN (${secretNames}) OR ${name} LIKE '%.%') THEN '***' ELSE ${value} END`;

/** The sources of a value that our session has, and not the server (guc.c, GucSource_Names). */
export const sessionSources = "'global', 'database', 'user', 'database user', 'client', 'session'";

/** The oid of a role that there is, without the view of all of them. */
const oidOf = (name: string): string => `quote_ident(${name})::regrole`;

/**
 * The server's value of a setting, from pg_settings: what this session alone has, by its role, its database or its login,
 * is none of the server's. The files' own value is then in pg_file_settings, for who may see it. What we set only after
 * the login has as its value for RESET what the login found: the server's, where no default of the role or the database
 * stood in its way.
 */
export const serverValue = `CASE WHEN source = 'session' AND name IN (${lateNames}) AND name NOT IN (
      SELECT split_part(unnest(setconfig), '=', 1) FROM pg_db_role_setting
      WHERE setrole IN (0, ${oidOf('session_user')})
        AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) THEN reset_val
    WHEN source IN (${sessionSources}) THEN boot_val ELSE setting END`;

/** As IDENTIFY_SYSTEM has it: what is flushed, or on a standby what is received (walsender.c). */
const walPosition =
  'CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_flush_lsn() END';

// The views of statistics and of settings are functions with joins around them. A session that has just begun knows nothing
// yet: to analyze and to plan them takes longer than to run them, so the functions are asked where nothing else is wanted.

/** pg_replication_slots, as a list for {@link slotList}. */
export const slotsQuery = `(SELECT json_agg(json_build_object(
      'name', slot_name, 'type', slot_type, 'active', active, 'pid', active_pid, 'temporary', temporary,
      'restartLsn', restart_lsn, 'walStatus', row ->> 'wal_status', 'safeWalSize', row ->> 'safe_wal_size',
      'retained', CASE WHEN restart_lsn IS NOT NULL THEN greatest(0, pg_wal_lsn_diff(${walPosition}, restart_lsn))::bigint::text END,
      'xminAge', greatest(age(xmin), age(catalog_xmin)), 'synced', coalesce((row ->> 'synced')::bool, false),
      'failover', coalesce((row ->> 'failover')::bool, false),
      'invalidation', coalesce(row ->> 'invalidation_reason', CASE WHEN row ->> 'conflicting' = 'true' THEN 'conflicting' END))
    ORDER BY slot_name) FROM (SELECT s.*, to_jsonb(s) AS row FROM pg_get_replication_slots() s) slots)`;

/** pg_stat_replication without our own connections, as a list for {@link senderList}. */
export const sendersQuery = `(SELECT json_agg(json_build_object(
      'pid', pid, 'user', pg_get_userbyid(usesysid), 'applicationName', application_name, 'address', host(client_addr),
      'state', w.state, 'syncState', sync_state, 'sentLsn', sent_lsn, 'writeLsn', write_lsn, 'flushLsn', flush_lsn, 'replayLsn', replay_lsn,
      'currentLsn', ${walPosition}, 'replayLag', (extract(epoch FROM replay_lag) * 1000)::text,
      'sinceReply', (extract(epoch FROM clock_timestamp() - reply_time) * 1000)::text) ORDER BY pid)
    FROM pg_stat_get_wal_senders() w JOIN pg_stat_get_activity(NULL) USING (pid)
    WHERE application_name IS DISTINCT FROM 'standbylint')`;

/** Whether the login has the rights of a role of PostgreSQL's own; NULL where this release does not have that role. */
export const rightsOf = (role: string): string => `pg_has_role(to_regrole('${role}'), 'USAGE')`;

/**
 * Everything that any role may see, and what this login may see beside it: one row with one JSON object. 64-bit numbers
 * are text in it. What came with a later release is taken out of the row's own JSON (to_jsonb), so that one statement
 * serves 13 to 18.
 */
export const publicPart = (replicationRole: string, timeoutMs: number): string => {
  const role = literal(replicationRole);
  return `${preamble(timeoutMs)}; WITH RECURSIVE roles AS MATERIALIZED (
    SELECT oid, rolname, rolsuper, rolreplication, rolcanlogin, rolconnlimit, rolvaliduntil FROM pg_roles),
  above AS (
    SELECT roleid FROM pg_auth_members WHERE member = (SELECT oid FROM roles WHERE rolname = ${role})
    UNION SELECT m.roleid FROM above JOIN pg_auth_members m ON m.member = above.roleid)
SELECT json_build_object(
  'login', json_build_object(
    'user', current_user,
    'database', current_database(),
    'superuser', (SELECT rolsuper FROM roles WHERE rolname = current_user),
    'monitor', ${rightsOf('pg_monitor')},
    'allSettings', ${rightsOf('pg_read_all_settings')},
    'allStatistics', ${rightsOf('pg_read_all_stats')},
    'anyFile', ${rightsOf('pg_read_server_files')},
    'hbaView', has_table_privilege('pg_hba_file_rules', 'SELECT'),
    'hbaFunction', has_function_privilege('pg_hba_file_rules()', 'EXECUTE'),
    'settingsView', has_table_privilege('pg_file_settings', 'SELECT'),
    'settingsFunction', has_function_privilege('pg_show_all_file_settings()', 'EXECUTE'),
    'configView', has_table_privilege('pg_config', 'SELECT'),
    'configFunction', has_function_privilege('pg_config()', 'EXECUTE'),
    'readFile', has_function_privilege('pg_read_file(text)', 'EXECUTE'),
    'statFile', has_function_privilege('pg_stat_file(text)', 'EXECUTE'),
    'walDirectory', has_function_privilege('pg_ls_waldir()', 'EXECUTE'),
    'passwords', has_column_privilege('pg_authid', 'rolname', 'SELECT') AND has_column_privilege('pg_authid', 'rolpassword', 'SELECT')),
  'server', json_build_object(
    'version', current_setting('server_version'),
    'platform', split_part(split_part(version(), ' on ', 2), ',', 1),
    'wordSize', substring(version() from '([0-9]+)-bit')::int,
    'inRecovery', pg_is_in_recovery(),
    'systemIdentifier', (SELECT system_identifier::text FROM pg_control_system()),
    'timeline', CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id::text FROM pg_control_checkpoint())
      ELSE (('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::bigint)::text END,
    'walPosition', ${walPosition},
    'checkpointFullPageWrites', (SELECT full_page_writes FROM pg_control_checkpoint()),
    'startedAt', ${milliseconds('pg_postmaster_start_time()')},
    'configurationLoadedAt', ${milliseconds('pg_conf_load_time()')},
    'clock', ${milliseconds('clock_timestamp()')}),
  'settings', (SELECT json_agg(json_build_array(
      name, ${shown('name', 'value')}, unit, source, sourcefile, sourceline, pending_restart))
    FROM (SELECT *, ${serverValue} AS value FROM pg_show_all_settings() OFFSET 0) settings),
  'role', (SELECT json_build_object(
      'superuser', rolsuper, 'replication', rolreplication, 'canLogin', rolcanlogin, 'connectionLimit', rolconnlimit,
      'validUntil', CASE WHEN isfinite(rolvaliduntil) THEN ${milliseconds('rolvaliduntil')} END,
      'expired', coalesce(rolvaliduntil < clock_timestamp(), false))
    FROM roles WHERE rolname = ${role}),
  'memberOf', (SELECT json_agg(json_build_object('name', rolname, 'replication', rolreplication) ORDER BY rolname)
    FROM roles WHERE oid IN (SELECT roleid FROM above)),
  'similarRoles', (SELECT json_agg(rolname) FROM (SELECT rolname FROM roles
    WHERE rolname <> ${role} AND ${plain('rolname')} = ${plain(role)} ORDER BY rolname LIMIT 5) similar_roles),
  'replicationRoles', (SELECT json_agg(json_build_object('name', rolname, 'superuser', rolsuper)) FROM (SELECT rolname, rolsuper
    FROM roles WHERE rolreplication AND rolcanlogin ORDER BY rolsuper, rolname LIMIT 20) replication_roles),
  'slots', ${slotsQuery},
  'senders', ${sendersQuery},
  'tablespaces', (SELECT json_agg(json_build_object(
      'oid', oid::text, 'name', spcname, 'location', pg_tablespace_location(oid),
      'maySize', oid = (SELECT dattablespace FROM pg_database WHERE datname = current_database())
        OR ${rightsOf('pg_read_all_stats')} OR has_tablespace_privilege(oid, 'CREATE')) ORDER BY oid) FROM pg_tablespace),
  'databases', (SELECT json_agg(json_build_object(
      'name', datname, 'encoding', pg_encoding_to_char(encoding), 'collate', datcollate, 'ctype', datctype,
      'provider', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'), 'collationVersion', to_jsonb(d) ->> 'datcollversion')
    ORDER BY datname) FROM pg_database d),
  'archiver', (SELECT json_build_object(
      'archivedCount', archived_count::text, 'failedCount', failed_count::text,
      'lastArchivedWal', last_archived_wal, 'lastArchivedAt', ${milliseconds('last_archived_time')},
      'lastFailedWal', last_failed_wal, 'lastFailedAt', ${milliseconds('last_failed_time')}) FROM pg_stat_get_archiver()),
  'libraries', (SELECT json_agg(json_build_object('name', owner, 'library', probin) ORDER BY probin, owner) FROM (
    SELECT DISTINCT p.probin, coalesce(e.extname, p.proname) AS owner
    FROM pg_proc p
      LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
        AND d.refclassid = 'pg_extension'::regclass
      LEFT JOIN pg_extension e ON e.oid = d.refobjid
    WHERE p.oid >= ${firstUnpinned} AND p.probin IS NOT NULL AND (e.oid IS NOT NULL OR p.oid >= 16384)) libraries)
)`;
};

/** Below it are the functions of the bootstrap file (transam.h, FirstUnpinnedObjectId), thousands, of no extension. */
const firstUnpinned = 12_000;

/** A right that a question of {@link restrictedPart} needs was found to be there. */
export interface RestrictedQuestions {
  readonly hbaView: boolean;
  /** Paths that pg_read_file may read for this login. */
  readonly files: readonly string[];
  /** pg_ident.conf, for a login that may read it. */
  readonly identFile: string | undefined;
  readonly fileTimes: readonly string[];
  readonly certificateFile: string | undefined;
  /** What a start goes by: whether it is there, and how large. */
  readonly startFiles: readonly string[];
  readonly fileSettings: boolean;
  readonly config: boolean;
  /** The role whose password's kind is asked for. */
  readonly passwordOf: string | undefined;
  readonly walAt: WalPlace | undefined;
}

/** Some bytes of the WAL: of `timeline`, and of whatever others the server has there. */
export interface WalPlace {
  readonly timeline: TimelineId;
  readonly position: Lsn;
  readonly bytes: number;
  readonly segmentSize: WalSegmentSize;
}

/** What not every role may see, as one JSON object: only what this login may ask. Undefined when there is nothing. */
export function restrictedPart(ask: RestrictedQuestions): string | undefined {
  const parts = [
    ask.hbaView ? `'hbaView', (SELECT json_agg(to_jsonb(h)) FROM pg_hba_file_rules() h)` : undefined,
    ask.files.length > 0
      ? `'files', (SELECT json_agg(json_build_object('path', path, 'text', pg_read_file(path))) FROM ${table(ask.files)})`
      : undefined,
    ask.identFile !== undefined ? `'identFile', pg_read_file(${literal(ask.identFile)}, 0, 1048576, true)` : undefined,
    ask.certificateFile !== undefined
      ? `'certificateAt', ${milliseconds(`(pg_stat_file(${literal(ask.certificateFile)}, true)).modification`)}`
      : undefined,
    ask.startFiles.length > 0
      ? `'startFiles', (SELECT json_agg(json_build_array(path, (pg_stat_file(path, true)).size)) FROM ${table(ask.startFiles)})`
      : undefined,
    ask.fileTimes.length > 0
      ? `'fileTimes', (SELECT json_agg(json_build_object('path', path, 'modifiedAt',
          ${milliseconds('(pg_stat_file(path)).modification')})) FROM ${table(ask.fileTimes)})`
      : undefined,
    ask.fileSettings
      ? `'fileSettings', (SELECT json_agg(json_build_array(
          sourcefile, sourceline, name, ${shown('coalesce(name, $$$$)', 'setting')}, applied, error) ORDER BY seqno) FROM written),
        'pendingRestart', ${pendingRestart}`
      : undefined,
    ask.config ? `'binDirectory', (SELECT setting FROM pg_config() WHERE name = 'BINDIR')` : undefined,
    ask.passwordOf === undefined ? undefined : `'password', (${passwordKind(ask.passwordOf)})`,
    ask.walAt === undefined ? undefined : `'wal', (${walBytes(ask.walAt)})`,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  return `${ask.fileSettings ? `WITH ${written} ` : ''}SELECT json_build_object(${parts.join(',\n')})`;
}

/** What the configuration files say, read once: all of them are parsed for it. */
export const written = 'written AS MATERIALIZED (SELECT * FROM pg_show_all_file_settings())';

/**
 * Reading {@link written} compares the files with what runs, and so marks in this session what waits for a restart, also of a
 * file that was changed and not yet reloaded. Each such difference is an error there (guc-file.l, ProcessConfigFileInternal;
 * guc.c, set_config_option): without one there is nothing to look for.
 */
export const pendingRestart = `CASE WHEN EXISTS (SELECT FROM written WHERE error IS NOT NULL)
    THEN (SELECT json_agg(name) FROM pg_show_all_settings() WHERE pending_restart) END`;

/**
 * Sizes walk through directories (dbsize.c), which can take long on a big cluster: a statement of its own, so that its
 * time-out loses nothing else.
 */
export const sizesPart = (tablespaces: readonly string[], walDirectory: boolean): string =>
  `SELECT json_build_object(
  'tablespaces', (SELECT json_agg(json_build_object('oid', oid::text, 'bytes', pg_tablespace_size(oid)::text))
    FROM pg_tablespace WHERE oid::text IN (${tablespaces.map(literal).join(', ') || "''"}))${
      walDirectory ? `,\n  'wal', (${walDirectoryPart})` : ''
    },
  'walPosition', ${walPosition}, 'clock', ${milliseconds('clock_timestamp()')})`;

/** Their bytes, and the lowest segment whatever its timeline: its name without the timeline. What was made in advance has higher names. */
const walDirectoryPart = `SELECT json_build_object('bytes', sum(size)::text,
    'oldest', min(right(name, 16)) FILTER (WHERE name ~ '^[0-9A-F]{24}$')) FROM pg_ls_waldir()`;

/** The hash itself never leaves the server (commands/user.c; libpq/crypt.c, get_password_type). */
const passwordKind = (role: string): string => `SELECT CASE
    WHEN rolpassword IS NULL THEN 'none'
    WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram-sha-256'
    WHEN rolpassword LIKE 'md5%' AND length(rolpassword) = 35 THEN 'md5'
    ELSE 'other' END
  FROM pg_authid WHERE rolname = ${literal(role)}`;

/** Pairs of a segment's name and what it has there. */
function walBytes({ timeline, position, bytes, segmentSize }: WalPlace): string {
  const offset = position - segmentStart(position, segmentSize);
  return `SELECT json_agg(json_build_array(name, encode(pg_read_binary_file('pg_wal/' || name, ${offset}, ${bytes}), 'hex')))
    FROM pg_ls_dir('pg_wal') AS name
    WHERE name ~ '^[0-9A-F]{24}$' AND right(name, 16) = '${walFileName(timeline, position, segmentSize).slice(8)}'`;
}

/** Milliseconds since 1970, as text: JSON.parse would round what comes after them. */
export function milliseconds(moment: string): string {
  return `(extract(epoch FROM ${moment}) * 1000)::text`;
}

/** A name without what is easily mistaken in it: case and everything that is neither a letter nor a digit. */
function plain(name: string): string {
  return `lower(regexp_replace(${name}, '[^[:alnum:]]', '', 'g'))`;
}

const table = (paths: readonly string[]): string => `unnest(ARRAY[${paths.map(literal).join(', ')}]) AS path`;
