import { formatBytes } from '../postgres/bytes.ts';
import type { LocalMemory } from '../facts/memory.ts';
import { isOn } from '../postgres/settings.ts';

export interface WantedMemory {
  readonly bytes: number;
  /** huge_pages */
  readonly hugePages: string;
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

/** Without the demand for huge pages, and with a quarter of the memory, the usual share (manual, 20.4.1), where it is too much even so. */
export function fittingSettings(wanted: WantedMemory, memory: LocalMemory): Readonly<Record<string, string>> {
  const demands = isOn(wanted.hugePages);
  const rest = memoryFault({ ...wanted, hugePages: 'try' }, memory);
  return {
    ...(demands ? { huge_pages: 'try' } : {}),
    ...(rest === undefined ? {} : { shared_buffers: `${Math.max(16, Math.floor(rest.most / 4 / 1024 / 1024))}MB` }),
  };
}

/** What the machine has, for a finding's evidence. */
export const memoryText = (memory: LocalMemory): string =>
  `${formatBytes(memory.total)} memory, ${formatBytes(memory.swap)} swap, overcommit ${memory.overcommit}`;
