import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { expect } from 'vitest';

import type { Release } from '../../../src/throwaway/releases.ts';
import { afterwards } from '../../lab/lifetime.ts';
import { aPair, rowArrives, untilStreaming } from '../../lab/pair.ts';
import { aSshMachine, noSshd } from '../../lab/ssh-machine.ts';
import type { Round } from './draw.ts';
import { callsWith, nothingHeld, noScratch, running } from './stage.ts';
import type { Stage } from './stage.ts';

/** A pair, looked at here and over ssh; what is written lies in the folder of the standby. */
async function aWatchedPair(release: Release) {
  const { primary, standby } = await aPair({ release, lifetime: 'file', settings: { wal_keep_size: '64MB' } });
  const ssh = noSshd === undefined ? await aSshMachine((end) => afterwards(end, 'file')) : undefined;
  const scratch = join(standby.folder, 'tmp');
  await standby.run('mkdir', ['-m', '0777', scratch]);
  const calls = callsWith(standby, scratch, ssh);
  const directory = (there: boolean): string => `${there ? 'ssh:db2:' : ''}${standby.dataDirectory}`;
  return {
    primary,
    standby,
    scratch,
    ...calls,
    directory,
    around: { primary: primary.server, standby, doors: async () => (ssh?.pid === undefined ? [] : [ssh.pid]) },
    at: (name: string): string => join(standby.folder, name),
    whole: async (): Promise<void> => {
      await running(primary.server);
      await running(standby);
      await untilStreaming(standby);
      await rowArrives(primary.server, standby);
    },
  };
}

export async function fleetStage(release: Release): Promise<Stage> {
  const pair = await aWatchedPair(release);
  const { primary, at } = pair;
  const words = [
    'fleet',
    '--jobs',
    '2',
    '--target-timeout',
    '90',
    '--format',
    'json=fleet.json',
    '--format',
    'html=fleet.html',
  ];
  const old = 'the report of yesterday\n';
  return {
    around: pair.around,
    ready: async (round) => {
      await pair.whole();
      const admin = primary.admin;
      const targets = Object.fromEntries(
        ['one', 'two', 'three'].map((name, number) => [
          name,
          { command: 'postmortem', pgdata: pair.directory(pair.isThere(round) && number > 0), admin, timeout: 10 },
        ]),
      );
      await writeFile(at('standbylint.config.json'), JSON.stringify({ targets }));
      for (const name of ['fleet.json', 'fleet.html']) await writeFile(at(name), old, { mode: 0o666 });
      const { standby } = pair;
      await standby.run('sh', ['-c', 'chmod 0666 fleet.*']);
      return pair.callOf(round, words);
    },
    after: async (round, { exitCode, stdout, stderr }) => {
      const said = `${stdout}${stderr}`;
      expect(stderr).not.toMatch(/^ +at .*\.js/mu);
      // two servers are struck, and are seen as they are
      if (round.victim === 'program' && round.signal === 'SIGKILL') expect([null, 0]).toContain(exitCode);
      else expect([0, 1, 2, 3], said).toContain(exitCode);
      const [report, page] = [await readFile(at('fleet.json'), 'utf8'), await readFile(at('fleet.html'), 'utf8')];
      if (exitCode !== null) expect([report, page]).not.toContain(old);
      if (report !== old) expect(JSON.parse(report)).toMatchObject({ targets: [{}, {}, {}] });
      if (page !== old) expect(page.trimEnd()).toMatch(/<\/html>$/u);
      await pair.whole();
      await nothingHeld(primary, []);
      await noScratch(pair.scratch, pair.standby.folder, pair.standby.dataDirectory);
      const again = await pair.run(round, words);
      expect(again.exitCode, again.stdout + again.stderr).toBe(0);
      const { targets } = JSON.parse(await readFile(at('fleet.json'), 'utf8'));
      for (const target of targets) expect(['healthy', 'degraded']).toContain(target.report?.verdict);
    },
  };
}

export async function bundleStage(release: Release): Promise<Stage> {
  const pair = await aWatchedPair(release);
  const { primary, standby, at } = pair;
  const words = (round: Round | undefined): readonly string[] => [
    ...['bundle', 'postmortem', '-D', pair.directory(pair.isThere(round)), '--admin', primary.admin],
    ...['--timeout', '10', '--yes', '-o', 'bundle.tar.gz'],
  ];
  return {
    around: pair.around,
    ready: async (round) => {
      await pair.whole();
      for (const name of await readdir(standby.folder)) if (name.startsWith('bundle')) await rm(at(name));
      return pair.callOf(round, words(round));
    },
    after: async (round, { exitCode, stdout, stderr }) => {
      expect(stderr).not.toMatch(/^ +at .*\.js/mu);
      const file = await readFile(at('bundle.tar.gz')).catch(() => undefined);
      if (exitCode === 0) expect(file).toBeDefined();
      if (file !== undefined)
        expect(
          gunzipSync(file)
            .subarray(-1024)
            .every((byte) => byte === 0),
        ).toBe(true);
      if (exitCode !== null && exitCode !== 0) expect(stderr, stdout).toMatch(/^standbylint: /mu);
      await pair.whole();
      await nothingHeld(primary, []);
      await noScratch(pair.scratch, standby.folder, standby.dataDirectory);
      if (file !== undefined) {
        const judged = await pair.run(round, ['analyze', 'bundle.tar.gz', '--format', 'json']);
        expect([0, 1, 3], judged.stderr).toContain(judged.exitCode);
        await rm(at('bundle.tar.gz'));
      }
      const again = await pair.run(round, words(round));
      expect(again.exitCode, again.stdout + again.stderr).toBe(0);
      const judged = await pair.run(round, ['analyze', 'bundle.tar.gz', '--format', 'json']);
      expect(['healthy', 'degraded'], judged.stderr).toContain(judged.json.verdict);
    },
  };
}
