import { posix } from 'node:path';

import type { EarlierManifest } from '../facts/base-backup.ts';
import { notApplicable, seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { manifestFrame } from '../postgres/backup-manifest.ts';
import { fileText } from '../postgres/file-text.ts';
import { defineCheck } from './check.ts';
import { noCopyIsMade } from './subject.ts';

/** The manifest that `--incremental` names, of which its beginning and its end are read: a line for each file is between them. */
export const earlierManifestCheck = defineCheck({
  brings: ['earlierManifest'],
  after: [],
  async look(_facts, { subject, host }) {
    if (subject.command === 'postmortem') return { earlierManifest: noCopyIsMade };
    const { incremental } = subject.baseBackup;
    if (incremental === undefined) return { earlierManifest: notApplicable('no incremental backup is taken') };
    const path = posix.resolve(host.workingDirectory, incremental);
    return { earlierManifest: seen({ path, ...(await readIn(host, path)) }, path) };
  },
});

async function readIn(host: Host, path: string): Promise<Omit<EarlierManifest, 'path'>> {
  const status = await host.status(path, { followLinks: true });
  if (!status.ok) return { problem: status.problem.message };
  const { sizeBytes } = status.value;
  const [head, tail] = await Promise.all([
    host.read(path, { maxBytes: frameBytes }),
    host.read(path, { maxBytes: frameBytes, from: Math.max(0, sizeBytes - frameBytes) }),
  ]);
  if (!head.ok) return { problem: head.problem.message };
  if (!tail.ok) return { problem: tail.problem.message };
  return { frame: manifestFrame(fileText(head.value.bytes), fileText(tail.value.bytes)) };
}

const frameBytes = 64 * 1024;
