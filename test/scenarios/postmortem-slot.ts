import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Step } from '../../src/findings/report.ts';
import { aStandby } from '../lab/pair.ts';
import { until } from '../lab/until.ts';
import { untilArchived, untilReplayed } from '../lab/wal.ts';
import { freeze, notStreaming, pidOf, quick, receiveWal, thaw, untilRefused, writeWal } from './pair-acts.ts';
import { untilSettled } from './until-settled.ts';
import { onlyRoot } from './here.ts';
import { inside, whileDown } from './postmortem-data-directory.ts';
import { resizeWal, smallFileSystemForWal, unmountWal } from './postmortem-mount.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** It tries again each fifth second, as it does by default: between the login and the refusal a receiver says that it streams. */
const withSlot = { standby: { slot: 'standby1' } };

/** The faults of the slot that the standby streams through, and of slots of its own. */
export const slotPostmortems: readonly PostmortemScenario[] = [
  ...(
    [
      ['a directory without state', 'mkdir pg_replslot/child'],
      ['a state of zeros, after a power loss', 'head -c 200 /dev/zero > pg_replslot/child/state'],
    ] as const
  ).map(([name, command]): PostmortemScenario => ({
    rule: 'standby/slot-damaged',
    name,
    fault: async (stage) => {
      const { standby } = stage;
      if (!command.startsWith('mkdir')) await standby.psql("SELECT pg_create_physical_replication_slot('child', true)");
      await whileDown(command)(stage);
      await standby.tryStart();
    },
    consequences: ['standby/not-running'],
  })),
  {
    rule: 'standby/unused-slot',
    name: 'it holds back vacuum on the primary by the feedback of the standby',
    severity: 'warning',
    pair: { settings: { hot_standby_feedback: 'on', wal_receiver_status_interval: '1s' } },
    fault: async ({ primary, standby, others }) => {
      const above = {
        ...primary,
        server: standby,
        conninfo: `host=${standby.folder} port=${standby.port} user=postgres`,
      };
      const child = await aStandby(above, { slot: 'old_child' }, 'file');
      others.set('child', child);
      await until('the slot has a horizon', async () => {
        const [row] = await standby.query('SELECT xmin FROM pg_replication_slots');
        return row?.['xmin'] === null ? null : true;
      });
      await child.stop();
      await primary.server.psql(
        'SET synchronous_commit = off; CREATE PROCEDURE many() LANGUAGE plpgsql AS $$BEGIN FOR n IN 1..10500 LOOP PERFORM txid_current(); COMMIT; END LOOP; END$$; CALL many()',
      );
      await untilReplayed(primary.server, standby);
    },
  },
  {
    rule: 'standby/unused-slot',
    name: 'the file system of pg_wal is full of what it keeps',
    notHere: onlyRoot('mount a small file system'),
    pair: { settings: { max_wal_size: '32MB', min_wal_size: '32MB', wal_keep_size: '512MB' }, standby: quick },
    fault: async ({ primary, standby }) => {
      await standby.psql("SELECT pg_create_physical_replication_slot('old_child', true)");
      await standby.stop();
      await smallFileSystemForWal(standby, 120);
      await standby.configure({ wal_keep_size: '0' });
      await standby.start();
      await writeWal(primary.server, 4);
      await untilReplayed(primary.server, standby);
      await standby.psql('CHECKPOINT');
      await writeWal(primary.server, 6);
      await until('the standby cannot write', async () =>
        /No space left on device/u.test(await standby.log()) ? true : null,
      );
      await untilSettled(standby);
    },
    consequences: ['wal/disk-full', ...notStreaming],
    byHand: async (step, { standby }) => {
      expect(step.text).toContain('make room there for two segments (32 MB)');
      await resizeWal(standby, 400);
    },
    cleanUp: async ({ standby }) => unmountWal(standby),
  },
  {
    rule: 'slot/missing',
    pair: withSlot,
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await primary.server.psql("SELECT pg_drop_replication_slot('standby1')");
      await standby.start();
      await untilRefused(standby);
    },
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'slot/lost',
    name: 'unused for longer than idle_replication_slot_timeout',
    from: 18,
    pair: {
      standby: { slot: 'standby1', ...quick },
      settings: { idle_replication_slot_timeout: '1s', wal_keep_size: '512MB' },
    },
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await until('the slot is invalidated', async () => {
        await primary.server.psql('CHECKPOINT');
        const [row] = await primary.server.query('SELECT invalidation_reason AS why FROM pg_replication_slots');
        return row?.['why'] === 'idle_timeout' ? true : null;
      });
      await standby.start();
      await untilRefused(standby);
    },
    told: async ({ findings }) => expect(findings[0]?.message).toContain('idle_replication_slot_timeout'),
  },
  {
    rule: 'slot/not-synchronized',
    severity: 'warning',
    from: 17,
    pair: {
      settings: { wal_level: 'logical' },
      standby: { settings: { hot_standby_feedback: 'off', sync_replication_slots: 'on' } },
    },
    fault: async ({ standby }) =>
      until('its log says so', async () =>
        (await standby.log()).includes('replication slot synchronization requires') ? true : null,
      ),
  },
  {
    rule: 'slot/in-use',
    name: 'somebody else streams through it',
    pair: withSlot,
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await receiveWal(primary.server, 'standby1');
      await standby.start();
      await untilRefused(standby);
    },
    consequences: ['streaming/not-connected'],
    way: 'mend',
  },
  {
    rule: 'slot/invalid-name',
    name: 'a server that does not start with it',
    pair: { standby: quick },
    fault: async ({ standby }) => {
      await appendFile(join(standby.dataDirectory, 'postgresql.auto.conf'), "primary_slot_name = 'Standby-1'\n");
      await standby.stop();
      await standby.tryStart();
    },
    way: 'mend',
  },
  {
    rule: 'slot/invalid-name',
    name: 'a running server has refused it, and goes by the value of before',
    severity: 'warning',
    fault: async ({ standby }) => {
      await appendFile(join(standby.dataDirectory, 'postgresql.conf'), "primary_slot_name = 'Standby-1'\n");
      await standby.psql('SELECT pg_reload_conf()');
    },
  },
  {
    rule: 'slot/is-logical',
    pair: { settings: { wal_level: 'logical' } },
    fault: async ({ primary, standby }) => {
      await primary.server.psql("SELECT pg_create_logical_replication_slot('changes', 'test_decoding')");
      await standby.psql("ALTER SYSTEM SET primary_slot_name = 'changes'");
      await standby.restart();
      await untilRefused(standby);
    },
    // the exact fix drops nothing: the logical slot stays for whoever made it
    consequences: notStreaming,
    way: 'mend',
  },
  {
    rule: 'slot/lost',
    name: 'the WAL is gone',
    pair: {
      ...withSlot,
      settings: { max_slot_wal_keep_size: '16MB', wal_keep_size: '0', max_wal_size: '64MB' },
    },
    fault: async ({ primary, standby }) => {
      await standby.stop();
      await writeWal(primary.server, 6);
      await untilLost(primary.server);
      await standby.start();
      await untilRefused(standby);
    },
    consequences: notStreaming,
    way: 'new-copy',
  },
  {
    rule: 'standby/library-missing',
    name: 'of a standby whose slot is lost, too',
    besides: ['slot/lost'],
    pair: {
      ...withSlot,
      settings: { max_slot_wal_keep_size: '16MB', wal_keep_size: '0', max_wal_size: '64MB' },
    },
    fault: async (stage) => {
      await whileDown(`echo "shared_preload_libraries = 'no_such_library'" >> postgresql.conf`)(stage);
      await stage.standby.tryStart();
      await writeWal(stage.primary.server, 6);
      await untilLost(stage.primary.server);
    },
    consequences: ['standby/not-running'],
    byHand: async (_step, stage) => inside("sed -i '/no_such_library/d' postgresql.conf")(stage),
    noStream: 'its slot is lost, which is the other finding',
  },
  lostWithArchive({ name: 'the primary archives to where its WAL is', way: 'from-archive' }),
  lostWithArchive({
    name: 'the primary archives to where its WAL is, and a new copy is made',
    way: 'from-archive',
    follow: 'alternative',
    before: async ({ primary }) => primary.server.psql("ALTER SYSTEM SET wal_keep_size = '64MB'"),
  }),
  {
    rule: 'slot/lost',
    name: 'the archive has its WAL',
    // before, a standby that has its WAL takes the slot into use again
    from: 18,
    pair: {
      standby: { slot: 'standby1' },
      settings: {
        max_slot_wal_keep_size: '16MB',
        wal_keep_size: '0',
        max_wal_size: '64MB',
        archive_mode: 'on',
      },
    },
    fault: async ({ primary, standby }) => {
      const archive = join(primary.server.folder, 'archive');
      await primary.server.run('mkdir', [archive]);
      await primary.server.psql(`ALTER SYSTEM SET archive_command = 'cp %p ${archive}/%f'`);
      await primary.server.reload();
      await standby.configure({ restore_command: `cp ${archive}/%f %p` });
      await standby.stop();
      await writeWal(primary.server, 6);
      await untilLost(primary.server);
      await standby.start();
      await untilRefused(standby);
    },
    consequences: notStreaming,
  },
  {
    rule: 'slot/at-risk',
    severity: 'warning',
    besides: ['standby/process-stopped'],
    verdict: 'broken',
    pair: {
      standby: { slot: 'standby1' },
      settings: { max_slot_wal_keep_size: '96MB', max_wal_size: '1GB', wal_sender_timeout: '0' },
    },
    fault: async (stage) => {
      await freeze(stage, await pidOf(stage.standby, 'walreceiver'));
      await writeWal(stage.primary.server, 6, false);
    },
    afterSteps: thaw,
    cleanUp: thaw,
  },
];

/** No restore_command is set, and the directory that the primary archives to lies on this machine. */
function lostWithArchive({
  before,
  ...row
}: Pick<PostmortemScenario, 'way' | 'follow'> & {
  readonly name: string;
  readonly before?: (stage: PairStage) => Promise<unknown>;
}): PostmortemScenario {
  return {
    rule: 'slot/lost',
    ...row,
    pair: {
      ...withSlot,
      settings: { max_slot_wal_keep_size: '16MB', wal_keep_size: '0', max_wal_size: '64MB', archive_mode: 'on' },
    },
    fault: async (stage) => {
      const { primary, standby } = stage;
      const archive = join(primary.server.folder, 'archive');
      await primary.server.run('mkdir', [archive]);
      await primary.server.psql(`ALTER SYSTEM SET archive_command = 'cp %p ${archive}/%f'`);
      await primary.server.reload();
      await standby.stop();
      await writeWal(primary.server, 6);
      await untilLost(primary.server);
      await untilArchived(primary.server);
      await before?.(stage);
      await standby.start();
      await untilRefused(standby);
    },
    consequences: notStreaming,
    told: async ({ findings }) => {
      const { remedy } = findings[0] ?? {};
      const [other] = remedy?.alternatives ?? [];
      const all = (steps: readonly Step[] = []): string => steps.map(({ text }) => text).join('\n');
      expect(all(remedy?.steps)).toMatch(/pg_create_physical_replication_slot.*restore_command/su);
      expect(all(other?.steps)).toMatch(/pg_create_physical_replication_slot.*pg_basebackup/su);
      expect(remedy?.cost?.replayBytes).toBeGreaterThan(5 * 16 * 1024 * 1024);
      expect(other?.because).toMatch(
        /^There are two ways\. The first: \d+ MB of WAL to fetch and replay.* MB to copy/u,
      );
    },
  };
}

async function untilLost(server: ThrowawayServer): Promise<void> {
  await until('the slot is lost', async () => {
    await writeWal(server, 1);
    const [row] = await server.query("SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'standby1'");
    return row?.['wal_status'] === 'lost' ? true : null;
  });
}
