import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { Release } from '../../../src/throwaway/releases.ts';
import { readJournal } from '../../../src/fixes/read-journal.ts';
import { aContainerPair, data, primary, standby } from '../../lab/container-pair.ts';
import { afterwards } from '../../lab/lifetime.ts';
import { runStandbylint } from '../../lab/standbylint.ts';
import { until } from '../../lab/until.ts';
import { noScratch } from './stage.ts';
import type { Stage } from './stage.ts';

/** --fix of a standby in a container, whose configuration leads to another port; both containers, and the client of Docker, can be struck. */
export async function containerStage(release: Release): Promise<Stage> {
  const { here, psql, within, streams } = await aContainerPair(release.major);
  afterwards(async () => here.end(), 'file');
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-killed-'));
  afterwards(async () => rm(folder, { recursive: true, force: true }), 'file');
  const at = (name: string): string => join(folder, name);
  const environment = {
    DOCKER_HOST: here.host,
    PATH: '/usr/bin:/bin',
    HOME: folder,
    TMPDIR: folder,
    LC_ALL: 'C.UTF-8',
  };
  const configuration = async (): Promise<string> => within(standby, `cat ${data}/postgresql.auto.conf`);
  const broken = (await configuration()).replaceAll('port=5432', 'port=5433');

  const options = ['--admin', `docker:${primary}`, '--timeout', '20', '--yes'];
  const fix = (journal: string): readonly string[] => [
    ...['postmortem', '-D', `docker:${standby}`, ...options, '--fix', '--fix-journal', at(journal)],
  ];
  const run = async (words: readonly string[]) =>
    runStandbylint(words, { on: { environment }, cwd: folder, user: null, timeoutMs: 400_000 });
  const journals = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).toSorted();
  const undoAll = async (): Promise<void> => {
    for (const journal of [...(await journals())].reverse()) {
      const { exitCode, stdout, stderr } = await run(['undo', at(journal), ...options]);
      expect(exitCode, `undo ${journal}\n${stdout}${stderr}`).toBe(0);
    }
  };
  const isUp = async (): Promise<void> => {
    for (const name of [primary, standby]) {
      await here.docker('start', name);
      await until(`${name} answers`, () => psql(name, 'SELECT 1').catch(() => null), 60_000);
    }
  };
  const pidOf = async (name: string): Promise<number> =>
    Number(await here.docker('inspect', '-f', '{{.State.Pid}}', name));
  const shimOf = async (name: string): Promise<readonly number[]> => {
    const stat = await readFile(`/proc/${await pidOf(name)}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return parent > 1 ? [parent] : [];
  };

  return {
    around: {
      primary: { processId: async () => pidOf(primary) },
      standby: { processId: async () => pidOf(standby) },
      doors: async () => (await Promise.all([primary, standby].map(shimOf))).flat(),
    },
    ready: async () => {
      await isUp();
      for (const journal of await journals()) await rm(at(journal));
      await within(standby, `cat > ${data}/postgresql.auto.conf <<'END'\n${broken}\nEND`);
      await here.docker('restart', standby);
      await isUp();
      return { words: fix('1.jsonl'), environment, cwd: folder, user: null };
    },
    after: async (round, { exitCode, stdout, stderr }) => {
      await isUp();
      expect(stderr).not.toMatch(/^ +at .*\.js/mu);
      expect((await configuration()).split('\n').filter((line) => line.startsWith('primary_conninfo'))).toHaveLength(1);
      expect(await within(standby, `ls -A ${data}`)).not.toMatch(/\.standbylint-[0-9a-f]/u);
      await noScratch(folder);
      for (const journal of await journals())
        expect(readJournal(await readFile(at(journal), 'utf8')).ok || journal).toBe(true);
      const sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name ILIKE '%standbylint%'";
      await until('nothing is held', async () => ((await psql(primary, sessions)) === '0' ? true : null), 60_000);
      if (round.back) {
        await undoAll();
        expect((await configuration()).trim()).toBe(broken.trim());
      }
      const again = await run(fix('2.jsonl'));
      const said = `exit status ${exitCode}\n${stdout}${stderr}\n--- again\n${again.stdout}${again.stderr}`;
      expect(again.exitCode, said).toBe(0);
      await streams();
      await undoAll();
      await isUp();
      expect((await configuration()).trim()).toBe(broken.trim());
    },
  };
}
