import { describe, expect, it } from 'vitest';

import { isCopy, isSynchronousState, nameOf, ourSender } from '../../src/derived/our-sender.ts';
import type { OurSender, SendersSeen } from '../../src/derived/our-sender.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Slot, WalSender } from '../../src/facts/primary.ts';
import type { RunningStandby } from '../../src/facts/running-standby.ts';
import { aConninfo, aReceiver, aRunningStandby, aWalSender } from '../rules/standby-world.ts';

const no = unseen('connection', 'the primary was not reached');
const aSlot = (change: Partial<Slot> = {}): Slot => ({
  name: 'standby1',
  type: 'physical',
  active: true,
  activePid: 901,
  temporary: false,
  restartLsn: undefined,
  walStatus: undefined,
  safeWalBytes: undefined,
  retainedBytes: undefined,
  invalidationReason: undefined,
  ...change,
});
const world = (change: Partial<SendersSeen> = {}): SendersSeen => ({
  walSenders: seen([], 'pg_stat_replication'),
  slots: seen([], 'pg_replication_slots'),
  standbyConninfo: seen(aConninfo(), 'its files'),
  ...change,
});
const senders = (...all: readonly WalSender[]): SendersSeen['walSenders'] => seen(all, 'pg_stat_replication');
const slots = (...all: readonly Slot[]): SendersSeen['slots'] => seen(all, 'pg_replication_slots');
const first = aWalSender({ pid: 901 });
const second = aWalSender({ pid: 902 });
const stranger = aWalSender({ pid: 903, applicationName: 'reports' });
const copying = aWalSender({ pid: 904, state: 'backup' });
const hidden = aWalSender({ pid: 905, state: undefined, applicationName: undefined });
const inSlot = aRunningStandby({ receiver: aReceiver({ slotName: 'standby1' }) });
const setToSlot = (value: string, change: Partial<RunningStandby> = {}): RunningStandby =>
  aRunningStandby({
    receiver: undefined,
    settings: new Map([['primary_slot_name', { value, pendingRestart: false, source: 'configuration file' }]]),
    ...change,
  });

describe('the row of a standby on its primary', () => {
  it.each<readonly [string, RunningStandby, Partial<SendersSeen>, OurSender]>([
    ['the rows were not seen', aRunningStandby(), { walSenders: no }, { kind: 'unseen', why: no.why }],
    [
      'the rows do not apply',
      aRunningStandby(),
      { walSenders: notApplicable('no upstream is known') },
      { kind: 'unseen', why: { kind: 'not-asked', because: 'no upstream is known' } },
    ],
    [
      'every row is hidden',
      aRunningStandby(),
      { walSenders: senders(hidden, hidden) },
      {
        kind: 'unseen',
        why: {
          kind: 'permission',
          because: 'pg_stat_replication: the connection to the primary can read only the process IDs',
          remedy: 'add --admin CONNINFO, a connection as a superuser or as a member of pg_monitor',
        },
      },
    ],
    ['there is no row', aRunningStandby(), {}, { kind: 'absent', all: [], name: 'walreceiver' }],
    [
      'some rows are hidden',
      aRunningStandby(),
      { walSenders: senders(hidden, first) },
      { kind: 'found', sender: first, by: 'application_name walreceiver' },
    ],
    [
      'one has the name',
      aRunningStandby(),
      { walSenders: senders(stranger, first) },
      { kind: 'found', sender: first, by: 'application_name walreceiver' },
    ],
    [
      'none has the name',
      aRunningStandby(),
      { walSenders: senders(stranger) },
      { kind: 'absent', all: [stranger], name: 'walreceiver' },
    ],
    [
      'two have the name',
      aRunningStandby(),
      { walSenders: senders(first, stranger, second) },
      { kind: 'several', senders: [first, second], name: 'walreceiver' },
    ],
    [
      'a base backup has the name as well',
      aRunningStandby(),
      { walSenders: senders(copying, first) },
      { kind: 'found', sender: first, by: 'application_name walreceiver' },
    ],
    [
      'only a base backup has the name',
      aRunningStandby(),
      { walSenders: senders(copying) },
      { kind: 'absent', all: [copying], name: 'walreceiver' },
    ],
    [
      'the name is not known',
      aRunningStandby(),
      { walSenders: senders(first), standbyConninfo: no },
      { kind: 'absent', all: [first], name: undefined },
    ],
    [
      'two have the name, and one holds the slot',
      inSlot,
      { walSenders: senders(second, first), slots: slots(aSlot({ name: 'other', activePid: 902 }), aSlot()) },
      { kind: 'found', sender: first, by: 'slot standby1' },
    ],
    [
      'the slot alone, where the name is not known',
      inSlot,
      { walSenders: senders(second, stranger), slots: slots(aSlot({ activePid: 903 })), standbyConninfo: no },
      { kind: 'found', sender: stranger, by: 'slot standby1' },
    ],
    [
      'a server of another name holds the slot',
      inSlot,
      { walSenders: senders(stranger, first), slots: slots(aSlot({ activePid: 903 })) },
      { kind: 'found', sender: first, by: 'application_name walreceiver' },
    ],
    [
      'a server of another name holds the slot, and this one has no row',
      inSlot,
      { walSenders: senders(stranger), slots: slots(aSlot({ activePid: 903 })) },
      { kind: 'absent', all: [stranger], name: 'walreceiver' },
    ],
    [
      'nobody holds the slot',
      inSlot,
      { walSenders: senders(first, second), slots: slots(aSlot({ active: false, activePid: undefined })) },
      { kind: 'several', senders: [first, second], name: 'walreceiver' },
    ],
    [
      'who holds the slot has no row',
      inSlot,
      { walSenders: senders(first), slots: slots(aSlot({ activePid: 999 })) },
      { kind: 'found', sender: first, by: 'application_name walreceiver' },
    ],
    [
      'the slots were not seen',
      inSlot,
      { walSenders: senders(first), slots: no },
      { kind: 'found', sender: first, by: 'application_name walreceiver' },
    ],
    [
      'the slot that is set, where no receiver is seen',
      setToSlot('standby1'),
      { walSenders: senders(first, second), slots: slots(aSlot()) },
      { kind: 'found', sender: first, by: 'slot standby1' },
    ],
    [
      'the slot of the receiver, whatever is set now',
      setToSlot('other', { receiver: aReceiver({ slotName: 'standby1' }) }),
      { walSenders: senders(first, second), slots: slots(aSlot(), aSlot({ name: 'other', activePid: 902 })) },
      { kind: 'found', sender: first, by: 'slot standby1' },
    ],
    [
      'no slot is set',
      setToSlot(''),
      { walSenders: senders(first, second), slots: slots(aSlot({ name: '' })) },
      { kind: 'several', senders: [first, second], name: 'walreceiver' },
    ],
    [
      'the name that the receiver took',
      aRunningStandby({ reportsAs: 'reports' }),
      { walSenders: senders(first, stranger) },
      { kind: 'found', sender: stranger, by: 'application_name reports' },
    ],
  ])('%s', (_, server, change, found) => expect(ourSender(server, world(change))).toEqual(found));
});

describe('the name that a standby reports', () => {
  it.each<readonly [string, { readonly reportsAs?: string }, string | undefined, string | undefined]>([
    ['as its files give it', {}, 'walreceiver', 'walreceiver'],
    ['as its receiver took it', { reportsAs: 'before' }, 'after', 'before'],
    ['its files were not read', { reportsAs: 'before' }, undefined, 'before'],
    ['an empty one', { reportsAs: 'walreceiver' }, '', ''],
    ['nothing was seen', {}, undefined, undefined],
  ])('%s', (_, server, reportsAs, name) =>
    expect(nameOf(server, reportsAs === undefined ? undefined : aConninfo({ reportsAs }))).toBe(name),
  );
});

it.each<readonly [string, Partial<WalSender>, boolean]>([
  ['a standby', {}, false],
  ['a standby that catches up', { state: 'catchup' }, false],
  ['a base backup by any name', { state: 'backup' }, true],
  ['the second connection of pg_basebackup', { applicationName: 'pg_basebackup' }, true],
  ['pg_receivewal', { applicationName: 'pg_receivewal' }, true],
  ['a name that begins like it', { applicationName: 'pg_basebackup2' }, false],
])('a copy or a standby: %s', (_, change, copy) => expect(isCopy(aWalSender(change))).toBe(copy));

it.each([
  ['sync', true],
  ['quorum', true],
  ['potential', false],
  ['async', false],
  [undefined, false],
])('a commit waits for it: %s', (state, waits) => expect(isSynchronousState(state)).toBe(waits));
