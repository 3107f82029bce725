import { unseen } from '../../src/facts/observed.ts';
import type { RunningStandby } from '../../src/facts/running-standby.ts';
import { atRisk } from '../../src/rules/slot/at-risk.ts';
import { inUse } from '../../src/rules/slot/in-use.ts';
import { invalidName } from '../../src/rules/slot/invalid-name.ts';
import { isLogical } from '../../src/rules/slot/is-logical.ts';
import { lost } from '../../src/rules/slot/lost.ts';
import { missing } from '../../src/rules/slot/missing.ts';
import { aPatroniMember } from './manager/managers.ts';
import { testRule } from './rule-tester.ts';
import {
  anArchive,
  aConfiguration,
  aReceiver,
  aRunningStandby,
  aStoppedDirectory,
  aWalSender,
  autoConf,
  conninfo,
  directory,
  healthyStandby,
  sixteenMegabytes,
} from './standby-world.ts';
import { aSlot, lsn, someSettings } from './world.ts';

const bin = '/usr/lib/postgresql/15/bin';

/** A running standby that is told to use this slot, and whether it streams through it. */
const withSlot = (name: string, streams = false): { readonly runningStandby: RunningStandby } => {
  const standby = aRunningStandby(
    streams
      ? { receiver: aReceiver({ slotName: name }) }
      : {
          receiver: undefined,
          replay: {
            ...aRunningStandby().replay,
            moves: false,
            again: { afterMs: 250, receivedLsn: undefined, replayedLsn: undefined, receiverStatus: undefined },
          },
        },
  );
  const set = { value: name, pendingRestart: false, source: 'configuration file' };
  return { runningStandby: { ...standby, settings: new Map([...standby.settings, ['primary_slot_name', set]]) } };
};

const stopped = (name: string) => ({
  dataDirectory: aStoppedDirectory(),
  runningStandby: { status: 'not-applicable', why: 'no server runs there' } as const,
  standbyConfiguration: aConfiguration([
    ['primary_conninfo', conninfo, autoConf, 3],
    ['primary_slot_name', name, autoConf, 4],
  ]),
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: bin } as const,
    running: false,
  },
});

const notAsked = unseen('not-asked', 'no --admin connection was given');
const promoted = { runningStandby: aRunningStandby({ inRecovery: false }) };
const reload = 'SELECT pg_reload_conf();';

testRule(
  missing,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'it is there', facts: { ...stopped('standby1'), slots: [aSlot()] } },
      { name: 'it streams through it', facts: { ...withSlot('standby1', true), slots: notAsked } },
    ],
    notApplicable: [
      { name: 'promoted', facts: promoted },
      {
        name: 'a member of Patroni is down, and so its leader has dropped the slot',
        facts: { ...stopped('standby1'), manager: aPatroniMember({ runs: false }) },
      },
    ],
    unexamined: [{ name: 'the primary was not asked', facts: { ...withSlot('standby1'), slots: notAsked } }],
    fails: [
      {
        name: 'a running standby',
        facts: withSlot('standby1'),
        severity: 'error',
        message: /ends each connection/,
        steps: ["SELECT pg_create_physical_replication_slot('standby1', true);"],
      },
      { name: 'a stopped one', facts: stopped('standby1') },
    ],
  },
  healthyStandby,
);

testRule(
  inUse,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'its own', facts: { ...withSlot('standby1', true), slots: [aSlot({ active: true, activePid: 900 })] } },
      { name: 'nobody uses it', facts: { ...withSlot('standby1'), slots: [aSlot()] } },
    ],
    notApplicable: [
      {
        name: 'its server is down: the connection may be its last one',
        facts: { ...stopped('standby1'), slots: [aSlot({ active: true, activePid: 900 })] },
        because: /it is not known/,
      },
      { name: 'it is not there', facts: withSlot('standby1') },
    ],
    unexamined: [{ name: 'the primary was not asked', facts: { ...withSlot('standby1'), slots: notAsked } }],
    fails: [
      {
        name: 'another standby streams through it',
        facts: {
          ...withSlot('standby1'),
          slots: [aSlot({ active: true, activePid: 77 })],
          walSenders: [aWalSender({ pid: 77, applicationName: 'db9', address: '10.0.0.9' })],
        },
        message: /process 77 \(db9 from 10\.0\.0\.9\) uses/,
        steps: [
          "SELECT pg_create_physical_replication_slot('standby1_new', true);",
          "ALTER SYSTEM SET primary_slot_name = 'standby1_new';",
          reload,
        ],
      },
    ],
  },
  healthyStandby,
);

testRule(
  isLogical,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'physical', facts: { ...withSlot('standby1'), slots: [aSlot()] } }],
    notApplicable: [{ name: 'it is not there', facts: withSlot('standby1') }],
    unexamined: [{ name: 'the primary was not asked', facts: { ...withSlot('standby1'), slots: notAsked } }],
    fails: [
      {
        name: 'logical',
        facts: { ...withSlot('standby1'), slots: [aSlot({ type: 'logical' })] },
        steps: [
          "SELECT pg_create_physical_replication_slot('standby1_physical', true);",
          "ALTER SYSTEM SET primary_slot_name = 'standby1_physical';",
          reload,
        ],
      },
    ],
  },
  healthyStandby,
);

testRule(
  invalidName,
  {
    healthyIs: 'not-applicable',
    passes: [{ name: 'a name', facts: withSlot('standby1') }],
    fails: [
      {
        name: 'a host name, and the server is down for it',
        facts: stopped('DB-2.example'),
        message: /does not start/,
        steps: [
          "SELECT pg_create_physical_replication_slot('db_2_example', true);",
          `cp -p ${autoConf} ${autoConf}.before-2026-11-21T200000 &&\nprintf '\\n%s\\n' 'primary_slot_name = '\\''db_2_example'\\''' >> ${autoConf}`,
          `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
        ],
      },
      {
        name: 'the slot would not be used: primary_conninfo is not set',
        facts: {
          ...stopped('DB-2.example'),
          standbyConfiguration: aConfiguration([['primary_slot_name', 'DB-2.example', autoConf, 3]]),
        },
        message: /does not start/,
      },
    ],
  },
  healthyStandby,
);

const lostSlot = aSlot({ walStatus: 'lost', restartLsn: undefined });
const primaryHasFrom = (oldest: string) => ({
  position: lsn('0/9000000'),
  segmentSize: sixteenMegabytes,
  oldest: lsn(oldest),
  keepBytes: 0n,
  remedy: undefined,
});
const anew = [
  "SELECT pg_drop_replication_slot('standby1');",
  "SELECT pg_create_physical_replication_slot('standby1', true);",
];

testRule(
  lost,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'reserved', facts: { ...withSlot('standby1'), slots: [aSlot()] } },
      { name: 'it streams through it', facts: { ...withSlot('standby1', true), slots: notAsked } },
    ],
    notApplicable: [{ name: 'it is not there', facts: withSlot('standby1') }],
    unexamined: [{ name: 'the primary was not asked', facts: { ...withSlot('standby1'), slots: notAsked } }],
    fails: [
      {
        name: 'and the WAL is gone',
        facts: { ...withSlot('standby1'), slots: [lostSlot], primaryWal: primaryHasFrom('0/7000000') },
        severity: 'error',
        message: /No standby can stream through it/,
        risk: 'destructive',
      },
      {
        name: 'and the WAL is still there',
        facts: { ...withSlot('standby1'), slots: [lostSlot], primaryWal: primaryHasFrom('0/3000000') },
        message: /a new slot is enough/,
        risk: 'safe',
        steps: [...anew, reload],
      },
      {
        name: 'and the archive leads to what is there',
        facts: {
          ...withSlot('standby1'),
          slots: [lostSlot],
          primaryWal: primaryHasFrom('0/7000000'),
          archive: anArchive({ command: 'cp /archive/%f %p' }),
        },
        risk: 'safe',
      },
      {
        name: 'for its idle time (18)',
        facts: { ...withSlot('standby1'), slots: [aSlot({ walStatus: 'lost', invalidationReason: 'idle_timeout' })] },
        message: /idle_replication_slot_timeout/,
      },
    ],
  },
  healthyStandby,
);

const bounded = someSettings({ max_slot_wal_keep_size: '1024' });

testRule(
  atRisk,
  {
    healthyIs: 'not-applicable',
    passes: [
      { name: 'no limit', facts: { ...withSlot('standby1'), slots: [aSlot()] } },
      {
        name: 'much is left',
        facts: {
          ...withSlot('standby1'),
          slots: [aSlot({ safeWalBytes: 900n * 1024n ** 2n })],
          primarySettings: bounded,
        },
        because: /900 MB more/,
      },
    ],
    notApplicable: [
      { name: 'it is lost', facts: { ...withSlot('standby1'), slots: [lostSlot], primarySettings: bounded } },
      { name: 'it is not there', facts: withSlot('standby1') },
    ],
    fails: [
      {
        name: 'less than a fifth is left',
        facts: {
          ...withSlot('standby1'),
          slots: [
            aSlot({ walStatus: 'extended', safeWalBytes: 100n * 1024n ** 2n, retainedBytes: 940n * 1024n ** 2n }),
          ],
          primarySettings: bounded,
        },
        severity: 'warning',
        message: /standby1" keeps 940 MB of WAL.*GB: 100 MB of WAL are left/,
        steps: ["ALTER SYSTEM SET max_slot_wal_keep_size = '2GB';", reload],
      },
      {
        name: 'unreserved',
        facts: {
          ...withSlot('standby1'),
          slots: [aSlot({ walStatus: 'unreserved', safeWalBytes: -5n, retainedBytes: 1100n * 1024n ** 2n })],
          primarySettings: bounded,
        },
        message: /may be removed at the next checkpoint/,
      },
    ],
  },
  healthyStandby,
);
