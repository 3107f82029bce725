import type { ReplicationLogin } from '../../facts/connection.ts';
import { ifSeen, seen, unseen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import { integerOf } from '../../facts/settings.ts';
import type { PrimaryWal } from '../../facts/standby-wal.ts';
import { parseWalFileName, walSegmentSize } from '../../postgres/lsn.ts';
import type { Lsn, WalSegmentSize } from '../../postgres/lsn.ts';
import { identifier } from '../../postgres/sql-quoting.ts';
import { primaryOf, settingsOf } from './facts.ts';
import type { LookBySql } from './look-by-sql.ts';

/** Which WAL the primary still has: its oldest segment where it may be listed, else what wal_keep_size promises. */
export function primaryWalOf(login: Observed<ReplicationLogin>, bySql: LookBySql): Observed<PrimaryWal> {
  const primary = primaryOf(login, bySql);
  if (primary.status !== 'seen') return primary;
  const settings = settingsOf(login, bySql);
  if (settings.status !== 'seen') return settings;
  const segmentSize = walSegmentSize(integerOf(settings.value, 'wal_segment_size') ?? 16 * 1024 * 1024);
  const position = primary.value.walPosition;
  if (segmentSize === undefined || position === undefined)
    return unseen('unreadable', "the primary's WAL position and segment size are not known");
  const kept = settings.value.get('wal_keep_size');
  const keep = integerOf(settings.value, 'wal_keep_size');
  const sizes = bySql.seen ? ifSeen(sizesOf(bySql)) : undefined;
  const oldest = sizes?.oldestWal === undefined ? undefined : startOf(sizes.oldestWal, segmentSize);
  return seen(
    {
      position,
      segmentSize,
      oldest,
      keepBytes: keep === undefined || kept?.unit !== 'MB' ? undefined : BigInt(keep) * 1024n * 1024n,
      remedy: oldest === undefined ? remedyOf(bySql) : undefined,
      atCheckpoint: atCheckpoint(bySql),
    },
    oldest === undefined ? settings.source : 'pg_ls_waldir()',
  );
}

function atCheckpoint(bySql: LookBySql): PrimaryWal['atCheckpoint'] {
  if (!bySql.seen || bySql.walAt === undefined || !bySql.catalogue.wal.seen) return undefined;
  const { position, bytes: wanted, segmentSize } = bySql.walAt;
  const byTimeline = [...bySql.catalogue.wal.value].flatMap(([name, bytes]) => {
    const file = parseWalFileName(name, segmentSize);
    return file === undefined || bytes.length < wanted * 2 ? [] : [[file.timeline, bytes] as const];
  });
  return { position, byTimeline: new Map(byTimeline) };
}

const sizesOf = ({ catalogue: { sizes } }: Extract<LookBySql, { seen: true }>) =>
  sizes.seen ? seen(sizes.value, 'pg_ls_waldir()') : unseen(sizes.kind, sizes.because);

function remedyOf(bySql: LookBySql): string {
  if (!bySql.seen) return 'add --admin CONNINFO, a connection as a superuser or as a member of pg_monitor';
  const { login } = bySql.catalogue;
  return login.walDirectory
    ? 'run this again'
    : `GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO ${identifier(login.user)};`;
}

/** The name has no timeline: any serves to read the rest. */
function startOf(name: string, segmentSize: WalSegmentSize): Lsn | undefined {
  const file = parseWalFileName(`00000001${name}`, segmentSize);
  return file?.kind === 'segment' ? file.start : undefined;
}
