import { describe, expect, it } from 'vitest';

import { isSlotName, namedSlot, slotOfName, unusedName, whyNotUsed } from '../../src/derived/named-slot.ts';
import type { NamedSlotSeen } from '../../src/derived/named-slot.ts';
import type { BaseBackupCommand } from '../../src/facts/base-backup.ts';
import type { ReplicationLogin, ReplicationSession } from '../../src/facts/connection.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Observed } from '../../src/facts/observed.ts';
import type { Slot } from '../../src/facts/primary.ts';
import { aSlot, aBaseBackup, aRefusal, aRefusedLogin, aSession, anAttempt } from '../rules/world.ts';

const no = unseen('permission', 'pg_replication_slots: permission denied');
const unreached = unseen('connection', 'db1 was not reached');
const slots = (...all: readonly Slot[]): Observed<readonly Slot[]> => seen(all, 'pg_replication_slots');
const login = (slot: ReplicationSession['slot']): Observed<ReplicationLogin> =>
  seen({ attempts: [anAttempt()], outcome: { accepted: true, session: aSession({ slot }) } }, 'the replication login');
const refused = seen(aRefusedLogin(aRefusal('no-hba-entry', '28000', 'no pg_hba.conf entry')), 'the replication login');

describe('a slot of the primary by its name', () => {
  it.each<readonly [string, Observed<readonly Slot[]>, Observed<ReplicationLogin>, NamedSlotSeen]>([
    [
      'it is listed',
      slots(aSlot({ name: 'other' }), aSlot()),
      unreached,
      {
        kind: 'present',
        name: 'standby1',
        type: 'physical',
        slot: aSlot(),
        reserved: true,
        source: 'pg_replication_slots',
      },
    ],
    [
      'it holds no WAL yet',
      slots(aSlot({ restartLsn: undefined })),
      unreached,
      {
        kind: 'present',
        name: 'standby1',
        type: 'physical',
        slot: aSlot({ restartLsn: undefined }),
        reserved: false,
        source: 'pg_replication_slots',
      },
    ],
    [
      'it is a logical one',
      slots(aSlot({ type: 'logical' })),
      unreached,
      {
        kind: 'present',
        name: 'standby1',
        type: 'logical',
        slot: aSlot({ type: 'logical' }),
        reserved: true,
        source: 'pg_replication_slots',
      },
    ],
    [
      'it is not listed, whatever the login read before',
      slots(aSlot({ name: 'other' })),
      login({ exists: true, reserved: true }),
      { kind: 'absent', name: 'standby1', source: 'pg_replication_slots' },
    ],
    [
      'the login read a physical one',
      no,
      login({ exists: true, reserved: false }),
      {
        kind: 'present',
        name: 'standby1',
        type: 'physical',
        slot: undefined,
        reserved: false,
        source: 'READ_REPLICATION_SLOT',
      },
    ],
    [
      'the login read one that holds WAL',
      no,
      login({ exists: true, reserved: true }),
      {
        kind: 'present',
        name: 'standby1',
        type: 'physical',
        slot: undefined,
        reserved: true,
        source: 'READ_REPLICATION_SLOT',
      },
    ],
    [
      'the login was refused a logical one',
      no,
      login({ exists: 'logical' }),
      {
        kind: 'present',
        name: 'standby1',
        type: 'logical',
        slot: undefined,
        reserved: true,
        source: 'READ_REPLICATION_SLOT',
      },
    ],
    [
      'the login read that there is none',
      no,
      login({ exists: false }),
      { kind: 'absent', name: 'standby1', source: 'READ_REPLICATION_SLOT' },
    ],
    ['before 15 the login reads none', no, login(undefined), { kind: 'unseen', name: 'standby1', why: no.why }],
    ['the login was refused', no, refused, { kind: 'unseen', name: 'standby1', why: no.why }],
    ['there was no login', no, unreached, { kind: 'unseen', name: 'standby1', why: no.why }],
    [
      'the slots were not looked for',
      notApplicable('no connection to ask'),
      unreached,
      {
        kind: 'unseen',
        name: 'standby1',
        why: { kind: 'not-asked', because: 'the replication slots of the primary were not read' },
      },
    ],
  ])('%s', (_, all, session, found) => expect(slotOfName('standby1', all, session)).toEqual(found));
});

describe('the slot of a command line', () => {
  it.each<readonly [string, Partial<BaseBackupCommand>, string | undefined]>([
    ['none is named', {}, 'the command names no slot'],
    ['none is named, and none is wanted', { noSlot: true }, 'the command names no slot'],
    ['it is used', { slot: 'standby1' }, undefined],
    [
      'WAL is fetched at the end',
      { slot: 'standby1', walMethod: 'fetch' },
      '-S cannot be combined with -X fetch, see command/options-conflict',
    ],
    [
      'no WAL is copied',
      { slot: 'standby1', walMethod: 'none', noSlot: true },
      '-S cannot be combined with -X none, see command/options-conflict',
    ],
    [
      'none is wanted as well',
      { slot: 'standby1', noSlot: true },
      '-S cannot be combined with --no-slot, see command/options-conflict',
    ],
  ])('%s', (_, change, because) => {
    const command = aBaseBackup(change);
    expect(whyNotUsed(command)).toBe(because);
    expect(namedSlot({ baseBackup: command, slots: slots(), replicationLogin: unreached })).toEqual(
      because === undefined
        ? { kind: 'absent', name: 'standby1', source: 'pg_replication_slots' }
        : { kind: 'not-used', because },
    );
  });
});

it.each([
  ['standby1', true],
  ['_', true],
  ['0', true],
  ['a'.repeat(63), true],
  ['a'.repeat(64), false],
  ['', false],
  ['Standby1', false],
  ['standby-1', false],
  ['ständby', false],
  ['standby1\n', false],
  ['pg.standby', false],
])('the name of a slot: %j', (name, valid) => expect(isSlotName(name)).toBe(valid));

describe('a name that no slot has yet', () => {
  const named = (...names: readonly string[]) => slots(...names.map((name) => aSlot({ name })));

  it.each<readonly [string, string, Observed<readonly Slot[]>, string]>([
    ['as it is wished', 'standby', named('other', 'standby_2'), 'standby'],
    ['the slots were not seen', 'standby', no, 'standby'],
    ['it is cut off, with place for a number', 'a'.repeat(70), slots(), 'a'.repeat(58)],
  ])('%s', (_, wish, taken, name) => expect(unusedName(wish, taken)).toBe(name));

  it.each(['standby', 'a'.repeat(70)])('one number after the other where %s is taken', (wish) => {
    const names: string[] = [];
    for (let count = 0; count < 4; count += 1) names.push(unusedName(wish, named(...names)));
    const base = wish.slice(0, 58);
    const numbers = names.slice(1).map((name) => Number(name.slice(base.length + 1)));
    expect(numbers).toEqual([2, 3, 4]);
    expect(names).toEqual([base, ...numbers.map((number) => `${base}_${number}`)]);
    expect(names.every(isSlotName)).toBe(true);
  });
});
