import { expect, it } from 'vitest';

import { entriesOfOthers } from '../../src/checks/data-directory/content.ts';
import { aFile, memoryHost } from '../hosts/memory-host.ts';

const names = ['PG_VERSION', 'postgresql.conf', 'pg_hba.conf', 'backup_label', 'postgresql.auto.conf'];
const host = memoryHost({
  name: 'db2',
  account: { uid: 0, gid: 0, name: 'root', home: '/root' },
  environment: {},
  clock: () => new Date(0),
  addresses: [],
  names: {},
  network: {},
  programs: {},
  files: new Map(names.map((name) => [`/data/${name}`, aFile('', { uid: 0, gid: 0 }, 0o644)])),
});

it('are not those that are only read, which backup_label is not: the server flushes it, which takes the right to write', async () => {
  const found = await entriesOfOthers(host, '/data', 26, 26);
  expect(found.map(({ path }) => path)).not.toContain('/data/postgresql.conf');
  expect(found.map(({ path }) => path)).toContain('/data/backup_label');
});
