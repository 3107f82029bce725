import { chmod, chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { checks } from '../../src/checks/registry.ts';
import type { Surroundings } from '../../src/checks/check.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import type { ThrowawayServer } from '../../src/demo/throwaway-server.ts';
import type { Recovery, Report } from '../../src/facts/report.ts';
import { noAnswer } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { formatLsn } from '../../src/postgres/lsn.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { factsOf, postmortemOf } from '../checks/standby-surroundings.ts';
import { aPair, aStandby, rowArrives, untilStreaming } from '../lab/pair.ts';
import { aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { onEachRelease } from '../lab/releases.ts';
import { runStep } from '../lab/remedy.ts';
import { until } from '../lab/until.ts';

async function surroundingsOf(standby: ThrowawayServer, primary: Primary | undefined): Promise<Surroundings> {
  const surroundings = { ...postmortemOf(standby.dataDirectory), now: () => new Date() };
  if (primary === undefined || surroundings.subject.command !== 'postmortem') return surroundings;
  const given = { conninfo: primary.admin, host: undefined, port: undefined, user: undefined };
  const admin = await resolveConnection(localHost(), given, { replication: false });
  if (!admin.ok) throw new Error(admin.message);
  return { ...surroundings, subject: { ...surroundings.subject, admin: admin.connection } };
}

/** A post-mortem; with a primary, its superuser is --admin. */
async function postmortem(standby: ThrowawayServer, primary?: Primary): Promise<Report> {
  const surroundings = await surroundingsOf(standby, primary);
  return (await diagnose(catalogue, checks, surroundings, { version: '0', acceptUnexamined: [] })).report;
}

const errors = ({ findings }: Report): readonly string[] =>
  findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null).map(({ rule }) => rule);

function recoveryIn(report: Report): Recovery {
  if (report.recovery === null) throw new Error(`no recovery: ${report.verdict}, ${JSON.stringify(report.findings)}`);
  return report.recovery;
}

/** Does what is printed, and proves that the standby streams and is well. */
async function comesBack(report: Report, primary: Primary, standby: ThrowawayServer): Promise<void> {
  for (const step of recoveryIn(report).steps) {
    const { exitCode, output } = await runStep(step, {
      primary: primary.server,
      standby,
      password: primary.password,
      byHand: () => Promise.resolve(),
    });
    if (exitCode !== 0) throw new Error(`${step.text}\nended with ${exitCode}:\n${output}`);
  }
  await untilStreaming(standby);
  await rowArrives(primary.server, standby);
  expect(errors(await postmortem(standby, primary))).toEqual([]);
}

const promote = (standby: ThrowawayServer) => standby.program('pg_ctl', ['promote', '-D', standby.dataDirectory, '-w']);

const write = (server: ThrowawayServer, table: string, rows = 20_000) =>
  server.query(`CREATE TABLE ${table} AS SELECT generate_series(1, ${rows}) AS id`);

/** Another segment each time, and then the old ones are gone as far as nothing keeps them. */
async function passSegments(primary: ThrowawayServer, count: number): Promise<void> {
  for (let segment = 0; segment < count; segment += 1) {
    await primary.query(`SELECT pg_logical_emit_message(false, 'test', repeat('x', 100000))`);
    await primary.query('SELECT pg_switch_wal()');
  }
  await primary.query('CHECKPOINT');
}

async function asServerUser(server: ThrowawayServer, path: string): Promise<void> {
  const { uid, gid } = await stat(server.dataDirectory);
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}

async function repoint(
  standby: ThrowawayServer,
  primary: Primary,
  port: number,
  password = `password='${primary.password}'`,
): Promise<void> {
  const conninfo = `host=127.0.0.1 port=${port} user=${primary.role} ${password}`;
  await standby.configure({ primary_conninfo: conninfo });
  const auto = join(standby.dataDirectory, 'postgresql.auto.conf');
  await writeFile(auto, '');
}

/** A promoted standby in the place of the primary that it had. */
const asPrimary = (server: ThrowawayServer, { role, password }: Primary): Primary => ({
  server,
  role,
  password,
  admin: `host=${server.folder} port=${server.port} user=postgres dbname=postgres`,
  connection: [],
  conninfo: `host=127.0.0.1 port=${server.port} user=${role}`,
});

const lean = { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' };
// pg_rewind asks its source with a query that may be compiled, for which not every build of these releases has its libraries
const rewindable = { wal_log_hints: 'on', wal_keep_size: '512MB', jit: 'off' };

onEachRelease((release) => {
  describe('the connection to the primary', () => {
    const isRoot = process.getuid?.() === 0;

    /** Its primary_conninfo names a password file, and whoever looks has the right password in the environment. */
    async function withPassfile(mode: number, owner: 'server' | 'root') {
      const { primary, standby } = await aPair({ release, standby: { started: false } });
      const path = join(standby.folder, 'pgpass');
      await writeFile(path, `*:*:replication:${primary.role}:${primary.password.replaceAll(':', String.raw`\\:`)}\n`);
      await chmod(path, mode);
      if (owner === 'server') await asServerUser(standby, path);
      await repoint(standby, primary, primary.server.port, `passfile='${path}'`);
      const host = { ...localHost(), environment: { ...process.env, PGPASSWORD: primary.password } };
      return { primary, standby, path, surroundings: postmortemOf(standby.dataDirectory, host) };
    }

    test("goes by the server's password file", async () => {
      const { surroundings } = await withPassfile(0o600, 'server');
      const { replicationLogin, connectionPlan } = await factsOf(surroundings, ['replicationLogin', 'connectionPlan']);
      expect(replicationLogin).toMatchObject({ status: 'seen', value: { outcome: { accepted: true } } });
      expect(connectionPlan).toMatchObject({ value: { password: { from: 'passfile' } } });
    });

    test('a password in the environment of whoever looks is not that of the server', async () => {
      const { surroundings, path } = await withPassfile(0o644, 'server');
      const { replicationLogin, connectionPlan } = await factsOf(surroundings, ['replicationLogin', 'connectionPlan']);
      expect(replicationLogin).toMatchObject({
        value: { outcome: { accepted: false, decisive: { outcome: { kind: 'client-stopped', why: 'no-password' } } } },
      });
      expect(connectionPlan).toMatchObject({
        value: { password: { from: 'none', passfile: { path, state: { kind: 'ignored', why: 'mode' } } } },
      });
    });

    test.runIf(isRoot)('a password file that only root may read is none for the server', async () => {
      const { surroundings } = await withPassfile(0o600, 'root');
      const { connectionPlan } = await factsOf(surroundings, ['connectionPlan']);
      expect(connectionPlan).toMatchObject({
        value: { password: { passfile: { state: { kind: 'ignored', why: 'unreadable' } } } },
      });
    });

    test('somebody else cannot say how the login of the server would end', async () => {
      const { surroundings, path } = await withPassfile(0o600, 'server');
      const { host } = surroundings;
      const account = { uid: 54_321, gid: 54_321, name: 'somebody', home: '/nonexistent' };
      const read: typeof host.read = (file, options) =>
        file === path ? Promise.resolve(noAnswer('EACCES', 'permission denied')) : host.read(file, options);
      const looking = { ...surroundings, host: { ...host, account, read } };
      const { replicationLogin } = await factsOf(looking, ['replicationLogin']);
      expect(replicationLogin).toMatchObject({
        status: 'unseen',
        why: {
          kind: 'permission',
          because: expect.stringContaining(path),
          remedy: expect.stringMatching(/^run this as \S+ or as root$/u),
        },
      });
    });
  });

  describe('the end of the WAL', () => {
    test('is where the servers say it is', async () => {
      const { primary, standby } = await aPair({ release });
      await write(primary.server, 'rows', 5_000);
      await standby.stop();
      const [row] = await primary.server.query('SELECT pg_current_wal_flush_lsn() AS lsn');
      const { timelines } = await factsOf(await surroundingsOf(standby, primary), ['timelines']);
      expect(timelines).toMatchObject({
        status: 'seen',
        value: { local: { positionFrom: 'the WAL files', checkpoint: { inLocalWal: true, inUpstreamWal: true } } },
      });
      if (timelines?.status === 'seen') expect(formatLsn(timelines.value.local.position)).toBe(row?.['lsn']);
    });
  });

  describe('a healthy standby', () => {
    test('has no error: streaming, stopped, as a cascade', async () => {
      const { primary, standby } = await aPair({ release });
      const below = await aStandby(asPrimary(standby, primary));
      await write(primary.server, 'rows');
      for (const one of [standby, below]) expect(errors(await postmortem(one))).toEqual([]);
      expect(errors(await postmortem(standby, primary))).toEqual([]);
      await below.stop();
      expect((await postmortem(below, asPrimary(standby, primary))).recovery).toBeNull();
    });
  });

  describe('histories that have parted', () => {
    test('promoted: pg_rewind serves', async () => {
      const { primary, standby } = await aPair({ release, settings: rewindable });
      await promote(standby);
      await write(standby, 'mine');
      const report = await postmortem(standby, primary);
      expect(errors(report)).toEqual(['standby/already-primary']);
      const [row] = await standby.query(`SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn AS bytes`);
      const fork = /part at ([0-9A-F/]+)/u.exec(recoveryIn(report).because)?.[1] ?? '';
      const [parted] = await standby.query(`SELECT '${fork}'::pg_lsn - '0/0'::pg_lsn AS bytes`);
      expect(recoveryIn(report)).toMatchObject({
        way: 'rewind',
        bytes: Number(row?.['bytes']) - Number(parted?.['bytes']),
      });
      await comesBack(report, primary, standby);
    });

    test('promoted without a write', async () => {
      const { primary, standby } = await aPair({ release, settings: rewindable });
      await promote(standby);
      await standby.stop();
      const report = await postmortem(standby, primary);
      expect(errors(report)).toEqual(['standby/already-primary']);
      expect(recoveryIn(report).way).toBe('rewind');
      await comesBack(report, primary, standby);
    });

    test('promoted, and its WAL no longer goes back to the checkpoint before', async () => {
      const { primary, standby } = await aPair({ release, settings: { ...lean, wal_log_hints: 'on' } });
      await promote(standby);
      await passSegments(standby, 4);
      const report = await postmortem(standby, primary);
      expect(recoveryIn(report)).toMatchObject({
        way: 'new-copy',
        because: expect.stringMatching(/0000000100000000000000\d\d is not in pg_wal any more/u),
      });
      await comesBack(report, primary, standby);
    });

    test('promoted, without checksums and wal_log_hints', async () => {
      const { primary, standby } = await aPair({ release, settings: { wal_keep_size: '512MB' } });
      const [checksums] = await primary.server.query('SHOW data_checksums');
      if (checksums?.['data_checksums'] === 'on') return;
      await promote(standby);
      const { way, because } = recoveryIn(await postmortem(standby, primary));
      expect(way).toBe('new-copy');
      expect(because).toContain('data checksums off, wal_log_hints off');
    });

    test('on one timeline: started without standby.signal, and made a standby again', async () => {
      const { primary, standby } = await aPair({ release, settings: rewindable });
      await standby.stop();
      const signal = join(standby.dataDirectory, 'standby.signal');
      await rm(signal);
      await standby.start();
      await write(standby, 'mine');
      await standby.query('CHECKPOINT');
      await standby.stop();
      expect(errors(await postmortem(standby, primary))).toEqual(['standby/signal-missing']);
      await writeFile(signal, '');
      await asServerUser(standby, signal);
      await standby.start();
      const report = await postmortem(standby, primary);
      expect(errors(report)).toEqual(['timeline/diverged']);
      expect(recoveryIn(report)).toMatchObject({
        way: 'new-copy',
        because: expect.stringContaining('which is wrong here'),
      });
      const dry = await standby.run('pg_rewind', ['--version']);
      expect(dry.exitCode).toBe(0);
      await comesBack(report, primary, standby);
    });

    test('past the point where the new primary began', async () => {
      const { primary, standby } = await aPair({ release, settings: rewindable });
      const other = await aStandby(primary);
      await other.stop();
      await write(primary.server, 'only_here');
      await until('the row is there', async () => {
        const rows = await standby.query(`SELECT 1 AS one FROM pg_class WHERE relname = 'only_here'`);
        return rows.length > 0 ? true : null;
      });
      await primary.server.stop();
      await other.start();
      await promote(other);
      await write(other, 'elsewhere');
      await repoint(standby, primary, other.port);
      await standby.restart();
      const now = asPrimary(other, primary);
      const report = await postmortem(standby, now);
      expect(errors(report)).toEqual(['timeline/diverged']);
      expect(recoveryIn(report).way).toBe('rewind');
      await comesBack(report, now, standby);
    });

    test('before that point: it follows', async () => {
      const { primary, standby } = await aPair({ release });
      const other = await aStandby(primary);
      await standby.stop();
      await write(primary.server, 'later');
      await until('the row is there', async () => {
        const rows = await other.query(`SELECT 1 AS one FROM pg_class WHERE relname = 'later'`);
        return rows.length > 0 ? true : null;
      });
      await primary.server.stop();
      await promote(other);
      await repoint(standby, primary, other.port);
      const now = asPrimary(other, primary);
      const report = await postmortem(standby, now);
      expect(errors(report)).toEqual([]);
      expect(report.findings.map(({ rule }) => rule)).toContain('timeline/behind-primary-switch');
      await standby.configure({ recovery_target_timeline: 'current' });
      const held = await postmortem(standby, now);
      expect(errors(held)).toEqual(['timeline/behind-primary-switch']);
      await comesBack(held, now, standby);
    });

    test('another cluster', async () => {
      const { primary, standby } = await aPair({ release });
      const stranger = await aPrimary({ release });
      await repoint(standby, stranger, stranger.server.port);
      await standby.restart();
      const report = await postmortem(standby, stranger);
      expect(errors(report)).toEqual(['timeline/system-identifier-differs']);
      expect(recoveryIn(report).way).toBe('new-copy');
      expect(primary.server.port).not.toBe(stranger.server.port);
      await comesBack(report, stranger, standby);
    });
  });

  describe('WAL that the standby needs', () => {
    test('is on the primary: the bytes are predicted', async () => {
      const { primary, standby } = await aPair({ release, settings: { wal_keep_size: '512MB' } });
      await standby.stop();
      await write(primary.server, 'much', 500_000);
      await primary.server.query(`ALTER ROLE ${primary.role} NOLOGIN`);
      const [before] = await primary.server.query(`SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn AS bytes`);
      const report = await postmortem(standby, primary);
      expect(errors(report)).toEqual(['role/no-login']);
      const recovery = recoveryIn(report);
      expect(recovery.way).toBe('catch-up');
      const { timelines } = await factsOf(await surroundingsOf(standby, primary), ['timelines']);
      const position = timelines?.status === 'seen' ? Number(timelines.value.local.position) : 0;
      expect(recovery.bytes).toBeCloseTo(Number(before?.['bytes']) - position, -4);
      await standby.start();
      await comesBack(report, primary, standby);
    });

    test('was removed, and no archive has it', async () => {
      const { primary, standby } = await aPair({ release, settings: lean });
      await standby.stop();
      await passSegments(primary.server, 8);
      const report = await postmortem(standby, primary);
      expect(errors(report)).toEqual(['wal/segment-removed']);
      expect(recoveryIn(report).way).toBe('new-copy');
      await comesBack(report, primary, standby);
    });

    test('was removed, and lies where the primary archives to', async () => {
      const { primary, standby } = await aPair({ release, settings: lean });
      const archive = join(primary.server.folder, 'archive');
      await mkdir(archive);
      await chmod(archive, 0o755);
      await asServerUser(primary.server, archive);
      await primary.server.configure({ archive_mode: 'on', archive_command: `cp %p ${archive}/%f` });
      await primary.server.restart();
      await untilStreaming(standby);
      await standby.stop();
      await passSegments(primary.server, 8);
      await until('all is archived', async () => {
        const [row] = await primary.server.query(
          `SELECT count(*) AS ready FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'`,
        );
        return row?.['ready'] === '0' ? true : null;
      });
      await primary.server.query('CHECKPOINT');
      const report = await postmortem(standby, primary);
      expect(errors(report)).toEqual(['wal/segment-removed']);
      const { way, because } = recoveryIn(report);
      expect(way).toBe('from-archive');
      expect(because).toContain(archive);
      await comesBack(report, primary, standby);
      // with restore_command in place the archive is no longer a matter for a finding
      await standby.stop();
      await passSegments(primary.server, 8);
      await primary.server.query(`ALTER ROLE ${primary.role} NOLOGIN`);
      const again = await postmortem(standby, primary);
      expect(errors(again)).toEqual(['role/no-login']);
      expect(recoveryIn(again).way).toBe('from-archive');
      await standby.start();
      await comesBack(again, primary, standby);
    });

    test('was lost with the slot', async () => {
      const { primary, standby } = await aPair({
        release,
        settings: { ...lean, max_slot_wal_keep_size: '16MB' },
        standby: { slot: 'below' },
      });
      await standby.stop();
      await passSegments(primary.server, 8);
      const report = await postmortem(standby, primary);
      expect(errors(report)).toEqual(['slot/lost']);
      expect(recoveryIn(report).way).toBe('new-copy');
      await comesBack(report, primary, standby);
    });
  });

  describe('a history file that a trial promotion left in the archive', () => {
    test('leads away from the primary', async () => {
      const { primary, standby } = await aPair({ release });
      const archive = join(primary.server.folder, 'archive');
      await mkdir(archive);
      await chmod(archive, 0o777);
      await standby.stop();
      const [row] = await primary.server.query('SELECT pg_current_wal_flush_lsn() AS lsn');
      await writeFile(join(archive, '00000002.history'), `1\t${row?.['lsn'] ?? ''}\tno recovery target specified\n`);
      await asServerUser(standby, archive);
      await asServerUser(standby, join(archive, '00000002.history'));
      await standby.configure({ restore_command: `cp ${archive}/%f "%p"` });
      await standby.start();
      await write(primary.server, 'later');
      const report = await postmortem(standby, primary);
      expect(errors(report)).toEqual(['timeline/stray-history-file']);
      await comesBack(report, primary, standby);
    });
  });
});
