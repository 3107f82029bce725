import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import type { GivenConnection } from '../../src/facts/connection.ts';
import { localHost } from '../../src/hosts/local.ts';
import { secret } from '../../src/postgres/secret.ts';
import type { ResolvedConnection } from '../../src/servers/connection.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import type { Resolution } from '../../src/servers/resolve-connection.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'standbylint-home-'));
  onTestFinished(async () => rm(home, { recursive: true, force: true }));
});

type Environment = Readonly<Record<string, string>>;

async function resolve(
  given: Partial<GivenConnection>,
  environment: Environment = {},
  replication = true,
  password?: string,
): Promise<Resolution> {
  const host = { ...localHost(), environment: { HOME: home, PGSYSCONFDIR: home, ...environment } };
  const whole = { conninfo: undefined, host: undefined, port: undefined, user: undefined, ...given };
  return resolveConnection(host, whole, {
    replication,
    ...(password === undefined ? {} : { password: secret(password) }),
  });
}

async function connection(
  given: Partial<GivenConnection>,
  environment: Environment = {},
  replication = true,
  password?: string,
): Promise<ResolvedConnection> {
  const resolution = await resolve(given, environment, replication, password);
  if (!resolution.ok) throw new Error(resolution.message);
  return resolution.connection;
}

const passwordOf = (found: ResolvedConnection): readonly (string | undefined)[] =>
  found.plan.hosts.map((host) => found.passwordFor(host)?.reveal());

async function passfile(text: string, mode = 0o600): Promise<string> {
  const path = join(home, '.pgpass');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

describe('what wins', () => {
  test('options over the connection string over the service over the environment over the defaults', async () => {
    await writeFile(join(home, '.pg_service.conf'), '[standby]\nhost=from-service\nport=5433\nsslmode=require\n');
    const { plan } = await connection(
      { conninfo: 'service=standby host=from-conninfo', host: 'from-option' },
      { PGHOST: 'from-environment', PGUSER: 'rep', PGSSLMODE: 'disable' },
    );
    expect(plan).toMatchObject({
      hosts: [{ host: 'from-option', port: 5433 }],
      user: 'rep',
      sslmode: 'require',
      channelBinding: 'prefer',
      targetSessionAttrs: 'any',
    });
    expect(plan.sources).toMatchObject({
      host: '-h',
      port: `line 3 of ${home}/.pg_service.conf`,
      user: 'PGUSER',
      channel_binding: 'the default',
    });
  });

  test('a physical replication login asks for the database "replication", whatever the environment says', async () => {
    expect((await connection({}, { PGDATABASE: 'shop' })).database).toBe('replication');
    expect((await connection({ conninfo: 'dbname=shop' }, {}, false)).database).toBe('shop');
  });

  test('a URI with several hosts, and a socket', async () => {
    const { plan } = await connection({ conninfo: 'postgresql://rep@db1:5433,%2Frun%2Fpg,[::1]/?sslmode=verify-full' });
    expect(plan.hosts).toEqual([
      { host: 'db1', hostaddr: undefined, port: 5433, isSocket: false },
      { host: '/run/pg', hostaddr: undefined, port: 5432, isSocket: true },
      { host: '::1', hostaddr: undefined, port: 5432, isSocket: false },
    ]);
  });
});

describe('the password', () => {
  const line = String.raw`db1:5432:replication:rep:pass\:word`;
  const given = { conninfo: 'host=db1,db2 user=rep' };

  test('of each host, from the password file', async () => {
    const path = await passfile(`# ours\n${line}\ndb2:*:*:*:other\n`);
    const found = await connection(given);
    expect(passwordOf(found)).toEqual(['pass:word', 'other']);
    expect(found.plan.password).toEqual({
      from: 'passfile',
      words: `line 2 of ${path}`,
      passfile: {
        path,
        pathSource: 'the default',
        state: { kind: 'used', line: 2 },
        // its lines, without the passwords in them
        written: { crlf: false, lines: ['***', 'db1:5432:replication:rep:***', 'db2:*:*:*:***'] },
      },
    });
  });

  test.each([
    ['typed', {}, 'typed at the prompt', { from: 'prompt', words: 'the prompt' }],
    ['of the environment', { PGPASSWORD: 'from-environment' }, undefined, { from: 'environment', words: 'PGPASSWORD' }],
  ])('%s beats the password file', async (_name, environment, typed, source) => {
    await passfile(line);
    const found = await connection(given, environment, true, typed);
    expect(passwordOf(found)).toEqual([typed ?? 'from-environment', typed ?? 'from-environment']);
    expect(found.plan.password).toMatchObject({ ...source, passfile: { state: { kind: 'not-asked' } } });
  });

  test('libpq leaves a file aside that others may read, and one that is none', async () => {
    await passfile(line, 0o640);
    const found = await connection(given);
    expect(passwordOf(found)).toEqual([undefined, undefined]);
    expect(found.plan.password).toMatchObject({
      from: 'none',
      passfile: { state: { kind: 'ignored', why: 'mode', mode: 0o640 } },
    });
    await mkdir(join(home, 'folder'));
    const folder = await connection(given, { PGPASSFILE: join(home, 'folder') });
    expect(folder.plan.password.passfile).toMatchObject({
      pathSource: 'PGPASSFILE',
      state: { kind: 'ignored', why: 'not a plain file' },
    });
  });

  test('the database of the line is "replication"', async () => {
    await passfile('db1:5432:postgres:rep:secret\n');
    const { plan } = await connection({ conninfo: 'host=db1 user=rep' });
    expect(plan.password.passfile.state).toEqual({
      kind: 'no-match',
      nearest: [{ line: 1, because: 'the database is "postgres", and "replication" is looked up' }],
    });
  });

  test('none at all', async () => {
    expect((await connection(given)).plan.password).toMatchObject({
      from: 'none',
      passfile: { state: { kind: 'absent' } },
    });
  });

  test('is in nothing that is printed', async () => {
    const found = await connection({ conninfo: 'host=db1 password=geheim sslpassword=verborgen' });
    expect(found.keyPassword?.reveal()).toBe('verborgen');
    for (const printed of [JSON.stringify(found), inspect(found, { depth: 20, showHidden: true })]) {
      expect(printed).not.toMatch(/geheim|verborgen/u);
    }
  });
});

describe('what libpq refuses ends it with one sentence and a suggestion', () => {
  test.each([
    [{ conninfo: 'hots=db1' }, {}, /"hots" is not a libpq connection parameter.*"host"/u, /Write host=/u],
    [{ conninfo: "password='geheim" }, {}, /quote|ended/iu, /quote/u],
    [{ conninfo: 'db1' }, {}, /=/u, /keyword=value/u],
    [{ conninfo: 'postgresql://rep:ge@heim@db1/' }, {}, /@/u, /%40/u],
    [{ port: '70000' }, {}, /port is "70000"/u, /-p/u],
    [{}, { PGPORT: 'five' }, /port is "five"/u, /PGPORT/u],
    [{}, { PGSSLMODE: 'on' }, /sslmode is "on"/u, /PGSSLMODE/u],
    [{ conninfo: 'sslrootcert=system sslmode=require' }, {}, /needs verify-full/u, /connection string/u],
    [{ conninfo: 'host=a,b port=1,2,3' }, {}, /3 ports for 2 hosts/u, /connection string/u],
    [{ conninfo: 'service=nowhere' }, {}, /The service "nowhere" is asked for/u, /\[nowhere\]/u],
    [
      {},
      { PGSERVICE: 'x', PGSERVICEFILE: '/nonexistent/services' },
      /\/nonexistent\/services does not exist/u,
      /PGSERVICE/u,
    ],
  ])('%j %j', async (given, environment, message, hint) => {
    const resolution = await resolve(given, environment);
    expect(resolution).toMatchObject({
      ok: false,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    expect(JSON.stringify(resolution)).not.toMatch(/geheim|ge@heim/u);
  });

  test('a service file that cannot be read, and one that is malformed', async () => {
    const path = join(home, '.pg_service.conf');
    await mkdir(path);
    expect(await resolve({ conninfo: 'service=x' })).toMatchObject({
      ok: false,
      message: expect.stringContaining(`${path} cannot be read`),
    });
    await rm(path, { recursive: true });
    await writeFile(path, '[x]\nhost = db1\n');
    expect(await resolve({ conninfo: 'service=x' })).toMatchObject({
      ok: false,
      message: expect.stringContaining(`${path}, line 2:`),
    });
  });

  test('a port that is none ends only its own host', async () => {
    const { plan } = await connection({ conninfo: 'host=a,b port=0,5432' });
    expect(plan.hosts.map(({ host }) => host)).toEqual(['b']);
    expect(plan.faults).toHaveLength(1);
  });
});
