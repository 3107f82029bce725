import { posix } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { DataDirectory } from '../facts/data-directory.ts';
import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { LostFile } from '../facts/server-files.ts';
import type { Host } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import type { Lsn } from '../postgres/lsn.ts';
import { firstOfAll, pageLsn } from '../postgres/page-lsn.ts';
import type { OpenSession } from '../servers/session.ts';
import { askedOverAdmin } from './asked-over-admin.ts';
import { defineCheck } from './check.ts';
import type { RelationFile } from './internal-facts.ts';
import { missingFiles } from './missing-files.ts';
import type { Restartpoint } from './missing-files.ts';

/**
 * Pages that the standby has replayed and does not have: its file of a relation is shorter than its primary's, and the
 * primary's next page was last changed by WAL up to where the standby had replayed before its file was looked at: what the
 * server says while it streams, else where its last restartpoint began, if the primary's WAL has that very checkpoint. That
 * page was there, and no replay can have taken it away: the primary would not have it either. (A page that was added
 * without WAL has no LSN, or one of no WAL: gistbuild.c, GistBuildLSN; one that was added later has a later one.) A file that
 * grows is one that replay is copying: a new database's, with the pages of another (dbcommands.c, XLOG_DBASE_CREATE).
 */
export const missingPagesCheck = defineCheck({
  brings: ['missingPages'],
  after: ['dataDirectory', 'controlFile', 'runningStandby', 'adminServer', 'timelines', 'relationFiles'],
  async look({ dataDirectory, controlFile, runningStandby, adminServer, timelines, relationFiles }, surroundings) {
    const [directory, control, server] = [ifSeen(dataDirectory), ifSeen(controlFile), ifSeen(runningStandby)];
    const { subject, host } = surroundings;
    if (subject.command !== 'postmortem' || directory === undefined || control?.ok !== true)
      return { missingPages: notApplicable('no standby with a readable pg_control was found') };
    const { byteOrder, blockSize } = control.value;
    const streams = server?.inRecovery === true && server.receiver?.status === 'streaming';
    const restartpoint = restartpointIn(
      control.value,
      directory,
      ifSeen(timelines)?.local.checkpoint.inUpstreamWal === true,
    );
    const replayed = streams ? server.replay.replayedLsn : restartpoint?.redo;
    if (replayed === undefined)
      return { missingPages: notApplicable('nothing proves up to where it has replayed what its primary wrote') };
    if (subject.admin === undefined || ifSeen(adminServer)?.identity.is !== 'the-upstream')
      return { missingPages: unseen('not-asked', 'the files of its upstream cannot be seen without --admin') };
    // one that replays later still has what is gone here
    if (ifSeen(adminServer)?.inRecovery === true)
      return { missingPages: notApplicable('its upstream is a standby too, and may have replayed less') };
    if (byteOrder !== 'little') return { missingPages: notApplicable('its pages are written in another byte order') };
    if (relationFiles.status !== 'seen') return { missingPages: relationFiles };
    const { files } = relationFiles.value;
    const missingPages = await askedOverAdmin(subject.admin, surroundings, async (session) => {
      const short = await comparedTwice(session, { host, directory: directory.path, files }, replayed, blockSize);
      if (short.status !== 'seen' || restartpoint === undefined) return short;
      const there = { host, directory: directory.path, ...relationFiles.value };
      const missing = await missingFiles(session, there, restartpoint);
      return { ...short, value: [...missing, ...short.value] };
    });
    return { missingPages: missingPages ?? unseen('connection', '--admin could not connect') };
  },
});

/** What was replayed before it is on disk (xlog.c, CreateRestartPoint); pg_control of a new copy is the primary's. */
function restartpointIn(
  { state, checkpoint, backupStart }: ControlFile,
  { backupLabel }: DataDirectory,
  isUpstreams: boolean,
): Restartpoint | undefined {
  const ofStandby = state === 'shut down in recovery' || state === 'in archive recovery';
  return ofStandby && isUpstreams && backupLabel === undefined && backupStart === null
    ? { redo: checkpoint.redo, at: checkpoint.at }
    : undefined;
}

/** A truncation is in the WAL a moment before it is in the file (storage.c, RelationTruncate). */
async function comparedTwice(
  session: OpenSession,
  {
    host,
    directory,
    files,
  }: { readonly host: Host; readonly directory: string; readonly files: readonly RelationFile[] },
  replayed: Lsn,
  blockSize: number,
): Promise<Observed<readonly LostFile[]>> {
  const first = await shorterThanThere(session, files, replayed, blockSize);
  if (first.status !== 'seen' || first.value.length === 0) return first;
  await pause(againMs);
  host.anew?.();
  const paths = new Set(first.value.map(({ path }) => path));
  const still = await Promise.all(
    files
      .filter(({ path }) => paths.has(path))
      .map(async (file) => {
        const status = await host.status(posix.join(directory, file.path), { followLinks: true });
        return status.ok && status.value.sizeBytes === file.bytes ? file : undefined;
      }),
  );
  return shorterThanThere(
    session,
    still.filter((file) => file !== undefined),
    replayed,
    blockSize,
  );
}

/** Between the two a starved backend may take its time; it is waited for only where something was found. */
const againMs = 2_000;

async function shorterThanThere(
  session: OpenSession,
  files: readonly RelationFile[],
  replayed: Lsn,
  blockSize: number,
): Promise<Observed<readonly LostFile[]>> {
  const list = (values: readonly (string | number)[]): string => `'{${values.join(',')}}'`;
  const answer = await session.simpleQuery(
    `SELECT path, has, pg_catalog.encode(pg_catalog.pg_read_binary_file(path, has, 8, true), 'hex') FROM ROWS FROM (pg_catalog.unnest(${list(files.map(({ path }) => path))}::text[]), pg_catalog.unnest(${list(files.map(({ bytes }) => bytes - (bytes % blockSize)))}::bigint[])) AS file(path, has), LATERAL pg_catalog.pg_stat_file(path, true) AS there WHERE there.size >= has + ${blockSize} LIMIT 200`,
  );
  if (!answer.ok) return unseen('permission', answer.kind === 'server' ? answer.error.message : answer.message);
  const lost = (answer.results.at(-1)?.rows ?? []).flatMap(([path, has, header]) => {
    const changed = pageLsn(header ?? '');
    if (typeof path !== 'string' || changed === undefined || changed < firstOfAll || changed > replayed) return [];
    return [
      { path, because: `it ends after ${has} bytes, where its primary has a page that this standby has replayed` },
    ];
  });
  return seen(lost, 'pg_stat_file() and the first 8 bytes of a page on its primary');
}
