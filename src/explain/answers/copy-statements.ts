import type { Answer } from '../answer.ts';

/** COPY reads and writes files on the machine of the server, as the user of the server. */
export const answersAboutCopyStatements: readonly Answer[] = [
  {
    of: ['permission-open-file', 'bb-open-file', 'rewind-open-file-reading', 'os-eacces'],
    when: /COPY (?:FROM|TO) instructs the PostgreSQL server process|^COPY\b[^\n]*\b(?:FROM|TO) (?:PROGRAM )?'/imu,
    beside: /\bCOPY\b/iu,
    kind: 'cause',
    matters: 2,
    means:
      'A COPY statement failed: the server itself opens {file|the file}, on its own machine and as its own user. This is about that statement alone; the server and its replication have no fault.',
    causes: [
      {
        cause:
          'The file is on the machine of the client, not on that of the server: use \\copy in psql, or COPY … FROM STDIN.',
        on: 'server',
        check: 'ls -ld {file|<file>} "$(dirname {file|<file>})"',
      },
      { cause: 'The user of the server may not read it, or not write into that directory.' },
    ],
    todo: 'psql -c "\\copy <table> FROM \'<file>\'" reads and writes the file where psql runs.',
  },
];
