import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { Release } from '../../../src/throwaway/releases.ts';
import { readJournal } from '../../../src/fixes/read-journal.ts';
import { afterwards } from '../../lab/lifetime.ts';
import { aPair, rowArrives, untilStreaming } from '../../lab/pair.ts';
import { aSshMachine, noSshd } from '../../lab/ssh-machine.ts';
import type { Round } from './draw.ts';
import { callsWith, nothingHeld, noScratch, running } from './stage.ts';
import type { Stage } from './stage.ts';

/** Lines of a file, a name in the data directory, a slot on the primary, the start of the server: one of each kind. */
async function aBrokenPair(release: Release) {
  const { primary, standby } = await aPair({
    release,
    lifetime: 'file',
    settings: { wal_keep_size: '64MB' },
    standby: { slot: 'killed' },
  });
  const ssh = noSshd === undefined ? await aSshMachine((end) => afterwards(end, 'file')) : undefined;
  const at = (name: string): string => join(standby.dataDirectory, name);
  const whole = await readFile(at('postgresql.conf'), 'utf8');
  const broken = `${whole}hot_standby = perhaps\n`;
  const mended = `${whole}# hot_standby = perhaps\n`;
  const scratch = join(standby.folder, 'tmp');
  await standby.run('mkdir', ['-m', '0777', scratch]);

  const calls = callsWith(standby, scratch, ssh);
  const journals = async (): Promise<readonly string[]> =>
    (await readdir(standby.folder)).filter((name) => name.endsWith('.jsonl')).toSorted();

  return {
    primary,
    standby,
    ...calls,
    journals,
    around: { primary: primary.server, standby, doors: async () => (ssh?.pid === undefined ? [] : [ssh.pid]) },
    fix: (round: Round | undefined, journal: string): readonly string[] => [
      ...[
        'postmortem',
        '-D',
        `${calls.isThere(round) ? 'ssh:db2:' : ''}${standby.dataDirectory}`,
        '--admin',
        primary.admin,
      ],
      ...['--timeout', '10', '--fix', '--yes', '--fix-journal', join(standby.folder, journal)],
    ],
    undo: (journal: string): readonly string[] => [
      ...['undo', join(standby.folder, journal), '--yes', '--timeout', '10', '--admin', primary.admin],
    ],
    breakAnew: async (): Promise<void> => {
      await running(primary.server);
      if (await standby.isRunning()) await standby.stop();
      const names = await readdir(standby.dataDirectory);
      for (const name of names.filter((one) => /^postgresql\.conf.|^standby\.signal|^\.standbylint/u.test(one)))
        await rm(at(name));
      for (const journal of await journals()) await rm(join(standby.folder, journal));
      await writeFile(at('postgresql.conf'), broken);
      await standby.run('touch', [at('standby.signal.txt')]);
      await primary.server.psql(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'killed'",
      );
    },
    /** Each file is wholly the old or the new one, and each journal can be read. */
    expectWhole: async (): Promise<void> => {
      await nothingHeld(primary, ['killed']);
      await noScratch(scratch, standby.dataDirectory, standby.folder);
      expect([broken, mended]).toContain(await readFile(at('postgresql.conf'), 'utf8'));
      const signals = (await readdir(standby.dataDirectory)).filter((name) => name.startsWith('standby.signal'));
      expect(signals, 'the name of the signal file').toHaveLength(1);
      for (const journal of await journals())
        expect(readJournal(await readFile(join(standby.folder, journal), 'utf8')).ok || journal).toBe(true);
    },
    expectBroken: async (): Promise<void> => {
      expect(await readFile(at('postgresql.conf'), 'utf8')).toBe(broken);
      expect((await readdir(standby.dataDirectory)).filter((name) => name.startsWith('standby.signal'))).toEqual([
        'standby.signal.txt',
      ]);
      expect(await primary.server.query('SELECT slot_name FROM pg_replication_slots')).toEqual([]);
    },
    expectStreaming: async (): Promise<void> => {
      if (!(await standby.isRunning())) await standby.start();
      await untilStreaming(standby);
      await rowArrives(primary.server, standby);
    },
  };
}

type BrokenPair = Awaited<ReturnType<typeof aBrokenPair>>;

/** Taken back, a standby that runs keeps its slot: it is stopped before. */
async function undoAll({ standby, journals, run, undo }: BrokenPair, round: Round): Promise<void> {
  if (await standby.isRunning()) await standby.stop();
  for (const journal of [...(await journals())].reverse()) {
    const { exitCode, stdout, stderr } = await run(round, undo(journal));
    expect(exitCode, `undo ${journal}\n${stdout}${stderr}`).toBe(0);
  }
}

const withoutBlanks = (text: string): string => text.replaceAll(/\s+/gu, ' ');

export async function fixStage(release: Release): Promise<Stage> {
  const pair = await aBrokenPair(release);
  return {
    around: pair.around,
    ready: async (round) => {
      await pair.breakAnew();
      return pair.callOf(round, pair.fix(round, '1.jsonl'));
    },
    after: async (round, { exitCode, stdout, stderr }) => {
      await running(pair.primary.server);
      await pair.expectWhole();
      expect(stderr).not.toMatch(/^ +at .*\.js/mu);
      const [begun] = await pair.journals();
      const read =
        begun === undefined ? undefined : readJournal(await readFile(join(pair.standby.folder, begun), 'utf8'));
      const steps = read?.ok === true && !read.journal.ended ? read.journal.steps.length : 0;
      if (round.back) {
        await undoAll(pair, round);
        await pair.expectBroken();
      }
      const again = await pair.run(round, pair.fix(round, '2.jsonl'));
      const said = `${stdout}${stderr}\n--- again\n${again.stdout}${again.stderr}`;
      expect(again.exitCode, said).toBe(0);
      // one that was killed before its first step has changed nothing
      if (exitCode === null && !round.back && begun !== undefined && steps > 0)
        expect(withoutBlanks(again.stderr), said).toContain(`undo ${join(pair.standby.folder, begun)}`);
      await pair.expectStreaming();
      await undoAll(pair, round);
      await pair.expectBroken();
    },
  };
}

export async function undoStage(release: Release): Promise<Stage> {
  const pair = await aBrokenPair(release);
  return {
    around: pair.around,
    ready: async (round) => {
      await pair.breakAnew();
      const { exitCode, stdout, stderr } = await pair.run(round, pair.fix(round, '1.jsonl'));
      expect(exitCode, stdout + stderr).toBe(0);
      await pair.standby.stop();
      return pair.callOf(round, pair.undo('1.jsonl'));
    },
    after: async (round, { stdout, stderr }) => {
      await running(pair.primary.server);
      await pair.expectWhole();
      expect(stderr).not.toMatch(/^ +at .*\.js/mu);
      const again = await pair.run(round, pair.undo('1.jsonl'));
      expect(again.exitCode, `${stdout}${stderr}\n--- again\n${again.stdout}${again.stderr}`).toBe(0);
      await pair.expectBroken();
    },
  };
}
