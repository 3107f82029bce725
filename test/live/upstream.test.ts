import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { noAnswer } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { formatLsn } from '../../src/postgres/lsn.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { factsOf, postmortemOf } from '../checks/standby-surroundings.ts';
import { aPair } from '../lab/pair.ts';
import { newestRelease, onReleasesInTurn } from '../lab/releases.ts';
import { asServerUser } from '../lab/wal.ts';

// What becomes of the two sides of a standby is played in test/scenarios; here is what no report shows.

test('somebody else cannot say how the login of the server would end', async () => {
  const { primary, standby } = await aPair({ release: newestRelease, standby: { started: false } });
  const path = join(standby.folder, 'pgpass');
  await writeFile(path, `*:*:replication:${primary.role}:${primary.password}\n`);
  await chmod(path, 0o600);
  await asServerUser(standby, path);
  const conninfo = `host=127.0.0.1 port=${primary.server.port} user=${primary.role} passfile='${path}'`;
  await standby.configure({ primary_conninfo: conninfo });
  await writeFile(join(standby.dataDirectory, 'postgresql.auto.conf'), '');
  const host = localHost();
  const read: typeof host.read = (file, options) =>
    file === path ? Promise.resolve(noAnswer('EACCES', 'permission denied')) : host.read(file, options);
  const account = { uid: 54_321, gid: 54_321, name: 'somebody', home: '/nonexistent' };
  const { replicationLogin } = await factsOf(postmortemOf(standby.dataDirectory, { ...host, account, read }), [
    'replicationLogin',
  ]);
  expect(replicationLogin).toMatchObject({
    status: 'unseen',
    why: {
      kind: 'permission',
      because: expect.stringContaining(path),
      remedy: expect.stringMatching(/^run this as \S+ or as root$/u),
    },
  });
});

onReleasesInTurn((release) => {
  test('the WAL of a standby that is down ends where its primary says', async () => {
    const { primary, standby } = await aPair({ release });
    await primary.server.query('CREATE TABLE numbers AS SELECT generate_series(1, 5000) AS n');
    await standby.stop();
    const [row] = await primary.server.query('SELECT pg_current_wal_flush_lsn() AS lsn');
    const given = { conninfo: primary.admin, host: undefined, port: undefined, user: undefined };
    const admin = await resolveConnection(localHost(), given, { replication: false });
    if (!admin.ok) throw new Error(admin.message);
    const { timelines } = await factsOf(postmortemOf(standby.dataDirectory, localHost(), admin.connection), [
      'timelines',
    ]);
    expect(timelines).toMatchObject({
      status: 'seen',
      value: { local: { positionFrom: 'the WAL files', checkpoint: { inLocalWal: true, inUpstreamWal: true } } },
    });
    if (timelines?.status === 'seen') expect(formatLsn(timelines.value.local.position)).toBe(row?.['lsn']);
  });
});
