/** The memory of this machine, as far as its kernel decides by it whether a server gets its shared memory. In bytes. */
export interface LocalMemory {
  readonly total: number;
  readonly swap: number;
  /** vm.overcommit_memory: 0 refuses what is more than all memory and swap, 1 nothing, 2 what is beyond the limit. */
  readonly overcommit: 0 | 1 | 2;
  /** What may still be promised where overcommit is 2. */
  readonly committable: number;
  readonly hugePageSize: number;
  readonly hugePagesFree: number;
  /** memory.max of the control group of this program; undefined: none, or not shown. */
  readonly controlGroupLimit: number | undefined;
  /** /dev/shm, where dynamic_shared_memory_type = posix makes its segments; absent where the system keeps them elsewhere. */
  readonly posixSegments?: {
    readonly state: 'usable' | 'missing' | 'read-only' | 'not-writable';
    readonly freeBytes: number;
  };
}
