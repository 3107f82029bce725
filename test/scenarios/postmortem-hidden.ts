import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { execa } from 'execa';
import { expect } from 'vitest';

import { aServer } from '../lab/strange-servers.ts';
import { until } from '../lab/until.ts';
import { passSegments, untilReplayed } from '../lab/wal.ts';
import { onlyRoot } from './here.ts';
import { changeConninfo, notStreaming, quick } from './pair-acts.ts';
import { inside, whileDown } from './postmortem-data-directory.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';
import { untilSettled } from './until-settled.ts';

const inPlace = async ({ primary: { server }, standby }: PairStage): Promise<void> => {
  await server.psql("SET allow_in_place_tablespaces = on; CREATE TABLESPACE space LOCATION ''");
  await server.psql('CREATE TABLE in_space (n int) TABLESPACE space');
  await untilReplayed(server, standby);
};

/** What neither side says of itself, or says in words that name something else. */
export const hiddenPostmortems: readonly PostmortemScenario[] = [
  {
    rule: 'primary/next-start-fails',
    name: 'standby.signal comes into the running primary',
    fault: async ({ primary: { server } }) => server.run('touch', [join(server.dataDirectory, 'standby.signal')]),
    told: async (_report, { primary: { server } }) => {
      const [row] = await server.query('SELECT pg_is_in_recovery() AS waits');
      expect(row?.['waits']).toBe('f');
    },
  },
  {
    rule: 'primary/next-start-fails',
    name: 'pg_hba.conf is emptied under the running primary',
    severity: 'warning',
    fault: async ({ primary: { server } }) =>
      server.run('sh', ['-c', `cd ${server.dataDirectory} && cp pg_hba.conf ../kept && : >pg_hba.conf`]),
    byHand: async (_step, { primary: { server } }) =>
      server.run('sh', ['-c', `cd ${server.dataDirectory} && cp ../kept pg_hba.conf`]),
  },
  {
    rule: 'primary/next-start-fails',
    name: 'recovery.conf, and a directory that others may read',
    severity: 'warning',
    fault: async ({ primary: { server } }) =>
      server.run('sh', ['-c', `cd ${server.dataDirectory} && touch recovery.conf && chmod 0755 .`]),
  },
  {
    rule: 'primary/failover-slots-wait',
    severity: 'warning',
    from: 17,
    pair: { settings: { wal_level: 'logical' }, standby: { slot: 'standby1' } },
    fault: async ({ primary: { server } }) => {
      await server.psql("SELECT pg_create_logical_replication_slot('orders', 'test_decoding', false, false, true)");
      await server.psql("ALTER SYSTEM SET synchronized_standby_slots = 'standby1, gone'");
      await server.reload();
    },
  },
  {
    rule: 'streaming/stalled',
    name: 'the connection is dead, the primary has none, and wal_receiver_timeout is 0',
    pair: { standby: { settings: { wal_retrieve_retry_interval: '1s', wal_receiver_timeout: '0' } } },
    fault: async (stage) => {
      const port = await aFirewallThatForgets(stage);
      await changeConninfo(stage, (text) => text.replace(/port=\d+/u, `port=${port}`), false);
      await until('it streams through the firewall', async () => {
        const [row] = await stage.standby.query('SELECT status, sender_port FROM pg_stat_wal_receiver');
        return row?.['status'] === 'streaming' && Number(row['sender_port']) === port ? true : null;
      });
      await passSegments(stage.primary.server, 1, false);
      await stage.primary.server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      await pause(62_000);
    },
    consequences: ['streaming/not-seen-by-primary'],
  },
  {
    rule: 'wal/invalid-record-loop',
    name: 'a record is damaged on this standby',
    pair: { standby: { ...quick, slot: 'this_standby' } },
    fault: async (stage) => {
      const undo = await damagedRecord(stage);
      await undo();
    },
    consequences: [...notStreaming],
    way: 'catch-up',
  },
  {
    rule: 'wal/invalid-record-loop',
    name: 'a record is damaged on the primary',
    pair: { standby: { ...quick, slot: 'this_standby' } },
    fault: async (stage) => {
      await damagedRecord(stage);
      await stage.standby.restart();
      await untilItStands(stage);
    },
    consequences: [...notStreaming],
    way: 'new-copy',
  },
  {
    rule: 'standby/tablespace-link-broken',
    name: 'an in-place tablespace of the primary, and it streams',
    severity: 'warning',
    fault: inPlace,
  },
  {
    rule: 'standby/tablespace-link-broken',
    name: 'an in-place tablespace of the primary, and it was started again',
    fault: async (stage) => {
      await inPlace(stage);
      await whileDown('true')(stage);
      await stage.standby.tryStart();
    },
    consequences: ['standby/not-running'],
    way: 'mend',
  },
  {
    rule: 'standby/tablespace-link-broken',
    name: 'a copy that followed the links',
    fault: async (stage) => {
      const { primary, standby } = stage;
      await primary.server.run('mkdir', ['space']);
      await primary.server.psql(`CREATE TABLESPACE space LOCATION '${primary.server.folder}/space'`);
      await primary.server.psql('CREATE TABLE in_space (n int) TABLESPACE space');
      await standby.stop();
      await standby.run('rm', ['-r', standby.dataDirectory]);
      await standby.copyFrom(primary.server, {
        conninfo: `${primary.conninfo} password='${primary.password}'`,
        more: [`--tablespace-mapping=${primary.server.folder}/space=${standby.folder}/space`],
      });
      await inside('cp -rL . ../copy && cd .. && rm -r data space && mv copy data && chmod 0700 data')(stage);
    },
  },
  {
    rule: 'standby/incomplete-backup',
    name: 'every directory that a copy has empty was left out',
    fault: whileDown(
      'rm -r pg_notify pg_snapshots pg_twophase pg_stat pg_serial pg_dynshmem pg_commit_ts pg_replslot pg_subtrans',
    ),
  },
  {
    rule: 'standby/library-missing',
    name: 'dynamic_library_path leads the WAL receiver away from its library',
    pair: { standby: quick },
    fault: async (stage) => {
      await whileDown('echo "dynamic_library_path = \'/opt/old/lib\'" >> postgresql.conf')(stage);
      await stage.standby.start();
      await untilSettled(stage.standby);
    },
    consequences: [...notStreaming],
  },
  {
    rule: 'standby/wrong-owner',
    name: 'a number that no account has any more',
    notHere: onlyRoot('give a directory to another user'),
    asRoot: true,
    fault: async (stage) => {
      await stage.standby.stop();
      await execa('chown', ['-R', '4321:4321', stage.standby.dataDirectory]);
    },
    byHand: async (step) => {
      expect(step.text).toMatch(/^As root: chown -R/u);
      await execa('sh', ['-c', step.text.replace('As root: ', '')]);
    },
  },
];

/** Of the first connection it passes so much on, and after that nothing, and nobody is told. */
async function aFirewallThatForgets({ primary }: PairStage): Promise<number> {
  let connections = 0;
  return aServer((near: Socket) => {
    connections += 1;
    const passes = connections === 1 ? 30_000 : Infinity;
    let passed = 0;
    const far = connect(primary.server.port, '127.0.0.1');
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      passed += bytes.length;
      if (passed < passes) near.write(bytes);
    });
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('close', () => far.destroy());
  });
}

/** In a segment that the standby has yet to fetch, which is right again for whoever fetches it after `undo`. */
async function damagedRecord(stage: PairStage): Promise<() => Promise<unknown>> {
  const { primary, standby } = stage;
  await standby.stop();
  await passSegments(primary.server, 3, false);
  const shell = async (text: string): Promise<string> =>
    (await primary.server.run('sh', ['-c', `cd data/pg_wal && ${text}`])).stdout.trim();
  const segment = await shell("ls | grep -E '^[0-9A-F]{24}$' | sort | tail -n 3 | head -n 1");
  await shell(`cp ${segment} ../../whole && printf ZZZZZZZZZZZZZZZZ | dd of=${segment} bs=1 seek=40000 conv=notrunc`);
  await standby.start();
  await untilItStands(stage);
  return async () => shell(`cp ../../whole ${segment}`);
}

/** It has come upon the record as often as the log has to show. */
async function untilItStands({ standby }: PairStage): Promise<void> {
  await pause(6_000);
  expect(await standby.logTail()).toMatch(/incorrect resource manager data checksum/u);
}
