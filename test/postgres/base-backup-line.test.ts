import { describe, expect, it } from 'vitest';

import { baseBackupLine } from '../../src/postgres/base-backup-line.ts';

const commands = [
  'pg_basebackup -h 10.1.1.9 -p 5920 -U copier -D /srv/pg -X stream -P',
  'pg_basebackup --host=db1 --pgdata /srv/pg -R',
];

/** What people write around a command. */
const around: readonly ((command: string) => string)[] = [
  (command) => command,
  (command) => `$ ${command}`,
  (command) => `I am trying to use pg_basebackup in a script of docker-entrypoint-initdb.d.\n\n${command}\n`,
  (command) => `pg_basebackup hangs. The command:\n\n    ${command}\n\nAny idea?`,
  (command) => `Running pg_basebackup as postgres does work, this does not: ${command}`,
  (command) => `#!/bin/sh\nrm -rf /srv/pg\n${command}\n`,
];

describe('the command line of pg_basebackup in a text', () => {
  it.each(around.flatMap((wrap) => commands.map((command) => [wrap(command), command] as const)))(
    'is found in: %s',
    (text, command) => {
      expect(baseBackupLine(text)).toBe(command);
    },
  );

  it.each([
    'I tried pg_basebackup and it works.',
    'pg_basebackup: error: connection failed',
    'use pg_basebackup -D "/srv',
  ])('is not in: %s', (text) => {
    expect(baseBackupLine(text)).toBeUndefined();
  });
});
