/**
 * What an ordinary session of ours is set to, whatever the role, the database or the configuration says: a default of
 * theirs must neither change an answer nor refuse the question.
 *
 * What every supported release has goes with the login: a value of the startup packet beats ALTER ROLE and ALTER DATABASE
 * (guc.h, GucSource), and it holds for the first statement already: with default_transaction_isolation = serializable a
 * hot standby refuses that one (snapmgr.c, GetSerializableTransactionSnapshot).
 */
export function sessionOptions(timeoutMs: number): string {
  const limit = String(Math.max(1, Math.round(timeoutMs)));
  const settings = { ...steady, statement_timeout: limit, lock_timeout: limit };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(' ', String.raw`\ `)}`)
    .join(' ');
}

/** Before the options that the user gave: a role that these name is meant. */
export const ownRole = '-c role=none';

const steady: Readonly<Record<string, string>> = {
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  idle_in_transaction_session_timeout: '0',
  search_path: 'pg_catalog, pg_temp',
  // the only zone that needs no file (pgtz.c, pg_tzset)
  timezone: 'GMT',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  // extract(epoch …) is a double in 13, and later in what is made of it
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  row_security: 'on',
  quote_all_identifiers: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  local_preload_libraries: '',
};

export const lateNames = "'idle_session_timeout', 'transaction_timeout', 'lc_messages'";

/**
 * With the first question: what only some releases have (14: the first, 17: the second), or only a superuser may set. A name
 * that the release does not have has no value; pg_settings would make its hundreds of rows for it.
 */
export const lateSettings = `SELECT pg_catalog.set_config(name, value, false)
  FROM (VALUES ('idle_session_timeout', '0'), ('transaction_timeout', '0'), ('lc_messages', 'C')) late (name, value)
  WHERE pg_catalog.current_setting(name, true) IS NOT NULL
    AND (name <> 'lc_messages' OR pg_catalog.current_setting('is_superuser') = 'on')`;
