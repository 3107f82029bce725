import { formatBytes } from '../postgres/bytes.ts';
import { posix } from 'node:path';

import type { Facts } from '../facts/facts.ts';
import type { FileSystem } from '../facts/machine.ts';
import type { Step } from '../findings/report.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Refusal } from './refusal.ts';

/** The facts that tell whether a new base backup has room. */
export const roomFacts = ['dataDirectory', 'localWal', 'copySize', 'lastCopy', 'localSize'] as const;

/**
 * A new base backup is made beside the old directories, which stay: what each file system receives has to fit into what is
 * free there. Nothing is moved where it is known not to.
 */
export function noRoom(steps: readonly Step[], facts: Partial<Facts>): Refusal | undefined {
  const copies = steps.some(({ on, does, kind }) => on === 'standby' && does === 'copy' && kind === 'shell');
  const directory = ifSeen(facts.dataDirectory);
  if (!copies || directory === undefined) return undefined;
  const lacking = byFileSystem(demandsOf(directory, facts)).find(({ system, bytes }) => system.freeBytes < bytes);
  if (lacking === undefined) return undefined;
  const { system, bytes, what } = lacking;
  const another = posix.join(posix.dirname(directory.path), `${posix.basename(directory.path)}-new`);
  const elsewhere =
    what.length === 1 && what[0] === theData
      ? `mount a file system with at least ${formatBytes(bytes, Math.ceil)} free on ${another}, take the base backup into it with standbylint clone, and start the server on it`
      : `take the base backup into another file system with standbylint clone, and start the server on it`;
  return {
    on: 'standby',
    summary: 'Free space for a new base backup first; the old directory is kept until the new standby is streaming.',
    text: `A new base backup needs ${formatBytes(bytes, Math.ceil)} (${what.join(', ')}), but the file system ${system.mountPoint} has only ${formatBytes(system.freeBytes, Math.floor)} free in addition to the old directory. Enlarge it by at least ${formatBytes(bytes - system.freeBytes, Math.ceil)} and run standbylint again, or ${elsewhere}.`,
  };
}

interface Demand {
  readonly what: string;
  readonly bytes: number;
  readonly system: FileSystem | undefined;
}

const theData = 'the data directory';

/** Of what is not known nothing is demanded. */
function demandsOf(directory: DataDirectory, facts: Partial<Facts>): readonly Demand[] {
  const { tablespaces, fileSystem } = directory;
  const primary = ifSeen(facts.copySize);
  const local = ifSeen(facts.localSize);
  const last = tablespaces.length > 0 ? undefined : ifSeen(facts.lastCopy);
  const wal = ifSeen(facts.localWal);
  const data = primary?.dataBytes ?? last?.bytes ?? local?.dataBytes;
  if (data === undefined) return [];
  // of the WAL that comes with it no less than two segments
  const walBytes = 2 * (wal?.segmentSize ?? 0);
  return [
    { what: theData, bytes: Number(data), system: fileSystem },
    { what: 'WAL', bytes: walBytes, system: wal?.state === 'directory' ? wal.fileSystem : fileSystem },
    ...tablespaces.map(({ oid, target, fileSystem: system }) => {
      const of = (sizes: readonly { readonly oid: number; readonly bytes: bigint | undefined }[] | undefined) =>
        sizes?.find((one) => one.oid === oid)?.bytes;
      const bytes = Number(of(primary?.tablespaces) ?? of(local?.tablespaces) ?? 0n);
      return { what: `the tablespace in ${target ?? oid}`, bytes, system };
    }),
  ];
}

/** Two mounts of one file system share its space. */
function byFileSystem(
  demands: readonly Demand[],
): readonly { readonly system: FileSystem; readonly bytes: number; readonly what: readonly string[] }[] {
  const groups = new Map<number, { system: FileSystem; bytes: number; what: string[] }>();
  for (const { what, bytes, system } of demands) {
    if (system === undefined || bytes === 0) continue;
    const group = groups.get(system.device) ?? { system, bytes: 0, what: [] };
    groups.set(system.device, { ...group, bytes: group.bytes + bytes, what: [...group.what, what] });
  }
  return [...groups.values()];
}
