import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { localHost } from '../../src/hosts/local.ts';
import type { Host } from '../../src/hosts/host.ts';
import { likenessOf } from '../../src/servers/likeness.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';

test('connections are alike only where all that they are made of is', async () => {
  const home = await mkdtemp(join(tmpdir(), 'standbylint-home-'));
  onTestFinished(async () => rm(home, { recursive: true, force: true }));
  const machine: Host = { ...localHost(), environment: { HOME: home } };
  const resolved = async (conninfo: string, replication = false, host = machine) => {
    const given = { conninfo, host: undefined, port: undefined, user: undefined };
    const found = await resolveConnection(host, given, { replication });
    if (!found.ok) throw new Error(found.message);
    return found.connection;
  };
  const likeness = async (...how: Parameters<typeof resolved>) => likenessOf(await resolved(...how));
  const asUid = (uid: number): Host => ({ ...machine, account: { ...machine.account, uid } });

  const usual = 'host=127.0.0.1 port=5432 user=anna password=one';
  expect(await likeness(usual)).toBe(await likeness(usual));
  expect(await likeness(usual)).not.toContain('one');
  expect(likenessOf({ ...(await resolved(usual)), from: machine })).toBeUndefined();

  const passfile = 'host=127.0.0.1 port=5432 user=anna';
  const before = await likeness(passfile);
  await writeFile(join(home, '.pgpass'), '*:*:*:*:first', { mode: 0o600 });
  const first = await likeness(passfile);
  await writeFile(join(home, '.pgpass'), '*:*:*:*:other', { mode: 0o600 });
  const all = [
    ...[before, first, await likeness(passfile)],
    ...[await likeness(usual), await likeness(usual, true)],
    await likeness(usual.replace('one', 'two')),
    await likeness(usual.replace('anna', 'otto')),
    await likeness(usual.replace('5432', '5433')),
    await likeness(usual.replace('127.0.0.1', 'localhost')),
    await likeness(`${usual} application_name=db2`),
    await likeness(`${usual} dbname=other`),
    await likeness(`${usual} sslmode=require`),
    await likeness(`${usual} sslkey=/k sslpassword=a`),
    await likeness(`${usual} sslkey=/k sslpassword=b`),
    await likeness(`${usual} oauth_client_secret=a`),
    await likeness(`${usual} oauth_client_secret=b`),
    await likeness(usual, false, asUid(12_345)),
    await likeness(usual, false, { ...machine, environment: { HOME: home, SSL_CERT_FILE: '/roots' } }),
  ];
  expect(new Set(all).size).toBe(all.length);
});
