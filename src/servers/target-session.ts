import type { AttemptOutcome } from '../facts/connection.ts';
import type { OpenSession } from './session.ts';

/** target_session_attrs=prefer-standby takes any server when no standby is found. */
export const isSecondChance = (target: string): boolean => target === 'prefer-standby';

export interface Misfit {
  readonly outcome: AttemptOutcome;
  /** Another host may fit; otherwise libpq gives up here. */
  readonly goesOn: boolean;
}

/**
 * Whether the server is of the kind that target_session_attrs wants (fe-connect.c, CONNECTION_CHECK_TARGET): from what
 * it reported at login (14 and later), else by asking it. Undefined: it is.
 */
export async function fitsTarget(session: OpenSession, target: string): Promise<Misfit | undefined> {
  switch (target) {
    case 'read-write':
      return verdict(await isReadOnly(session), false, 'session is read-only');
    case 'read-only':
      return verdict(await isReadOnly(session), true, 'session is not read-only');
    case 'primary':
      return verdict(await isInRecovery(session), false, 'server is in hot standby mode');
    case 'standby':
      return verdict(await isInRecovery(session), true, 'server is not in hot standby mode');
    default:
      return undefined;
  }
}

type Known = { readonly known: true; readonly value: boolean } | { readonly known: false; readonly message: string };

function verdict(found: Known, wanted: boolean, words: string): Misfit | undefined {
  if (!found.known) return { outcome: { kind: 'wrong-session-attributes', message: found.message }, goesOn: false };
  if (found.value === wanted) return undefined;
  return { outcome: { kind: 'wrong-session-attributes', message: words }, goesOn: true };
}

async function isReadOnly(session: OpenSession): Promise<Known> {
  const readOnly = session.parameters.get('default_transaction_read_only');
  const standby = session.parameters.get('in_hot_standby');
  if (readOnly !== undefined && standby !== undefined) {
    return { known: true, value: readOnly === 'on' || standby === 'on' };
  }
  return asked(session, 'SHOW transaction_read_only', 'on');
}

async function isInRecovery(session: OpenSession): Promise<Known> {
  const standby = session.parameters.get('in_hot_standby');
  if (standby !== undefined) return { known: true, value: standby === 'on' };
  // before 14 a physical replication connection cannot run it: libpq fails there, too
  return asked(session, 'SELECT pg_catalog.pg_is_in_recovery()', 't');
}

async function asked(session: OpenSession, query: string, yes: string): Promise<Known> {
  const answer = await session.simpleQuery(query);
  if (answer.ok) return { known: true, value: answer.results[0]?.rows[0]?.[0] === yes };
  const why = answer.kind === 'server' ? answer.error.message : answer.message;
  return { known: false, message: `target_session_attrs could not be checked: ${why}` };
}
