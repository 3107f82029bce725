import type { Answer } from '../answer.ts';

/** What the kernel refuses of shared memory: System V's segments, and those of POSIX in /dev/shm. */
export const answersAboutSharedMemory: readonly Answer[] = [
  {
    of: ['shmem-create-failed'],
    when: /Invalid argument/u,
    matters: 5,
    means:
      'The kernel refused a shared memory segment of that size: its limit SHMMAX is lower (before 9.3 the server takes all of shared_buffers this way), or, for a tiny one, a segment of another size is left.',
    causes: [
      {
        cause: 'kernel.shmmax or kernel.shmall is lower than what DETAIL asks for.',
        on: 'server',
        check: 'sysctl kernel.shmmax kernel.shmall',
      },
      {
        cause: 'Before 9.3: shared_buffers or max_connections of the primary are too high for this machine.',
        on: 'server',
        check: 'grep -nE "^ *(shared_buffers|max_connections)" <data directory>/postgresql.conf',
      },
    ],
    todo: 'Raise kernel.shmmax (bytes) and kernel.shmall (pages) in a file below /etc/sysctl.d and run sysctl --system; then start the server. On a standby do not lower max_connections below that of its primary.',
  },
  {
    of: ['shmem-create-failed'],
    when: /No space left on device/u,
    matters: 5,
    means:
      'No disk is full: the kernel has no shared memory segment left to give, because all numbers of segments are taken (SHMMNI) or the sum of all reaches SHMALL.',
    causes: [
      {
        cause: 'Many servers run on this machine (tests, containers of one host), or segments of killed ones are left.',
        on: 'server',
        check: 'ipcs -m; ipcs -lm',
      },
      { cause: 'macOS allows 32 segments only.', on: 'server', check: 'sysctl kern.sysv.shmmni kern.sysv.shmall' },
    ],
    todo: 'Stop servers that are not needed. A segment without processes (nattch 0) that belongs to no running server: ipcrm -m <shmid>. Or raise kernel.shmmni and kernel.shmall.',
  },
  {
    id: 'dsm-denied',
    says: [
      'could not open shared memory segment "%s": Permission denied',
      'could not open shared memory segment "%s": Operation not permitted',
    ],
    source: 'PostgreSQL, src/backend/storage/ipc/dsm_impl.c, dsm_impl_posix',
    matters: 5,
    means:
      'The server may not open a segment of its dynamic shared memory. It is a file in /dev/shm, not a path of the data directory.',
    causes: [
      {
        cause:
          'A file of that name in /dev/shm belongs to another user: another server or container shares /dev/shm, or this server once ran as another user.',
        on: 'server',
        check: 'ls -ln /dev/shm; id postgres',
      },
      {
        cause: '/dev/shm itself is not mounted, or not writable for all (mode 1777), in a chroot, jail or container.',
        on: 'server',
        check: 'ls -ld /dev/shm; findmnt /dev/shm',
      },
    ],
    todo: 'Give /dev/shm mode 1777, or each container its own (no --ipc=host), and restart the server. dynamic_shared_memory_type = mmap keeps it in the data directory instead.',
  },
];
