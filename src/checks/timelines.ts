import type { ReplicationSession } from '../facts/connection.ts';
import { reachesItself } from '../facts/login.ts';
import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { AdminLogin, Primary } from '../facts/primary.ts';
import type { PrimaryWal, Timelines } from '../facts/standby-wal.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { historyFileName, parseLsn } from '../postgres/lsn.ts';
import type { Lsn, TimelineId } from '../postgres/lsn.ts';
import { findForkPoint, historyWithoutFile, parseTimelineHistory, timelineAt } from '../postgres/timeline-history.ts';
import type { TimelineHistory } from '../postgres/timeline-history.ts';
import { literal } from '../postgres/sql-quoting.ts';
import { connect } from '../servers/connect.ts';
import { askedOverAdmin } from './asked-over-admin.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import type { LocalEnd } from './local-history.ts';
import type { Upstream } from './internal-facts.ts';

/** The histories of the standby and of its upstream side by side, and how far each has come. */
export const timelinesCheck = defineCheck({
  brings: ['timelines'],
  after: [
    'controlFile',
    'dataDirectory',
    'localEnd',
    'upstream',
    'replicationLogin',
    'primary',
    'primaryWal',
    'adminLogin',
  ],
  async look(
    { controlFile, dataDirectory, localEnd, upstream, replicationLogin, primary, primaryWal, adminLogin },
    surroundings,
  ) {
    if (controlFile.status !== 'seen') return { timelines: controlFile };
    if (!controlFile.value.ok) return { timelines: unseen('unreadable', 'global/pg_control cannot be read') };
    if (primary.status !== 'seen') return { timelines: primary };
    if (localEnd.status !== 'seen') return { timelines: localEnd };
    const control = controlFile.value.value;
    const login = ifSeen(replicationLogin)?.outcome;
    const session = login?.accepted === true ? login.session : undefined;
    // promoted, of a list of all servers it is itself the one that is read-write
    if (!primary.value.inRecovery && reachesItself(ifSeen(replicationLogin), ifSeen(dataDirectory)?.postmaster))
      return { timelines: notApplicable('primary_conninfo leads to this very server, which is a primary') };
    return {
      timelines: await compared(
        control,
        localEnd.value,
        {
          primary: primary.value,
          session,
          wal: ifSeen(primaryWal),
          admin: ifSeen(adminLogin),
          upstream: ifSeen(upstream),
        },
        surroundings,
      ),
    };
  },
});

interface UpstreamSeen {
  readonly primary: Primary;
  readonly session: ReplicationSession | undefined;
  readonly wal: PrimaryWal | undefined;
  readonly admin: AdminLogin | undefined;
  readonly upstream: Upstream | undefined;
}

async function compared(
  control: ControlFile,
  end: LocalEnd,
  { primary, session, wal, admin, upstream }: UpstreamSeen,
  surroundings: Surroundings,
): Promise<Observed<Timelines>> {
  const { timeline, walPosition, systemIdentifier, inRecovery } = primary;
  if (walPosition === undefined) return notApplicable('the upstream has no WAL position yet');
  const sameSystem = systemIdentifier === control.systemIdentifier;
  const history =
    timeline === 1
      ? historyWithoutFile(timeline)
      : (session?.timelineHistory ??
        (admin?.superuser === true ? await historyFile(timeline, surroundings) : undefined));
  // it was asked before the local WAL was read, and has gone on since
  const isAhead = end.history.position > walPosition && sameSystem;
  const later = isAhead ? await positionNow(upstream, admin, surroundings) : walPosition;
  const { location } = control.checkpoint;
  const inUpstreamWal =
    sameSystem && wal?.atCheckpoint?.position === location
      ? isInUpstream(
          end.checkpointRecord,
          wal.atCheckpoint.byTimeline.get(timelineAt(history ?? historyWithoutFile(timeline), location) ?? timeline),
        )
      : undefined;
  const fork = history === undefined ? undefined : findForkPoint(end.history.history, history)?.lsn;
  const before =
    sameSystem && fork !== undefined && fork !== null && end.history.position > fork
      ? await end.before(fork)
      : undefined;
  return seen(
    {
      local: {
        ...end.history,
        ...(before === undefined ? {} : { checkpointBeforeFork: before }),
        checkpoint: { ...end.checkpoint, inUpstreamWal },
      },
      upstream: {
        timeline,
        history: history ?? historyWithoutFile(timeline),
        position: later !== undefined && later > walPosition ? later : walPosition,
        historyMissing: history === undefined,
        ...(later === undefined ? { isOld: true } : {}),
      },
      upstreamInRecovery: inRecovery,
      sameSystem,
      upstreamIdentifier: systemIdentifier,
    },
    session === undefined ? 'pg_control and the --admin login' : 'pg_control, pg_wal and the replication login',
  );
}

/** Over the replication connection, or else over --admin, which leads to the same server. */
async function positionNow(
  upstream: Upstream | undefined,
  admin: AdminLogin | undefined,
  surroundings: Surroundings,
): Promise<Lsn | undefined> {
  const told = upstream === undefined ? undefined : await identified(upstream, surroundings);
  if (told !== undefined || admin === undefined) return told;
  return parseLsn((await fromAdmin(positionSql, surroundings)) ?? '');
}

async function identified(upstream: Upstream, surroundings: Surroundings): Promise<Lsn | undefined> {
  const { session } = await connect(upstream.connection, { ...surroundings, host: upstream.host });
  if (session === undefined) return undefined;
  try {
    const answer = await session.simpleQuery('IDENTIFY_SYSTEM');
    const result = answer.ok ? answer.results[0] : undefined;
    return parseLsn(result?.rows[0]?.[result.columns.indexOf('xlogpos')] ?? '');
  } finally {
    await session.close();
  }
}

/** As IDENTIFY_SYSTEM has it (walsender.c): of a standby what it has received, or has replayed from elsewhere. */
const positionSql = `SELECT CASE WHEN pg_catalog.pg_is_in_recovery()
  THEN greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
  ELSE pg_catalog.pg_current_wal_flush_lsn() END`;

/** Where the replication login is refused: the file that TIMELINE_HISTORY would send, which a superuser may read. */
async function historyFile(timeline: TimelineId, surroundings: Surroundings): Promise<TimelineHistory | undefined> {
  const text = await fromAdmin(
    `SELECT pg_catalog.pg_read_file(${literal(`pg_wal/${historyFileName(timeline)}`)})`,
    surroundings,
  );
  const parsed = text === undefined ? undefined : parseTimelineHistory(text, timeline);
  return parsed?.ok === true ? parsed.value : undefined;
}

/** Whether the primary's WAL has the same record as the standby's at the standby's checkpoint, as far as it was read there. */
function isInUpstream(record: Uint8Array | undefined, there: string | undefined): boolean | undefined {
  if (record === undefined || there === undefined) return undefined;
  return Buffer.from(record).toString('hex').startsWith(there);
}

/** The one value that a statement brings over --admin. */
async function fromAdmin(statement: string, surroundings: Surroundings): Promise<string | undefined> {
  const { admin } = surroundings.subject;
  if (admin === undefined) return undefined;
  return askedOverAdmin(admin, surroundings, async (session) => {
    const answer = await session.simpleQuery(statement);
    return answer.ok ? (answer.results[0]?.rows[0]?.[0] ?? undefined) : undefined;
  });
}
