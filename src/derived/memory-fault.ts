import { formatBytes } from '../postgres/bytes.ts';
import type { LocalMemory } from '../facts/memory.ts';
import { isOn } from '../postgres/settings.ts';

export interface WantedMemory {
  readonly bytes: number;
  /** huge_pages */
  readonly hugePages: string;
  /** What shared_buffers and min_dynamic_shared_memory have of it, where more than the buffers is known. */
  readonly shares?: { readonly buffers: number; readonly segments: number };
}

/** The setting that asks for most of it; undefined: locks, connections and libraries together do (storage/ipc/ipci.c). */
export function mostWanted({
  bytes,
  shares,
}: WantedMemory): 'shared_buffers' | 'min_dynamic_shared_memory' | undefined {
  if (shares === undefined || shares.buffers >= bytes / 2) return 'shared_buffers';
  return shares.segments >= bytes / 2 ? 'min_dynamic_shared_memory' : undefined;
}

export interface MemoryFault {
  /** The server does not start with it; else it starts, and is killed when it uses what it has. */
  readonly refused: boolean;
  readonly why: string;
  /** What it must be below, in bytes. */
  readonly most: number;
  /** It demands huge pages (huge_pages = on), and fewer are free than it needs: the setting is to blame, not the size. */
  readonly lacksHugePages?: true;
}

/**
 * Whether this machine gives a server its shared memory (port/sysv_shmem.c, CreateAnonymousSegment: one mmap; Linux,
 * Documentation/mm/overcommit-accounting). What else runs here is not looked at: with the usual overcommit it does not matter.
 */
export function memoryFault({ bytes, hugePages }: WantedMemory, memory: LocalMemory): MemoryFault | undefined {
  const huge = memory.hugePageSize * memory.hugePagesFree;
  if (isOn(hugePages) && bytes > huge)
    return {
      refused: true,
      most: huge,
      why: `huge_pages is on, and ${formatBytes(huge)} of huge pages are free`,
      lacksHugePages: true,
    };
  const all = memory.total + memory.swap;
  if (memory.overcommit === 0 && bytes > all)
    return { refused: true, most: memory.total, why: `this machine has ${formatBytes(all)} of memory and swap` };
  if (memory.overcommit === 2 && bytes > memory.committable)
    return {
      refused: true,
      most: memory.committable,
      why: `vm.overcommit_memory is 2, and ${formatBytes(memory.committable)} can still be allocated`,
    };
  const limit = memory.controlGroupLimit;
  if (limit !== undefined && limit < memory.total && bytes > limit)
    return { refused: false, most: limit, why: `the control group allows ${formatBytes(limit)}` };
  return bytes > memory.total
    ? { refused: false, most: memory.total, why: `this machine has ${formatBytes(memory.total)} of memory` }
    : undefined;
}

/** The segment that a server makes at its start takes some kilobytes (storage/ipc/dsm.c); without it there is none. */
const leastForSegments = 1024 * 1024;

/** Why a server with dynamic_shared_memory_type = posix, the default, does not start here; undefined: it can. */
export function segmentFault(type: string, { posixSegments }: LocalMemory): string | undefined {
  if (type.toLowerCase() !== 'posix' || posixSegments === undefined) return undefined;
  const { state, freeBytes } = posixSegments;
  switch (state) {
    case 'missing':
      return '/dev/shm does not exist';
    case 'read-only':
      return '/dev/shm is mounted read-only';
    case 'not-writable':
      return '/dev/shm is not writable for all users';
    case 'usable':
      return freeBytes < leastForSegments ? `/dev/shm has ${formatBytes(freeBytes)} left` : undefined;
  }
}

/**
 * Without the demand for huge pages, without memory set aside for segments, and with a quarter of the memory, the usual share
 * (manual, 20.4.1), where it is too much even so; nothing where other settings ask for most of it.
 */
export function fittingSettings(wanted: WantedMemory, memory: LocalMemory): Readonly<Record<string, string>> {
  const demands = isOn(wanted.hugePages);
  const frees = mostWanted(wanted) === 'min_dynamic_shared_memory';
  const less = { bytes: wanted.bytes - (frees ? (wanted.shares?.segments ?? 0) : 0), hugePages: 'try' };
  const all = memoryFault({ ...wanted, hugePages: 'try' }, memory);
  const rest = mostWanted(wanted) === undefined ? undefined : memoryFault(less, memory);
  return {
    ...(demands ? { huge_pages: 'try' } : {}),
    ...(frees && all !== undefined ? { min_dynamic_shared_memory: '0' } : {}),
    ...(rest === undefined ? {} : { shared_buffers: `${Math.max(16, Math.floor(rest.most / 4 / 1024 / 1024))}MB` }),
  };
}

/** Where no single setting does it. */
export const lowerTheOthers =
  'Lower what asks for most of it: max_locks_per_transaction (times max_connections and max_prepared_transactions), max_pred_locks_per_transaction, wal_buffers, or what libraries of shared_preload_libraries set aside. A standby may not have fewer max_connections, max_worker_processes, max_wal_senders, max_prepared_transactions and max_locks_per_transaction than its primary: if it is one of these, lower it on the primary first.';

/** What the machine has, for a finding's evidence. */
export const memoryText = (memory: LocalMemory): string =>
  `${formatBytes(memory.total)} memory, ${formatBytes(memory.swap)} swap, overcommit ${memory.overcommit}`;
