import { expect, it } from 'vitest';

import { debianClusterCheck } from '../../src/checks/debian-cluster.ts';
import type { DebianCluster } from '../../src/facts/debian-cluster.ts';
import { ifSeen, notApplicable, seen } from '../../src/facts/observed.ts';
import { aFile, memoryHost } from '../hosts/memory-host.ts';
import { aStoppedDirectory } from '../rules/standby-world.ts';

const folder = '/etc/postgresql/15/main';

async function look(files: Readonly<Record<string, string>>): Promise<DebianCluster | undefined> {
  const host = memoryHost({
    name: 'db2',
    account: { uid: 0, gid: 0, name: 'root', home: '/root' },
    environment: {},
    clock: () => new Date(0),
    addresses: [],
    names: {},
    network: {},
    programs: {},
    files: new Map(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, aFile(text)])),
  });
  const control = { kind: 'pg_ctlcluster', version: '15', cluster: 'main' } as const;
  const facts = {
    dataDirectory: seen(aStoppedDirectory(), ''),
    standbyControl: seen({ control, running: false }, ''),
    standbySettings: notApplicable('its configuration is none of this'),
  };
  return ifSeen((await debianClusterCheck.look(facts, { host } as never)).debianCluster);
}

it('takes the line ends of Windows for blanks, as Perl does', async () => {
  const found = await look({
    'start.conf': '# by hand\r\n\r\nmanual # not with the machine\r\n',
    environment: "# of the server\r\nLANG = C\r\nTZ = 'UTC' # here\r\n\r\n",
  });
  expect(found?.start).toMatchObject({ mode: 'manual', line: 3 });
  expect(found?.refused).toEqual([]);
});

it('shows nothing of what may be the rest of a secret', async () => {
  const found = await look({
    environment: "export PGPASSWORD=one-half other-half\nWALG_LIBSODIUM_KEY = 'first second\nTZ = a b\n",
  });
  expect(found?.refused.map(({ text }) => text)).toEqual([
    'export PGPASSWORD=***',
    'WALG_LIBSODIUM_KEY = ***',
    'TZ = a b',
  ]);
  expect(JSON.stringify(found?.refused.map(({ written }) => written.lines))).not.toMatch(/half|second/);
});
