import { bigInteger, flag, integer, list, maybeText, moment, object, optional, seconds } from './decoder.ts';
import type { Decoder } from './decoder.ts';
import type { PrimaryActivity } from '../facts/primary.ts';
import { milliseconds } from './catalogue-sql.ts';

export const activityAnswer: Decoder<PrimaryActivity> = object((field) => ({
  writers: field(
    'writers',
    list(
      object((of) => ({
        pid: of('pid', optional(integer)),
        prepared: of('prepared', maybeText),
        user: of('user', maybeText),
        database: of('database', maybeText),
        applicationName: of('applicationName', maybeText),
        state: of('state', maybeText),
        seconds: of('age', optional(seconds)),
        overflowed: of('overflowed', optional(flag)),
      })),
    ),
  ),
  writersInAll: Number(field('writersInAll', bigInteger)),
  exclusiveBackup: field('exclusiveBackup', optional(moment)),
}));

/** pg_stat_get_backend_subxact() came with 16; pg_backup_start_time() went with 15. */
export const activityPart = (major: number): string => {
  const overflowed =
    major >= 16
      ? `(SELECT bool_or(x.subxact_overflowed) FROM pg_stat_get_backend_idset() b, pg_stat_get_backend_subxact(b) x WHERE pg_stat_get_backend_pid(b) = s.pid)`
      : 'NULL::bool';
  const age = (since: string): string => `(extract(epoch FROM clock_timestamp() - ${since}) * 1000)::text`;
  return `WITH writers AS (
    SELECT pid, NULL AS prepared, usesysid AS role, datid AS database, application_name, state, xact_start AS since, ${overflowed} AS overflowed
      FROM pg_stat_get_activity(NULL) s WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
    UNION ALL SELECT NULL, gid, ownerid, dbid, NULL, NULL, prepared, NULL FROM pg_prepared_xact())
  SELECT json_build_object(
    'writers', (SELECT json_agg(json_build_object('pid', pid, 'prepared', prepared, 'user', pg_get_userbyid(role),
      'database', (SELECT datname FROM pg_database d WHERE d.oid = oldest.database), 'applicationName', application_name, 'state', state, 'age', ${age('since')}, 'overflowed', overflowed))
      FROM (SELECT * FROM writers ORDER BY overflowed DESC NULLS LAST, since NULLS LAST LIMIT 10) oldest),
    'writersInAll', (SELECT count(*)::text FROM writers),
    'exclusiveBackup', ${major >= 15 ? 'NULL' : `(SELECT ${milliseconds('pg_backup_start_time()')} WHERE pg_is_in_backup())`})`;
};
