import { sharedStorage } from '../../src/rules/standby/shared-storage.ts';
import { targetSharedStorage } from '../../src/rules/target/shared-storage.ts';
import type { SharedDirectory } from '../../src/facts/shared-storage.ts';
import { testRule } from './rule-tester.ts';
import { aDataDirectory, aStoppedDirectory, aFreshCopy, directory, healthyStandby } from './standby-world.ts';
import { aPlace, aPrimary } from './world.ts';

const other = { dataDirectory: '/srv/primary', pid: 17, port: 5432 };
const shared = (change: Partial<SharedDirectory> = {}): SharedDirectory => ({
  ours: { part: 'tablespace', path: '/srv/space', realPath: '/srv/space', oid: 16_385 },
  theirs: { part: 'tablespace', path: '/srv/space', realPath: '/srv/space', oid: 16_385 },
  relation: 'same',
  sameFiles: true,
  cluster: other,
  ...change,
});
const storage = (...all: readonly SharedDirectory[]) => ({ sharedStorage: { shared: all, others: [other] } });

const withSpace = {
  tablespaces: [
    {
      oid: 16_385,
      link: `${directory}/pg_tblspc/16385`,
      target: '/srv/space',
      state: 'directory' as const,
      empty: false,
      fromMap: false,
    },
  ],
};
const stopped = {
  standbyControl: {
    control: {
      kind: 'pg_ctl' as const,
      dataDirectory: directory,
      binDirectory: '/usr/lib/postgresql/15/bin',
    },
    running: false,
  },
};
const copied = (tablespaces: string): string =>
  `/usr/lib/postgresql/15/bin/pg_basebackup -d 'user=replicator passfile=/var/lib/postgresql/.pgpass host=db1 port=5432' -D /srv/beside${tablespaces} -R -X stream -c fast -P`;
const inDb2 = {
  kind: 'container' as const,
  name: 'db2',
  engine: 'docker' as const,
  dataDirectory: '/data',
  sharedWith: ['db2_run_1'],
};
const itsOwnVolume = `Give this standby its own volume: take a new base backup into a new volume, and let its container use that volume. Never start two containers on one volume (${directory}).`;
const checkWhatStays =
  'Check the data of the server that stays on /data before you trust it: pg_amcheck --all --heapallindexed (14 and later). A second server wrote to its files.';
const elsewhere =
  'Run the server of this standby on /srv/beside from now on: change the directory in what starts it, and put its own settings (port, listen_addresses) into /srv/beside/postgresql.auto.conf or its configuration. Never start a server on /var/lib/postgresql/15/standby.';
const check = (ran: string): string =>
  `${ran} the data of the server on /srv/primary (process 17, port 5432) before you trust it: pg_amcheck --all --heapallindexed (14 and later). A second server wrote to its files.`;

testRule(
  sharedStorage,
  {
    passes: [
      {
        name: 'a directory for tablespaces of two releases',
        facts: storage(shared({ sameFiles: false })),
        because: /^none of its directories is used by \/srv\/primary$/u,
      },
      {
        name: 'within the directory of a tablespace',
        facts: storage(shared({ relation: 'within', sameFiles: false })),
      },
      { name: 'another cluster that has nothing in common', facts: storage() },
    ],
    fails: [
      {
        name: 'a tablespace, of a standby that is stopped',
        facts: { ...storage(shared()), ...stopped, dataDirectory: aStoppedDirectory(withSpace) },
        message:
          /^Tablespace 16385 of this standby \(\/srv\/space\) is also a tablespace directory of the server on \/srv\/primary \(process 17, port 5432\)\. Two servers that write to the same files destroy each other's data\.$/u,
        risk: 'disruptive',
        steps: [
          copied(' -T /srv/space=/srv/beside-tablespaces/16385'),
          elsewhere,
          check('If a server ever ran on /var/lib/postgresql/15/standby with this storage, check'),
        ],
      },
      {
        name: 'two containers on one volume, both of which run',
        facts: {
          ...storage(),
          standbyControl: {
            control: inDb2,
            running: true,
          },
        },
        message: /^Containers db2 and db2_run_1 both run a server on \/data\./u,
        risk: 'disruptive',
        steps: ['docker kill db2', itsOwnVolume, checkWhatStays],
      },
      {
        name: 'two containers on the volume of a primary, which nobody may stop unasked',
        facts: {
          ...storage(),
          dataDirectory: aDataDirectory({ signals: { ...aDataDirectory({}).signals, standby: false } }),
          standbyControl: { control: inDb2, running: true },
        },
        steps: [
          "Find out which of the two containers, db2 or db2_run_1, serves your applications: without standby.signal, this is a primary's data. Kill the other one at once (docker kill): an orderly stop would write to the files once more.",
          itsOwnVolume,
          checkWhatStays,
        ],
      },
      {
        name: 'a fresh copy, beside a stopped primary',
        facts: {
          ...storage(shared({ cluster: { ...other, pid: undefined, port: undefined } })),
          ...stopped,
          dataDirectory: aFreshCopy(withSpace),
        },
        message: /of the stopped server on \/srv\/primary\./u,
        steps: [copied(' -T /srv/space=/srv/beside-tablespaces/16385'), elsewhere],
      },
      {
        name: 'pg_wal, while both run',
        facts: storage(
          shared({
            ours: { part: 'pg_wal', path: `${directory}/pg_wal`, realPath: '/srv/primary/pg_wal' },
            theirs: { part: 'pg_wal', path: '/srv/primary/pg_wal', realPath: '/srv/primary/pg_wal' },
          }),
        ),
        message:
          /^pg_wal of this standby .* This server runs \(process 4242\): the data of both may be damaged already\.$/u,
        steps: ['kill -QUIT 4242', copied(''), elsewhere, check('Check')],
      },
      {
        name: 'two servers on one data directory',
        facts: storage(
          shared({
            ours: { part: 'data-directory', path: directory, realPath: directory },
            theirs: { part: 'data-directory', path: '/var/lib/postgresql/data', realPath: '/var/lib/postgresql/data' },
          }),
        ),
        message: /^Data directory of this standby .* is also the data directory of the server/u,
      },
      {
        name: 'primary_conninfo is not set',
        facts: {
          ...storage(shared()),
          dataDirectory: aDataDirectory({ ...withSpace, postmaster: undefined, lastStart: undefined }),
          standbyConninfo: { ...requiredConninfo(), text: undefined },
        },
        steps: [
          `Do not start a server on ${directory}. Create a new standby in another directory with standbylint clone, and give each tablespace its own directory with -T.`,
        ],
      },
    ],
  },
  healthyStandby,
);

function requiredConninfo() {
  const { standbyConninfo } = healthyStandby;
  if (standbyConninfo === undefined) throw new Error('a healthy standby has a primary_conninfo');
  return standbyConninfo;
}

const target = { part: 'data-directory' as const, path: '/srv/primary/standby', realPath: '/srv/primary/standby' };
const data = { part: 'data-directory' as const, path: '/srv/primary', realPath: '/srv/primary' };

testRule(targetSharedStorage, {
  passes: [
    {
      name: 'a server in -D itself is told by another rule',
      facts: storage(shared({ ours: { ...target, path: '/srv/primary' }, theirs: data })),
    },
    {
      name: 'within the directory of a tablespace',
      facts: storage(shared({ ours: target, relation: 'within', sameFiles: false })),
    },
    {
      name: "the place of the primary's own tablespace, which -T can change",
      facts: { ...storage(shared()), primary: aPrimary({ postmaster: 17, sameMachine: true }) },
    },
    { name: 'nothing in common', facts: storage() },
  ],
  fails: [
    {
      name: "-D within the primary's data directory",
      facts: {
        ...storage(shared({ ours: target, theirs: data, relation: 'within', sameFiles: false })),
        targetDirectory: aPlace({ path: '/srv/primary/standby' }),
      },
      message:
        /^\/srv\/primary\/standby is within the data directory \(\/srv\/primary\) of the server on \/srv\/primary \(process 17, port 5432\): its base backups would include the new standby/u,
      risk: 'safe',
      steps: ['Give -D a directory outside /srv/primary and its tablespaces and WAL, and do not change /srv/primary.'],
    },
    {
      name: "--waldir is another server's pg_wal",
      facts: storage(
        shared({
          ours: { part: 'pg_wal', path: '/srv/wal', realPath: '/srv/wal' },
          theirs: { part: 'pg_wal', path: '/srv/wal', realPath: '/srv/wal' },
        }),
      ),
      message: /two servers that write to the same files destroy each other's data/u,
    },
    {
      name: "-T leads to another cluster's tablespace",
      facts: { ...storage(shared()), primary: aPrimary() },
      steps: [
        'Give -T a directory outside /srv/primary and its tablespaces and WAL (-T OLD=NEW), and do not change /srv/space.',
      ],
    },
    {
      name: "another server's tablespace is in the target",
      facts: storage(shared({ ours: { ...target, path: '/srv' }, relation: 'around', sameFiles: false })),
      message: /^\/srv contains \/srv\/space, a tablespace directory of the server/u,
    },
  ],
});
