import { spawn, spawnSync } from 'node:child_process';
import { appendFile, chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, connect as connectTo } from 'node:net';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { serverUser } from '../../src/demo/os-user.ts';
import type { OsUser } from '../../src/demo/os-user.ts';
import { behaves, errors, passed } from '../lab/behaviour.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import { aServer, errorResponse, message, rows, talking } from '../lab/strange-servers.ts';
import { anAuthority } from './certificates.ts';

const user = await serverUser();

/** A folder that the program's user owns; it ends with the test. */
async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-odd-'));
  await own(folder);
  onTestFinished(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

const own = async (path: string, owner: OsUser | null = user): Promise<void> =>
  owner === null ? undefined : chown(path, owner.uid, owner.gid);

const to = (port: number, ...more: readonly string[]): readonly string[] => [
  'preflight',
  '-h',
  '127.0.0.1',
  '-p',
  String(port),
  '-U',
  'replicator',
  '-w',
  '--timeout',
  '1',
  '-R',
  '-X',
  'stream',
  ...more,
];
/** pg_basebackup would make it, with what is missing above it. */
const nowhere = join(tmpdir(), 'standbylint-nowhere', 'standby');
const overAdmin = (port: number): readonly string[] => [
  '--admin',
  `host=127.0.0.1 port=${port} user=postgres dbname=postgres`,
];

/** What nobody can claim to hold who has not spoken with PostgreSQL. */
const ofTheServer = ['hba', 'role', 'primary', 'slot', 'platform'];

const drip = (socket: Socket): void => {
  const timer = setInterval(() => socket.write('E'), 50);
  socket.on('close', () => clearInterval(timer));
};
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
    ['a byte now and then', /^(?:network|tls)\//u, drip],
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
    const authority = await anAuthority('strange', user);
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

describe('the place for the copy is no such place', () => {
  let port = 0;
  beforeAll(async () => {
    const primary = await aPrimary({
      lifetime: 'file',
      hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
    });
    port = primary.server.port;
  });

  const special: readonly (readonly [string, RegExp, (path: string) => unknown])[] = [
    ['a FIFO', /^target\/not-a-directory$/u, (path) => spawnSync('mkfifo', [path])],
    ['a plain file', /^target\/not-a-directory$/u, (path) => writeFile(path, 'x')],
    ['a Unix socket', /^target\/not-a-directory$/u, (path) => listenOn(path)],
    ['a link to itself', /^target\//u, (path) => symlink(path, path)],
    ['a link that leads nowhere', /^target\/dangling-link$/u, (path) => symlink('/nonexistent/there', path)],
    ['a link to a device', /^target\/not-a-directory$/u, (path) => symlink('/dev/zero', path)],
    [
      'a link to a FIFO',
      /^target\/not-a-directory$/u,
      async (path) => {
        spawnSync('mkfifo', [`${path}.fifo`]);
        await symlink(`${path}.fifo`, path);
      },
    ],
  ];
  test.each(special)('%s', async (_name, rule, make) => {
    const path = join(await aFolder(), 'standby');
    await make(path);
    const report = await behaves(to(port, '-D', path));
    expect(errors(report)[0]).toMatch(rule);
    expect(report.rules.find(({ id }) => id === 'target/not-empty')?.outcome).not.toBe('passed');
  });

  test.each(['/dev/null', '/dev/zero', '/dev/full', '/proc/self/mem', '/proc', '/sys', '/', '/dev/fd/0'])(
    '%s',
    async (path) => {
      const report = await behaves(to(port, '-D', path));
      expect(errors(report)[0]).toMatch(/^target\//u);
    },
  );

  test('a directory with 100,000 entries', async () => {
    const folder = await aFolder();
    const made = spawnSync('sh', ['-c', 'mkdir standby && cd standby && seq -f entry%.0f 100000 | xargs touch'], {
      cwd: folder,
    });
    expect(made.status).toBe(0);
    await own(join(folder, 'standby'));
    const report = await behaves(to(port, '-D', join(folder, 'standby')));
    expect(errors(report)).toContain('target/not-empty');
  });

  test('".." in the path, and more links than the system follows', async () => {
    const folder = await aFolder();
    await mkdir(join(folder, 'a'));
    await own(join(folder, 'a'));
    await behaves(to(port, '-D', `${folder}/a/../a/../../../../../../..${folder}/standby`), {}, { exits: [0, 3] });
    await symlink('link1', join(folder, 'link0'));
    for (let index = 1; index < 60; index += 1) await symlink(`link${index + 1}`, join(folder, `link${index}`));
    const report = await behaves(to(port, '-D', join(folder, 'link0')));
    expect(errors(report)[0]).toMatch(/^target\//u);
    await behaves(to(port, '-D', `/${'x'.repeat(300)}/standby`));
    await behaves(to(port, '-D', `/tmp${'/y'.repeat(2_500)}`));
    await behaves(to(port, '-D', ''), {}, { exits: [0, 1, 2, 3] }).catch(() => undefined);
  });

  test('names with newlines and escape sequences', async () => {
    const folder = join(await aFolder(), 'a\nb\u001B[31m\u009b\u202E"\'$(touch owned)`id`');
    await mkdir(folder, { mode: 0o700 });
    await own(folder);
    await writeFile(join(folder, 'PG_VERSION\n\u001B[2J'), '');
    const report = await behaves(to(port, '-D', folder));
    expect(errors(report)).toEqual(['target/not-empty']);
    await behaves(
      to(port, '-D', join(folder, 'new\u001B]0;owned\u0007'), '-l', 'label\n\u001B[2J'),
      {},
      { exits: [0, 1, 3] },
    );
    await behaves(
      to(port, '-D', nowhere, '-U', 'role\n\u001B[2J"', '-S', 'slot\n\u001B[2J', '-T', `/a\u001B=${nowhere}\n`),
    );
    await behaves(['preflight', '-D', nowhere, '-w', '--timeout', '1', '-h', 'host\u001B[2J\nname', '-p', '5432']);
    await behaves(['preflight', '-D', nowhere, '-w', '--timeout', '1', '-h', '/tmp/\u001B[2J\n', '-p', '5432']);
  });

  test('a data directory full of nonsense', async () => {
    for (const control of [
      Buffer.alloc(0),
      Buffer.alloc(100, 'x'),
      Buffer.alloc(8_192, 0xff),
      Buffer.alloc(50_000_000),
    ]) {
      const folder = join(await aFolder(), 'data');
      await mkdir(join(folder, 'global'), { recursive: true, mode: 0o700 });
      for (const [name, content] of Object.entries({
        PG_VERSION: '\u001B[2J99999999999999999999\n',
        'global/pg_control': control,
        'postmaster.pid': '99999999999999999999\n/\u001B[2J\n-1\n999999999999\n\n\n\n',
        'postmaster.opts': `${'"'.repeat(9_999)}\u001B`,
        'standby.signal': '',
        backup_label: 'START WAL LOCATION: Z/Z (file nothing)\n\u001B[2J',
        'backup_manifest.tmp': '{',
        'postgresql.conf': `include '${folder}/postgresql.conf'\ninclude_dir '/proc'\nport = 99999999\n\u001B[2J`,
        'postgresql.auto.conf': "port = '''\n",
      }))
        await writeFile(join(folder, name), content, { mode: 0o600 });
      if (user !== null) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
      const report = await behaves(to(port, '-D', folder));
      expect(errors(report)).toContain('target/not-empty');
    }
  });

  test.each(['0', '-1', '1', '4294967297', '2147483648', '1.5', 'NaN', `${process.pid}`])(
    'postmaster.pid says %s',
    async (pid) => {
      const folder = join(await aFolder(), 'data');
      await mkdir(folder, { mode: 0o700 });
      await own(folder);
      await writeFile(join(folder, 'postmaster.pid'), `${pid}\n${folder}\n1700000000\n5432\n/tmp\n*\n  1 2\nready\n`);
      const report = await behaves(to(port, '-D', folder));
      expect(errors(report)).toContain('target/not-empty');
    },
  );

  test('files in a data directory that are no files', async () => {
    const folder = join(await aFolder(), 'data');
    await mkdir(join(folder, 'global'), { recursive: true, mode: 0o700 });
    for (const name of ['PG_VERSION', 'postmaster.pid', 'postgresql.conf', 'postgresql.auto.conf', 'global/pg_control'])
      spawnSync('mkfifo', [join(folder, name)]);
    for (const name of ['postmaster.opts', 'backup_label']) await symlink('/dev/zero', join(folder, name));
    if (user !== null) spawnSync('chown', ['-Rh', `${user.uid}:${user.gid}`, folder]);
    const report = await behaves(to(port, '-D', folder));
    expect(errors(report)).toContain('target/not-empty');
  });

  test.skipIf(user === null)('a parent that nobody may enter', async () => {
    const folder = await aFolder();
    await mkdir(join(folder, 'closed'), { mode: 0o700 });
    await chown(join(folder, 'closed'), 0, 0);
    const report = await behaves(to(port, '-D', join(folder, 'closed', 'standby')));
    expect(errors(report)[0] ?? 'unexamined').toMatch(/^target\/|unexamined/u);
    expect(report.rules.find(({ id }) => id === 'target/not-writable')?.outcome).not.toBe('passed');
  });

  test.skipIf(user === null)('a file system that is read-only', async ({ skip }) => {
    const folder = await aFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,mode=0777', 'none', folder]);
    skip(mounted.status !== 0, 'mounting is not allowed here');
    onTestFinished(() => {
      spawnSync('umount', ['-l', folder]);
    });
    const report = await behaves(to(port, '-D', join(folder, 'standby')));
    expect(errors(report)[0]).toBe('target/not-writable');
  });

  test('a password file and a service file that are no files', async () => {
    const folder = await aFolder();
    const fifo = join(folder, 'fifo');
    spawnSync('mkfifo', [fifo]);
    await own(fifo);
    const huge = join(folder, 'huge');
    await writeFile(huge, '# nothing here\n'.repeat(2_000_000), { mode: 0o600 });
    await appendFile(huge, `${'x'.repeat(2_000_000)}\n127.0.0.1:${port}:replication:replicator:\u001B[2J`);
    await own(huge);
    for (const PGPASSFILE of [fifo, folder, '/dev/zero', '/dev/tty', huge, '/proc/self/mem', '\u001B[2J\n']) {
      await behaves(to(port, '-D', join(folder, 'standby')), { env: { PGPASSFILE } }, { exits: [0, 1, 3] });
    }
    for (const PGSERVICEFILE of [fifo, '/dev/zero', folder])
      await behaves(to(port, '-D', join(folder, 'standby')), { env: { PGSERVICEFILE } }, { exits: [0, 1, 3] });
    for (const [name, value] of Object.entries({
      PGSSLROOTCERT: fifo,
      PGSSLCERT: fifo,
      PGSSLKEY: fifo,
      PGSSLCRL: fifo,
    }))
      await behaves(to(port, '-D', join(folder, 'standby')), { env: { [name]: value } }, { exits: [0, 1, 3] });
  });
});

describe('the primary goes away in the middle', () => {
  test.each(['SIGSTOP', 'SIGKILL'] as const)('%s when it has said its first word', async (signal) => {
    const primary = await aPrimary({
      hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
    });
    const place = await aPlaceForAStandby();
    const pid = (await primary.server.processId()) ?? 0;
    // all of its processes: the postmaster alone would let the sessions go on
    const strike = (which: NodeJS.Signals): void => {
      const children = spawnSync('sh', ['-c', `cat /proc/${pid}/task/*/children`], { encoding: 'utf8' }).stdout;
      for (const one of [
        pid,
        ...children
          .split(/\s+/u)
          .filter((id) => id !== '')
          .map(Number),
      ]) {
        try {
          process.kill(one, which);
        } catch {
          // gone already
        }
      }
    };
    for (const after of [1, 2, 3, 5, 8]) {
      let seen = 0;
      let struck = false;
      const port = await aServer((client) => {
        const upstream = connectTo(primary.server.port, '127.0.0.1');
        upstream.on('error', () => client.destroy());
        client.on('close', () => upstream.destroy());
        client.on('data', () => {
          seen += 1;
          if (seen > after && !struck) {
            struck = true;
            strike(signal);
          }
        });
        client.pipe(upstream).pipe(client);
      });
      const report = await behaves(
        to(port, '-D', place.dataDirectory, ...overAdmin(port)),
        { on: place },
        { exits: [0, 1, 3], formats: ['json'] },
      );
      expect(report.verdict).not.toBe('ready');
      if (signal === 'SIGSTOP') strike('SIGCONT');
      else {
        break;
      }
    }
  });

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

async function listenOn(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  await chmod(path, 0o666);
}
