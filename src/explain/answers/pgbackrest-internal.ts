import type { Answer } from '../answer.ts';

/** What pgBackRest says when it finds a fault of its own. */
export const answersAboutPgBackRestItself: readonly Answer[] = [
  {
    id: 'pgbackrest-internal',
    says: ['ASSERT: [025]: %s', 'P00 ASSERT: [025]: %s', 'zlib threw error: [%d] %s', 'NOT YET IMPLEMENTED'],
    among: /\[025\]/u,
    source: 'pgBackRest, src/common/error/error.auto.c.inc (025 AssertError)',
    matters: 4,
    elsewhere: true,
    means:
      'pgBackRest found a state that its own code does not expect (025 AssertError) and stopped. That is an error of this release, or another release runs on the other host.',
    causes: [
      {
        cause: 'An older release, or two different ones on the database host and the repository host.',
        on: 'primary',
        check: 'pgbackrest version; ssh <repository host> pgbackrest version',
      },
      { cause: 'A repository on a share (SMB, NFS) that does not behave like a local disk.' },
    ],
    todo: 'Install the same newest release on all hosts and run the command again. If it stays, report it with --log-level-console=debug.',
  },
];
