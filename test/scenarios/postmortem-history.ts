import { chmod, copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Cost, Report, Step } from '../../src/findings/report.ts';
import { aStandby, untilStreaming } from '../lab/pair.ts';
import { aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { until } from '../lab/until.ts';
import { archiveOf, archiveOn, asServerUser, passSegments, untilArchived, untilReplayed } from '../lab/wal.ts';
import { onlyRoot } from './here.ts';
import { own } from './pair-acts.ts';
import { resizeWal, smallFileSystemForWal, unmountWal } from './postmortem-mount.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** Nothing is kept that nobody asks for. */
const lean = { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' };
/** pg_rewind's query for the list of files is the first that wants JIT, whose library not every unpacked release can load. */
const rewindable = { wal_log_hints: 'on', wal_keep_size: '512MB', jit: 'off' };
const keeping = { wal_keep_size: '512MB' };

const walScenarios: readonly PostmortemScenario[] = [
  {
    rule: 'wal/segment-removed',
    name: 'no archive has it: a new copy',
    pair: { settings: lean },
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await passSegments(primary.server, 8);
      await keepMore(primary.server);
    },
    way: 'new-copy',
    follow: 'recovery',
    told: async (report) => {
      expect(recoveryIn(report).because).toMatch(/no longer has [0-9A-F]{24}: its oldest WAL begins at/u);
      expect(recoveryIn(report).bytes).toBeGreaterThan(0);
    },
  },
  {
    rule: 'wal/segment-removed',
    name: 'it lies where the primary archives to',
    pair: { settings: lean },
    fault: async (stage) => {
      await archiveOn(stage);
      await stage.standby.stop();
      await passSegments(stage.primary.server, 8);
      await untilArchived(stage.primary.server);
    },
    way: 'from-archive',
    follow: 'recovery',
    told: async (report, stage) => {
      await expectSegmentsNamed(report, stage);
      const { bytes } = recoveryIn(report);
      expectTwoWays(report, { first: 'restore_command', cost: { copyBytes: bytes, replayBytes: bytes } });
    },
  },
  {
    rule: 'wal/segment-removed',
    name: 'it lies where the primary archives to, and a new copy is made, at the rate of the last one',
    pair: { settings: lean, standby: { more: ['--max-rate=4096'] } },
    fault: async (stage) => {
      await archiveOn(stage);
      await stage.standby.stop();
      await passSegments(stage.primary.server, 8);
      await untilArchived(stage.primary.server);
      await keepMore(stage.primary.server);
    },
    way: 'from-archive',
    follow: 'alternative',
    told: async (report) => {
      expectTwoWays(report, { first: 'restore_command', cost: {} });
      const { because, cost } = report.findings[0]?.remedy?.alternatives?.[0] ?? {};
      const rate = (cost?.copyBytes ?? 0) / (cost?.downtimeSeconds ?? 0) / 1024;
      expect(rate).toBeGreaterThan(4096 / 1.5);
      expect(rate).toBeLessThan(4096 * 1.5);
      expect(because).toMatch(/to copy, about \d+ s at [34](?:\.\d+)? MB\/s, the speed of the last base backup/u);
    },
  },
  {
    rule: 'wal/segment-removed',
    name: 'it lies where the primary archives to, at the rate of an earlier replay',
    pair: { settings: lean },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      for (const command of [`sleep 0.6 && cp ${archiveOf(primary.server)}/%f "%p"`, '']) {
        await standby.configure({ restore_command: command });
        await standby.stop();
        await passSegments(primary.server, 8);
        await untilArchived(primary.server);
        if (command === '') continue;
        await standby.start();
        await untilStreaming(standby);
      }
    },
    way: 'from-archive',
    told: async (report) => {
      const { cost, alternatives } = report.findings[0]?.remedy ?? {};
      const secondsEach = ((cost?.downtimeSeconds ?? 0) / (cost?.replayBytes ?? 0)) * 16 * 1024 * 1024;
      expect(secondsEach).toBeGreaterThan(0.6);
      expect(secondsEach).toBeLessThan(3);
      expect(alternatives?.[0]?.because).toMatch(
        /The first: \d+ MB of WAL to fetch and replay, about \d+ s at [\d.]+ [kM]B\/s, the speed of an earlier replay in the log/u,
      );
    },
  },
  {
    rule: 'role/no-login',
    name: 'from the archive that restore_command reads',
    pair: { settings: lean },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      await standby.configure({ restore_command: `cp ${archiveOf(primary.server)}/%f "%p"` });
      await standby.stop();
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
      await primary.server.psql(`ALTER ROLE ${primary.role} NOLOGIN`);
    },
    way: 'from-archive',
    follow: 'recovery',
    told: expectSegmentsNamed,
  },
  {
    rule: 'role/no-login',
    name: 'all that it missed is on the primary: it catches up',
    pair: { settings: keeping },
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await write(primary.server, 'much', 500_000);
      await primary.server.psql(`ALTER ROLE ${primary.role} NOLOGIN`);
    },
    way: 'catch-up',
    follow: 'recovery',
    told: async (report, { primary, standby }) => {
      // where the standby's WAL ends, as its own server says once it runs again
      await standby.start();
      const [here] = await standby.query(
        `SELECT pg_last_wal_receive_lsn() IS NULL AS none, pg_last_wal_replay_lsn() - '0/0' AS at`,
      );
      await standby.stop();
      const [there] = await primary.server.query(`SELECT pg_current_wal_flush_lsn() - '0/0' AS at`);
      const missing = Number(there?.['at']) - Number(here?.['at']);
      expect(missing).toBeGreaterThan(16 * 1024 * 1024);
      expect(Math.abs((recoveryIn(report).bytes ?? 0) - missing)).toBeLessThan(missing / 10);
    },
  },
  {
    rule: 'role/no-login',
    name: 'nothing is lost: the cause is mended, and it streams',
    fault: async ({ primary, standby }) => {
      await primary.server.psql(`ALTER ROLE ${primary.role} NOLOGIN`);
      await standby.restart();
    },
    way: 'mend',
    follow: 'recovery',
  },
  {
    rule: 'wal/gap',
    name: 'a segment was deleted in pg_wal, and the primary no longer has it',
    pair: { settings: { ...lean, max_wal_size: '1GB', checkpoint_timeout: '1d' } },
    fault: async ({ primary, standby }) => {
      await passSegments(primary.server, 4, false);
      await untilReplayed(primary.server, standby);
      const [row] = await primary.server.query('SELECT pg_walfile_name(pg_current_wal_lsn()) AS name');
      await standby.stop();
      const wal = join(standby.dataDirectory, 'pg_wal');
      const segments = (await readdir(wal)).filter(
        (name) => /^[0-9A-F]{24}$/u.test(name) && name < (row?.['name'] ?? ''),
      );
      await rm(join(wal, segments.toSorted().at(-2) ?? ''));
      await primary.server.psql("ALTER SYSTEM SET max_wal_size = '32MB'");
      await primary.server.reload();
      await passSegments(primary.server, 4);
      await keepMore(primary.server);
    },
    way: 'new-copy',
    follow: 'recovery',
  },
  {
    rule: 'wal/gap',
    name: 'backup_label was put back into a standby that is past its backup',
    pair: { settings: lean },
    fault: async ({ primary, standby }) => {
      await passSegments(primary.server, 6);
      await untilReplayed(primary.server, standby);
      await standby.query('CHECKPOINT');
      await standby.stop();
      await primary.server.query('CHECKPOINT');
      await keepMore(primary.server);
      const label = join(standby.dataDirectory, 'backup_label');
      await copyFile(`${label}.old`, label);
      await own(standby, label);
    },
  },
  {
    rule: 'wal/disk-full',
    notHere: onlyRoot('mount a small file system'),
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await smallFileSystemForWal(standby, 40);
      await standby.start();
      await passSegments(primary.server, 4);
      await until('the standby cannot write', async () =>
        /No space left on device/u.test(await standby.log()) ? true : null,
      );
    },
    byHand: async (_step, { standby }) => resizeWal(standby, 400),
    cleanUp: async ({ standby }) => unmountWal(standby),
  },
];

const timelineScenarios: readonly PostmortemScenario[] = [
  {
    rule: 'timeline/system-identifier-differs',
    prepare: async (stage) => {
      const stranger = await aPrimary({ release: stage.release, lifetime: 'file', settings: keeping });
      stage.others.set('stranger', stranger.server);
      return { ...stage, primary: stranger };
    },
    fault: async ({ primary, standby }) => repoint(standby, primary),
    way: 'new-copy',
    follow: 'recovery',
  },
  {
    rule: 'timeline/diverged',
    name: 'past the point where the new primary began: pg_rewind',
    pair: { settings: rewindable },
    prepare: failedOver,
    fault: async ({ primary, standby }) => repoint(standby, primary),
    way: 'rewind',
    follow: 'recovery',
    told: async (report, { primary, standby }) => {
      await expectConditionsNamed(report);
      expectTwoWays(report, { first: 'pg_rewind', cost: {} });
      const { cost, alternatives } = report.findings[0]?.remedy ?? {};
      expect(cost?.replayBytes).toBeGreaterThan(0);
      expect(alternatives?.[0]?.cost.copyBytes).toBeGreaterThan(20_000_000);
      // the estimate beside what pg_rewind itself reckons
      await standby.stop();
      await primary.server.psql('CHECKPOINT');
      const [, megabytes] =
        /need to copy (\d+) MB/u.exec(await rewindSays(standby, primary, '--dry-run', '--progress')) ?? [];
      // with the history of the new timeline it does not start otherwise
      const ownTimeline = ['-o', '-c recovery_target_timeline=current'];
      await standby.program('pg_ctl', [
        'start',
        '-D',
        standby.dataDirectory,
        '-w',
        '-l',
        standby.logFile,
        ...ownTimeline,
      ]);
      const ratio = (cost?.copyBytes ?? 0) / (Number(megabytes) * 1024 * 1024);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    },
  },
  {
    rule: 'timeline/diverged',
    name: 'past the point where the new primary began: a new copy instead of pg_rewind',
    pair: { settings: rewindable },
    prepare: failedOver,
    fault: async ({ primary, standby }) => repoint(standby, primary),
    way: 'rewind',
    follow: 'alternative',
  },
  {
    rule: 'standby/signal-missing',
    name: 'started without it, and there is a new primary since: pg_rewind',
    pair: { settings: rewindable },
    prepare: failedOver,
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await rm(join(standby.dataDirectory, 'standby.signal'));
      await standby.start();
      await write(standby, 'mine');
      await standby.stop();
      await repoint(standby, primary, false);
    },
    way: 'rewind',
    told: async (report) => expectTwoWays(report, { first: 'pg_rewind', cost: {} }),
  },
  {
    rule: 'timeline/diverged',
    name: 'promoted, written to, and given standby.signal again: pg_rewind',
    pair: { settings: rewindable },
    fault: async ({ standby }) => {
      await promote(standby);
      await write(standby, 'mine');
      await standby.stop();
      await signal(standby);
      await standby.start();
    },
    way: 'rewind',
    follow: 'recovery',
    told: expectConditionsNamed,
  },
  {
    rule: 'timeline/diverged',
    name: 'both were promoted to timelines of the same number',
    pair: { settings: rewindable },
    prepare: failedOver,
    fault: async ({ primary, standby }) => {
      await promote(standby);
      await write(standby, 'mine');
      await standby.stop();
      await signal(standby);
      await repoint(standby, primary, false);
      // it cannot follow, and may be ahead or behind
      await write(primary.server, 'theirs', 200_000);
      await standby.start();
    },
    way: 'new-copy',
    told: async (report) => {
      expect(report.findings[0]?.message).toMatch(/is on another timeline of that number: two servers were promoted/u);
    },
  },
  {
    rule: 'timeline/diverged',
    name: 'neither checksums nor wal_log_hints: pg_rewind is refused',
    pair: { settings: keeping },
    prepare: async (stage) => failedOver(await withoutChecksums(stage)),
    fault: async ({ primary, standby }) => {
      await repoint(standby, primary);
      expect(await rewindSays(standby, primary, '--dry-run')).toMatch(
        /target server needs to use either data checksums or "wal_log_hints = on"/u,
      );
    },
    way: 'new-copy',
    follow: 'recovery',
    told: async (report) => {
      expect(recoveryIn(report).because).toContain(
        'pg_rewind cannot be used. It requires that data checksums or wal_log_hints are on: data checksums off, wal_log_hints off (pg_control).',
      );
      const conditions =
        report.findings[0]?.evidence.filter(({ label }) => label.startsWith('pg_rewind requires: ')) ?? [];
      expect(conditions.map(({ label }) => label)).toEqual(
        rewindConditions.map((name) => `pg_rewind requires: ${name}`),
      );
      expect(conditions.filter(({ value }) => !value.startsWith('yes: ')).map(({ label }) => label)).toEqual([
        'pg_rewind requires: data checksums or wal_log_hints are on',
      ]);
      expect(report.findings[0]?.remedy?.alternatives).toBeUndefined();
    },
  },
  {
    rule: 'timeline/diverged',
    name: 'killed: pg_rewind is refused, until it was started and stopped',
    pair: { settings: rewindable },
    prepare: failedOver,
    fault: async ({ primary, standby }) => {
      await repoint(standby, primary);
      await kill(standby);
      expect(await rewindSays(standby, primary)).toMatch(/standby mode is not supported by single-user servers/u);
    },
    way: 'rewind',
    follow: 'recovery',
    told: async (report) => {
      await expectConditionsNamed(report);
      expect(recoveryIn(report).conditions?.join('\n')).toMatch(
        /shut down cleanly: "in archive recovery" \(pg_control\), and no server is running: it ended without a shutdown\. It is started and stopped first/u,
      );
      const steps = recoveryIn(report).steps.map(
        ({ text }) => / (start|stop|pg_rewind|--target-pgdata)/u.exec(text)?.[1],
      );
      expect(steps.filter((step) => step !== undefined).slice(0, 3)).toEqual(['start', 'stop', '--target-pgdata']);
    },
  },
  {
    rule: 'timeline/diverged',
    name: 'killed, and its WAL is not whole: pg_rewind is refused',
    pair: { settings: rewindable },
    prepare: failedOver,
    fault: async ({ primary, standby }) => {
      await repoint(standby, primary);
      await kill(standby);
      const wal = join(standby.dataDirectory, 'pg_wal');
      const segments = (await readdir(wal)).filter((name) => /^[0-9A-F]{24}$/u.test(name)).toSorted();
      for (const name of segments) await writeFile(join(wal, name), Buffer.alloc(16 * 1024 * 1024));
    },
    way: 'new-copy',
    follow: 'recovery',
    told: async (report) =>
      expect(recoveryIn(report).because).toMatch(
        /(?:it needs|It requires) that the standby is shut down cleanly: "in archive recovery".*its WAL ends before the point where its files are consistent/u,
      ),
  },
  {
    rule: 'timeline/diverged',
    name: 'on one timeline, where pg_rewind says that nothing is required',
    pair: { settings: rewindable },
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await rm(join(standby.dataDirectory, 'standby.signal'));
      await standby.start();
      await write(standby, 'mine');
      await standby.stop();
      await signal(standby);
      expect(await rewindSays(standby, primary, '--dry-run')).toMatch(/^status 0\n.*no rewind required/su);
      await standby.tryStart();
    },
    way: 'new-copy',
    follow: 'recovery',
    told: async (report) => expect(recoveryIn(report).because).toContain('it would report that no rewind is required'),
  },
  {
    rule: 'timeline/diverged',
    name: 'on one timeline, where recovery stops at one place again and again',
    pair: { settings: keeping, standby: { settings: { wal_retrieve_retry_interval: '200ms' } } },
    admin: null,
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await rm(join(standby.dataDirectory, 'standby.signal'));
      await standby.start();
      await write(standby, 'mine', 100);
      await standby.stop();
      await write(primary.server, 'theirs');
      await signal(standby);
      await standby.tryStart();
      await until('recovery stops at one place again and again', async () => {
        const { length } =
          (await standby.log()).match(/LOG: {2}(?:invalid|record with|unexpected|there is no|incorrect)/gu) ?? [];
        return length >= 5 ? true : null;
      });
    },
    consequences: ['wal/invalid-record-loop'],
    way: 'new-copy',
    follow: 'recovery',
  },
  {
    rule: 'timeline/diverged',
    name: 'pg_resetwal was run on the standby',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.program('pg_resetwal', ['-f', '-D', standby.dataDirectory]);
      await standby.tryStart();
    },
    told: async ({ findings }) => expect(findings[0]?.title).toBe('pg_resetwal was run on the standby'),
    consequences: ['standby/not-running'],
    way: 'new-copy',
    follow: 'recovery',
  },
  {
    rule: 'timeline/behind-primary-switch',
    name: 'recovery_target_timeline keeps it from following',
    prepare: failedOverAhead,
    fault: async ({ primary, standby }) => {
      await standby.configure({ recovery_target_timeline: 'current' });
      await repoint(standby, primary);
    },
    follow: 'recovery',
  },
  {
    rule: 'role/no-login',
    name: 'and a new timeline, whose history comes over --admin',
    prepare: failedOverAhead,
    fault: async ({ primary, standby }) => {
      await repoint(standby, primary, false);
      await primary.server.psql(`ALTER ROLE ${primary.role} NOLOGIN`);
    },
    way: 'mend',
    follow: 'recovery',
    told: async (report) => expect(recoveryIn(report).because).toMatch(/on timeline 1, the primary .* on timeline 2/u),
  },
  {
    rule: 'standby/not-running',
    name: 'there is a new timeline since, and it will follow',
    prepare: failedOverAhead,
    fault: async ({ primary, standby }) => {
      await repoint(standby, primary, false);
    },
    way: 'mend',
    told: async (report) => {
      const rules = report.findings.map(({ rule, severity }) => `${severity} ${rule}`);
      expect(rules).toContain('warning timeline/behind-primary-switch');
      expect(rules.filter((rule) => rule.endsWith('timeline/diverged'))).toEqual([]);
    },
  },
  {
    rule: 'standby/already-primary',
    name: 'two servers of one cluster accept writes: pg_rewind',
    pair: { settings: rewindable },
    fault: async ({ standby }) => {
      await promote(standby);
      await write(standby, 'mine');
    },
    consequences: ['timeline/two-primaries', 'timeline/diverged'],
    way: 'rewind',
    follow: 'recovery',
    told: async (report, { standby }) => {
      await expectConditionsNamed(report);
      const { because, bytes } = recoveryIn(report);
      const [, fork = ''] = /diverge at ([0-9A-F/]+)/u.exec(because) ?? [];
      const [row] = await standby.query(`SELECT pg_current_wal_flush_lsn() - '${fork}'::pg_lsn AS thrown_away`);
      expect(String(bytes)).toBe(row?.['thrown_away']);
    },
  },
  {
    rule: 'standby/already-primary',
    name: 'promoted, and nothing was written: pg_rewind',
    pair: { settings: rewindable },
    fault: async ({ standby }) => {
      await promote(standby);
      await standby.stop();
    },
    way: 'rewind',
    follow: 'recovery',
  },
  {
    rule: 'standby/already-primary',
    name: 'promoted, and its WAL no longer goes back to the checkpoint before: a new copy',
    pair: { settings: { ...lean, wal_log_hints: 'on' } },
    fault: async ({ primary, standby }) => {
      await promote(standby);
      await passSegments(standby, 4);
      await keepMore(primary.server);
    },
    way: 'new-copy',
    follow: 'recovery',
    told: async (report) =>
      expect(recoveryIn(report).because).toMatch(/0000000100000000000000\d\d is no longer in pg_wal/u),
  },
  {
    rule: 'timeline/stray-history-file',
    name: 'a trial promotion left it in the archive',
    fault: async ({ primary, standby }) => {
      const archive = archiveOf(primary.server);
      await mkdir(archive);
      await chmod(archive, 0o777);
      await standby.stop();
      const [row] = await primary.server.query('SELECT pg_current_wal_flush_lsn() AS lsn');
      const file = join(archive, '00000002.history');
      await writeFile(file, `1\t${row?.['lsn'] ?? ''}\tno recovery target specified\n`);
      await asServerUser(standby, archive);
      await asServerUser(standby, file);
      await standby.configure({ restore_command: `cp ${archive}/%f "%p"` });
      await standby.start();
      await write(primary.server, 'later', 10_000);
    },
    follow: 'recovery',
  },
];

/** WAL and timelines: what the standby needs next and who has it, how its history stands to its primary's, and every way back. */
export const historyScenarios: readonly PostmortemScenario[] = [...walScenarios, ...timelineScenarios];

function recoveryIn({ recovery }: Report): NonNullable<Report['recovery']> {
  if (recovery === null) throw new Error('The report says nothing of how it comes back.');
  return recovery;
}

/** Two remedies that serve, with what each costs: the first fixes it with less, the other is a new copy. */
function expectTwoWays(
  report: Report,
  { first, cost }: { readonly first: string; readonly cost: Partial<Cost> },
): void {
  const remedy = report.findings[0]?.remedy;
  const other = remedy?.alternatives?.[0];
  const runs = (steps: readonly Step[] = [], what = ''): boolean => steps.some(({ text }) => text.includes(what));
  expect({ first: runs(remedy?.steps, first), other: runs(other?.steps, 'pg_basebackup') }).toEqual({
    first: true,
    other: true,
  });
  expect(runs(remedy?.steps, 'pg_basebackup')).toBe(false);
  expect(remedy?.cost).toMatchObject(cost);
  expect(other?.because).toMatch(/^There are two ways\. The first: .*\d (?:kB|MB).* The second: [\d.]+ MB to copy/u);
}

/** From the segment that the standby has only a part of to the last that the primary has removed. */
async function expectSegmentsNamed(report: Report, { primary }: PairStage): Promise<void> {
  const { because } = recoveryIn(report);
  const [, first = '', last = '', count] =
    /has ([0-9A-F]{24}) to ([0-9A-F]{24}) \((\d+) segments\)/u.exec(because) ?? [];
  const [row] = await primary.server.query(
    "SELECT min(name) AS oldest FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'",
  );
  const archived = (await readdir(archiveOf(primary.server))).filter(
    (name) => name >= first && name < (row?.['oldest'] ?? ''),
  );
  const segments = archived.filter((name) => /^[0-9A-F]{24}$/u.test(name)).toSorted();
  expect(because).toContain(archiveOf(primary.server));
  expect({ first, last, count }).toEqual({ first: segments[0], last: segments.at(-1), count: String(segments.length) });
}

/** How it ends, and what it prints. */
async function rewindSays(
  standby: ThrowawayServer,
  { admin }: Primary,
  ...options: readonly string[]
): Promise<string> {
  const { exitCode, stdout, stderr } = await standby.run(standby.programPath('pg_rewind'), [
    ...options,
    `--target-pgdata=${standby.dataDirectory}`,
    `--source-server=${admin}`,
  ]);
  return `status ${exitCode}\n${stdout}${stderr}`;
}

const rewindConditions = [
  'the two sides are on different timelines',
  'the histories have a common timeline',
  'data checksums or wal_log_hints are on',
  'full_page_writes is on',
  'the standby is shut down cleanly',
  'its WAL goes back to the last checkpoint before the histories diverge',
  'full_page_writes is on on the primary',
  'the primary can be the source server',
];

async function expectConditionsNamed(report: Report): Promise<void> {
  const { because, conditions = [] } = recoveryIn(report);
  expect(conditions.map((condition) => condition.replace(/: .*$/u, ''))).toEqual(
    expect.arrayContaining([...rewindConditions]),
  );
  expect(because).toMatch(
    /of WAL that exist only on the standby are discarded\. All conditions of pg_rewind are met\./u,
  );
}

const promote = (standby: ThrowawayServer): Promise<string> =>
  standby.program('pg_ctl', ['promote', '-D', standby.dataDirectory, '-w']);

const write = (server: ThrowawayServer, table: string, rows = 20_000): Promise<string> =>
  server.psql(`CREATE TABLE ${table} AS SELECT generate_series(1, ${rows}) AS id`);

/** From now on enough is kept, so that nothing is to be said of that. */
async function keepMore(primary: ThrowawayServer): Promise<void> {
  await primary.psql("ALTER SYSTEM SET wal_keep_size = '64MB'");
  await primary.reload();
}

async function signal(standby: ThrowawayServer): Promise<void> {
  const file = join(standby.dataDirectory, 'standby.signal');
  await writeFile(file, '');
  await asServerUser(standby, file);
}

/** primary_conninfo leads to that server, and the standby has read it. */
async function repoint(standby: ThrowawayServer, { server, role, password }: Primary, started = true): Promise<void> {
  await standby.configure({
    primary_conninfo: `host=127.0.0.1 port=${server.port} user=${role} password='${password}'`,
  });
  await writeFile(join(standby.dataDirectory, 'postgresql.auto.conf'), '');
  if (started) await standby.restart();
}

/** Every process of the server is gone at once. */
async function kill(standby: ThrowawayServer): Promise<void> {
  const pid = Number((await readFile(join(standby.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  process.kill(pid, 'SIGKILL');
  await until('the server is gone', async () => ((await standby.isRunning()) ? null : true));
}

/** The other standby is the primary now, without what the old primary gave to this one last. */
async function failedOver(stage: PairStage): Promise<PairStage> {
  const { primary, standby } = stage;
  const other = await anotherStandby(stage);
  await other.stop();
  await write(primary.server, 'only_here');
  await untilReplayed(primary.server, standby);
  await primary.server.stop();
  await other.start();
  return promoted(stage, other);
}

/** The other standby is the primary now, and has all that this one has. */
async function failedOverAhead(stage: PairStage): Promise<PairStage> {
  const { primary, standby } = stage;
  const other = await anotherStandby(stage);
  await standby.stop();
  await write(primary.server, 'later');
  await untilReplayed(primary.server, other);
  await primary.server.stop();
  return promoted(stage, other);
}

async function anotherStandby({ primary, others }: PairStage): Promise<ThrowawayServer> {
  const other = await aStandby(primary, {}, 'file');
  others.set('other', other);
  return other;
}

async function promoted(stage: PairStage, server: ThrowawayServer): Promise<PairStage> {
  const { role, password } = stage.primary;
  await promote(server);
  await write(server, 'elsewhere');
  return {
    ...stage,
    primary: {
      server,
      role,
      password,
      admin: `host=${server.folder} port=${server.port} user=postgres dbname=postgres`,
      connection: ['-h', '127.0.0.1', '-p', String(server.port), '-U', role],
      conninfo: `host=127.0.0.1 port=${server.port} user=${role}`,
    },
  };
}

/** initdb turns checksums on by default from 18 on. */
async function withoutChecksums(stage: PairStage): Promise<PairStage> {
  const { primary, standby } = stage;
  if (stage.release.major < 18) return stage;
  await standby.stop();
  await primary.server.stop();
  for (const server of [primary.server, standby])
    await server.program('pg_checksums', ['--disable', '-D', server.dataDirectory]);
  await primary.server.start();
  await standby.start();
  await untilStreaming(standby);
  return stage;
}
