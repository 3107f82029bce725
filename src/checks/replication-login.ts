import type { ConnectionAttempt, NamedSlot, ReplicationLogin, ReplicationSession } from '../facts/connection.ts';
import { seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { parseLsn, parseSystemIdentifier, parseTimelineId } from '../postgres/lsn.ts';
import { parseVersion } from '../postgres/versions.ts';
import { connect } from '../servers/connect.ts';
import type { OpenSession, QueryAnswer, ResultRows } from '../servers/session.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import { decisiveAttempt } from './decisive-attempt.ts';

/**
 * Logs in as pg_basebackup will: physical replication, the same user, password and TLS. Then it asks what such a
 * connection can tell, in three round trips at most, and for `-X stream` opens the second connection that the copy will
 * need beside the first.
 */
export const replicationLogin = defineCheck({
  brings: ['replicationLogin'],
  after: [],
  async look(_facts, surroundings) {
    return { replicationLogin: await logIn(surroundings) };
  },
});

async function logIn(surroundings: Surroundings): Promise<Observed<ReplicationLogin>> {
  const { subject, signal } = surroundings;
  const { attempts, session } = await connect(subject.connection, surroundings);
  if (signal.aborted) {
    await session?.close();
    return unseen('not-asked', 'the examination was interrupted');
  }
  if (session === undefined) {
    const decisive = decisiveAttempt(attempts);
    if (decisive === undefined) return unseen('tool', 'the connection names no host to try');
    return seen({ attempts, outcome: { accepted: false, decisive } }, source);
  }
  try {
    const found = await askAround(session, surroundings);
    if (!found.ok) return found.why;
    return seen({ attempts, outcome: { accepted: true, session: found.session } }, source);
  } finally {
    await session.close();
  }
}

const source = 'the replication login';

type Found =
  | { readonly ok: true; readonly session: ReplicationSession }
  | { readonly ok: false; readonly why: Observed<never> };

async function askAround(session: OpenSession, surroundings: Surroundings): Promise<Found> {
  const { subject, host } = surroundings;
  const { baseBackup } = subject;
  // the second connection is made beside the questions: it has its own, and the first one stays open meanwhile
  const second = baseBackup.walMethod === 'stream' ? secondConnection(surroundings) : Promise.resolve(undefined);
  const identity = await session.simpleQuery('IDENTIFY_SYSTEM');
  const all = await session.simpleQuery('SHOW all');
  const settings = settingsIn(all);
  const serverVersion = session.parameters.get('server_version') ?? settings?.get('server_version') ?? '';
  const slot = await namedSlot(session, baseBackup.createsSlot ? undefined : baseBackup.slot, serverVersion);
  const beside = await second;

  if (!identity.ok) return { ok: false, why: silence('IDENTIFY_SYSTEM', identity) };
  const [row] = rowsOf(identity);
  const systemIdentifier = parseSystemIdentifier(row?.get('systemid') ?? '');
  const timeline = parseTimelineId(row?.get('timeline') ?? '');
  const walPosition = parseLsn(row?.get('xlogpos') ?? '');
  if (systemIdentifier === undefined || timeline === undefined || walPosition === undefined) {
    return { ok: false, why: unseen('unreadable', 'the answer to IDENTIFY_SYSTEM is not one of PostgreSQL') };
  }
  return {
    ok: true,
    session: {
      attempt: session.attempt,
      serverVersion,
      systemIdentifier,
      timeline,
      walPosition,
      settings: settings ?? session.parameters,
      second: beside,
      slot,
      sameMachine: isThisMachine(session.attempt, host),
    },
  };
}

async function secondConnection(surroundings: Surroundings): Promise<ReplicationSession['second']> {
  const { attempts, session } = await connect(surroundings.subject.connection, surroundings);
  if (session !== undefined) {
    await session.close();
    return { accepted: true };
  }
  const attempt = decisiveAttempt(attempts);
  return attempt === undefined ? undefined : { accepted: false, attempt };
}

/** `SHOW all` on a walsender gives name, setting and description (guc_funcs.c, ShowAllGUCConfig): units stand in the value. */
function settingsIn(answer: QueryAnswer): ReadonlyMap<string, string> | undefined {
  if (!answer.ok) return undefined;
  return new Map(rowsOf(answer).map((row): [string, string] => [row.get('name') ?? '', row.get('setting') ?? '']));
}

/** READ_REPLICATION_SLOT came with 15 (walsender.c); before that nothing on a physical connection tells of a slot. */
async function namedSlot(
  session: OpenSession,
  name: string | undefined,
  serverVersion: string,
): Promise<NamedSlot | undefined> {
  if (name === undefined || name === '' || (parseVersion(serverVersion)?.major ?? 0) < 15) return undefined;
  // slot.c, ReplicationSlotValidateName: no slot can have another name, and 15's scanner does not read one
  if (!/^[a-z0-9_]{1,63}$/u.test(name)) return { exists: false };
  const answer = await session.simpleQuery(`READ_REPLICATION_SLOT "${name}"`);
  if (!answer.ok) {
    // "cannot use READ_REPLICATION_SLOT with a logical replication slot"; a name that is none is refused otherwise
    const isLogical = answer.kind === 'server' && answer.error.routine === 'ReadReplicationSlot';
    return isLogical ? { exists: 'logical' } : undefined;
  }
  const [row] = rowsOf(answer);
  const type = row?.get('slot_type');
  if (type === undefined || type === null) return { exists: false };
  return { exists: true, reserved: (row?.get('restart_lsn') ?? null) !== null };
}

/** A socket, a loopback address, or an address of an interface of this machine. */
export function isThisMachine({ address }: ConnectionAttempt, host: Host): boolean {
  if (address === undefined) return false;
  if (/^[/@]|^127\.|^::1$|^::ffff:127\./u.test(address)) return true;
  return host.interfaces().some((one) => one.address === address);
}

const rowsOf = (answer: Extract<QueryAnswer, { readonly ok: true }>): readonly ReadonlyMap<string, string | null>[] =>
  answer.results.flatMap(({ columns, rows }: ResultRows) =>
    rows.map((row) => new Map(columns.map((column, index): [string, string | null] => [column, row[index] ?? null]))),
  );

function silence(command: string, answer: Extract<QueryAnswer, { readonly ok: false }>): Observed<never> {
  switch (answer.kind) {
    case 'server':
      return unseen('permission', `${command} was refused: ${answer.error.message}`);
    case 'timed-out':
      return unseen('timed-out', `${command} on the replication connection: ${answer.message}`);
    case 'lost':
      return unseen('connection', `the replication connection broke while ${command} was asked: ${answer.message}`);
  }
}
