import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { fleetFormatNames } from '../../../src/report/fleet/formats.ts';
import type { FleetFormatName } from '../../../src/report/fleet/formats.ts';
import { formatNames } from '../../../src/report/formats.ts';
import type { FormatName } from '../../../src/report/formats.ts';
import { runStandbylint } from '../../lab/standbylint.ts';
import { objections } from '../../report/consumers.ts';

const isOfReports = (name: FleetFormatName): name is FormatName & FleetFormatName =>
  formatNames.some((one) => one === name);

/** Accepts connections and never says a word. */
async function silentServer(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

interface Line {
  readonly target?: string;
  readonly outcome?: string;
  readonly elapsedMs: number;
  readonly status?: number;
  readonly complete?: boolean;
  readonly causes?: readonly { readonly rule: string; readonly targets: readonly string[] }[];
}

async function folderOf(targets: Readonly<Record<string, object>>): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'standbylint-fleet-'));
  onTestFinished(async () => rm(at, { recursive: true }));
  await chmod(at, 0o755);
  await mkdir(join(at, 'data'));
  await writeFile(join(at, 'standbylint.config.json'), JSON.stringify({ targets }));
  return at;
}

const lines = (text: string): readonly Line[] =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program prints
  text
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one) as Line);

const hanging = (port: number) => ({
  command: 'preflight',
  ...{ host: '127.0.0.1', port, username: 'r', pgdata: '/tmp/standbylint-fleet-new', timeout: 60 },
});
const empty = { command: 'postmortem', pgdata: 'data' };

it('a target that hangs delays no other, and ends by its own limit', async () => {
  const cwd = await folderOf({ hangs: hanging(await silentServer()), one: empty, two: empty });
  const { stdout, exitCode } = await runStandbylint(
    ['fleet', '--format', 'ndjson', '--jobs', '2', '--target-timeout', '6'],
    { cwd },
  );
  const told = lines(stdout);
  expect(told.slice(0, 3).map(({ target, outcome, status }) => [target, outcome, status])).toEqual([
    ['one', 'examined', 1],
    ['two', 'examined', 1],
    ['hangs', 'timed-out', 3],
  ]);
  expect(told[0]?.elapsedMs).toBeLessThan(5_000);
  expect(told[3]).toMatchObject({
    complete: false,
    causes: [{ rule: 'standby/not-a-data-directory', targets: ['one', 'two'] }],
  });
  expect(exitCode).toBe(1);
});

it.each(['3', '4'])('a server that hangs for many targets leaves room for those of others: --jobs %s', async (jobs) => {
  const port = await silentServer();
  const hung = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`hangs${index}`, hanging(port)]));
  // nothing listens there, and both are examined at once
  const refused = hanging(1);
  const cwd = await folderOf({ ...hung, one: refused, two: refused, three: empty });
  const { stdout } = await runStandbylint(['fleet', '--format', 'ndjson', '--jobs', jobs, '--target-timeout', '6'], {
    cwd,
  });
  const told = lines(stdout).map(({ target = '' }) => target);
  expect(told.slice(0, 3).toSorted()).toEqual(['one', 'three', 'two']);
  expect(told).toHaveLength(6 + 3 + 1);
});

it('an interrupt ends it with what was examined until then, in every format', async () => {
  const cwd = await folderOf({
    one: empty,
    hangs: hanging(await silentServer()),
    later: hanging(await silentServer()),
  });
  await chmod(cwd, 0o777);
  const files = fleetFormatNames.flatMap((name) => ['--format', `${name}=${join(cwd, name)}`]);
  const { stdout, exitCode } = await runStandbylint(['fleet', '--format', 'json', ...files, '--jobs', '1'], {
    cwd,
    within: ['timeout', '--signal=INT', '--foreground', '--preserve-status', '5'],
  });
  expect(exitCode).toBe(130);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program prints
  const report = JSON.parse(stdout) as { readonly complete: boolean; readonly targets: readonly Line[] };
  expect(report.complete).toBe(false);
  expect(report.targets.map(({ target, outcome }) => [target, outcome])).toEqual([
    ['one', 'examined'],
    ['hangs', 'interrupted'],
    ['later', 'interrupted'],
  ]);
  for (const name of fleetFormatNames) {
    const text = await readFile(join(cwd, name), 'utf8');
    for (const target of ['one', 'hangs', 'later']) expect(text, name).toContain(target);
    if (name !== 'json' && isOfReports(name)) expect(objections[name]?.(text) ?? '', name).toBe('');
  }
});

it('a call that is wrong is told, and a target that cannot be examined counts as the worst', async () => {
  const cwd = await folderOf({ one: empty, wrong: { command: 'postmortem', pgdata: 'docker:-nothing' } });
  const { stdout, exitCode } = await runStandbylint(['fleet'], { cwd });
  expect(exitCode).toBe(2);
  expect(stdout).toMatch(/BROKEN\s+one[\s\S]*FAILED\s+wrong/u);
  for (const [words, sentence] of [
    [['onee'], /target "onee" does not exist/u],
    [['--jobs', '0'], /--jobs takes a number/u],
    [['--since', '/nowhere.json'], /nowhere\.json does not exist/u],
    [['--since', 'standbylint.config.json'], /is not a report of standbylint fleet/u],
  ] as const) {
    const refused = await runStandbylint(['fleet', ...words], { cwd });
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringMatching(sentence)]);
  }
});
