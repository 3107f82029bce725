import { notApplicable, seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import type { LocalMemory } from '../facts/memory.ts';
import { defineCheck } from './check.ts';
import { textFile } from './text-file.ts';

/** How much memory a server can get on this machine. */
export const localMemoryCheck = defineCheck({
  brings: ['localMemory'],
  after: [],
  async look(_facts, { host }) {
    const [info, overcommit, limit, posixSegments] = await Promise.all([
      textFile(host, '/proc/meminfo', 64 * 1024),
      textFile(host, '/proc/sys/vm/overcommit_memory', 64),
      controlGroupLimit(host),
      devShm(host),
    ]);
    if (!info.ok) return { localMemory: notApplicable('this system does not show its memory in /proc/meminfo') };
    const kilobytes = new Map(
      [...info.value.matchAll(/^(\w+):\s+(\d+)/gmu)].map(([, name = '', count]) => [name, Number(count)] as const),
    );
    const bytes = (name: string): number => (kilobytes.get(name) ?? 0) * 1024;
    const mode = overcommit.ok ? overcommit.value.trim() : '0';
    const memory: LocalMemory = {
      total: bytes('MemTotal'),
      swap: bytes('SwapTotal'),
      overcommit: mode === '1' ? 1 : mode === '2' ? 2 : 0,
      committable: Math.max(0, bytes('CommitLimit') - bytes('Committed_AS')),
      hugePageSize: bytes('Hugepagesize'),
      // counts, not kilobytes; what is reserved is still free
      hugePagesFree: Math.max(0, (kilobytes.get('HugePages_Free') ?? 0) - (kilobytes.get('HugePages_Rsvd') ?? 0)),
      controlGroupLimit: limit,
      ...(posixSegments === undefined ? {} : { posixSegments }),
    };
    return {
      localMemory: memory.total === 0 ? notApplicable('/proc/meminfo has no MemTotal') : seen(memory, '/proc/meminfo'),
    };
  },
});

/** Version 2 (memory.max) and version 1 (memory.limit_in_bytes), as a container has them at the root of its own tree. */
async function controlGroupLimit(host: Host): Promise<number | undefined> {
  for (const path of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    const text = await textFile(host, path, 64);
    const limit = text.ok ? Number(text.value.trim()) : Number.NaN;
    // version 1 writes "no limit" as the largest number of whole pages
    if (Number.isFinite(limit) && limit > 0 && limit < 2 ** 60) return limit;
  }
  return undefined;
}

/** shm_open(3) of Linux's C libraries. */
async function devShm(host: Host): Promise<LocalMemory['posixSegments']> {
  if (host.platform !== 'linux') return undefined;
  const [status, fileSystem] = await Promise.all([
    host.status('/dev/shm', { followLinks: true }),
    host.fileSystem('/dev/shm'),
  ]);
  if (!status.ok) return status.problem.code === 'ENOENT' ? { state: 'missing', freeBytes: 0 } : undefined;
  if (!fileSystem.ok) return undefined;
  const { readOnly, freeBytes } = fileSystem.value;
  const isOpen = status.value.kind === 'directory' && (status.value.mode & 0o002) !== 0;
  return { state: readOnly ? 'read-only' : isOpen ? 'usable' : 'not-writable', freeBytes };
}
