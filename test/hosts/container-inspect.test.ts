import { expect, it } from 'vitest';

import { startsServer } from '../../src/hosts/container-inspect.ts';

it.each([
  ['postgres', true],
  ['docker-entrypoint.sh postgres -c wal_level=replica', true],
  ['tini -s -- /usr/local/bin/docker-entrypoint.sh /usr/lib/postgresql/15/bin/postgres', true],
  ['docker-entrypoint.sh pg_basebackup -U postgres -D /copy', false],
  ['pg_dump -h db -U postgres postgres', false],
  ['sleep infinity', false],
])('%s starts a server: %s', (command, is) => {
  expect(startsServer(command.split(' '))).toBe(is);
});
