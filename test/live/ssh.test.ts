import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { aPair } from '../lab/pair.ts';
import { releases } from '../lab/releases.ts';
import { startProgram } from '../lab/running-program.ts';
import { aSshMachine, noSshd, noSudo } from '../lab/ssh-machine.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';

if (noSshd !== undefined && process.env['CI'] !== 'true')
  test.skip(`ssh cannot be tried here: ${noSshd}`, () => undefined);
else {
  test(
    'over ssh a report says what it says on the machine itself, whatever that greets with',
    { timeout: 240_000 },
    async ({ onTestFinished }) => {
      const { path, config } = await aSshMachine(onTestFinished, { greets: true });
      const greeting = await execa(join(path, 'ssh'), ['db2', 'true']);
      expect(greeting.stdout + greeting.stderr).toContain('Authorized use only');
      expect(greeting.stdout).toContain('Welcome to db2');
      const [release] = releases;
      const { primary, standby } = await aPair(release === undefined ? {} : { release });
      const words = ['--admin', primary.admin, '--format', 'json', '--timeout', '20'];
      const look = async (directory: string, env: Readonly<Record<string, string>>): Promise<Report> => {
        const { json } = await runStandbylint(['postmortem', '-D', directory, ...words], {
          env,
          user: null,
          timeoutMs: 90_000,
        });
        expectValidReport(json);
        return json;
      };
      const compare = async (): Promise<Report> => {
        const here = await look(standby.dataDirectory, {});
        const there = await look(`ssh:db2:${standby.dataDirectory}`, { PATH: `${path}:/usr/bin:/bin` });
        expect(outcomes(there)).toEqual(outcomes(here));
        expect(there.verdict).toBe(here.verdict);
        return there;
      };
      const well = await compare();
      expect(well.findings.filter(({ severity }) => severity === 'error')).toEqual([]);

      const env = { PATH: `${path}:/usr/bin:/bin` };
      const nowhere = await runStandbylint(['postmortem', '-D', 'ssh:db2'], { env, user: null });
      expect(nowhere.exitCode).toBe(2);
      // others may run here as well, and only so many are named
      expect(nowhere.stderr).toMatch(/PGDATA is not set on db2\.[^]*Running on db2: -D ssh:db2:\//u);

      await standby.stop();
      await rm(join(standby.dataDirectory, 'standby.signal'));
      const broken = await compare();
      expect(broken.findings[0]?.rule).toBe('standby/signal-missing');

      await writeFile(config, (await readFile(config, 'utf8')).replace(/Port \d+/u, 'Port 1'));
      const none = await runStandbylint(['postmortem', '-D', `ssh:db2:${standby.dataDirectory}`], {
        env: { PATH: `${path}:/usr/bin:/bin` },
        user: null,
      });
      expect(none.exitCode).toBe(2);
      expect(none.stderr).toContain('Connection refused');
    },
  );

  test(
    'a watch logs in once, and again where that login breaks off; a fleet logs in once to a machine',
    { timeout: 240_000 },
    async ({ onTestFinished }) => {
      const { path, logins, breakOff } = await aSshMachine(onTestFinished);
      const [release] = releases;
      const { primary, standby } = await aPair({ ...(release && { release }), settings: { wal_keep_size: '64MB' } });
      const before = await logins();
      const environment = { PATH: `${path}:/usr/bin:/bin`, TMPDIR: path };
      const run = await startProgram(
        [
          ...['postmortem', '-D', `ssh:db2:${standby.dataDirectory}`, '--admin', primary.admin],
          ...['--timeout', '20', '--watch', '1', '--format', 'json'],
        ],
        environment,
        { user: null },
      );
      const looks = async (count: number): Promise<readonly Report[]> =>
        until(
          `${count} looks`,
          async () => {
            const seen = run
              .lines()
              .flatMap((line) => (JSON.parse(line) as { readonly report: Report | null }).report ?? []);
            return seen.length >= count ? seen : null;
          },
          90_000,
        );
      for (const { verdict } of await looks(3)) expect(verdict).toBe('healthy');
      expect((await logins()) - before).toBe(1);

      await breakOff();
      const seen = await looks(run.lines().length + 3);
      expect(seen.at(-1)?.verdict).toBe('healthy');
      expect((await logins()) - before).toBe(2);
      expect(await run.end('SIGINT')).toBe(0);
      expect((await readdir(path)).filter((name) => name.startsWith('standbylint-ssh-'))).toEqual([]);

      const target = { command: 'postmortem', pgdata: `ssh:db2:${standby.dataDirectory}`, timeout: 20 };
      await writeFile(
        join(path, 'standbylint.config.json'),
        JSON.stringify({ targets: { a: target, b: target, c: target } }),
      );
      const fleet = await runStandbylint(['fleet', '--jobs', '1', '--format', 'json'], {
        ...{ cwd: path, env: environment, user: null, timeoutMs: 90_000 },
      });
      expect(fleet.stderr).toBe('');
      expect((await logins()) - before).toBe(3);
    },
  );

  test.skipIf(noSudo !== undefined && process.env['CI'] !== 'true')(
    'as a user who may use sudo without a password, where ssh+sudo is written',
    { timeout: 240_000 },
    async ({ onTestFinished }) => {
      const may = await aSshMachine(onTestFinished, { sudoers: 'dba ALL=(ALL) NOPASSWD: ALL' });
      const mayNot = await aSshMachine(onTestFinished, { sudoers: 'dba ALL=(ALL) ALL' });
      const [release] = releases;
      const { primary, standby } = await aPair(release === undefined ? {} : { release });
      await standby.stop();
      await rm(join(standby.dataDirectory, 'standby.signal'));
      const look = (place: string, { path }: { readonly path: string }, ...more: readonly string[]) =>
        runStandbylint(
          ['postmortem', '-D', `${place}:db2:${standby.dataDirectory}`, '--timeout', '20', '--format', 'json', ...more],
          { env: { PATH: `${path}:/usr/bin:/bin` }, user: null, timeoutMs: 90_000 },
        );
      const admin = ['--admin', `ssh+sudo:db2:${primary.server.dataDirectory}`];
      const { json } = await look('ssh+sudo', may, ...admin);
      expectValidReport(json);
      expect(json.findings[0]?.rule).toBe('standby/signal-missing');
      // what is not written is not used
      const without = await look('ssh', may);
      expect(without.json.findings.map(({ rule }) => rule)).not.toContain('standby/signal-missing');
      expect(without.stdout).toContain('write -D ssh+sudo:db2:');
      const refused = await look('ssh+sudo', mayNot);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain('a password is required');
      expect(refused.stderr).toContain('sudo -n true');

      const journal = join(may.path, 'journal');
      const fixed = await look('ssh+sudo', may, ...admin, '--fix', '--yes', '--fix-journal', journal);
      expect(fixed.json.applied?.map(({ outcome }) => outcome)).not.toContain('failed');
      expect((await stat(join(standby.dataDirectory, 'standby.signal'))).uid).toBe(
        (await stat(standby.dataDirectory)).uid,
      );
      expect(await readFile(journal, 'utf8')).toContain('ssh+sudo:db2:');
      await standby.stop();
      const undone = await runStandbylint(['undo', '--yes', journal], {
        env: { PATH: `${may.path}:/usr/bin:/bin` },
        user: null,
      });
      expect(undone.stdout).toContain('Everything that can be undone was undone.');
      await expect(stat(join(standby.dataDirectory, 'standby.signal'))).rejects.toThrow('ENOENT');
    },
  );

  test('--fix and undo work over ssh, and so does --admin', { timeout: 300_000 }, async ({ onTestFinished }) => {
    const { path } = await aSshMachine(onTestFinished);
    const [release] = releases;
    const { primary, standby } = await aPair(release === undefined ? {} : { release });
    await standby.stop();
    await rm(join(standby.dataDirectory, 'standby.signal'));
    const env = { PATH: `${path}:/usr/bin:/bin` };
    const journal = join(path, 'journal');
    const place = ['-D', `ssh:db2:${standby.dataDirectory}`, '--admin', `ssh:db2:${primary.server.dataDirectory}`];
    const mended = await runStandbylint(
      [
        ...['postmortem', ...place, '--timeout', '20', '--format', 'json'],
        ...['--fix', '--yes', '--fix-journal', journal],
      ],
      { env, user: null, timeoutMs: 200_000 },
    );
    expectValidReport(mended.json);
    expect(
      mended.json.applied?.map(({ outcome }) => outcome),
      mended.stderr,
    ).toEqual(['done', 'done']);
    expect(['healthy', 'degraded']).toContain(mended.json.verdict);
    const signal = join(standby.dataDirectory, 'standby.signal');
    const [made, directory] = await Promise.all([stat(signal), stat(standby.dataDirectory)]);
    expect(made.uid).toBe(directory.uid);
    await standby.stop();
    const undone = await runStandbylint(['undo', '--yes', journal], { env, user: null });
    expect(undone.stdout).toContain('Everything that can be undone was undone.');
    await expect(stat(signal)).rejects.toThrow('ENOENT');
  });
}

const outcomes = ({ rules }: Report): readonly string[] => rules.map(({ id, outcome }) => `${id} ${outcome}`);
