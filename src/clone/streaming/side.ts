import type { ServerSide } from '../../facts/streaming.ts';
import { parseLsn } from '../../postgres/lsn.ts';
import type { OpenSession } from '../../servers/session.ts';
import type { Asked } from '../../checks/standby-sessions.ts';

/** Undefined when the session is over. `hidden`: there is a WAL receiver, and this role may not see its status. */
export async function standbySide(asked: Asked): Promise<(ServerSide & { readonly hidden: boolean }) | undefined> {
  const row = await firstRow(asked.session, standbySql);
  if (row === undefined) return undefined;
  const [inRecovery, replayed, receivers, status, receiverTimeline, controlTimeline] = row;
  return {
    inRecovery: inRecovery === 't',
    lsn: parseLsn(replayed ?? ''),
    timeline: numberIn(receiverTimeline) ?? numberIn(controlTimeline),
    streaming: status ?? undefined,
    hidden: receivers !== '0' && status === null,
    source: asked.by,
  };
}

/** monitoring.sgml, pg_stat_wal_receiver: who is no member of pg_read_all_stats sees the pid alone. */
const standbySql = `SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn(),
  (SELECT count(*) FROM pg_stat_wal_receiver), (SELECT status FROM pg_stat_wal_receiver),
  (SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint())`;

/** `sender`: the process of the standby's WAL sender there, where it is known. */
export async function primarySide(asked: Asked, sender: number | undefined): Promise<ServerSide | undefined> {
  const row = await firstRow(asked.session, primarySql(sender));
  if (row === undefined) return undefined;
  const [inRecovery, position, walFile, controlTimeline, state] = row;
  const timeline = walFile === null || walFile === undefined ? undefined : Number.parseInt(walFile.slice(0, 8), 16);
  return {
    inRecovery: inRecovery === 't',
    lsn: parseLsn(position ?? ''),
    timeline: timeline ?? numberIn(controlTimeline),
    streaming: state ?? undefined,
    source: asked.by,
  };
}

const primarySql = (sender: number | undefined): string => `SELECT pg_is_in_recovery(),
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
  CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_walfile_name(pg_current_wal_lsn()) END,
  (SELECT timeline_id FROM pg_control_checkpoint()),
  (SELECT state FROM pg_stat_replication WHERE pid = ${sender ?? 0})`;

/** Asked on a replication connection, which every login that can copy has. */
export async function identifiedSide(
  session: OpenSession,
  inRecovery: boolean | undefined,
): Promise<ServerSide | undefined> {
  const row = await firstRow(session, 'IDENTIFY_SYSTEM');
  if (row === undefined) return undefined;
  const [, timeline, position] = row;
  return {
    inRecovery,
    lsn: parseLsn(position ?? ''),
    timeline: numberIn(timeline),
    streaming: undefined,
    source: 'IDENTIFY_SYSTEM',
  };
}

export interface Sender {
  readonly pid: number;
  readonly state: string | undefined;
  readonly replayed: string | undefined;
}

/** The WAL senders of a role; an ordinary role sees those of its own, and of others the process alone. */
export async function sendersOf(asked: Asked, roleLiteral: string): Promise<readonly Sender[]> {
  const answer = await asked.session.simpleQuery(
    `SELECT pid, state, replay_lsn FROM pg_stat_replication WHERE usename = ${roleLiteral} ORDER BY backend_start DESC`,
  );
  if (!answer.ok) return [];
  return (answer.results.at(-1)?.rows ?? []).map(([pid, state, replayed]) => ({
    pid: Number(pid),
    state: state ?? undefined,
    replayed: replayed ?? undefined,
  }));
}

async function firstRow(session: OpenSession, sql: string): Promise<readonly (string | null)[] | undefined> {
  const answer = await session.simpleQuery(sql);
  return answer.ok ? answer.results.at(-1)?.rows[0] : undefined;
}

const numberIn = (text: string | null | undefined): number | undefined =>
  text !== null && text !== undefined && /^\d+$/u.test(text) && text !== '0' ? Number(text) : undefined;
