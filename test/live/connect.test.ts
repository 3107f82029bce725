import { chmod, copyFile, chown, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { isOwnAddress } from '../../src/checks/own-address.ts';
import type { Release } from '../../src/throwaway/releases.ts';
import { localHost } from '../../src/hosts/local.ts';
import type { Host } from '../../src/hosts/host.ts';
import { connect } from '../../src/servers/connect.ts';
import type { Connected } from '../../src/servers/connect.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { createRole, aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { aHome, anAuthority } from './certificates.ts';
import type { Authority } from './certificates.ts';

/** What came of a connection, as far as psql's own words tell it. */
type Outcome = 'tls' | 'plain' | 'refused';

const password = "it's secret";

/** This machine with another home and no PG* variables. */
const machineWith = (home: string, environment: Readonly<Record<string, string>> = {}): Host => ({
  ...localHost(),
  environment: { PATH: '/usr/bin:/bin', HOME: home, ...environment },
});

async function ours(release: Release, conninfo: string, home: string): Promise<Connected> {
  const host = machineWith(home);
  const resolved = await resolveConnection(
    host,
    { conninfo, host: undefined, port: undefined, user: undefined },
    { replication: true, libpqVersion: release.major },
  );
  if (!resolved.ok) return { attempts: [], session: undefined };
  const connected = await connect(resolved.connection, {
    host,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  });
  await connected.session?.close();
  return connected;
}

const outcomeOf = ({ session }: Connected): Outcome => {
  if (session === undefined) return 'refused';
  return session.attempt.encryption === 'tls' ? 'tls' : 'plain';
};

/** Before 15 libpq takes the home directory from the system and not from HOME. */
const roots = (release: Release, home: string): string =>
  release.major < 15 ? `sslrootcert=${home}/.postgresql/root.crt` : '';

/** The same by the release's own libpq. */
async function theirs(primary: Primary, conninfo: string, home: string): Promise<Outcome> {
  const { server } = primary;
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
    { environment: { HOME: home } },
  );
  if (exitCode !== 0) return 'refused';
  return /SSL connection \(|SSL Connection\s*\|\s*true/u.test(stdout) ? 'tls' : 'plain';
}

async function theSame(primary: Primary, given: string, home: string): Promise<void> {
  const conninfo = `${given} ${roots(primary.server.release, home)}`;
  const connected = await ours(primary.server.release, conninfo, home);
  const expected = await theirs(primary, conninfo, home);
  expect({
    conninfo,
    outcome: outcomeOf(connected),
    attempts: expected === outcomeOf(connected) ? [] : connected.attempts,
  }).toEqual({
    conninfo,
    outcome: expected,
    attempts: [],
  });
}

const list = (hosts: string, ports: string, more = ''): string =>
  `host=${hosts} port=${ports} user=either password='it\\'s secret' ${more}`;

/** The refusal of the last attempt, or its whole outcome when it is none. */
async function refusalOf(release: Release, conninfo: string): Promise<unknown> {
  const { attempts } = await ours(release, conninfo, '/nonexistent');
  const { outcome } = attempts.at(-1) ?? {};
  return outcome?.kind === 'server-refused' ? outcome.refusal : outcome;
}

const roles = {
  tls_only: 'hostssl replication tls_only samehost scram-sha-256',
  plain_only: 'hostnossl replication plain_only samehost scram-sha-256',
  either: 'host replication either samehost md5',
  with_md5: 'host replication with_md5 samehost md5',
  trusted: 'host replication trusted samehost trust',
  certified: 'hostssl replication certified samehost cert clientcert=verify-full',
  v4_only: 'host replication v4_only 127.0.0.1/32 scram-sha-256',
  rejected: 'host replication rejected samehost reject',
  read_only: 'host replication read_only samehost scram-sha-256',
};

onReleasesInTurn((release) => {
  let primary: Primary;
  let authority: Authority;
  let homes: { readonly empty: string; readonly trusting: string; readonly mistaken: string };

  beforeAll(async () => {
    primary = await aPrimary({ release, role: null, hba: Object.values(roles), lifetime: 'file' });
    const { server } = primary;
    authority = await anAuthority('Test CA', server.runAs);
    const stranger = await anAuthority('Another CA', server.runAs);
    const issued = await authority.issue('server', { commonName: 'localhost', names: 'DNS:localhost' });
    await server.configure({
      ssl: 'on',
      ssl_cert_file: issued.certificate,
      ssl_key_file: issued.key,
      ssl_ca_file: authority.certificate,
    });
    await server.restart();
    for (const name of Object.keys(roles)) {
      if (name === 'with_md5') continue;
      await createRole(server, { name, password });
    }
    await server.psql(
      `SET password_encryption = 'md5'; CREATE ROLE with_md5 LOGIN REPLICATION PASSWORD 'it''s secret'`,
    );
    await server.query('ALTER ROLE read_only SET default_transaction_read_only = on');
    homes = {
      empty: await aHome(server.runAs),
      trusting: await aHome(server.runAs, { 'root.crt': await readFile(authority.certificate, 'utf8') }),
      mistaken: await aHome(server.runAs, { 'root.crt': await readFile(stranger.certificate, 'utf8') }),
    };
  }, 60_000);

  const conninfo = (role: string, more = '', host = '127.0.0.1'): string =>
    `host=${host} port=${primary.server.port} user=${role} password='it\\'s secret' ${more}`;

  describe.each(['tls_only', 'plain_only', 'either'])('%s', (role) => {
    test.each(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])(
      'sslmode=%s means what libpq means',
      async (sslmode) => {
        for (const home of Object.values(homes)) {
          for (const host of ['127.0.0.1', 'localhost'])
            await theSame(primary, conninfo(role, `sslmode=${sslmode}`, host), home);
        }
      },
    );

    test.each(['disable', 'prefer', 'require'])('channel_binding=%s', async (binding) => {
      for (const sslmode of ['disable', 'prefer', 'require']) {
        await theSame(primary, conninfo(role, `sslmode=${sslmode} channel_binding=${binding}`), homes.empty);
      }
    });
  });

  test('every kind of password, and none', async () => {
    for (const role of ['with_md5', 'trusted', 'v4_only', 'rejected', 'read_only', 'nobody']) {
      await theSame(primary, conninfo(role), homes.empty);
      await theSame(primary, conninfo(role, 'password=wrong'), homes.empty);
      await theSame(primary, conninfo(role, "password=''"), homes.empty);
    }
  });

  test('the next address is not tried after a refusal', async () => {
    await theSame(primary, conninfo('v4_only', '', 'localhost'), homes.empty);
    await theSame(primary, conninfo('v4_only', '', '::1'), homes.empty);
    await theSame(primary, conninfo('either', '', '::1'), homes.empty);
    await theSame(primary, conninfo('either', 'hostaddr=127.0.0.1', 'no-such-host.example'), homes.empty);
  });

  test('several hosts', async () => {
    const { port, folder } = primary.server;
    await theSame(primary, list('127.0.0.1,127.0.0.1', `55189,${port}`), homes.empty);
    await theSame(primary, list('nowhere.invalid,127.0.0.1', String(port)), homes.empty);
    await theSame(primary, list('/nowhere,127.0.0.1', String(port)), homes.empty);
    // refused by the first: libpq does not go on
    await theSame(primary, list('127.0.0.1,127.0.0.1', String(port), 'password=wrong'), homes.empty);
    await theSame(primary, list(`127.0.0.1,${folder}`, String(port), 'user=rejected'), homes.empty);
    await theSame(primary, list(`${folder},127.0.0.1`, String(port), 'user=postgres'), homes.empty);
  });

  test('target_session_attrs', async () => {
    for (const role of ['either', 'read_only']) {
      for (const target of release.major < 14
        ? ['read-write']
        : ['read-write', 'read-only', 'primary', 'standby', 'prefer-standby']) {
        await theSame(primary, conninfo(role, `target_session_attrs=${target}`), homes.empty);
      }
    }
  });

  test('the client certificate and the mode of its key', async () => {
    const { runAs } = primary.server;
    const issued = await authority.issue(`client-${release.major}`, { commonName: 'certified' });
    const key = join(authority.folder, `open-${release.major}.key`);
    await copyFile(issued.key, key);
    if (runAs !== null) await chown(key, runAs.uid, runAs.gid);
    await chmod(key, 0o644);
    const good = conninfo('certified', `sslcert=${issued.certificate} sslkey=${issued.key}`);
    await theSame(primary, good, homes.empty);
    expect(outcomeOf(await ours(release, good, homes.empty))).toBe('tls');
    const exposed = conninfo('certified', `sslmode=require sslcert=${issued.certificate} sslkey=${key}`);
    await theSame(primary, exposed, homes.empty);
    expect((await ours(release, exposed, homes.empty)).attempts.at(-1)?.outcome).toMatchObject({
      kind: 'client-stopped',
      why: 'client-key',
      message: expect.stringContaining('0644'),
    });
    await theSame(
      primary,
      conninfo('certified', `sslmode=require sslcert=${issued.certificate} sslkey=/nowhere`),
      homes.empty,
    );
    await theSame(primary, conninfo('certified', 'sslmode=require'), homes.empty);
    await theSame(primary, conninfo('certified', `sslcert=/nowhere`), homes.empty);
  });

  test('an IP address in the certificate', async () => {
    const { server } = primary;
    const named = await authority.issue(`ip-${release.major}`, {
      commonName: 'db1',
      names: 'IP:127.0.0.1,DNS:*.example',
    });
    const expired = await authority.issue(`expired-${release.major}`, { commonName: '127.0.0.1', days: -1 });
    await server.configure({ ssl_cert_file: named.certificate, ssl_key_file: named.key });
    await server.reload();
    if (release.major >= 15) await theSame(primary, conninfo('either', 'sslmode=verify-full'), homes.trusting);
    const asName = (name: string): string => conninfo('either', 'sslmode=verify-full hostaddr=127.0.0.1', name);
    for (const name of ['db1.example', 'a.db1.example', 'example', 'db1'])
      await theSame(primary, asName(name), homes.trusting);

    await server.configure({ ssl_cert_file: expired.certificate, ssl_key_file: expired.key });
    await server.reload();
    for (const sslmode of ['prefer', 'require']) {
      await theSame(primary, conninfo('either', `sslmode=${sslmode}`), homes.trusting);
      await theSame(primary, conninfo('either', `sslmode=${sslmode}`), homes.empty);
    }
    const verifying = conninfo('either', `sslmode=verify-full ${roots(release, homes.trusting)}`);
    const { attempts } = await ours(release, verifying, homes.trusting);
    expect(attempts.at(-1)).toMatchObject({
      certificate: { names: ['127.0.0.1'], issuer: 'CN=Test CA' },
      outcome: { kind: 'tls-refused-certificate', why: 'expired' },
    });
  });

  test('a server without TLS', async () => {
    const { server } = primary;
    await server.configure({ ssl: 'off' });
    await server.reload();
    for (const sslmode of ['disable', 'allow', 'prefer', 'require', 'verify-full']) {
      await theSame(primary, conninfo('either', `sslmode=${sslmode}`), homes.empty);
    }
    await theSame(primary, conninfo('tls_only'), homes.empty);
    const { attempts } = await ours(release, conninfo('either', 'sslmode=require'), homes.empty);
    expect(attempts.map(({ outcome }) => outcome.kind)).toEqual(['tls-not-offered']);
  });

  test('what the server says is read for what it means', async () => {
    const { server } = primary;
    await server.writeHba([
      ...Object.values(roles),
      'host all all samehost trust',
      'host replication +pg_monitor samehost trust',
    ]);
    await server.reload();
    expect(await refusalOf(release, conninfo('nobody'))).toBe('no-hba-entry');
    expect(await refusalOf(release, conninfo('rejected'))).toBe('hba-rejected');
    expect(await refusalOf(release, conninfo('either', 'password=wrong'))).toBe('password-refused');
    await server.psql('ALTER ROLE trusted NOLOGIN');
    expect(await refusalOf(release, conninfo('trusted'))).toBe('role-no-login');
    await server.psql('ALTER ROLE trusted LOGIN NOREPLICATION');
    expect(await refusalOf(release, conninfo('trusted'))).toBe('role-no-replication');
    await server.psql('DROP ROLE trusted');
    expect(await refusalOf(release, conninfo('trusted'))).toBe('role-missing');
    await server.writeHba([...Object.values(roles), 'host replication nobody samehost ident']);
    await server.reload();
    await createRole(server, { name: 'nobody' });
    expect(await refusalOf(release, conninfo('nobody'))).toBe('other-method-refused');
    expect(await refusalOf(release, `host=127.0.0.1 port=${server.port} user=either`)).toMatchObject({
      kind: 'client-stopped',
      why: 'no-password',
    });
  });

  test('the address on our side is the one that the server sees', async () => {
    const { session, attempts } = await ours(release, conninfo('either'), homes.empty);
    expect(session?.attempt).toMatchObject({ address: '127.0.0.1', localAddress: '127.0.0.1' });
    expect(attempts.every((attempt) => isOwnAddress(attempt, localHost()))).toBe(true);
  });
});
