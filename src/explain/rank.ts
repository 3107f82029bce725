import { kindOf } from './explanation.ts';
import type { Seen } from './seen.ts';

/** Causes first, then their consequences, then the course of things; what is over after what is not; the newest first among equals. */
export function ranked(seen: readonly Seen[]): readonly Seen[] {
  const sorted = seen.toSorted(
    (a, b) => placeOf(a) - placeOf(b) || mattersOf(b) - mattersOf(a) || b.position - a.position,
  );
  // the ordinary life of a server is told only where there is nothing else
  const told = sorted.filter((one) => kindOf(one) !== 'course');
  return told.length > 0 ? told : sorted;
}

const placeOf = (seen: Seen): number => order[kindOf(seen)] + (seen.over ? 3 : 0);

const order = { cause: 0, consequence: 1, course: 2 } as const;

const mattersOf = (seen: Seen): number =>
  (seen.answer?.matters ?? seen.recognition?.entry.matters ?? 4) -
  (seen.partial ? 2 : 0) -
  (isReason(seen.recognition) ? 0.5 : 0) -
  (isOrdinaryLogin(seen) || isOfStatement(seen) ? 1.5 : 0);

/**
 * The log of a server that refuses the login of a session: applications and strangers are refused every day, and no standby
 * stops for it.
 */
const isOrdinaryLogin = ({ recognition, record, program }: Seen): boolean =>
  program === undefined &&
  record?.severity === 'FATAL' &&
  (record.pid !== undefined || record.time !== undefined) &&
  recognition?.within === undefined &&
  ofSessions.test(recognition?.entry.variantOf ?? recognition?.id ?? '') &&
  !/replication/u.test(`${record.detail ?? ''} ${record.database ?? ''} ${record.backendType ?? ''}`);

/** What an application's statement met, and the server did not. */
const isOfStatement = ({ recognition, record, program }: Seen): boolean =>
  program === undefined &&
  record?.severity === 'ERROR' &&
  record.statement !== undefined &&
  aboutStatements.test(recognition?.entry.topic ?? '') &&
  !/REPLICATION|BASE_BACKUP|IDENTIFY_SYSTEM|_slot\b|pg_(?:backup_|start_|stop_)/u.test(record.statement);

const aboutStatements = /^(?:settings|role|conflict|client|directory|permissions|version)$/u;

const ofSessions =
  /^(?:no-hba-database|hba-rejects-database|auth-(?:password|peer|ident|cert)-failed|role-does-not-exist|database-does-not-exist|too-many-clients|reserved-slots-\w+|permission-denied-database|no-user-in-startup|unsupported-protocol)$/u;

/** The system's words alone, where a message has them too and says of what. */
const isReason = (recognition: Seen['recognition']): boolean =>
  recognition?.entry.file.startsWith('(strerror') === true;
