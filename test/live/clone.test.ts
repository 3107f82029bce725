import { access, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

import { asUser } from '../../src/throwaway/os-user.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { afterwards } from '../lab/lifetime.ts';
import { rowArrives, untilStreaming } from '../lab/pair.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { processesIn } from '../lab/processes.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));

/** The command line of the guides, with the checkpoint that does not wait. */
const words = (primary: Primary, directory: string, more: readonly string[] = []): readonly string[] => [
  'clone',
  ...primary.connection,
  '-D',
  directory,
  '-R',
  '-X',
  'stream',
  '-c',
  'fast',
  ...more,
];

const clone = async (
  primary: Primary,
  place: ThrowawayServer,
  more: readonly string[] = [],
): Promise<StandbylintResult> => cloneUnaided(primary, place, ['--admin', primary.admin, ...more]);

/** Without --admin: what the replication role cannot see stays unexamined. */
const cloneUnaided = async (
  primary: Primary,
  place: ThrowawayServer,
  more: readonly string[] = [],
): Promise<StandbylintResult> =>
  runStandbylint(words(primary, place.dataDirectory, more), { on: place, env: { PGPASSWORD: primary.password } });

const isThere = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Some rows, so that there is something to count and to copy. */
const withRows = async ({ server }: Primary, rows = 5000): Promise<void> => {
  await server.psql(
    `CREATE TABLE accounts AS SELECT g AS id, repeat('x', 400) AS note FROM generate_series(1, ${rows}) g; CHECKPOINT`,
  );
};

/** Starts standbylint and comes back while pg_basebackup is in the middle of the copy. */
async function slowly(
  primary: Primary,
  place: ThrowawayServer,
  more: readonly string[] = [],
  directory = place.dataDirectory,
) {
  const child = execa(
    process.execPath,
    [program, ...words(primary, directory, ['--admin', primary.admin, '-r', '1M', ...more])],
    {
      ...asUser(place.runAs),
      cwd: place.folder,
      env: { ...place.environment, PGPASSWORD: primary.password },
      extendEnv: false,
      reject: false,
      timeout: 60_000,
    },
  );
  await until('pg_basebackup is in the middle', async () => {
    const listed = await readdir(join(directory, 'base')).catch(() => []);
    return listed.length > 0 ? true : null;
  });
  // in an object: an async function would wait for a child that can be waited for
  return { child };
}

onReleasesInTurn((release) => {
  test('copies and verifies, and what it made becomes a standby', async () => {
    const primary = await aPrimary({ release });
    const place = await aPlaceForAStandby({ release });
    const result = await clone(primary, place);
    expect(result.stderr).toBe('');
    expect(result.stdout).toContain('✔ Copied');
    expect(result.stdout).toContain('every file is as backup_manifest says');
    expect(result.stdout).toMatch(/standby\.signal +there/u);
    expect(result.stdout).toMatch(/primary_conninfo .*host=127\.0\.0\.1/u);
    expect(result.stdout).not.toContain(primary.password);
    expect(result.exitCode).toBe(0);
    await place.listenLocally();
    await place.start();
    await untilStreaming(place);
    await rowArrives(primary.server, place);
  });

  test('--start proves that it streams, and a row arrives', async () => {
    const primary = await aPrimary({ release });
    await withRows(primary);
    const place = await aPlaceForAStandby({ release });
    const result = await clone(primary, place, ['--start']);
    expect(result.stdout).toContain('✔ It streams');
    expect(result.stdout).toMatch(/pg_is_in_recovery\(\) +false +true/u);
    expect(result.stdout).toMatch(/WAL sender, WAL receiver +streaming +→ +streaming/u);
    expect(result.stdout).toMatch(/LSN written, replayed +([0-9A-F]+\/[0-9A-F]+) +(?:= +\1|≤ )/u);
    expect(result.stdout).toMatch(/timeline +1 +=  *1/u);
    expect(result.stdout).toMatch(/rows of public\.accounts +5,000 +=  *5,000/u);
    const picture = result.stdout.slice(result.stdout.indexOf('✔ It streams'));
    for (const line of picture.split('\n')) expect(Array.from(line).length).toBeLessThanOrEqual(80);
    expect(result.exitCode).toBe(0);
    await rowArrives(primary.server, place);
  });

  test('--format json prints the steps, and nothing else on standard output', async () => {
    const primary = await aPrimary({ release });
    await withRows(primary);
    const place = await aPlaceForAStandby({ release });
    const result = await clone(primary, place, ['--start', '--format', 'json']);
    expectValidReport(result.json);
    expect(result.json).toMatchObject({ command: 'clone', verdict: 'ready' });
    expect(result.json.steps?.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['copy', 'done'],
      ['verify', 'done'],
      ['start', 'done'],
      ['stream', 'done'],
    ]);
    const details = result.json.steps?.at(-1)?.details ?? [];
    expect(details).toContainEqual(expect.objectContaining({ label: 'proof', source: 'pg_stat_wal_receiver' }));
    expect(details).toContainEqual(
      expect.objectContaining({ label: 'standby: rows of public.accounts', value: '5,000' }),
    );
    expect(result.json.subject.standby).toMatch(/^port \d+ in /u);
    expect(result.stdout + result.stderr).not.toContain(primary.password);
    expect(result.stderr).toContain('✔ Copied');
    expect(result.exitCode).toBe(0);
  });

  test('a standby that lets nobody in is proved from outside', async () => {
    const primary = await aPrimary({ release, settings: { hot_standby: 'off' } });
    const [one, other] = [await aPlaceForAStandby({ release }), await aPlaceForAStandby({ release })];
    const seen = await clone(primary, one, ['--start', '--format', 'json']);
    expect(proofOf(seen)).toBe('pg_stat_replication');
    const blind = await aPrimary({ release, settings: { hot_standby: 'off' }, hba: onlyReplication });
    const unseen = await cloneUnaided(blind, other, ['--start', '--format', 'json']);
    expect(proofOf(unseen)).toBe("the standby's log");
  });

  test('an --admin that leads to another cluster stops it before anything is copied', async () => {
    const primary = await aPrimary({ release });
    const foreign = await aPrimary({ release });
    const place = await aPlaceForAStandby({ release });
    const { json, exitCode } = await cloneUnaided(primary, place, [
      '--admin',
      foreign.admin,
      '--start',
      '--format',
      'json',
    ]);
    expect([json.verdict, exitCode, json.findings[0]?.rule]).toEqual(['blocked', 1, 'network/admin-elsewhere']);
    expect(json.steps?.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'skipped', 'skipped']);
    expect(await isThere(join(place.dataDirectory, 'base'))).toBe(false);
  });

  test('an interrupt ends the whole copy, tells what is left, and the printed mv clears the way', async () => {
    const primary = await aPrimary({ release });
    await withRows(primary, 20_000);
    const place = await aPlaceForAStandby({ release });
    const { child } = await slowly(primary, place);
    child.kill('SIGINT');
    const result = await child;
    expect(result.exitCode).toBe(130);
    expect(result.stdout).toContain('interrupted');
    expect(result.stderr).toBe('');
    const move = /standby\$ (mv .+)$/mu.exec(result.stdout)?.[1] ?? 'false';
    expect(await processesIn(place.folder)).toEqual([]);
    expect(await isThere(join(place.dataDirectory, 'base'))).toBe(true);
    expect((await place.run('sh', ['-c', move])).exitCode).toBe(0);
    expect(await isThere(place.dataDirectory)).toBe(false);
    expect(await isThere(`${place.dataDirectory}.unfinished`)).toBe(true);
    expect((await clone(primary, place)).exitCode).toBe(0);
  });

  test('a primary that stops in the middle is named, and nothing is left of the copy', async () => {
    const primary = await aPrimary({ release });
    await withRows(primary, 20_000);
    const place = await aPlaceForAStandby({ release });
    const { child } = await slowly(primary, place, ['--format', 'json']);
    await primary.server.stop('immediate');
    const result = await child;
    expect(result.exitCode).toBe(1);
    const report = JSON.parse(result.stdout);
    expectValidReport(report);
    expect(report.verdict).toBe('blocked');
    expect(report.steps).toHaveLength(1);
    const details: readonly { label: string; value: string }[] = report.steps[0].details;
    expect(details.find(({ label }) => label === 'first error')?.value, result.stderr).toMatch(
      /immediate shutdown|terminat|closed the connection|could not|unexpected/u,
    );
    expect(details.find(({ label }) => label === 'meaning')?.value).toMatch(/primary (?:was stopped|went down)/u);
    expect(result.stderr).not.toMatch(/^ +at .*\.js/mu);
    expect(await isThere(join(place.dataDirectory, 'base'))).toBe(false);
    expect(await processesIn(place.folder)).toEqual([]);
  });

  test('a file system that fills while it copies is named', async (context) => {
    if (process.getuid?.() !== 0 || process.platform !== 'linux') {
      if (process.env['CI'] === 'true') throw new Error('This test mounts a file system: it must run as root in CI.');
      context.skip('only root can mount the small file system that this is about');
    }
    const primary = await aPrimary({ release });
    await withRows(primary, 20_000);
    const place = await aPlaceForAStandby({ release });
    const mount = place.folder + '/small';
    await mkdir(mount);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', mount]);
    afterwards(async () => {
      await execa('umount', ['-l', mount]);
    });
    if (place.runAs !== null) await chown(mount, place.runAs.uid, place.runAs.gid);
    const { child } = await slowly(primary, place, [], `${mount}/data`);
    await execa('sh', ['-c', `head -c 400M /dev/zero > ${mount}/filler`], { reject: false });
    const result = await child;
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('No space left on device');
    expect(result.stdout).toContain('target/disk-space');
  });

  test('--dry-run prints commands that work as printed, and runs none', async () => {
    const primary = await aPrimary({ release });
    const place = await aPlaceForAStandby({ release });
    const result = await clone(primary, place, ['--start', '--dry-run']);
    expect(result.exitCode).toBe(0);
    expect(await isThere(place.dataDirectory)).toBe(false);
    const commands = [...result.stdout.matchAll(/^ {2}standby\$ (.+)$/gmu)].map(([, command]) => command ?? '');
    expect(commands).toHaveLength(3);
    const environment = { PGPASSWORD: primary.password };
    for (const command of commands) {
      const ran = await place.run('sh', ['-c', `${command} >>out 2>&1 </dev/null`], { environment });
      expect(ran.exitCode, `${command}\n${await readFile(join(place.folder, 'out'), 'utf8')}`).toBe(0);
    }
    await untilStreaming(place);
  });

  test('archives are verified as far as this release can, and nothing claims that they could start', async () => {
    const primary = await aPrimary({ release });
    const place = await aPlaceForAStandby({ release });
    const result = await clone(primary, place, ['-Ft']);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/archives +base\.tar, pg_wal\.tar/u);
    expect(result.stdout).toMatch(
      release.major >= 18
        ? /every file is as backup_manifest says/u
        : /not run: pg_verifybackup reads archives only in/u,
    );
  });

  test('a server that does not start: its own last words, and exit status 1', async () => {
    const primary = await aPrimary({ release });
    const place = await aPlaceForAStandby({ release });
    const result = await clone(primary, place, ['--start', '--server-options', '-c max_connections=5']);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('✖ The server did not start');
    expect(result.stdout).toMatch(
      /first error +.*(?:insufficient parameter settings|lower setting than on the master)/u,
    );
    expect(result.stdout).toContain('target/configuration-lower-than-primary');
    expect(await processesIn(place.folder)).toEqual([]);
  });
});

const onlyReplication = ['host replication replicator 127.0.0.1/32 scram-sha-256'];

const proofOf = (result: StandbylintResult): string | undefined =>
  result.json.steps?.find(({ name }) => name === 'stream')?.details.find(({ label }) => label === 'proof')?.source;

// most of its time is the wait for what does not come: the releases wait side by side
describe('a network that dies in the middle', () => {
  onReleasesInTurn((release) => {
    test('ends the copy, and what is left is told', { timeout: 120_000 }, async () => {
      const hba = ['host replication replicator 127.0.0.1/32 scram-sha-256'];
      const primary = await aPrimary({ release, hba, lifetime: 'file' });
      await withRows(primary, 60_000);
      const place = await aPlaceForAStandby({ release, lifetime: 'file' });
      const cable = await aCable(primary.server.port, 12 << 20);
      const options = ['-h', '127.0.0.1', '-p', String(cable), '-U', primary.role, '-D', place.dataDirectory];
      const result = await runStandbylint(
        ['clone', '--timeout', '1', '--admin', primary.admin, ...options, '-R', '-c', 'fast', '-r', '4M'],
        { on: place, env: { PGPASSWORD: primary.password }, timeoutMs: 100_000 },
      );
      expect(result.exitCode, result.stdout + result.stderr).toBe(1);
      expect(result.stdout).toContain('the primary sent nothing for 24 s');
      expect(result.stdout).toContain('move it aside');
      expect(await isThere(place.dataDirectory)).toBe(true);
      expect(await processesIn(place.folder)).toEqual([]);
    });
  });
});

describe('what does not depend on the release', () => {
  test(
    'a standby that runs and does not stream is told after its time, with the end of its log',
    { timeout: 120_000 },
    async () => {
      const primary = await aPrimary();
      const place = await aPlaceForAStandby();
      const elsewhere = "-c primary_conninfo='host=127.0.0.1 port=1'";
      const result = await clone(primary, place, ['--start', '--timeout', '1', '--server-options', elsewhere]);
      afterwards(async () => place.stop());
      expect(result.stdout).toContain('✖ It does not stream');
      expect(result.stdout).toMatch(/could not connect to the primary server/u);
      expect(result.stdout).toContain(`stop -D ${place.dataDirectory}`);
      expect(result.exitCode).toBe(1);
    },
  );

  test('the password is in no process list, wherever it comes from', async () => {
    const primary = await aPrimary();
    await withRows(primary, 10_000);
    const { password } = primary;
    // our own command line is the user's (and for a moment that of a process that we are about to become): what is
    // looked for is what we make of it
    const port = String(primary.server.port);
    const ways = [
      { args: primary.connection, env: { PGPASSWORD: password } },
      { args: primary.connection, env: { PGPASSFILE: 'passfile' } },
      {
        args: ['-d', `host=127.0.0.1 port=${port} user=${primary.role} password='${password}'`],
        env: {},
      },
    ];
    for (const way of ways) {
      const place = await aPlaceForAStandby();
      const passfile = join(place.folder, 'passfile');
      await writeFile(passfile, `127.0.0.1:${port}:replication:${primary.role}:${password}\n`, { mode: 0o600 });
      if (place.runAs !== null) await chown(passfile, place.runAs.uid, place.runAs.gid);
      const env = 'PGPASSFILE' in way.env ? { PGPASSFILE: passfile } : way.env;
      const child = execa(
        process.execPath,
        [
          program,
          'clone',
          ...way.args,
          '-D',
          place.dataDirectory,
          '-R',
          '-c',
          'fast',
          '-r',
          '8M',
          '--admin',
          primary.admin,
        ],
        {
          ...asUser(place.runAs),
          cwd: place.folder,
          env: { ...place.environment, ...env },
          extendEnv: false,
          reject: false,
        },
      );
      const seen = new Set<string>();
      const look = async (): Promise<void> => {
        for (const line of await processesIn(place.folder)) if (!line.includes(program)) seen.add(line);
      };
      const looking = setInterval(() => void look(), 30);
      const result = await child;
      clearInterval(looking);
      expect(result.exitCode, result.stdout).toBe(0);
      expect([...seen].some((line) => line.includes('pg_basebackup'))).toBe(true);
      expect([...seen].filter((line) => line.includes(password))).toEqual([]);
      expect(result.stdout + result.stderr).not.toContain(password);
    }
  });

  test('a finding at error keeps everything from being touched', async () => {
    const primary = await aPrimary();
    const place = await aPlaceForAStandby();
    await place.run('mkdir', ['-m', '0700', place.dataDirectory]);
    await place.run('sh', ['-c', `echo mine > ${place.dataDirectory}/file`]);
    const before = await stat(join(place.dataDirectory, 'file'));
    const result = await clone(primary, place, ['--format', 'json', '--start']);
    expectValidReport(result.json);
    expect(result.json.findings[0]?.rule).toBe('target/not-empty');
    expect(result.json.steps?.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'skipped', 'skipped']);
    expect(result.exitCode).toBe(1);
    expect((await stat(join(place.dataDirectory, 'file'))).mtimeMs).toBe(before.mtimeMs);
    expect(await readdir(place.dataDirectory)).toEqual(['file']);
  });

  test.each([
    [['--start', '-Ft'], '--start needs a data directory'],
    [['--server-options', '-p 5433'], '--server-options applies to the server that --start starts'],
  ])('%j is a call that nobody could follow', async (more, sentence) => {
    const result = await runStandbylint(['clone', '-h', '127.0.0.1', '-D', '/nonexistent/x', '-R', ...more]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(sentence);
  });

  test('--start without -R would make a second primary', async () => {
    const result = await runStandbylint(['clone', '-h', '127.0.0.1', '-D', '/nonexistent/x', '--start']);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('--start needs -R');
  });
});

/** A TCP port that leads to another one, until that many bytes have come through: then it is cut, and neither end hears of it. */
async function aCable(port: number, cutAfterBytes: number): Promise<number> {
  const sockets = new Set<Socket>();
  let through = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      through += chunk.length;
      if (through < cutAfterBytes) near.write(chunk);
    });
    far.on('end', () => {
      if (through < cutAfterBytes) near.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  afterwards(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  }, 'file');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
