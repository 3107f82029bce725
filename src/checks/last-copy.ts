import { posix } from 'node:path';

import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { DataDirectory, LastCopy } from '../facts/data-directory.ts';
import type { Host } from '../hosts/host.ts';
import { bytesInManifest } from '../postgres/backup-manifest.ts';
import { defineCheck } from './check.ts';

/**
 * How long pg_basebackup took to make this data directory, by the clock of this machine alone: the label is the first
 * file that it writes there, backup_manifest the last (pg_basebackup.c, BaseBackup), and a server renames the label and
 * never writes to it (xlogrecovery.c). Nothing is read where the standby streams: then nobody thinks of a copy.
 */
export const lastCopyCheck = defineCheck({
  brings: ['lastCopy'],
  after: ['dataDirectory', 'runningStandby'],
  async look({ dataDirectory, runningStandby }, { host }) {
    if (dataDirectory.status !== 'seen') return { lastCopy: dataDirectory };
    if (ifSeen(runningStandby)?.receiver?.status === 'streaming')
      return { lastCopy: notApplicable('the standby streams') };
    return { lastCopy: await measured(host, dataDirectory.value) };
  },
});

async function measured(
  host: Host,
  { path, backupLabel, backupLabelOld, manifest, tablespaces }: DataDirectory,
): Promise<Observed<LastCopy>> {
  const { label } = backupLabel ?? backupLabelOld ?? {};
  // tablespaces of their own come before the label, and the label that pg_rewind writes is no copy's
  if (manifest !== 'there' || label?.method !== 'streamed' || tablespaces.length > 0) return notMeasured(path);
  const [labelFile, manifestFile] = await Promise.all([
    host.status(posix.join(path, backupLabel === undefined ? 'backup_label.old' : 'backup_label')),
    host.status(posix.join(path, 'backup_manifest')),
  ]);
  if (!labelFile.ok || !manifestFile.ok || !isOfTheCopy(labelFile.value.modifiedAt, label.startTime))
    return notMeasured(path);
  const seconds = (manifestFile.value.modifiedAt.getTime() - labelFile.value.modifiedAt.getTime()) / 1_000;
  if (seconds < shortest || manifestFile.value.sizeBytes > longestManifest) return notMeasured(path);
  const opened = await host.pieces(posix.join(path, 'backup_manifest'));
  if (!opened.ok) return unseen('unreadable', `${path}/backup_manifest: ${opened.problem.message}`);
  const bytes = await bytesInManifest(opened.value.pieces);
  return opened.value.problem() !== undefined || bytes === 0n
    ? notMeasured(path)
    : seen({ bytes, seconds }, 'the times of backup_label and backup_manifest');
}

const notMeasured = (path: string): Observed<LastCopy> =>
  notApplicable(`nothing in ${path} shows how long the base backup took`);

/** Seconds: in less time a rate says little. */
const shortest = 5;
const longestManifest = 128 * 1024 * 1024;

/**
 * Whoever copied the directory later with another program gave the label another time. START TIME is in the primary's
 * log_timezone, whose name need not be known here: all zones differ by whole quarters of an hour.
 */
export function isOfTheCopy(writtenAt: Date, startTime: string | null): boolean {
  const [, day, time, zone] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ?(.*)$/u.exec(startTime ?? '') ?? [];
  if (day === undefined || time === undefined) return false;
  const off = (writtenAt.getTime() - Date.parse(`${day}T${time}Z`)) / 1_000;
  if (zone === 'UTC' || zone === 'GMT') return Math.abs(off) < mostSkew;
  const quarter = 15 * 60;
  return Math.abs(off) < 15 * 3_600 && Math.abs(off - Math.round(off / quarter) * quarter) < mostSkew;
}

/** Seconds between the two clocks, and for the first file to come. */
const mostSkew = 60;
