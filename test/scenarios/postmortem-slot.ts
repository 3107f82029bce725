import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ThrowawayServer } from '../../src/demo/throwaway-server.ts';
import { until } from '../lab/until.ts';
import { freeze, notStreaming, pidOf, quick, receiveWal, thaw, untilRefused, writeWal } from './pair-acts.ts';
import type { PostmortemScenario } from './postmortem.ts';

/** It tries again each fifth second, as it does by default: between the login and the refusal a receiver says that it streams. */
const withSlot = { standby: { slot: 'standby1' } };

/** The faults of the slot that the standby streams through. */
export const slotPostmortems: readonly PostmortemScenario[] = [
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

async function untilLost(server: ThrowawayServer): Promise<void> {
  await until('the slot is lost', async () => {
    await writeWal(server, 1);
    const [row] = await server.query("SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'standby1'");
    return row?.['wal_status'] === 'lost' ? true : null;
  });
}
