import { expect, it } from 'vitest';

import { followsBack } from '../../src/derived/follows-back.ts';
import type { UpstreamReceiver, UpstreamStandby } from '../../src/facts/upstream-standby.ts';
import { aRunningStandby, aWalSender } from '../rules/standby-world.ts';
import { anAttempt, aSession, lsn } from '../rules/world.ts';

const there = '10.0.0.9';
const upstream = (receiver: UpstreamReceiver | undefined): UpstreamStandby => ({
  receiver,
  restores: undefined,
  position: lsn('0/3000060'),
  moved: false,
  primary: undefined,
});
const receives = (host: string | undefined, port: number | undefined): UpstreamStandby =>
  upstream({ runs: true, host, port });
const hidden = receives(undefined, undefined);

it.each<
  readonly [
    string,
    {
      readonly from?: string;
      readonly state?: string;
      readonly ownAddress?: true;
      readonly name?: string;
      readonly upstream?: UpstreamStandby | undefined;
    },
    string | undefined,
  ]
>([
  ['nobody follows from that address', { from: '10.0.0.8' }, undefined],
  ['a base backup is taken from there', { state: 'backup' }, undefined],
  ['the upstream receives nothing', { upstream: upstream({ runs: false }) }, undefined],
  [
    'the upstream receives from our port',
    { upstream: receives('db2', 5433) },
    'it is connected to port 5433 (pg_stat_wal_receiver there)',
  ],
  ['the upstream receives from another port', { upstream: receives('db2', 5432) }, undefined],
  [
    'both are on one machine, and it receives over localhost',
    { ownAddress: true, upstream: receives('localhost', 5433) },
    'it is connected to port 5433 (pg_stat_wal_receiver there)',
  ],
  [
    'both are on one machine, and it receives from another',
    { ownAddress: true, upstream: receives('db7', 5433) },
    undefined,
  ],
  [
    'its name is that of a standby here',
    { name: 'walreceiver', upstream: hidden },
    'walreceiver from 10.0.0.9 is a standby of this one (pg_stat_replication)',
  ],
  [
    'its name is not shown, and the address is of another machine',
    { upstream: hidden },
    'a standby at 10.0.0.9 follows this one (pg_stat_replication)',
  ],
  ['its name is not shown, and the address is of this machine', { ownAddress: true, upstream: hidden }, undefined],
  [
    'nothing of the upstream is known but its address',
    { upstream: undefined },
    'a standby at 10.0.0.9 follows this one (pg_stat_replication)',
  ],
])('%s', (_, { from = there, state = 'streaming', ownAddress = false, name, upstream: known }, said) => {
  const sender = aWalSender({
    address: from,
    state,
    applicationName: state === 'backup' ? 'pg_basebackup' : 'walreceiver',
  });
  const session = aSession({
    attempt: anAttempt({ address: there }),
    ownAddress,
    settings: new Map(name === undefined ? [] : [['cluster_name', name]]),
  });
  expect(followsBack(aRunningStandby({ port: 5433, senders: [sender] }), session, known)).toBe(said);
});
