import { lookup, lookupService } from 'node:dns/promises';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';

import * as fc from 'fast-check';
import { Client, DatabaseError } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { parseHbaFile } from '../../src/postgres/hba-file.ts';
import { formatHbaLine } from '../../src/postgres/hba-format.ts';
import { hideSecrets, sslIsOff } from '../../src/postgres/hba-line.ts';
import type { HbaLine } from '../../src/postgres/hba-line.ts';
import { matchHba } from '../../src/postgres/hba-match.ts';
import { hbaLinesFromView, mergeHbaLines } from '../../src/postgres/hba-rules-view.ts';
import type { HbaRulesRow } from '../../src/postgres/hba-rules-view.ts';
import { formatIpAddress } from '../../src/postgres/ip-address.ts';
import { anyHbaText, anyLogin, anyUsableLine, clientAddresses, includedFiles } from './hba-texts.ts';
import type { Login } from './hba-texts.ts';
import { aPrimary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { until } from '../lab/until.ts';
import type { HbaConnection } from '../../src/postgres/hba-connection.ts';

interface Running {
  readonly server: ThrowawayServer;
  readonly hbaFile: string;
  readonly parse: (text: string, ssl: boolean) => readonly HbaLine[];
}

onReleasesInTurn((release) => {
  const { major } = release;
  let running: Running;

  beforeAll(async () => {
    const { server } = await aPrimary({
      release,
      role: null,
      lifetime: 'file',
      hba: [],
      settings: { listen_addresses: '*', max_wal_senders: '30' },
    });
    const hbaFile = join(server.dataDirectory, 'pg_hba.conf');
    for (const [name, text] of Object.entries(includedFiles)) {
      await mkdir(dirname(join(server.dataDirectory, name)), { recursive: true });
      await writeFile(join(server.dataDirectory, name), text);
    }
    const read = (path: string): string | undefined => includedFiles[path.slice(server.dataDirectory.length + 1)];
    const list = (path: string): readonly string[] | undefined =>
      path === join(server.dataDirectory, 'hba_dir') ? ['no.txt', 'b.conf', 'a.conf', '.no.conf'] : undefined;
    const parse = (text: string, ssl: boolean): readonly HbaLine[] =>
      parseHbaFile({ file: hbaFile, text, serverVersion: major, ssl, source: { read, list } }).lines;
    running = { server, hbaFile, parse };
  }, 60_000);

  test('pg_hba_file_rules shows what we read', async () => {
    const { server, hbaFile, parse } = running;
    const admin = new Client({ host: server.folder, port: server.port, user: 'postgres', database: 'postgres' });
    await admin.connect();
    let rules = 0;
    let broken = 0;
    try {
      await fc.assert(
        fc.asyncProperty(anyHbaText(major), async (text) => {
          await writeFile(hbaFile, text);
          const { rows } = await admin.query<HbaRulesRow>('SELECT * FROM pg_hba_file_rules');
          const lines = parse(text, false);
          const ours = lines.map(rowFromLine);
          expect(ours).toEqual(rows.map((row, index) => rowFromView(row, hbaFile, ours[index])));
          // With the view at hand as well, nothing of the text is lost, and nothing of the view.
          const merged = mergeHbaLines(lines, hbaLinesFromView(rows, hbaFile));
          expect(merged.map(onlyColumns)).toEqual(lines.map(onlyColumns));
          rules += rows.filter(({ type }) => type !== null).length;
          broken += rows.filter(({ type }) => type === null).length;
        }),
        { numRuns: 400, endOnFailure: true },
      );
    } finally {
      await admin.end();
      await server.writeHba([]);
    }
    expect(rules).toBeGreaterThan(300);
    expect(broken).toBeGreaterThan(300);
  });

  test('a regular expression is refused for the reason that PostgreSQL names', async () => {
    if (major < 16) return;
    const { server, hbaFile, parse } = running;
    const patterns = [
      '(',
      ')',
      'a(b',
      '[a',
      '[a-',
      'a{1',
      'a{1x}',
      'a{2,1}',
      'a{256}',
      '*a',
      'a**',
      'a+*',
      '^*',
      'a|+',
      '(*a)',
      'a\\',
      '\\q',
      '[b-a]',
      '[a-c-e]',
      '[[:nope:]]',
      '[\\q]',
      '[\\w-z]',
      'x{',
      '{1}',
      '(?:a',
      '[]',
      '[^]',
      '$+',
      '\\A*',
      '[[:alpha:',
      '()+',
      '(|a){3}',
      '[a-]',
      '[--/]',
      'a{,3}',
      'a{1,}?',
      '\\m\\M\\y\\Y\\Z\\d\\S',
    ];
    const text = patterns.map((pattern) => `local all "/${pattern}" trust\n`).join('');
    await writeFile(hbaFile, text);
    // Through the view, as the server refuses to load such a file; the connection is let in by the rules that it has.
    const rows = await server.query('SELECT error FROM pg_hba_file_rules');
    await server.writeHba([]);
    expect(parse(text, true).map(({ error }, index) => [patterns[index], error ?? null])).toEqual(
      rows.map(({ error }, index) => [patterns[index], error]),
    );
  });

  describe('logins', () => {
    beforeAll(async () => {
      const { server } = running;
      await server.psql(`
        CREATE ROLE grp; CREATE ROLE mid IN ROLE grp;
        CREATE ROLE replicator LOGIN REPLICATION IN ROLE mid;
        CREATE ROLE "Mixed Case" LOGIN REPLICATION NOINHERIT IN ROLE grp;
        CREATE ROLE "all" LOGIN REPLICATION; CREATE ROLE "+grp" LOGIN; CREATE ROLE "/x.y" LOGIN REPLICATION;
        CREATE ROLE chief LOGIN SUPERUSER;
        CREATE DATABASE grp; CREATE DATABASE replicator; CREATE DATABASE replication;`);
      const key = [
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'data.key',
        '-out',
        'data.crt',
        '-subj',
        '/CN=localhost',
      ];
      await server.run('openssl', ['req', '-x509', '-days', '2', ...key]);
      await server.configure({
        ssl: 'on',
        ssl_cert_file: join(server.folder, 'data.crt'),
        ssl_key_file: join(server.folder, 'data.key'),
      });
      await server.restart();
    }, 60_000);

    test('the server lets in, refuses and misses a line where we say so', async () => {
      const { server, hbaFile, parse } = running;
      const known = await whatIsKnown(major);
      const seen = new Map<Outcome, number>();
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyUsableLine(major), { minLength: 1, maxLength: 8 }),
          fc.array(anyLogin(), { minLength: 10, maxLength: 10 }),
          async (lines, connections) => {
            await load(server, lines);
            const parsed = parse(await readFile(hbaFile, 'utf8'), true);
            expect(parsed.filter(({ kind }) => kind === 'broken')).toEqual([]); // else the server keeps the rules that it had
            const outcomes = await Promise.all(
              connections.map(async (wanted) => {
                const match = matchHba(parsed, known(wanted));
                expect(match.certain).toBe(true);
                const expected: Outcome =
                  match.matched === undefined ? 'no entry' : match.matched.method === 'reject' ? 'rejected' : 'in';
                seen.set(expected, (seen.get(expected) ?? 0) + 1);
                return { wanted, expected, found: await logIn(server, wanted) };
              }),
            );
            expect(outcomes.map(({ wanted, found }) => [wanted, found])).toEqual(
              outcomes.map(({ wanted, expected }) => [wanted, expected]),
            );
          },
        ),
        { numRuns: 25, endOnFailure: true },
      );
      for (const outcome of ['in', 'rejected', 'no entry'] as const) expect(seen.get(outcome)).toBeGreaterThan(0);
    });

    test('the line that we write lets its role in, and nobody else', async () => {
      const { server } = running;
      for (const user of ['replicator', 'Mixed Case', 'all', '/x.y']) {
        for (const [address, encryption] of [
          ['127.0.0.2', 'none'],
          ['127.0.0.2', 'tls'],
          ['local', 'none'],
        ] as const) {
          const entry = {
            database: { kind: 'replication' },
            user,
            address,
            encryption,
            method: 'trust',
            serverVersion: major,
          } as const;
          await load(server, [formatHbaLine(entry) ?? '']);
          const asked = { kind: 'physical-replication', database: 'grp', address, encryption } as const;
          expect([user, await logIn(server, { ...asked, user })]).toEqual([user, 'in']);
          expect(await logIn(server, { ...asked, user: 'chief' })).toBe('no entry');
          expect(await logIn(server, { ...asked, user, kind: 'database' })).toBe('no entry');
          if (address !== 'local')
            expect(await logIn(server, { ...asked, user, address: '127.0.0.1' })).toBe('no entry');
        }
      }
    });
  });
});

type Outcome = 'in' | 'rejected' | 'no entry';

/** What a server on this machine knows of a connection. */
async function whatIsKnown(serverVersion: number): Promise<(wanted: Login) => HbaConnection> {
  const serverInterfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const hostNames = new Map<string, readonly string[]>();
  for (const address of clientAddresses)
    hostNames.set(address, address === 'local' ? [] : await confirmedNames(address));
  const groups: Readonly<Record<string, readonly string[]>> = { replicator: ['mid', 'grp'], 'Mixed Case': ['grp'] };
  return (wanted) => ({
    ...wanted,
    userRoles: new Set(groups[wanted.user]),
    userExists: wanted.user !== 'nobody',
    serverInterfaces,
    hostNames: hostNames.get(wanted.address),
    serverVersion,
  });
}

async function confirmedNames(address: string): Promise<readonly string[]> {
  try {
    const { hostname } = await lookupService(address, 0);
    const back = await lookup(hostname, { all: true });
    return hostname !== address && back.some((one) => one.address === address) ? [hostname] : [];
  } catch {
    return [];
  }
}

/** Writes pg_hba.conf and waits until new connections are judged by it: the postmaster loads it together with the settings, whose time a new backend inherits. */
async function load(server: ThrowawayServer, lines: readonly string[]): Promise<void> {
  const loaded = async (): Promise<string | null> =>
    (await server.query('SELECT pg_conf_load_time()::text AS at'))[0]?.['at'] ?? null;
  const before = await loaded();
  await server.writeHba(lines);
  await server.query('SELECT pg_reload_conf()');
  await until('the new pg_hba.conf', async () => ((await loaded()) === before ? null : true));
}

async function logIn(server: ThrowawayServer, wanted: Login): Promise<Outcome> {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  const host = wanted.address === 'local' ? server.folder : wanted.address === '::1' ? '::1' : '127.0.0.1';
  const client = new Client({
    host,
    port: server.port,
    user: wanted.user,
    database: wanted.database,
    ssl: wanted.encryption === 'tls' ? { rejectUnauthorized: false } : false,
    ...(wanted.kind === 'physical-replication' ? { replication: 'true' } : {}),
    ...(wanted.address === 'local'
      ? {}
      : {
          stream: () =>
            Object.assign(socket, {
              connect: (port: number, to: string) => connect({ port, host: to, localAddress: wanted.address }),
            }),
        }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return 'in';
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (error.message.startsWith('no pg_hba.conf entry')) return 'no entry';
    if (error.message.startsWith('pg_hba.conf rejects')) return 'rejected';
    return 'in'; // pg_hba.conf let it pass, and something later did not: no such role, no REPLICATION
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A line as its row in the view, all but the options. */
function rowFromLine(line: HbaLine): Readonly<Record<string, unknown>> {
  const place = { file: line.file, line: line.line, error: withoutTail(line.error ?? null) };
  if (line.kind === 'broken')
    return { ...place, type: null, database: null, user: null, address: null, netmask: null, method: null };
  const { type, databases, users, address, method } = line;
  const shown =
    address.kind === 'network'
      ? { address: formatIpAddress(address.address), netmask: formatIpAddress(address.netmask) }
      : {
          address: address.kind === 'local' ? null : address.kind === 'host-name' ? address.name : address.kind,
          netmask: null,
        };
  return {
    ...place,
    type,
    database: databases.map(({ text }) => text),
    user: users.map(({ text }) => text),
    ...shown,
    method,
  };
}

/** hba.c names the reason of a few errors only in the log: there ours stands. */
function rowFromView(
  row: HbaRulesRow,
  hbaFile: string,
  ours: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> {
  const unnamed = row.type === null && (row.error === null || row.error === sslIsOff);
  const error = unnamed ? ours?.['error'] : row.error;
  const told =
    typeof error === 'string' ? hideSecrets(error).replaceAll(notADirectory, ': No such file or directory') : null;
  return {
    file: row.file_name ?? hbaFile,
    line: row.line_number,
    error: withoutTail(told),
    type: row.type,
    database: row.database,
    user: row.user_name,
    address: row.address,
    netmask: row.netmask,
    method: row.auth_method,
  };
}

/** What is not there, as far as we are told, may be in the way of a directory. */
const notADirectory = /: Not a directory$/gm;

/**
 * Which of several mistakes in an expression is named depends on the order of PostgreSQL's own parser (single ones have a test of their own), and what
 * follows a password is hidden in ours.
 */
function withoutTail(error: string | null): string | null {
  return (
    error
      ?.replace(/^(invalid regular expression ".*": )[^"]*$/s, '$1…')
      .replace(/^(authentication option not in name=value format: ).*$/s, '$1…') ?? null
  );
}

/** What the text alone knows: the quotes, the line as written. */
function onlyColumns(line: HbaLine): object {
  return line.kind === 'broken' ? { text: line.text } : { ...line, options: [] };
}
