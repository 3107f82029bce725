import type { Seen } from '../seen.ts';

/**
 * The log of a server that refuses a login or a statement: applications and strangers meet that every day, and no standby
 * stops for it.
 */
export const isOfSession = (seen: Seen): boolean =>
  seen.program === undefined &&
  seen.recognition?.within === undefined &&
  (isLogin(seen) || isStatement(seen) || isConflict(seen));

const isLogin = ({ recognition, record }: Seen): boolean =>
  record?.severity === 'FATAL' &&
  (record.pid !== undefined || record.time !== undefined) &&
  ofLogins.test(recognition?.entry.variantOf ?? recognition?.id ?? '') &&
  !/replication|subdirectory/u.test(`${record.detail ?? ''} ${record.database ?? ''} ${record.backendType ?? ''}`);

const ofLogins =
  /^(?:no-hba-database|hba-rejects-database|auth-(?:password|peer|ident|cert)-failed|role-does-not-exist|database-does-not-exist|too-many-clients|reserved-slots-\w+|permission-denied-database|no-user-in-startup|unsupported-protocol)$/u;

/** Replay ended a query and went on: what keeps the standby from its WAL comes first. */
const isConflict = ({ recognition, record }: Seen): boolean =>
  (record?.severity === 'ERROR' || record?.severity === 'FATAL') &&
  /^conflict-(?:cancel|terminate)$/u.test(recognition?.entry.variantOf ?? recognition?.id ?? '');

const isStatement = ({ recognition, answer, record }: Seen): boolean =>
  record?.severity === 'ERROR' &&
  record.statement !== undefined &&
  (answer?.id === 'object-privileges' || ofStatements.test(recognition?.entry.topic ?? '')) &&
  !/REPLICATION|BASE_BACKUP|IDENTIFY_SYSTEM|_slot\b|pg_(?:backup_|start_|stop_)/u.test(record.statement);

const ofStatements = /^(?:settings|role|conflict|client|version)$/u;

/** A stranger, or a line that names a database, which a WAL sender has not; and no role or database of a tool for replication. */
export const isOfApplication = (seen: Seen): boolean =>
  isOfSession(seen) &&
  (ofStrangers.test(seen.recognition?.id ?? '') ||
    (seen.record?.user !== undefined &&
      seen.record.database !== undefined &&
      !ofTools.test(`${seen.record.user} ${seen.record.database}`)));

const ofStrangers = /^(?:no-user-in-startup|unsupported-protocol)/u;

const ofTools = /repl|repmgr|patroni|barman|pgpool|rewind|standby|stream|backup|monitor/iu;
