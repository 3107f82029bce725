import { describe, expect, it } from 'vitest';

import { topologyOf } from '../../src/derived/topology.ts';
import { unseen } from '../../src/facts/observed.ts';
import type { TopologyServer } from '../../src/findings/topology.ts';
import { world } from '../rules/rule-tester.ts';
import type { Changes } from '../rules/rule-tester.ts';
import { aReceiver, aRunningStandby, aStoppedDirectory, aWalSender, healthyStandby } from '../rules/standby-world.ts';
import { aBaseBackup, aPrimary, healthy, lsn } from '../rules/world.ts';

const ofStandby = (changes: Changes): readonly TopologyServer[] => topologyOf(world(changes, healthyStandby));
const another = aWalSender({ pid: 901, applicationName: 'db3', address: '10.0.0.8', replayLsn: lsn('0/2000060') });
const systemIdentifier = '7710717925441494094';
const primary: TopologyServer = {
  ...{ side: 'primary', role: 'primary', timeline: 1 },
  ...{ systemIdentifier, address: '10.0.0.1', port: 5432 },
};

describe('the servers of a post-mortem', () => {
  it('has a standby that streams once, beside the others of its primary', () => {
    expect(ofStandby({ walSenders: [aWalSender(), another] })).toEqual([
      primary,
      {
        ...{ side: 'standby', role: 'standby', timeline: 1, name: 'walreceiver' },
        ...{ systemIdentifier, address: '10.0.0.7', port: 5433 },
        receives: { from: 0, state: 'streaming', lagBytes: 0 },
      },
      {
        ...{ role: 'standby', name: 'db3', address: '10.0.0.8' },
        receives: { from: 0, state: 'streaming', lagBytes: 16_777_216 },
      },
    ]);
  });

  it('has no others where one of them can be the examined standby itself', () => {
    const running = aRunningStandby({ reportsAs: 'another name' });
    expect(ofStandby({ runningStandby: running, walSenders: [another] })).toHaveLength(2);
    const hidden = unseen('permission', 'the server refuses user root', 'add --standby CONNINFO');
    expect(ofStandby({ runningStandby: hidden, walSenders: [another] })).toHaveLength(2);
  });

  it('has the slot that is used, or set', () => {
    const slotOf = (changes: Changes): string | undefined => ofStandby(changes)[1]?.receives?.slot;
    expect(slotOf({ runningStandby: aRunningStandby({ receiver: aReceiver({ slotName: 'db2' }) }) })).toBe('db2');
    const settings = new Map(aRunningStandby().settings).set('primary_slot_name', {
      ...{ value: 'db2', pendingRestart: false, source: 'configuration file' },
    });
    expect(slotOf({ runningStandby: aRunningStandby({ receiver: undefined, settings }) })).toBe('db2');
    expect(slotOf({})).toBeUndefined();
  });

  it('says what is not received, and what was not seen', () => {
    const stateOf = (changes: Changes): string | undefined => ofStandby(changes)[1]?.receives?.state;
    const gone = unseen('connection', 'no server runs on this data directory');
    expect(stateOf({ runningStandby: gone, dataDirectory: aStoppedDirectory() })).toBe('none');
    expect(stateOf({ runningStandby: gone })).toBe('unknown');
    expect(stateOf({ runningStandby: aRunningStandby({ receiver: undefined }) })).toBe('none');
    expect(stateOf({ runningStandby: aRunningStandby({ receiver: undefined, receiverHidden: true }) })).toBe('unknown');
    expect(stateOf({ runningStandby: aRunningStandby({ receiver: aReceiver({ status: 'waiting' }) }) })).toBe(
      'waiting',
    );
  });

  it('goes up and down a cascade', () => {
    const runningStandby = aRunningStandby({ senders: [another, aWalSender({ pid: 902, state: 'backup' })] });
    const servers = ofStandby({ primary: aPrimary({ inRecovery: true }), runningStandby });
    expect(servers.map(({ side, role, name, receives }) => [side ?? name, role, receives?.from])).toEqual([
      [undefined, 'primary', undefined],
      ['primary', 'standby', 0],
      ['standby', 'standby', 1],
      ['db3', 'standby', 2],
    ]);
  });
});

it('has the standby that a preflight is for', () => {
  const facts = world({ baseBackup: aBaseBackup({ slot: 'db2' }), walSenders: [another] }, healthy);
  expect(topologyOf(facts).map(({ role, receives }) => [role, receives?.state, receives?.slot])).toEqual([
    ['primary', undefined, undefined],
    ['copy', 'planned', 'db2'],
    ['standby', 'streaming', undefined],
  ]);
});
