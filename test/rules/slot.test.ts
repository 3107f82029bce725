import { unseen } from '../../src/facts/observed.ts';
import type { NamedSlot } from '../../src/facts/connection.ts';
import { existsAlready } from '../../src/rules/slot/exists-already.ts';
import { inUse } from '../../src/rules/slot/in-use.ts';
import { invalidName } from '../../src/rules/slot/invalid-name.ts';
import { isLogical } from '../../src/rules/slot/is-logical.ts';
import { keepSizeBelowCopy } from '../../src/rules/slot/keep-size-below-copy.ts';
import { missing } from '../../src/rules/slot/missing.ts';
import { noWalReserved } from '../../src/rules/slot/no-wal-reserved.ts';
import { testRule } from './rule-tester.ts';
import { aSlot, aBaseBackup, anAttempt, aSession, someSettings } from './world.ts';

const words = {
  slot: { name: 'slot', written: '-S standby1', words: ['-S', 'standby1'] },
  create: { name: 'create-slot', written: '-C', words: ['-C'] },
};
const named = aBaseBackup({ slot: 'standby1', options: [words.slot] });
const made = aBaseBackup({ slot: 'standby1', createsSlot: true, options: [words.create, words.slot] });
/** pg_basebackup ends before it asks for the slot: command/options-conflict. */
const unused = [
  {
    name: 'no stream',
    facts: { baseBackup: aBaseBackup({ ...named, walMethod: 'fetch' as const }) },
    because: /-X fetch/,
  },
  { name: '--no-slot', facts: { baseBackup: aBaseBackup({ ...named, noSlot: true }) }, because: /--no-slot/ },
];
const notAsked = unseen('not-asked', 'no --admin connection was given');

/** Without --admin: READ_REPLICATION_SLOT on the replication connection. */
const read = (slot: NamedSlot | undefined) => ({
  slots: notAsked,
  replicationLogin: { attempts: [anAttempt()], outcome: { accepted: true as const, session: aSession({ slot }) } },
});

testRule(missing, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'it is there', facts: { baseBackup: named, slots: [aSlot()] }, because: /pg_replication_slots|the test/ },
    { name: 'it is there, without --admin', facts: { baseBackup: named, ...read({ exists: true, reserved: true }) } },
  ],
  notApplicable: [
    ...unused,
    { name: 'the command makes it', facts: { baseBackup: made } },
    { name: 'no slot can be called that', facts: { baseBackup: aBaseBackup({ slot: 'Standby-1' }) } },
  ],
  unexamined: [{ name: 'neither way to see it', facts: { baseBackup: named, ...read(undefined) }, because: /--admin/ }],
  fails: [
    {
      name: 'it is not there',
      facts: { baseBackup: named },
      steps: ["SELECT pg_create_physical_replication_slot('standby1', true);"],
      risk: 'safe',
    },
    { name: 'it is not there, without --admin', facts: { baseBackup: named, ...read({ exists: false }) } },
  ],
});

testRule(existsAlready, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'it is not there yet', facts: { baseBackup: made } },
    { name: 'it is not there yet, without --admin', facts: { baseBackup: made, ...read({ exists: false }) } },
  ],
  notApplicable: [{ name: 'the command makes none', facts: { baseBackup: named, slots: [aSlot()] } }],
  unexamined: [{ name: 'neither way to see it', facts: { baseBackup: made, ...read(undefined) } }],
  fails: [
    {
      name: 'a slot that nobody uses',
      facts: { baseBackup: made, slots: [aSlot()] },
      steps: ['standbylint preflight pg_basebackup -S standby1'],
    },
    {
      name: 'a slot that another standby uses',
      facts: { baseBackup: made, slots: [aSlot({ active: true, activePid: 77 }), aSlot({ name: 'standby1_new' })] },
      message: /in use by process 77/,
      steps: ['standbylint preflight pg_basebackup -C -S standby1_new_2'],
    },
    { name: 'a logical one', facts: { baseBackup: made, ...read({ exists: 'logical' }) }, message: /logical/ },
  ],
});

testRule(inUse, {
  healthyIs: 'not-applicable',
  passes: [{ name: 'nobody uses it', facts: { baseBackup: named, slots: [aSlot()] } }],
  notApplicable: [
    ...unused,
    { name: 'it is not there', facts: { baseBackup: named } },
    { name: 'a logical one', facts: { baseBackup: named, slots: [aSlot({ type: 'logical', active: true })] } },
  ],
  unexamined: [
    {
      name: 'READ_REPLICATION_SLOT does not tell',
      facts: { baseBackup: named, ...read({ exists: true, reserved: true }) },
    },
  ],
  fails: [
    {
      name: 'another standby streams through it',
      facts: {
        baseBackup: named,
        slots: [aSlot({ active: true, activePid: 77 })],
        walSenders: [
          {
            pid: 77,
            user: 'replicator',
            applicationName: 'db2',
            address: '10.0.0.9',
            state: 'streaming',
            syncState: 'async',
            sentLsn: undefined,
            replayLsn: undefined,
          },
        ],
      },
      message: /Slot "standby1" is in use by process 77 \(db2 from 10\.0\.0\.9\)\./,
      steps: ['standbylint preflight pg_basebackup -C -S standby1_new'],
    },
  ],
});

testRule(isLogical, {
  healthyIs: 'not-applicable',
  notApplicable: unused,
  passes: [{ name: 'physical', facts: { baseBackup: named, slots: [aSlot()] } }],
  unexamined: [{ name: 'neither way to see it', facts: { baseBackup: named, ...read(undefined) } }],
  fails: [
    {
      name: 'logical',
      facts: { baseBackup: named, slots: [aSlot({ type: 'logical' })] },
      steps: ['standbylint preflight pg_basebackup -C -S standby1_physical'],
    },
    { name: 'logical, without --admin', facts: { baseBackup: named, ...read({ exists: 'logical' }) } },
  ],
});

testRule(invalidName, {
  healthyIs: 'not-applicable',
  notApplicable: unused,
  passes: [{ name: 'digits first', facts: { baseBackup: aBaseBackup({ slot: '1_standby' }) } }],
  fails: [
    {
      name: 'a host name',
      facts: { baseBackup: aBaseBackup({ slot: 'DB-2.example' }) },
      message: /"D", "B", "-", "\."/,
      steps: ['standbylint preflight pg_basebackup -C -S db_2_example'],
    },
    {
      name: 'a host name, whose like is there',
      facts: { baseBackup: aBaseBackup({ slot: 'Standby1' }), slots: [aSlot()] },
      steps: ['standbylint preflight pg_basebackup -S standby1'],
    },
    {
      name: 'a host name, whose like is there and is to be made',
      facts: { baseBackup: aBaseBackup({ slot: 'Standby1', createsSlot: true }), slots: [aSlot()] },
      steps: ['standbylint preflight pg_basebackup -C -S standby1_2'],
    },
    {
      name: 'a host name, and the slots are not seen',
      facts: { baseBackup: aBaseBackup({ slot: 'Standby1' }), ...read(undefined) },
      steps: ['standbylint preflight pg_basebackup -S standby1'],
    },
    { name: 'too long', facts: { baseBackup: aBaseBackup({ slot: 'a'.repeat(64) }) }, message: /64 characters/ },
    { name: 'empty', facts: { baseBackup: aBaseBackup({ slot: '' }) }, message: /it is empty/ },
  ],
});

testRule(noWalReserved, {
  healthyIs: 'not-applicable',
  notApplicable: unused,
  passes: [
    { name: 'it keeps WAL', facts: { baseBackup: named, slots: [aSlot()] } },
    { name: 'it keeps WAL, without --admin', facts: { baseBackup: named, ...read({ exists: true, reserved: true }) } },
  ],
  unexamined: [{ name: 'neither way to see it', facts: { baseBackup: named, ...read(undefined) } }],
  fails: [
    {
      name: 'never used',
      facts: { baseBackup: named, slots: [aSlot({ restartLsn: undefined, walStatus: undefined })] },
      severity: 'warning',
    },
    { name: 'never used, without --admin', facts: { baseBackup: named, ...read({ exists: true, reserved: false }) } },
  ],
});

const measured = (walBytesPerSecond: number | undefined) => ({
  dataBytes: 41_943_040_000n,
  walBytes: undefined,
  tablespaces: [],
  walBytesPerSecond,
});
const bounded = someSettings({ max_slot_wal_keep_size: '1024' });

testRule(keepSizeBelowCopy, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'no bound', facts: { baseBackup: named } },
    {
      name: 'it suffices',
      facts: { baseBackup: named, primarySettings: bounded, copySize: measured(1024 * 1024) },
      because: /1 MB of WAL per second, about 400 MB in the 7 min/,
    },
  ],
  unexamined: [
    {
      name: 'no rate',
      facts: { baseBackup: named, primarySettings: bounded, copySize: measured(undefined) },
      because: /too close together/,
    },
    { name: 'no size', facts: { baseBackup: named, primarySettings: bounded, copySize: notAsked } },
  ],
  fails: [
    {
      name: 'more is written while the copy lasts',
      facts: { baseBackup: named, primarySettings: bounded, copySize: measured(10 * 1024 * 1024) },
      message: /10 MB of WAL per second, about 3\.9 GB in the 7 min/,
      steps: ["ALTER SYSTEM SET max_slot_wal_keep_size = '8GB';", 'SELECT pg_reload_conf();'],
    },
    {
      name: '-r makes the copy last longer',
      facts: {
        baseBackup: aBaseBackup({ slot: 'standby1', maxRate: 10 * 1024 * 1024 }),
        primarySettings: bounded,
        copySize: measured(1024 * 1024),
      },
    },
  ],
});
