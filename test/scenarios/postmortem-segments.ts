import { readdir, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { until } from '../lab/until.ts';
import { archiveOf, archiveOn, passSegments, untilArchived } from '../lab/wal.ts';
import { own, quick, writeWal } from './pair-acts.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

const lean = { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' };
const keeping = { wal_keep_size: '512MB' };
/** Made, and not started: as from a copy without WAL, or before its first start. */
const fresh = { ...quick, started: false };

/** Files under a segment's name that hold none, and standbys that wait for the first one. */
export const segmentPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'wal/segment-damaged',
    name: 'empty after a power loss: the server runs, and asks for it again and again',
    pair: { settings: keeping, standby: quick },
    fault: async (stage) => {
      await afterCrash(stage, async (path) => truncate(path, 0));
      await stage.standby.tryStart();
      await pause(6000);
    },
    consequences: ['streaming/not-connected'],
    way: 'mend',
    told: async ({ findings }) => expect(findings[0]?.title).toMatch(/^WAL segment [0-9A-F]{24} on the standby is /u),
  },
  {
    rule: 'wal/segment-damaged',
    name: 'cut short, of a server that is down',
    pair: { settings: keeping, standby: quick },
    fault: async (stage) => afterCrash(stage, async (path) => truncate(path, 5 * 1024 * 1024)),
    consequences: ['standby/not-running'],
    told: async ({ findings }) => expect(findings[0]?.title).toContain('too short'),
  },
  {
    rule: 'wal/segment-damaged',
    name: 'no WAL at all',
    pair: { settings: keeping, standby: quick },
    fault: async (stage) => afterCrash(stage, async (path) => writeFile(path, Buffer.alloc(16 * 1024 * 1024, 'x'))),
    told: async ({ findings }) => expect(findings[0]?.title).toContain('not WAL'),
  },
  {
    rule: 'wal/segment-removed',
    name: 'the archive has it cut short under its full name',
    pair: { settings: lean, standby: quick },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      const archive = archiveOf(primary.server);
      await standby.configure({ restore_command: `cp ${archive}/%f %p` });
      await standby.stop();
      const before = await segmentsIn(archive);
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
      const [, short] = (await segmentsIn(archive)).filter((name) => !before.includes(name));
      await truncate(join(archive, short ?? ''), 5 * 1024 * 1024);
      // the first segment is fetched, and then it waits
      await standby.start();
      await pause(3000);
      await primary.server.psql("ALTER SYSTEM SET wal_keep_size = '512MB'");
      await primary.server.reload();
    },
    way: 'new-copy',
    follow: 'recovery',
    told: async ({ findings }) => expect(findings[0]?.title).toMatch(/^Archived WAL segment [0-9A-F]{24} is damaged$/u),
  },
  {
    rule: 'network/connection-refused',
    name: 'of a standby that waits for its first segment',
    pair: { settings: keeping, standby: fresh },
    fault: async (stage) => {
      await stage.primary.server.stop();
      await waitsForFirstSegment(stage);
    },
    byHand: async (_step, { primary }) => primary.server.start(),
  },
  {
    rule: 'timeline/history-missing',
    name: 'lost after a promotion; its archive has it',
    pair: { settings: keeping, standby: quick },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      await standby.stop();
      await promoteInPlace(primary.server);
      await untilArchived(primary.server);
      const history = join(primary.server.dataDirectory, 'pg_wal', '00000002.history');
      await rename(history, join(primary.server.folder, '00000002.history'));
      await standby.start();
      await until('it is refused', async () =>
        (await standby.log()).includes('could not receive timeline history file') ? true : null,
      );
      await pause(4000);
    },
    told: async ({ findings }) => expect(findings[0]?.message).toContain('00000002.history'),
  },
  {
    rule: 'wal/gap',
    name: 'a standby that waits for its first segment, which is gone',
    pair: { settings: lean, standby: fresh },
    fault: async (stage) => {
      await passSegments(stage.primary.server, 8);
      await waitsForFirstSegment(stage);
      await stage.primary.server.psql("ALTER SYSTEM SET wal_keep_size = '512MB'");
      await stage.primary.server.reload();
    },
    consequences: ['wal/segment-removed'],
    way: 'new-copy',
  },
];

const segmentsIn = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => /^[0-9A-F]{24}$/u.test(name)).toSorted();

/** The server goes down at once, and what the file system then has of the last segment is another thing. */
async function afterCrash({ primary, standby }: PairStage, spoil: (path: string) => Promise<unknown>): Promise<void> {
  await writeWal(primary.server, 3, false);
  await primary.server.psql('INSERT INTO filler VALUES (2)');
  const [row] = await primary.server.query('SELECT pg_walfile_name(pg_current_wal_lsn()) AS name');
  const path = join(standby.dataDirectory, 'pg_wal', row?.['name'] ?? '');
  await until('the segment is there', async () =>
    (await segmentsIn(join(standby.dataDirectory, 'pg_wal'))).includes(row?.['name'] ?? '') ? true : null,
  );
  await standby.stop('immediate');
  await spoil(path);
  await own(standby, path);
}

/** Its pg_wal has no segment, as after `pg_basebackup -X none` or from most archive tools. */
async function waitsForFirstSegment({ standby }: PairStage): Promise<void> {
  await withoutWal(standby);
  void standby.tryStart();
  await until('it waits', async () =>
    /waiting for WAL|could not connect|has already been removed/u.test(await standby.log()) ? true : null,
  );
  await pause(3000);
}

async function withoutWal(standby: ThrowawayServer): Promise<void> {
  const wal = join(standby.dataDirectory, 'pg_wal');
  for (const name of await segmentsIn(wal)) await rename(join(wal, name), join(standby.folder, name));
}

/** The primary goes on under a new timeline, as after a point-in-time recovery. */
async function promoteInPlace(server: ThrowawayServer): Promise<void> {
  await server.stop();
  const signal = join(server.dataDirectory, 'standby.signal');
  await writeFile(signal, '');
  await own(server, signal);
  await server.start();
  await server.psql('SELECT pg_promote()');
}
