import { posix } from 'node:path';

import type { DataDirectory } from '../../facts/data-directory.ts';
import type { Host } from '../../hosts/host.ts';
import { timeStampIn } from '../../postgres/log/time-stamp.ts';
import { isOfTheCopy } from '../last-copy.ts';

/**
 * Until when a log in the data directory is that of the server which was copied: its log directory and its server.log come
 * with every copy. pg_basebackup ends with backup_manifest; else START TIME of the label is known, which is in the
 * log_timezone of the primary. Undefined: no label is there, or its zone is not known.
 */
export async function copiedAt(host: Host, directory: DataDirectory | undefined): Promise<Date | undefined> {
  const label = (directory?.backupLabel ?? directory?.backupLabelOld)?.label;
  if (directory === undefined || label?.startTime === undefined || label.startTime === null) return undefined;
  const started = timeStampIn(label.startTime);
  if (directory.manifest !== 'there' || label.method !== 'streamed') return started;
  const [labelFile, manifest] = await Promise.all(
    [directory.backupLabel === undefined ? 'backup_label.old' : 'backup_label', 'backup_manifest'].map((name) =>
      host.status(posix.join(directory.path, name)),
    ),
  );
  return labelFile?.ok === true && manifest?.ok === true && isOfTheCopy(labelFile.value.modifiedAt, label.startTime)
    ? manifest.value.modifiedAt
    : started;
}
