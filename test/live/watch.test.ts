import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { aPair } from '../lab/pair.ts';
import { onEachRelease } from '../lab/releases.ts';
import { startProgram } from '../lab/running-program.ts';
import type { RunningProgram } from '../lab/running-program.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';

interface Line {
  readonly look: number;
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly status: number;
  readonly because: string | null;
  readonly changes: readonly {
    readonly change: 'new' | 'gone';
    readonly rule: string;
    readonly since: string;
    readonly at: string;
    readonly lastedMs: number | null;
  }[];
  readonly report: Report | null;
}

const linesOf = (run: RunningProgram): readonly Line[] => run.lines().map((line) => JSON.parse(line) as Line);

const untilLine = async (run: RunningProgram, what: string, fits: (line: Line) => boolean): Promise<Line> =>
  until(what, async () => linesOf(run).find(fits) ?? null, 60_000);

/** Rows that the tallest frame takes: a line that is wider than the window goes on in the next row. */
const tallest = (output: string, width: number): number =>
  Math.max(...output.split('\u001B[H').map((frame) => rowsOf(stripVTControlCharacters(frame), width)));

const rowsOf = (frame: string, width: number): number =>
  frame.split(/\r?\n/u).reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / width)), 0);

onEachRelease((release) => {
  test.skipIf(release.major !== 17)(
    'a root cause that comes and goes is told with its times; the files are those of the last look, and so is the status',
    { timeout: 180_000 },
    async () => {
      const { primary, standby } = await aPair({ release, settings: { wal_keep_size: '64MB' } });
      const at = await mkdtemp(join(tmpdir(), 'standbylint-watch-'));
      onTestFinished(async () => rm(at, { recursive: true }));
      await chmod(at, 0o777);
      const words = ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin];
      const files = ['--format', `prometheus=${at}/standby.prom`, '--format', `nagios=${at}/state`];
      const run = await startProgram([...words, '--watch', '1', '--format', 'json', ...files], standby.environment);
      const first = await untilLine(run, 'the first look', () => true);
      expect([first.report?.verdict, first.status, first.changes]).toEqual(['healthy', 0, []]);

      await primary.server.stop('immediate');
      const broken = await untilLine(run, 'the fault', ({ changes }) => changes.some(({ change }) => change === 'new'));
      const [fault] = broken.changes;
      expect([fault?.rule, fault?.since, broken.status]).toEqual(['network/connection-refused', broken.startedAt, 1]);
      await until('the file of Nagios', async () =>
        (await readFile(`${at}/state`, 'utf8')).startsWith('STANDBYLINT CRITICAL') ? true : null,
      );

      await primary.server.start();
      const whole = await untilLine(run, 'its end', ({ changes }) =>
        changes.some(({ change, rule }) => change === 'gone' && rule === fault?.rule),
      );
      const gone = whole.changes.find(({ rule }) => rule === fault?.rule);
      expect(gone?.since).toBe(fault?.since);
      expect(gone?.lastedMs).toBe(Date.parse(whole.startedAt) - Date.parse(broken.startedAt));
      await untilLine(run, 'health', ({ look, report }) => look > whole.look && report?.verdict === 'healthy');
      expect(await readFile(`${at}/standby.prom`, 'utf8')).toMatch(/standbylint_verdict\{.*verdict="healthy"\} 1/u);
      expect(await run.end('SIGINT')).toBe(0);

      // each look is numbered, none is left out, and they begin no faster than they were asked to
      const lines = linesOf(run);
      expect(lines.map(({ look }) => look)).toEqual(lines.map((_, index) => index + 1));
      const begins = lines.map(({ startedAt }) => Date.parse(startedAt));
      expect(Math.min(...begins.slice(1).map((begin, index) => begin - (begins[index] ?? 0)))).toBeGreaterThan(900);
    },
  );

  test.skipIf(release.major !== 17)('on a terminal', { timeout: 120_000 }, async () => {
    const { primary, standby } = await aPair({ release, settings: { wal_keep_size: '64MB' } });
    const words = ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--watch', '1'];
    const run = await startProgram(words, standby.environment, { terminal: true });
    await run.shows('HEALTHY', 30_000);
    await primary.server.writeHba(['host all all 127.0.0.1/32 scram-sha-256']);
    await primary.server.reload();
    await primary.server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
    await run.shows(/new, for \d+ s: /u);
    await primary.server.writeHba([
      'host all all 127.0.0.1/32 scram-sha-256',
      'host replication all 127.0.0.1/32 scram-sha-256',
    ]);
    await primary.server.reload();
    await run.shows(/gone after \d+ s: .*/u, 60_000);
    // no frame is taller than the window
    expect(tallest(run.output(), 90)).toBeLessThanOrEqual(30);

    // one that gets smaller is drawn at once
    const before = run.output().length;
    await run.resize(12, 60);
    await run.shows(/more lines: a taller window shows them/u);
    const [, ...smaller] = run.output().slice(before).split('\u001B[H');
    expect(tallest(smaller.at(-1) ?? '', 60)).toBeLessThanOrEqual(12);

    // a look that hangs is told while it hangs
    const [postmaster] = (await readFile(join(primary.server.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(postmaster), 'SIGSTOP');
    try {
      await run.shows(/the next one has been\s+running for \d+ s/u, 30_000);
    } finally {
      process.kill(Number(postmaster), 'SIGCONT');
    }
    expect(await run.end('SIGINT')).toBe(0);
    expect(run.output().trimEnd().endsWith('\u001B[?25h')).toBe(true);
  });
});

test.each([
  [['--fix', '--yes'], '--watch only looks'],
  [['--format', 'html'], '--watch prints a report with each look'],
  [['--watch', '0'], '--watch takes seconds, from 1 to 86400'],
])('--watch with %j is refused', async (words, message) => {
  const run = await runStandbylint(['postmortem', '-D', '/nonexistent', '--watch', '5', ...words]);
  expect([run.stderr.includes(message), run.exitCode]).toEqual([true, 2]);
});
