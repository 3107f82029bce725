import { chmod, lchown, lstat, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Report } from '../../src/findings/report.ts';
import { aPair, untilStreaming } from '../lab/pair.ts';
import { complete, onEachRelease } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { turn } from '../lab/turn.ts';

/** What can have become of an entry of the data directory. */
const changes: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'not readable': async (path) => chmod(path, 0o000),
  missing: async (path) => moveAway(path),
  'a link that leads nowhere': async (path) => {
    await moveAway(path);
    await symlink('/nowhere/to/be/found', path);
  },
  foreign: async (path) => {
    const isDirectory = (await lstat(path)).isDirectory();
    await moveAway(path);
    await writeFile(path, isDirectory ? 'a file in the place of a directory\n' : 'of another program\n'.repeat(40));
  },
};

/** They are of no use to a server that starts, or are made again by it. */
const withoutEffect = new Set(['postmaster.opts', 'backup_manifest', 'backup_label.old', 'current_logfiles']);

/** What is said in the place of a file's name: what is in it. */
const alsoTold: Readonly<Record<string, readonly string[]>> = {
  'base/5': ['database \\"postgres\\"'],
  'base/5/PG_VERSION': ['\\"base/5\\" is not a valid data directory'],
  'postgresql.auto.conf': ['primary_conninfo is not set'],
};

const moveAway = async (path: string): Promise<void> => rm(path, { recursive: true, force: true });

const names = Object.keys(changes);
const parts = 4;

/** One change on one release a turn, to a part of the entries; the server is the judge of what keeps it from starting. */
onEachRelease((release) => {
  for (const [number, name] of names.entries()) {
    const isPlayed = (turn === 'whole' ? 0 : turn + number + release.major) % (names.length * complete.length) === 0;
    const part = turn === 'whole' ? 0 : Math.floor(turn / (names.length * complete.length)) % parts;
    test.runIf(isPlayed)(`each file of the data directory, ${name}`, { timeout: 600_000 }, async () => {
      const { primary, standby } = await aPair({ release, settings: { wal_keep_size: '256MB' } });
      await standby.stop();
      const pristine = `${standby.dataDirectory}.pristine`;
      await copy(standby, standby.dataDirectory, pristine);
      const wrong: string[] = [];
      for (const [at, entry] of (await entriesOf(pristine)).entries()) {
        if (at % parts !== part) continue;
        await moveAway(standby.dataDirectory);
        await copy(standby, pristine, standby.dataDirectory);
        await changes[name]?.(join(standby.dataDirectory, entry));
        await own(standby, join(standby.dataDirectory, entry));
        await rm(standby.logFile, { force: true });
        const { exitCode } = await standby.tryStart();
        const streams =
          exitCode === 0 &&
          (await untilStreaming(standby, 4000).then(
            () => true,
            () => false,
          ));
        const { json } = await runStandbylint(
          [
            'postmortem',
            '-D',
            standby.dataDirectory,
            '--admin',
            primary.admin,
            '--log',
            standby.logFile,
            '--format',
            'json',
          ],
          { on: standby },
        );
        wrong.push(...wrongIn(entry, streams, json));
        await standby.stop('immediate').catch(() => undefined);
      }
      expect(wrong).toEqual([]);
    });
  }
});

/** Where the server does not stream, the first finding names the entry; where it does, so does each error. */
function wrongIn(entry: string, streams: boolean, { findings, verdict }: Report): readonly string[] {
  const first = findings.find(({ severity }) => severity === 'error');
  const told = `${first?.rule ?? 'nothing'}: ${first?.title ?? ''}: ${first?.message ?? verdict}`;
  if (streams && first === undefined) return [];
  // before 15 the databases of initdb have other numbers (pg_database.dat)
  const [ofPostgres = 'base/5'] = /^base\/\d{5}/u.exec(entry) ?? [];
  const also = alsoTold[entry.replace(ofPostgres, 'base/5')] ?? [];
  const words = [entry, ...also.map((word) => word.replace('base/5', ofPostgres))];
  return words.some((word) => JSON.stringify(first ?? '').includes(word))
    ? []
    : [`${entry}: ${streams ? 'it streams: ' : ''}${told}`];
}

/** What lies there, but for the files of relations: a server that starts reads few of those. */
async function entriesOf(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (within: string): Promise<void> => {
    for (const entry of await readdir(join(directory, within), { withFileTypes: true })) {
      const path = join(within, entry.name);
      if (withoutEffect.has(path) || /^base\/\d+\/(?:\d|pg_internal)|^global\/(?:\d|pg_internal)/u.test(path)) continue;
      found.push(path);
      if (entry.isDirectory()) await walk(path);
    }
  };
  await walk('');
  return found;
}

const copy = async (server: ThrowawayServer, from: string, to: string): Promise<unknown> =>
  server.run('cp', ['-a', from, to]);

/** What this test wrote as root belongs to the server's user. */
async function own({ runAs }: ThrowawayServer, path: string): Promise<void> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (runAs === null || !isThere) return;
  await lchown(path, runAs.uid, runAs.gid);
}
