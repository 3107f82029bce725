import { setTimeout as pause } from 'node:timers/promises';

import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { UpstreamReceiver, UpstreamStandby } from '../facts/upstream-standby.ts';
import { parseLsn } from '../postgres/lsn.ts';
import type { Lsn } from '../postgres/lsn.ts';
import { connect } from '../servers/connect.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import type { OpenSession } from '../servers/session.ts';
import type { Surroundings } from './check.ts';
import { defineCheck } from './check.ts';
import type { Upstream } from './internal-facts.ts';

/**
 * Where the upstream is in recovery, its stream proves only that it has a WAL sender. Whether anything comes to it: what
 * its own pg_stat_wal_receiver shows to an ordinary session, and whether the primary's WAL arrives there while we look.
 */
export const upstreamStandbyCheck = defineCheck({
  brings: ['upstreamStandby'],
  after: ['upstream', 'primary', 'adminServer', 'runningStandby'],
  async look({ upstream, primary, adminServer, runningStandby }, surroundings) {
    const { subject } = surroundings;
    const [way, server, admin, standby] = [
      ifSeen(upstream),
      ifSeen(primary),
      ifSeen(adminServer),
      ifSeen(runningStandby),
    ];
    if (subject.command !== 'postmortem' || standby?.inRecovery !== true || standby.receiver?.status !== 'streaming')
      return { upstreamStandby: notApplicable('no standby runs that streams') };
    if (way === undefined || server?.inRecovery !== true)
      return { upstreamStandby: notApplicable('the upstream is not known to be a standby') };
    const isPrimary =
      admin?.identity.is === 'another-server' &&
      !admin.inRecovery &&
      admin.systemIdentifier === server.systemIdentifier;
    const inside = admin?.identity.is === 'the-upstream' ? subject.admin : undefined;
    return {
      upstreamStandby: await lookTwice(
        { way, inside: inside ?? ordinary(way), asInside: inside !== undefined },
        isPrimary ? subject.admin : undefined,
        surroundings,
      ),
    };
  },
});

interface Ways {
  readonly way: Upstream;
  /** An ordinary session. */
  readonly inside: ResolvedConnection;
  readonly asInside: boolean;
}

const ordinary = ({ connection }: Upstream): ResolvedConnection => ({
  ...connection,
  replication: false,
  database: connection.database === '' || connection.database === 'replication' ? 'postgres' : connection.database,
});

async function lookTwice(
  { way, inside, asInside }: Ways,
  primary: ResolvedConnection | undefined,
  surroundings: Surroundings,
): Promise<Observed<UpstreamStandby>> {
  const there = { ...surroundings, host: way.host };
  const { session } = await connect(way.connection, there);
  if (session === undefined) return unseen('connection', 'the upstream could not be asked again');
  const second = (await connect(inside, asInside ? surroundings : there)).session;
  try {
    const above = primary && (await endOfPrimary(primary, surroundings));
    const first = await positionOf(session);
    const receiver = second && (await receiverOf(second));
    if (first === undefined) return unseen('unreadable', 'the upstream does not say how far it has received');
    let position = first;
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const settled = receiver?.receiver.runs !== false && (above === undefined || position >= above.position);
      if (settled || position !== first) break;
      await pause(betweenLooksMs);
      position = (await positionOf(session)) ?? position;
    }
    const again = receiver?.receiver.runs === false && second ? await receiverOf(second) : receiver;
    return seen(
      {
        receiver: again?.receiver,
        restores: again?.restores,
        hasConninfo: again?.hasConninfo,
        position,
        moved: position !== first,
        primary: above,
      },
      'the upstream, asked twice',
    );
  } finally {
    void session.close();
    void second?.close();
  }
}

/** A receiver that was ended comes back within wal_retrieve_retry_interval; WAL on its way arrives long before. */
const betweenLooksMs = 500;
const mostLooks = 8;

async function positionOf(session: OpenSession): Promise<Lsn | undefined> {
  const answer = await session.simpleQuery('IDENTIFY_SYSTEM');
  const result = answer.ok ? answer.results[0] : undefined;
  return parseLsn(result?.rows[0]?.[result.columns.indexOf('xlogpos')] ?? '');
}

async function rowOf(session: OpenSession, statement: string): Promise<readonly (string | null)[] | undefined> {
  const answer = await session.simpleQuery(statement);
  return answer.ok ? answer.results[0]?.rows[0] : undefined;
}

/** The row is there for every role, its columns for those that may read all statistics (walreceiver.c). */
async function receiverOf(session: OpenSession): Promise<
  | (Pick<UpstreamStandby, 'receiver' | 'hasConninfo'> & {
      readonly receiver: UpstreamReceiver;
      readonly restores: boolean;
    })
  | undefined
> {
  const row = await rowOf(
    session,
    `SELECT count(pid), pg_catalog.max(sender_host), pg_catalog.max(sender_port),
      pg_catalog.current_setting('restore_command') <> '',
      (SELECT setting <> '' FROM pg_catalog.pg_settings WHERE name = 'primary_conninfo')
      FROM pg_catalog.pg_stat_wal_receiver`,
  );
  if (row === undefined) return undefined;
  const [count, host, port, restores, hasConninfo] = row;
  return {
    receiver:
      count === '0'
        ? { runs: false }
        : { runs: true, host: host ?? undefined, port: typeof port === 'string' ? Number(port) : undefined },
    restores: restores === 't',
    hasConninfo: typeof hasConninfo === 'string' ? hasConninfo === 't' : undefined,
  };
}

async function endOfPrimary(
  primary: ResolvedConnection,
  surroundings: Surroundings,
): Promise<UpstreamStandby['primary']> {
  const { session } = await connect(primary, surroundings);
  if (session === undefined) return undefined;
  try {
    const row = await rowOf(
      session,
      `SELECT pg_catalog.pg_current_wal_flush_lsn(), pg_catalog.current_setting('archive_mode') <> 'off',
        pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size'))`,
    );
    const position = parseLsn(row?.[0] ?? '');
    if (row === undefined || position === undefined) return undefined;
    return { position, archives: row[1] === 't', segmentSize: Number(row[2]) };
  } finally {
    void session.close();
  }
}
