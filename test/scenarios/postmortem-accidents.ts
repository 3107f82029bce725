import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { expect } from 'vitest';

import { aPrimary } from '../lab/primary.ts';
import { archiveOf, archiveOn, passSegments, untilArchived } from '../lab/wal.ts';
import { quick } from './pair-acts.ts';
import { untilSettled } from './until-settled.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

const lean = { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' };

/** What happens to standbys around their server: mounts, archives and directories of others. */
export const accidentPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'recovery/archive-of-another-cluster',
    name: 'and its own archive has what the primary has removed',
    pair: { settings: lean, standby: quick },
    fault: async (stage) => {
      const { primary, standby } = stage;
      await archiveOn(stage);
      await standby.configure({ restore_command: `cp ${await foreignArchive(stage)}/%f %p` });
      await standby.stop();
      await passSegments(primary.server, 8);
      await untilArchived(primary.server);
      await standby.start();
      await untilSettled(standby);
    },
    byHand: async (_step, { primary, standby }) => {
      await standby.psql(`ALTER SYSTEM SET restore_command = 'cp ${archiveOf(primary.server)}/%f %p'`);
      await standby.restart();
    },
  },
  {
    rule: 'recovery/archive-of-another-cluster',
    name: 'while it streams',
    severity: 'warning',
    pair: { standby: quick },
    fault: async (stage) => {
      await stage.standby.configure({ restore_command: `cp ${await foreignArchive(stage)}/%f %p` });
      await stage.standby.restart();
      await pause(1000);
    },
    byHand: async () => undefined,
  },
  {
    rule: 'wal/segment-size-differs',
    name: 'changed on the primary, and the configuration of the standby is too small for it',
    fault: async ({ primary: { server }, standby }) => {
      await standby.stop();
      await standby.configure({ min_wal_size: '80MB' });
      await server.stop();
      await server.program('pg_resetwal', ['--wal-segsize=64', server.dataDirectory]);
      await server.configure({ min_wal_size: '128MB', wal_keep_size: '256MB' });
      await server.start();
      await standby.start();
      await untilSettled(standby);
    },
    way: 'new-copy',
  },
  {
    rule: 'standby/files-lost',
    name: 'the maps of the catalogs are damaged',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.run('sh', [
        '-c',
        `cd ${standby.dataDirectory}/base && for map in */pg_filenode.map; do printf XXXX | dd of=$map bs=1 seek=100 conv=notrunc; done`,
      ]);
      await standby.start();
    },
    told: async ({ findings }) => expect(findings[0]?.message).toMatch(/pg_filenode\.map: its checksum is wrong/u),
    way: 'new-copy',
  },
  {
    rule: 'standby/signal-is-directory',
    name: 'it streams',
    severity: 'warning',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.run('sh', ['-c', `cd ${standby.dataDirectory} && rm standby.signal && mkdir standby.signal`]);
      await standby.start();
    },
  },
  {
    rule: 'standby/signal-is-directory',
    name: 'a promotion ended its server',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.run('sh', ['-c', `cd ${standby.dataDirectory} && rm standby.signal && mkdir standby.signal`]);
      await standby.start();
      await standby.psql('SELECT pg_promote(true, 5)').catch(() => undefined);
      await pause(2000);
    },
    consequences: ['standby/not-running'],
  },
  {
    rule: 'standby/cannot-listen',
    name: 'its own server of before still runs on the removed directory',
    fault: async ({ primary, standby }) => {
      const kept = join(standby.folder, 'kept');
      await standby.run('cp', ['-p', join(standby.dataDirectory, 'postgresql.conf'), kept]);
      await standby.run('rm', ['-r', standby.dataDirectory]);
      await standby.copyFrom(primary.server, { conninfo: `${primary.conninfo} password='${primary.password}'` });
      await standby.run('cp', ['-p', kept, join(standby.dataDirectory, 'postgresql.conf')]);
      await standby.tryStart();
    },
    told: async ({ findings }) => expect(findings[0]?.title).toContain('by the server of the removed data directory'),
  },
  {
    rule: 'log/message',
    finding: 'log/could-not-create-any-unix',
    name: 'a group for the socket that this machine does not have',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.configure({ unix_socket_group: 'dbadmins' });
      await standby.tryStart();
    },
    told: async ({ findings }) => expect(findings[0]?.title).toContain('group "dbadmins" does not exist'),
    byHand: async (_step, { standby }) => standby.configure({ unix_socket_group: '' }),
  },
];

/** The newest segments of another cluster, behind those that this one begins with. */
async function foreignArchive(stage: PairStage): Promise<string> {
  const { server } = await aPrimary({ release: stage.release, lifetime: 'file' });
  stage.others.set('foreign', server);
  await passSegments(server, 12, false);
  const wal = join(server.dataDirectory, 'pg_wal');
  const archive = join(stage.standby.folder, 'foreign');
  await stage.standby.run('mkdir', [archive]);
  const segments = (await readdir(wal)).filter((name) => /^[0-9A-F]{24}$/u.test(name)).toSorted();
  for (const name of segments.slice(-5, -2)) await stage.standby.run('cp', [join(wal, name), join(archive, name)]);
  return archive;
}
