import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it, onTestFinished } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { runStandbylint } from '../lab/standbylint.ts';

const sample = fileURLToPath(new URL('../../fixtures/formats/report.json', import.meta.url));

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'standbylint-files-'));
  onTestFinished(async () => rm(made, { recursive: true }));
  // the program may run as another user
  await chmod(made, 0o777);
  return made;
}

/** Something that answers every connection by ending it, and how many there were. */
async function aServer(): Promise<{ readonly port: number; readonly count: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, count: () => count };
}

const json = async (file: string): Promise<Report> => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the report command takes it
  return JSON.parse(await readFile(file, 'utf8')) as Report;
};

describe('--format', () => {
  it('writes four formats from one look at the server, with the counts and the status of one', async () => {
    const at = await folder();
    const { port, count } = await aServer();
    const call = ['preflight', '-h', '127.0.0.1', '-p', String(port), '-U', 'r', '-D', join(at, 'standby'), '-R', '-w'];
    const alone = await runStandbylint(call);
    const looks = count();
    const four = ['--format', 'stylish', '--format', `json=${at}/r.json`, `--format=sarif=${at}/r.sarif`];
    const together = await runStandbylint([...call, ...four, '--format', `nagios=${at}/r.nagios`]);
    expect(count()).toBe(2 * looks);
    expect([alone.exitCode, together.exitCode, together.stderr]).toEqual([1, 1, '']);
    expect(together.stdout.split('\n').length).toBe(alone.stdout.split('\n').length);
    const report = await json(`${at}/r.json`);
    const { error, warning, unexamined } = report.summary;
    expect(together.stdout).toContain(`${error} error`);
    expect(await readFile(`${at}/r.nagios`, 'utf8')).toContain(
      `CRITICAL - NOT READY: ${report.findings.filter(({ severity, causedBy }) => severity === 'error' && causedBy === null).length} problem`,
    );
    expect(await readFile(`${at}/r.nagios`, 'utf8')).toContain(
      `errors=${error} warnings=${warning} not_checked=${unexamined}`,
    );
    expect((await readFile(`${at}/r.sarif`, 'utf8')).match(/"ruleId"/gu)).toHaveLength(report.findings.length);
    expect(await readdir(at)).toEqual(['r.json', 'r.nagios', 'r.sarif']);

    const again = await runStandbylint(['report', `${at}/r.json`]);
    expect([again.stdout, again.exitCode]).toEqual([together.stdout, 1]);
  });

  it('nagios on standard output ends with the status of a plugin, also where the call is wrong', async () => {
    const statuses = async (...words: readonly string[]): Promise<readonly [number, string]> => {
      const { exitCode, stdout } = await runStandbylint(words);
      return [exitCode, stdout.split(' - ')[0] ?? ''];
    };
    expect(await statuses('report', sample, '--format', 'nagios')).toEqual([2, 'STANDBYLINT CRITICAL']);
    expect(await statuses('postmortem', '-D', '/x', '--nonsense', '--format=nagios')).toEqual([
      3,
      'STANDBYLINT UNKNOWN',
    ]);
    const at = await folder();
    expect(await statuses('report', sample, '--format', `nagios=${at}/n`)).toEqual([1, '']);
  });

  it('replaces a file as a whole and keeps its mode; a device is written to', async () => {
    const at = await folder();
    await writeFile(`${at}/m.prom`, 'before\n', { mode: 0o600 });
    await chmod(`${at}/m.prom`, 0o666);
    const { ino } = await stat(`${at}/m.prom`);
    const run = await runStandbylint([
      'report',
      sample,
      '--format',
      `prometheus=${at}/m.prom`,
      '--format=json=/dev/null',
    ]);
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([1, '', '']);
    const now = await stat(`${at}/m.prom`);
    expect([now.ino === ino, now.mode & 0o777]).toEqual([false, 0o666]);
    expect(await readFile(`${at}/m.prom`, 'utf8')).toMatch(/^# HELP standbylint_info /u);
    expect(await readdir(at)).toEqual(['m.prom']);
  });

  it('github adds the job summary to its file', async () => {
    const at = await folder();
    await writeFile(`${at}/summary`, 'before\n');
    await chmod(`${at}/summary`, 0o666);
    const run = await runStandbylint(['report', sample, '--format', 'github'], {
      env: { GITHUB_STEP_SUMMARY: `${at}/summary` },
    });
    expect(run.stdout).toMatch(/^::error /u);
    expect(await readFile(`${at}/summary`, 'utf8')).toMatch(/^before\n# standbylint postmortem: BROKEN\n/u);
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      'two on standard output',
      ['--format', 'json', '--format', 'sarif'],
      /json and sarif would both write to standard output/u,
    ],
    ['one file twice', ['--format', 'json=/tmp/x', '--format', 'sarif=/tmp/x'], /both write to \/tmp\/x/u],
    ['no file', ['--format', 'json='], /names no file[\s\S]*--format json=FILE/u],
    ['a format that is near', ['--format', 'jsn'], /not "jsn"[\s\S]*Did you mean json/u],
    [
      'a directory that does not exist',
      ['--format', 'json=/nowhere/x.json'],
      /\/nowhere\/x\.json: its directory does not exist/u,
    ],
    ['a directory', ['--format', 'json=/tmp'], /\/tmp: it is a directory/u],
  ])('%s is a usage error before anything is looked at', async (_name, words, message) => {
    for (const call of [
      ['postmortem', '-D', '/x'],
      ['report', sample],
    ]) {
      const { exitCode, stderr, stdout } = await runStandbylint([...call, ...words]);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(message);
    }
  });
});

describe('report', () => {
  it('takes standard input, and --fail-on', async () => {
    const saved = await json(sample);
    const findings = saved.findings.filter(({ severity }) => severity === 'warning');
    const input = JSON.stringify({ ...saved, findings, verdict: 'degraded', surprise: 1 });
    const usual = await runStandbylint(['report', '-', '--format', 'compact'], { input });
    expect([usual.exitCode, usual.stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^warning: on db2: /u)]);
    expect((await runStandbylint(['report', '-', '--fail-on', 'warning'], { input })).exitCode).toBe(1);
    expect((await runStandbylint(['report', '-', '--format', 'nagios'], { input })).exitCode).toBe(1);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', '', /it is not JSON/u],
    ['another object', {}, /it must have required property 'schemaVersion'/u],
    ['a version to come', { schemaVersion: '2.0' }, /must have required property|schemaVersion must match pattern/u],
  ])('refuses %s', async (_name, value, message) => {
    const input = typeof value === 'string' ? value : JSON.stringify(value);
    const { exitCode, stderr, stdout } = await runStandbylint(['report', '-'], { input });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('names the place of what does not fit', async () => {
    const saved = await json(sample);
    const input = JSON.stringify({ ...saved, findings: [{ ...saved.findings[0], severity: 'fatal' }] });
    expect((await runStandbylint(['report', '-'], { input })).stderr).toContain(
      'findings/0/severity must be equal to one of the allowed values',
    );
  });
});
