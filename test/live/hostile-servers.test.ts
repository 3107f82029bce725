import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

import { describe, expect, test } from 'vitest';

import { serverUser } from '../../src/throwaway/os-user.ts';
import { behaves, errors, passed } from '../lab/behaviour.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import { aServer, drip, errorResponse, message, rows, talking } from '../lab/strange-servers.ts';
import { anAuthority } from './certificates.ts';
import { nowhere, overAdmin, to } from './hostile-calls.ts';

/** What nobody can claim to hold who has not spoken with PostgreSQL. */
const ofTheServer = ['hba', 'role', 'primary', 'slot', 'platform'];

const endless = (socket: Socket): void => {
  const more = (): void => {
    while (socket.writable && socket.write(Buffer.alloc(65_536, 'all work and no play ')));
  };
  socket.on('drain', more);
  more();
};

describe('what answers at the port is no PostgreSQL', () => {
  const cases: readonly (readonly [string, string | RegExp, (socket: Socket) => void])[] = [
    ['accepts and says nothing', 'network/not-postgresql', () => undefined],
    ['closes at once', /^network\//u, (socket) => socket.end()],
    ['resets', /^network\//u, (socket) => socket.resetAndDestroy()],
    ['10 MB of garbage', 'network/not-postgresql', (socket) => socket.end(Buffer.alloc(10 * 1024 * 1024, 'garbage '))],
    ['an endless stream', 'network/not-postgresql', endless],
    ['a byte now and then', /^(?:network|tls)\//u, drip('EEEEEEEEEE')],
    [
      'escape sequences',
      'network/not-postgresql',
      (socket) => socket.write('\u001B]0;owned\u0007\u001B[2J\r\n\u009b31m'),
    ],
  ];
  test.each(cases)('%s', async (_name, rule, serve) => {
    const port = await aServer(serve);
    const report = await behaves(to(port, '-D', nowhere, ...overAdmin(port)));
    expect(errors(report)[0]).toMatch(rule);
    expect(passed(report, ofTheServer)).toEqual([]);
  });

  test('HTTP', async () => {
    const port = await aServer(() => undefined, createHttpServer());
    const report = await behaves(to(port, '-D', nowhere));
    expect(errors(report)[0]).toBe('network/not-postgresql');
    expect(passed(report, ofTheServer)).toEqual([]);
  });

  test('TLS that is not PostgreSQL', async () => {
    const authority = await anAuthority('strange', await serverUser());
    const issued = await authority.issue('strange', { commonName: 'localhost', names: 'IP:127.0.0.1' });
    const server = createTlsServer({ cert: readFileSync(issued.certificate), key: readFileSync(issued.key) });
    const port = await aServer(() => undefined, server);
    server.on('secureConnection', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    for (const sslmode of ['sslmode=prefer', 'sslmode=require', 'sslmode=require sslnegotiation=direct']) {
      const report = await behaves(to(port, '-D', nowhere, '-d', sslmode));
      expect(errors(report)[0]).toMatch(/^(?:network|tls)\//u);
      expect(passed(report, ofTheServer)).toEqual([]);
    }
  });

  test('nothing listens', async () => {
    const report = await behaves(to(55_249, '-D', nowhere, ...overAdmin(55_249)));
    expect(errors(report)[0]).toBe('network/connection-refused');
  });
});

describe('what speaks the protocol and means no good', () => {
  const nasty = 'no\u001B]0;owned\u0007 \u001B[2J\nFATAL:  forged line\r\u009b31m\u202Egnp.exe\u007f';

  test.each([
    ['28000', 'ClientAuthentication'],
    ['53300', 'InitProcess'],
    ['XX000', 'whatever'],
  ])('a refusal with escape sequences in every field (%s)', async (C, R) => {
    const refusal = errorResponse({ C, M: nasty, D: nasty, H: nasty, R: `${R}${C === 'XX000' ? nasty : ''}` });
    const port = await aServer(talking({ refusal }));
    const report = await behaves(to(port, '-D', nowhere, ...overAdmin(port)));
    expect(passed(report, ['role', 'primary', 'slot', 'platform'])).toEqual([]);
    expect(errors(report)).not.toEqual([]);
  });

  test('a welcome, and silence', async () => {
    const port = await aServer(talking({}));
    const report = await behaves(to(port, '-D', nowhere, ...overAdmin(port)));
    expect(passed(report, ['primary', 'slot', 'platform'])).toEqual([]);
  });

  test('a welcome, and answers that make no sense', async () => {
    const answers: readonly ((query: string) => Buffer | undefined)[] = [
      () => message('C', 'SET\0'),
      () => rows(['a'], [['x']]),
      () => rows(['json'], [[JSON.stringify({ server: nasty, settings: [1, null], role: [] })]]),
      () => rows(['json'], [['['.repeat(200_000)]]),
      () => rows([nasty, nasty], [[nasty, null]]),
      () => errorResponse({ S: 'ERROR', V: 'ERROR', C: '42601', M: nasty }),
      () => message('?', nasty),
      () => Buffer.concat([rows(['systemid', 'timeline', 'xlogpos', 'dbname'], [['7', '99999999999', 'Z/Z', nasty]])]),
    ];
    for (const answer of answers) {
      const port = await aServer(talking({ answer, parameters: { server_version: `18.1 ${nasty}` } }));
      const report = await behaves(to(port, '-D', nowhere, ...overAdmin(port)));
      expect(passed(report, ['primary', 'slot', 'platform']), answer('')?.toString('latin1').slice(0, 60)).toEqual([]);
    }
  });

  test('a server whose settings hold escape sequences', async () => {
    const answer = (query: string): Buffer =>
      query.startsWith('IDENTIFY')
        ? rows(['systemid', 'timeline', 'xlogpos', 'dbname'], [['7312345678901234567', '1', '0/3000000', null]])
        : rows(
            ['name', 'setting', 'description'],
            [
              'server_version',
              'wal_level',
              'max_wal_senders',
              'max_replication_slots',
              'data_directory',
              'cluster_name',
              'port',
              nasty,
            ].map((name) => [name, name === 'server_version' ? `18.1 (${nasty})` : nasty, nasty]),
          );
    const port = await aServer(talking({ answer, parameters: { server_version: `18.1 (${nasty})` } }));
    await behaves(to(port, '-D', nowhere), {}, { exits: [0, 1, 3] });
  });
});

describe('what never answers', () => {
  test('--admin leads to silence, and the login works', async () => {
    const primary = await aPrimary({ hba: ['host replication all 127.0.0.1/32 trust'] });
    const place = await aPlaceForAStandby();
    const silent = await aServer(() => undefined);
    const report = await behaves(
      to(primary.server.port, '-D', place.dataDirectory, ...overAdmin(silent)),
      { on: place },
      { exits: [0, 1, 3] },
    );
    expect(errors(report)).toEqual([]);
    expect(report.rules.find(({ id }) => id === 'role/no-replication')?.outcome).toBe('passed');
    expect(JSON.stringify(report.rules.filter(({ outcome }) => outcome === 'unexamined'))).toContain('--admin');
  });

  test('an interrupt ends it at once', async () => {
    const silent = await aServer(() => undefined);
    const program = join(import.meta.dirname, '../../dist/standbylint.js');
    const child = spawn(process.execPath, [program, ...to(silent, '-D', nowhere, '--timeout', '30')], {
      stdio: 'pipe',
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    setTimeout(() => child.kill('SIGINT'), 1_000);
    const begin = performance.now();
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, output]).toEqual([130, '']);
    expect(performance.now() - begin).toBeLessThan(3_000);
  });
});
