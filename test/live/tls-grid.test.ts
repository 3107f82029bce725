import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import { localHost } from '../../src/hosts/local.ts';
import { connect } from '../../src/servers/connect.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { anAuthority } from './certificates.ts';
import type { Issued } from './certificates.ts';

/** What came of a login, and with what it was made. */
async function ours(release: Release, conninfo: string): Promise<string> {
  const host = { ...localHost(), environment: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' } };
  const resolved = await resolveConnection(
    host,
    { conninfo, host: undefined, port: undefined, user: undefined },
    { replication: true, libpqVersion: release.major },
  );
  if (!resolved.ok) return 'refused';
  const signal = new AbortController().signal;
  const { session } = await connect(resolved.connection, { host, timeoutMs: 10_000, signal });
  await session?.close();
  return session?.attempt.encryption ?? 'refused';
}

/** The same by the release's own libpq. */
async function theirs({ server }: Primary, conninfo: string): Promise<string> {
  const { exitCode, stdout } = await server.run(
    server.programPath('psql'),
    [
      '-X',
      '-w',
      '-c',
      String.raw`\conninfo`,
      '-d',
      `${conninfo} replication=true dbname=replication gssencmode=disable`,
    ],
    { environment: { HOME: '/nonexistent' } },
  );
  if (exitCode !== 0) return 'refused';
  return /SSL connection \(|SSL Connection\s*\|\s*true/u.test(stdout) ? 'tls' : 'none';
}

onReleasesInTurn((release) => {
  test('the verdict over the grid is that of libpq', { timeout: 300_000 }, async () => {
    const lines = [
      'host replication trusted samehost trust',
      'hostssl replication certified samehost cert',
      'hostssl replication either samehost trust clientcert=verify-ca',
    ].map((line) => (release.major < 14 ? line.replace('verify-ca', '1') : line));
    const primary = await aPrimary({ release, role: null, hba: lines });
    const { server } = primary;
    for (const role of ['trusted', 'certified', 'either']) await server.psql(`CREATE ROLE ${role} LOGIN REPLICATION`);
    const authority = await anAuthority('Test CA', server.runAs);
    const stranger = await anAuthority('Another CA', server.runAs);
    const names = { commonName: 'localhost', names: 'DNS:localhost' };
    const certificates: Readonly<Record<string, Issued>> = {
      right: await authority.issue('server', names),
      revoked: await authority.issue('revoked', names),
      expired: await authority.issue('expired', { ...names, days: -1 }),
      'of another authority': await stranger.issue('server', names),
      'for another host': await authority.issue('other', { commonName: 'db1', names: 'DNS:db1' }),
      'self-signed': authority,
    };
    const lists: Readonly<Record<string, string>> = {
      none: '/nowhere/root.crl',
      current: await authority.revocationList(
        'current',
        certificates['revoked'] === undefined ? {} : { revoked: certificates['revoked'] },
      ),
      expired: await authority.revocationList('old', { expired: true }),
      'of another authority': await stranger.revocationList('current'),
    };
    const several = join(authority.folder, 'several.crl');
    await writeFile(
      several,
      `${await readFile(lists['of another authority'] ?? '', 'utf8')}${await readFile(lists['current'] ?? '', 'utf8')}`,
      { mode: 0o644 },
    );
    const roots = { none: '/nowhere/root.crt', right: authority.certificate, other: stranger.certificate };
    const clients: Readonly<Record<string, Issued | undefined>> = {
      none: undefined,
      right: await authority.issue('certified', { commonName: 'certified' }),
      expired: await authority.issue('old', { commonName: 'certified', days: -1 }),
      'of another authority': await stranger.issue('certified', { commonName: 'certified' }),
    };
    const base = `host=localhost hostaddr=127.0.0.1 port=${server.port}`;
    const differ: string[] = [];
    const compare = async (what: string, conninfo: string): Promise<void> => {
      const [mine, libpq] = [await ours(release, conninfo), await theirs(primary, conninfo)];
      if (mine !== libpq) differ.push(`${what}: ${mine}, libpq: ${libpq}`);
    };
    for (const [kind, { certificate, key }] of Object.entries(certificates)) {
      await server.run('install', ['-m', '0600', certificate, join(server.dataDirectory, 'server.crt')]);
      await server.run('install', ['-m', '0600', key, join(server.dataDirectory, 'server.key')]);
      await server.configure({ ssl: 'on', ssl_ca_file: authority.certificate });
      await server.reload();
      for (const [rootKind, root] of Object.entries(roots))
        for (const [listKind, list] of Object.entries({ ...lists, several }))
          for (const sslmode of rootKind === 'right'
            ? ['prefer', 'require', 'verify-full']
            : ['require', 'verify-ca']) {
            if (rootKind === 'none' && listKind !== 'none') continue;
            await compare(
              `server ${kind}, root ${rootKind}, list ${listKind}, ${sslmode}`,
              `${base} user=trusted sslmode=${sslmode} sslrootcert=${root} sslcrl=${list} sslcert=/nowhere/a.crt`,
            );
          }
    }
    const right = certificates['right'] ?? authority;
    await server.run('install', ['-m', '0600', right.certificate, join(server.dataDirectory, 'server.crt')]);
    await server.run('install', ['-m', '0600', right.key, join(server.dataDirectory, 'server.key')]);
    await server.reload();
    for (const [kind, files] of Object.entries(clients))
      for (const user of ['trusted', 'certified', 'either'])
        for (const sslmode of ['disable', 'prefer', 'require', 'verify-full']) {
          const own = `sslcert=${files?.certificate ?? '/nowhere/a.crt'} sslkey=${files?.key ?? '/nowhere/a.key'}`;
          await compare(
            `client ${kind}, ${user}, ${sslmode}`,
            `${base} user=${user} sslmode=${sslmode} sslrootcert=${roots.right} ${own}`,
          );
        }
    await rm(several);
    expect(differ).toEqual([]);
  });
});
