import { expect } from 'vitest';

import { notApplicable, unseen } from '../../src/facts/observed.ts';
import type { FoundCluster, Place } from '../../src/facts/machine.ts';
import type { TargetJudgement } from '../../src/facts/server-judgement.ts';
import { settingRefused } from '../../src/rules/target/setting-refused.ts';
import { configurationLowerThanPrimary } from '../../src/rules/target/configuration-lower-than-primary.ts';
import { danglingLink } from '../../src/rules/target/dangling-link.ts';
import { diskSpace } from '../../src/rules/target/disk-space.ts';
import { isPrimaryDataDirectory } from '../../src/rules/target/is-primary-data-directory.ts';
import { mappingMatchesNothing } from '../../src/rules/target/mapping-matches-nothing.ts';
import { notADirectory } from '../../src/rules/target/not-a-directory.ts';
import { notEmpty } from '../../src/rules/target/not-empty.ts';
import { notWritable } from '../../src/rules/target/not-writable.ts';
import { permissions } from '../../src/rules/target/permissions.ts';
import { portInUse } from '../../src/rules/target/port-in-use.ts';
import { runAsRoot } from '../../src/rules/target/run-as-root.ts';
import { serverRunning } from '../../src/rules/target/server-running.ts';
import { tablespaceCollision } from '../../src/rules/target/tablespace-collision.ts';
import { tablespaceNotWritable } from '../../src/rules/target/tablespace-not-writable.ts';
import { volatileFilesystem } from '../../src/rules/target/volatile-filesystem.ts';
import { waldirNotAbsolute } from '../../src/rules/target/waldir-not-absolute.ts';
import { waldirNotEmpty } from '../../src/rules/target/waldir-not-empty.ts';
import { wrongMount } from '../../src/rules/target/wrong-mount.ts';
import { wrongOwner } from '../../src/rules/target/wrong-owner.ts';
import { parseSystemIdentifier } from '../../src/postgres/lsn.ts';
import { testRule } from './rule-tester.ts';
import { aCluster, aBaseBackup, aDirectory, aFileSystem, aPlace, aPrimary, someSettings } from './world.ts';

const here = '/var/lib/postgresql/15/standby';
const aside = `${here}.before-standby-2026-11-21`;
const user = { uid: 105, gid: 113, name: 'postgres', home: '/var/lib/postgresql', serverUser: 'postgres' };

const files = ['PG_VERSION', 'base', 'global'];
const holding = (cluster: Partial<FoundCluster>): Place => aDirectory({ entries: files, cluster: aCluster(cluster) });
const running = { pid: 4242, port: 5433, process: 'running', program: 'postgres' } as const;
const other = parseSystemIdentifier('7400000000000000000');

testRule(notEmpty, {
  passes: [{ name: 'an empty directory', facts: { targetDirectory: aDirectory() } }],
  fails: [
    {
      name: 'a hidden file',
      facts: { targetDirectory: aDirectory({ entries: ['.keep'] }) },
      message: /files that do not belong to PostgreSQL \(\.keep\)/,
      risk: 'safe',
      steps: ['standbylint preflight pg_basebackup -D /srv/beside'],
    },
    {
      name: 'the directory of a configuration, whose data goes elsewhere',
      facts: {
        targetDirectory: aDirectory(
          { entries: ['pg_hba.conf', 'postgresql.conf'] },
          { dataDirectory: '/var/lib/postgresql/15/main' },
        ),
      },
      message: /sets data_directory to \/var\/lib\/postgresql\/15\/main/,
      risk: 'safe',
      steps: ['standbylint preflight pg_basebackup -D /var/lib/postgresql/15/main'],
    },
    {
      name: 'a link to a directory: what it leads to is moved, and made anew',
      facts: {
        targetDirectory: aDirectory(
          { entries: files, cluster: aCluster(), realPath: '/data/pg' },
          { aside: '/data/pg.before' },
        ),
      },
      steps: ['mv /data/pg /data/pg.before', 'mkdir -m 0700 /data/pg'],
    },
    {
      name: 'the root of a file system, which cannot be moved',
      facts: { targetDirectory: aDirectory({ entries: ['lost+found'], isMountPoint: true, movable: false }) },
      message: /lost\+found, which every new file system/,
      risk: 'safe',
      steps: [`standbylint preflight pg_basebackup -D ${here}/data`],
    },
    ...['/etc', '/usr/lib', '/home/somebody', '/root', '/'].map((path) => ({
      name: `${path}, as root`,
      facts: {
        operatingSystemUser: { ...user, uid: 0, name: 'root' },
        targetDirectory: aDirectory({ entries: ['passwd', '.profile'], realPath: path }, { path }),
      },
      risk: 'safe' as const,
      steps: ['runuser -u postgres -- standbylint preflight pg_basebackup -D /var/lib/postgresql/standby'],
    })),
    {
      name: 'a parent that this user may not write in',
      facts: { targetDirectory: aDirectory({ entries: ['x'], movable: false }) },
      risk: 'safe',
      steps: [`standbylint preflight pg_basebackup -D ${here}/data`],
    },
    {
      name: 'a standby of this primary',
      facts: { targetDirectory: holding({}) },
      message: /copy of this primary.*postmortem/,
    },
    {
      name: 'another cluster',
      facts: { targetDirectory: holding({ systemIdentifier: other, state: 'shut down' }) },
      message: /PostgreSQL 15 \(shut down\) that is not a copy of this primary/,
    },
    {
      name: 'what an entrypoint has just made by initdb',
      facts: {
        targetDirectory: holding({
          systemIdentifier: other,
          state: 'in production',
          hasStandbySignal: false,
          lastCheckpointAt: new Date(Number((other ?? 0n) >> 32n) * 1000 + 60_000),
        }),
      },
      message: /initdb created it recently/,
    },
    {
      name: 'a standby of another cluster that was made just now is a copy',
      facts: {
        targetDirectory: holding({
          systemIdentifier: other,
          state: 'in archive recovery',
          hasStandbySignal: true,
          lastCheckpointAt: new Date(Number((other ?? 0n) >> 32n) * 1000 + 60_000),
        }),
      },
      message: /its system identifier differs/,
    },
    {
      name: 'a half-finished backup',
      facts: { targetDirectory: holding({ systemIdentifier: undefined, unfinishedBackup: true }) },
      message: /unfinished base backup/,
    },
    {
      name: 'a cluster while no login succeeded',
      facts: { targetDirectory: holding({ state: 'in production' }), primary: unseen('connection', 'no login') },
      message: /a data directory of PostgreSQL 15 \(in production\)\./,
    },
    {
      name: 'a directory that a server uses, which is never moved',
      facts: { targetDirectory: holding({ postmaster: running }) },
      risk: 'safe',
      steps: [`Give -D another directory than ${here}: a server may be using that one.`],
    },
    {
      name: 'a directory that a server may use',
      facts: { targetDirectory: holding({ postmaster: { ...running, process: 'unknown' } }) },
      risk: 'safe',
    },
    {
      name: 'names with newlines, escapes and more than can be listed',
      facts: { targetDirectory: aDirectory({ entries: ['a\nb', '\u001B[2J', 'c', 'd', 'e', 'f', 'g'], more: true }) },
      message: /\\u001b\[2J, a\\nb.*and more than 1 others/,
    },
    {
      name: 'a path that the shell must be protected from',
      facts: {
        targetDirectory: aDirectory(
          { entries: files, cluster: aCluster(), realPath: "/data/it's; here" },
          { path: "/data/it's; here", aside: "/data/it's; here.before" },
        ),
      },
      steps: [String.raw`mv '/data/it'\''s; here' '/data/it'\''s; here.before'`],
    },
  ],
  notApplicable: [
    {
      name: 'a FIFO is another fault',
      facts: { targetDirectory: aPlace({ state: { kind: 'not-a-directory', is: 'fifo', at: here } }) },
    },
    { name: 'a backup target', facts: { targetDirectory: notApplicable('no -D is given') } },
  ],
});

testRule(serverRunning, {
  passes: [
    { name: 'no postmaster.pid', facts: { targetDirectory: holding({}) }, because: /no postmaster\.pid/ },
    {
      name: 'a process that is gone',
      facts: { targetDirectory: holding({ postmaster: { ...running, process: 'gone' } }) },
      because: /has ended/,
    },
    {
      name: 'another program with that number',
      facts: { targetDirectory: holding({ postmaster: { ...running, process: 'another-program', program: 'bash' } }) },
      because: /bash/,
    },
  ],
  fails: [
    {
      name: 'a live server',
      facts: { targetDirectory: holding({ postmaster: running }) },
      message: /4242.*port 5433/,
      risk: 'disruptive',
    },
  ],
  unexamined: [
    {
      name: 'a process that is not shown',
      facts: { targetDirectory: holding({ postmaster: { ...running, process: 'unknown' } }) },
    },
  ],
});

const own = { path: '/srv/primary', device: 2049, inode: 4711 };
testRule(isPrimaryDataDirectory, {
  passes: [
    {
      name: 'another directory of this machine',
      facts: { targetDirectory: holding({}), primaryDataDirectory: { ...own, inode: 1 } },
    },
    { name: 'an empty directory', facts: { targetDirectory: aDirectory(), primaryDataDirectory: own } },
    {
      name: 'another cluster while the primary does not tell its directory',
      facts: { targetDirectory: holding({ systemIdentifier: other }), primary: aPrimary({ sameMachine: true }) },
    },
    {
      name: 'another standby on the port of the primary, which is seen to be another process',
      facts: {
        targetDirectory: holding({ postmaster: { ...running, port: 5432 } }),
        primary: aPrimary({ sameMachine: true, ownAddress: true, postmaster: running.pid + 1 }),
        primaryDataDirectory: unseen('permission', 'data_directory is not shown'),
      },
    },
    {
      name: 'a stopped copy while the primary runs',
      facts: { targetDirectory: holding({}), primary: aPrimary({ sameMachine: true }) },
    },
  ],
  fails: [
    {
      name: 'by device and inode',
      facts: { targetDirectory: holding({}), primaryDataDirectory: own },
      message: /the data directory of the primary itself/,
    },
    {
      name: 'by the running server',
      facts: {
        targetDirectory: holding({ postmaster: { ...running, port: 5432 } }),
        primary: aPrimary({ sameMachine: true, postmaster: running.pid }),
        primaryDataDirectory: unseen('permission', 'data_directory is not shown'),
      },
    },
  ],
  notApplicable: [{ name: 'a primary on another machine', facts: { targetDirectory: holding({}) } }],
  unexamined: [
    {
      name: 'the same identifier and a process that is not shown',
      facts: {
        targetDirectory: holding({ postmaster: { ...running, process: 'unknown' } }),
        primary: aPrimary({ sameMachine: true }),
      },
    },
    {
      name: 'a tunnel on the port of a server that runs there',
      facts: {
        targetDirectory: holding({ postmaster: { ...running, port: 5432 } }),
        primary: aPrimary({ ownAddress: true }),
      },
    },
  ],
});

testRule(notADirectory, {
  passes: [{ name: 'a directory', facts: { targetDirectory: aDirectory() } }],
  fails: [
    {
      name: 'a FIFO',
      facts: { targetDirectory: aPlace({ state: { kind: 'not-a-directory', is: 'fifo', at: here } }) },
      message: /is a fifo/,
      steps: [`mv ${here} ${aside}`],
    },
    {
      name: 'a device is never moved',
      facts: {
        targetDirectory: aPlace({
          path: '/dev/sda',
          state: { kind: 'not-a-directory', is: 'block device', at: '/dev/sda' },
        }),
      },
      steps: ['Give -D another path than /dev/sda.'],
    },
    {
      name: 'a file on the way',
      facts: {
        targetDirectory: aPlace({
          path: '/etc/passwd/x',
          state: { kind: 'not-a-directory', is: 'file', at: '/etc/passwd' },
        }),
      },
      message: /\/etc\/passwd is a file, so \/etc\/passwd\/x/,
      steps: ['Give -D another path than /etc/passwd/x.'],
    },
  ],
});

testRule(danglingLink, {
  passes: [{ name: 'a directory', facts: { targetDirectory: aDirectory() } }],
  fails: [
    {
      name: 'a relative link',
      facts: { targetDirectory: aPlace({ state: { kind: 'dangling-link', leadsTo: '../../mnt/pg data' } }) },
      risk: 'safe',
      steps: ["mkdir -p -m 0700 '/var/lib/mnt/pg data'"],
    },
    {
      name: 'a circle',
      facts: { targetDirectory: aPlace({ state: { kind: 'dangling-link', leadsTo: 'standby' } }) },
      message: /form a loop/,
      steps: [`mv ${here} ${aside}`],
    },
  ],
});

testRule(permissions, {
  passes: [
    { name: '0750', facts: { targetDirectory: aDirectory({ mode: 0o750 }) }, because: /0750/ },
    {
      name: '1777, as a new volume has it, and an entrypoint that sets it',
      facts: { targetDirectory: { ...aDirectory({ mode: 0o1777 }), modeIsSet: true } },
      because: /the entrypoint of its container sets 0700/,
    },
    { name: '0700 with the set-group-ID bit', facts: { targetDirectory: aDirectory({ mode: 0o2700 }) } },
  ],
  fails: [
    {
      name: '0755',
      facts: { targetDirectory: aDirectory({ mode: 0o755 }) },
      message: /mode 0755/,
      risk: 'safe',
      steps: [`chmod 0700 ${here}`],
    },
    { name: '0770', facts: { targetDirectory: aDirectory({ mode: 0o770 }) } },
  ],
  notApplicable: [
    { name: 'not empty', facts: { targetDirectory: aDirectory({ mode: 0o755, entries: ['x'] }) } },
    {
      name: 'an archive',
      facts: { targetDirectory: aDirectory({ mode: 0o755 }), baseBackup: aBaseBackup({ format: 'tar' }) },
    },
  ],
});

const closed = { path: here, writable: false, readOnlyFileSystem: false };
testRule(notWritable, {
  passes: [
    {
      name: 'a link to nowhere is another fault',
      facts: { targetDirectory: aPlace({ state: { kind: 'dangling-link', leadsTo: 'x' } }) },
    },
  ],
  fails: [
    {
      name: 'the parent of an absent directory',
      facts: { targetDirectory: aPlace({ nearest: { ...closed, path: '/srv' } }) },
      message: /runs as user postgres, who may not write in \/srv, where/,
      steps: [`As root: install -d -m 0700 -o postgres ${here}`],
    },
    {
      name: 'where --waldir is to be created',
      facts: { walDirectory: aPlace({ path: '/wal', nearest: { ...closed, path: '/' } }) },
      message: /may not write in \/, where \/wal \(--waldir\) would be created/,
      steps: ['As root: install -d -m 0700 -o postgres /wal'],
    },
    {
      name: 'its own directory without the right to write',
      facts: { targetDirectory: aDirectory({ mode: 0o500, writable: false }, { nearest: closed }) },
      steps: [`chmod 0700 ${here}`],
    },
    {
      name: 'a volume of a container that is mounted read-only',
      facts: {
        targetDirectory: aDirectory({ writable: false }, { nearest: { ...closed, readOnlyFileSystem: true } }),
        baseBackup: aBaseBackup({ place: 'docker:pg' }),
      },
      steps: [
        'Create the container again with the volume of / mounted for writing (without :ro), and otherwise as it is; a restart alone changes nothing. Or give -D another directory.',
      ],
    },
    {
      name: 'a file system that is mounted read-only',
      facts: { targetDirectory: aDirectory({ writable: false }, { nearest: { ...closed, readOnlyFileSystem: true } }) },
      message: /mounted read-only/,
    },
    {
      name: 'a directory that cannot be looked at',
      facts: { targetDirectory: aPlace({ state: { kind: 'unreadable', message: 'permission denied' } }) },
      message: /cannot access/,
    },
    {
      name: "a directory of the server's user that cannot be looked at",
      facts: {
        targetDirectory: aPlace({ state: { kind: 'unreadable', message: 'permission denied' } }),
        operatingSystemUser: { ...user, uid: 1000, name: 'anna', serverUser: 'postgres' },
      },
      steps: ['As root: runuser -u postgres -- standbylint preflight pg_basebackup'],
    },
  ],
});

testRule(runAsRoot, {
  fails: [
    {
      name: 'root',
      facts: { operatingSystemUser: { ...user, uid: 0, name: 'root' } },
      steps: [`install -d -m 0700 -o postgres ${here}`, 'runuser -u postgres -- standbylint preflight pg_basebackup'],
    },
    {
      name: 'root, where no server was installed yet',
      facts: { operatingSystemUser: { ...user, uid: 0, name: 'root', serverUser: undefined } },
      steps: [
        expect.stringMatching(/apt-get install postgresql-15 /),
        `install -d -m 0700 -o postgres ${here}`,
        'runuser -u postgres -- standbylint preflight pg_basebackup',
      ],
    },
  ],
  notApplicable: [
    {
      name: 'an archive',
      facts: { operatingSystemUser: { ...user, uid: 0, name: 'root' }, baseBackup: aBaseBackup({ format: 'tar' }) },
    },
  ],
});

testRule(wrongOwner, {
  passes: [
    {
      name: 'nobody else is known',
      facts: { operatingSystemUser: { ...user, uid: 1000, name: 'anna', serverUser: undefined } },
    },
    {
      name: 'the directory above is of another user than that of the container',
      facts: {
        operatingSystemUser: { ...user, uid: 1000, name: '1000' },
        baseBackup: aBaseBackup({ place: 'docker:db2' }),
      },
    },
  ],
  fails: [
    {
      name: 'another user runs the server',
      facts: { operatingSystemUser: { ...user, uid: 1000, name: 'anna' } },
      message: /anna runs pg_basebackup, but postgres will run the server/,
    },
    {
      name: 'the directory is closed to the user of the container',
      facts: {
        operatingSystemUser: { ...user, uid: 1000, gid: 1000, name: '1000' },
        baseBackup: aBaseBackup({ place: 'docker:db2' }),
        targetDirectory: aPlace({
          state: { kind: 'unreadable', message: 'permission denied', owner: { uid: 999, name: 'postgres' } },
        }),
      },
      steps: [`As root: chown 1000:1000 ${here}`],
    },
    {
      name: 'the directory is of another user',
      facts: {
        targetDirectory: aDirectory({ owner: { uid: 1000, name: 'anna' } }),
        operatingSystemUser: { ...user, serverUser: 'anna' },
      },
      message: /belongs to anna, but postgres runs/,
    },
    {
      name: 'the directory is not of the user of its container',
      facts: {
        targetDirectory: aDirectory({ owner: { uid: 0, name: 'root' } }),
        operatingSystemUser: { ...user, uid: 1000, gid: 1000, name: '1000' },
        baseBackup: aBaseBackup({ place: 'docker:db2' }),
      },
      message: /belongs to root, but the container runs its server, and so pg_basebackup, as 1000/,
      steps: ['As root: chown 1000:1000 /var/lib/postgresql/15/standby'],
    },
  ],
  notApplicable: [{ name: 'root is another fault', facts: { operatingSystemUser: { ...user, uid: 0, name: 'root' } } }],
});

const space = (freeBytes: number, change: Partial<typeof aFileSystem> = {}): Place =>
  aPlace({ fileSystem: { ...aFileSystem, freeBytes, ...change } });
const aTablespace = (bytesOfIt: bigint | undefined) => ({
  oid: 16400,
  name: 'fast',
  location: '/fast',
  bytes: bytesOfIt,
});
const size = { dataBytes: 40_000_000_000n, walBytes: 1n, tablespaces: [], walBytesPerSecond: undefined };
testRule(diskSpace, {
  passes: [
    {
      name: 'a tablespace on another file system',
      facts: {
        targetDirectory: space(50e9),
        copySize: { ...size, tablespaces: [aTablespace(90_000_000_000n)] },
        tablespaceTargets: [
          {
            tablespace: aTablespace(90_000_000_000n),
            mapped: false,
            place: space(120e9, { device: 7, mountPoint: '/fast' }),
          },
        ],
      },
      because: /84 GB needed on the file system at \/fast/,
    },
  ],
  fails: [
    {
      name: 'too little',
      facts: { targetDirectory: space(30e9) },
      severity: 'error',
      message: /needs 38 GB on the file.*GB are free: 10 GB are missing/,
    },
    {
      name: 'data and tablespace on one file system, together',
      facts: {
        targetDirectory: space(50e9),
        copySize: { ...size, tablespaces: [aTablespace(20_000_000_000n)] },
        tablespaceTargets: [{ tablespace: aTablespace(20_000_000_000n), mapped: true, place: space(50e9) }],
      },
      severity: 'error',
    },
    {
      name: 'little more',
      facts: { targetDirectory: space(41.5e9) },
      severity: 'warning',
      message: /The remaining 445 MB/,
    },
    {
      name: 'the WAL of the duration, at the rate that -r allows',
      facts: {
        targetDirectory: space(60e9),
        copySize: { ...size, walBytesPerSecond: 20e6 },
        baseBackup: aBaseBackup({ maxRate: 32e6 }),
      },
      severity: 'error',
      message: /needs 61 GB on/,
    },
    {
      name: 'inodes',
      facts: { targetDirectory: space(300e9, { freeInodes: 200 }) },
      severity: 'error',
      message: /only 200 free inodes/,
    },
    {
      name: 'a compressed archive may fit all the same',
      facts: {
        targetDirectory: space(30e9),
        baseBackup: aBaseBackup({
          format: 'tar',
          compression: { value: undefined, written: '-z' },
        }),
      },
      severity: 'warning',
    },
  ],
  unexamined: [
    {
      name: 'a tablespace of unknown size',
      facts: { copySize: { ...size, tablespaces: [aTablespace(undefined)] } },
      because: /size of tablespace fast/,
    },
    { name: 'a file system that does not answer', facts: { targetDirectory: aPlace({ fileSystem: undefined }) } },
  ],
});

const target = (place: Place, mapped = false) => [{ tablespace: aTablespace(1n), mapped, place }];
testRule(tablespaceCollision, {
  healthyIs: 'not-applicable',
  passes: [{ name: 'an absent place', facts: { tablespaceTargets: target(aPlace({ path: '/fast' })) } }],
  fails: [
    {
      name: "the primary's own, on one machine",
      facts: {
        tablespaceTargets: target(aDirectory({ entries: ['PG_15_202209061'] }, { path: '/fast' })),
        primary: aPrimary({ sameMachine: true }),
      },
      message: /replace the primary's own files/,
      risk: 'safe',
      steps: [`standbylint preflight pg_basebackup -T /fast=${here}-fast`],
    },
    {
      name: "the primary's own, two of them, beside a -T of a third; one has an equals sign in its path",
      facts: {
        tablespaceTargets: [
          ...target(aDirectory({ entries: ['PG_15_202209061'] }, { path: '/fast' })),
          {
            tablespace: { ...aTablespace(1n), oid: 2, name: 'big one', location: '/a=b' },
            mapped: false,
            place: aDirectory({ entries: ['PG_15_202209061'] }, { path: '/a=b' }),
          },
        ],
        baseBackup: aBaseBackup({
          tablespaceMappings: [{ written: '/old=/new', mapping: { from: '/old', to: '/new' } }],
        }),
        primary: aPrimary({ sameMachine: true }),
      },
      steps: [
        String.raw`standbylint preflight pg_basebackup -T /old=/new -T /fast=${here}-fast -T '/a\=b=${here}-big_one'`,
      ],
    },
    {
      name: 'foreign files where -T puts it, in a directory that cannot be moved',
      facts: {
        tablespaceTargets: target(
          aDirectory({ entries: ['x'], movable: false }, { path: '/new', subdirectory: '/new/data' }),
          true,
        ),
        baseBackup: aBaseBackup({
          tablespaceMappings: [{ written: '/fast=/new', mapping: { from: '/fast', to: '/new' } }],
        }),
      },
      steps: ['standbylint preflight pg_basebackup -T /fast=/new/data'],
    },
    {
      name: 'foreign files where -T puts it',
      facts: {
        tablespaceTargets: target(
          aDirectory({ entries: ['x'], realPath: '/new' }, { path: '/new', aside: '/new.before' }),
          true,
        ),
      },
      steps: ['mv /new /new.before'],
    },
  ],
});

testRule(tablespaceNotWritable, {
  healthyIs: 'not-applicable',
  passes: [{ name: 'writable', facts: { tablespaceTargets: target(aPlace({ path: '/fast' })) } }],
  fails: [
    {
      name: 'not writable',
      facts: { tablespaceTargets: target(aPlace({ path: '/fast', nearest: { ...closed, path: '/' } })) },
      steps: ['As root: install -d -m 0700 -o postgres /fast'],
    },
    {
      name: 'read-only',
      facts: {
        tablespaceTargets: target(
          aPlace({ path: '/fast', nearest: { path: '/', writable: false, readOnlyFileSystem: true } }),
        ),
      },
      message: /mounted read-only/,
    },
  ],
});

testRule(waldirNotEmpty, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'absent', facts: { walDirectory: aPlace({ path: '/wal' }) } },
    { name: 'empty', facts: { walDirectory: aDirectory({}, { path: '/wal' }) } },
    ...[`${here}/wal`, `${here}.wal`, `${here}x/pg_wal`].map((path) => ({
      name: `beside what the copy fills: ${path}`,
      facts: { walDirectory: aPlace({ path }), targetDirectory: aPlace() },
    })),
  ],
  fails: [
    {
      name: 'not empty',
      facts: { walDirectory: aDirectory({ entries: ['x'], realPath: '/wal' }, { path: '/wal', aside: '/wal.before' }) },
      steps: ['mv /wal /wal.before'],
    },
    ...['', '/pg_wal', '/pg_wal/archive_status', '/base/wal', '/global', '/pg_tblspc/wal'].map((within) => ({
      name: `what the copy itself fills: -D${within}`,
      facts: {
        walDirectory: aPlace({ path: `${here}${within}` }),
        targetDirectory: aPlace(),
      },
      steps: ['standbylint preflight pg_basebackup'],
    })),
    {
      name: 'the root of a file system',
      facts: {
        walDirectory: aDirectory(
          { entries: ['lost+found'], movable: false, isMountPoint: true },
          { path: '/wal', subdirectory: '/wal/data' },
        ),
      },
      steps: ['standbylint preflight pg_basebackup --waldir /wal/data'],
    },
    {
      name: 'a file',
      facts: { walDirectory: aPlace({ path: '/wal', state: { kind: 'not-a-directory', is: 'file', at: '/wal' } }) },
      message: /is not a directory/,
    },
  ],
});

testRule(waldirNotAbsolute, {
  healthyIs: 'not-applicable',
  passes: [{ name: 'absolute', facts: { baseBackup: aBaseBackup({ walDirectory: '/wal' }) } }],
  fails: [
    {
      name: 'relative',
      facts: { baseBackup: aBaseBackup({ walDirectory: 'wal' }), walDirectory: aPlace({ path: '/home/anna/wal' }) },
      steps: ['standbylint preflight pg_basebackup --waldir /home/anna/wal'],
    },
  ],
});

testRule(volatileFilesystem, {
  passes: [{ name: 'xfs', facts: { targetDirectory: space(9e12, { type: 'xfs' }) }, because: /is on xfs/ }],
  fails: [
    { name: 'tmpfs', facts: { targetDirectory: space(9e12, { type: 'tmpfs' }) }, message: /memory/ },
    { name: 'overlay', facts: { targetDirectory: space(9e12, { type: 'overlay' }) }, message: /container/ },
    { name: 'NFS for WAL', facts: { walDirectory: space(9e12, { type: 'nfs4' }) }, message: /network share/ },
  ],
  unexamined: [{ name: 'an unknown kind', facts: { targetDirectory: space(9e12, { type: '' }) } }],
});

testRule(wrongMount, {
  fails: [
    {
      name: 'configured and not mounted',
      facts: { targetDirectory: aPlace({ missingMount: '/var/lib/postgresql' }) },
      severity: 'warning',
      message: /would go to the file system at \//,
      steps: ['As root: mount /var/lib/postgresql'],
    },
  ],
});

const mapping = { written: '/old=/new', mapping: { from: '/old', to: '/new' } };
testRule(mappingMatchesNothing, {
  healthyIs: 'not-applicable',
  passes: [
    {
      name: 'a tablespace',
      facts: {
        baseBackup: aBaseBackup({ tablespaceMappings: [mapping] }),
        tablespaces: [{ oid: 1, name: 'fast', location: '/old', bytes: 1n }],
      },
    },
  ],
  fails: [
    {
      name: 'none of them',
      facts: {
        baseBackup: aBaseBackup({ tablespaceMappings: [mapping] }),
        tablespaces: [{ oid: 1, name: 'fast', location: '/fast', bytes: 1n }],
      },
      severity: 'warning',
      message: /no tablespace in \/old/,
    },
    {
      name: 'the primary has none',
      facts: { baseBackup: aBaseBackup({ tablespaceMappings: [mapping] }) },
      steps: ['standbylint preflight pg_basebackup'],
    },
  ],
});

const main = '/etc/postgresql/15/standby/postgresql.conf';
const prepared = (settings: Readonly<Record<string, string>>, file = main) => ({
  file: main,
  settings: new Map(Object.entries(settings).map(([name, value], index) => [name, { value, file, line: index + 1 }])),
  port: { number: 5433, inUse: false },
});
const debian = '/etc/postgresql/15/standby/postgresql.conf';
const refusedBy = (
  from: TargetJudgement['from'],
  file: string,
  change: Partial<TargetJudgement> = {},
): TargetJudgement => ({
  program: '/usr/lib/postgresql/15/bin/postgres',
  refused: [{ words: 'invalid value for parameter "TimeZone": "Mars/Olympus"', settings: ['timezone'] }],
  stoppedEarly: false,
  sharedMemory: undefined,
  from,
  places: new Map([['timezone', { value: 'Mars/Olympus', file, line: 7 }]]),
  ...change,
});

testRule(settingRefused, {
  notApplicable: [
    { name: 'the same machine', facts: { targetJudgement: notApplicable('the primary runs on this machine') } },
  ],
  unexamined: [
    {
      name: 'without --admin a copy need not wait for it',
      facts: { targetJudgement: unseen('not-asked', 'no --admin connection was given') },
      severity: 'warning',
    },
  ],
  passes: [
    {
      name: 'a library and a locale have rules of their own',
      facts: {
        targetJudgement: refusedBy('copied', '/data/postgresql.conf', {
          refused: [
            { words: 'could not access file "timescaledb": No such file or directory', settings: [] },
            { words: 'invalid value for parameter "lc_messages": "xx_YY"', settings: ['lc_messages'] },
          ],
        }),
      },
      because: /accepts the configuration/,
    },
  ],
  fails: [
    {
      name: 'in the configuration that comes with the copy',
      facts: { targetJudgement: refusedBy('copied', '/srv/pg/postgresql.conf') },
      message: /the primary's configuration, which the base backup includes: invalid value for parameter "TimeZone"/,
      steps: [
        "After the copy and before the first start, put this at the end of postgresql.auto.conf in the new data directory: timezone = 'GMT'",
      ],
    },
    {
      name: 'in what this machine has for the standby',
      facts: { targetJudgement: refusedBy('prepared', debian) },
      message: /this machine has for the standby: invalid value/,
      risk: 'safe',
      steps: [
        `cp -p ${debian} ${debian}.before-2026-11-21T200000 &&\nsed -e '7s/^/# /' ${debian}.before-2026-11-21T200000 > ${debian}`,
      ],
    },
    {
      name: 'a name that its minor release does not know',
      facts: {
        targetJudgement: refusedBy('prepared', debian, {
          stoppedEarly: true,
          refused: [
            {
              words: 'unrecognized configuration parameter "log_newly" in file "/tmp/x/postgresql.conf" line 2',
              settings: [],
              file: '/tmp/x/postgresql.conf',
              line: 2,
            },
          ],
          places: new Map([['log_newly', { value: 'on', file: debian, line: 5 }]]),
        }),
      },
      message: /unrecognized configuration parameter "log_newly"\. The standby/,
      steps: [
        `cp -p ${debian} ${debian}.before-2026-11-21T200000 &&\nsed -e '5s/^/# /' ${debian}.before-2026-11-21T200000 > ${debian}`,
      ],
    },
    {
      name: 'words that name nothing',
      facts: {
        targetJudgement: refusedBy('copied', '/x', { refused: [{ words: 'the flux is missing', settings: [] }] }),
      },
      steps: ['Correct what the server refuses: the flux is missing'],
    },
  ],
});

testRule(configurationLowerThanPrimary, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'as high', facts: { preparedConfiguration: prepared({ max_connections: '100' }) } },
    { name: 'defaults on both sides', facts: { preparedConfiguration: prepared({}) } },
  ],
  fails: [
    {
      name: 'lower in a file of conf.d',
      facts: {
        preparedConfiguration: prepared(
          { max_connections: '50', max_wal_senders: '5' },
          '/etc/postgresql/15/standby/conf.d/small.conf',
        ),
      },
      message: /max_connections = 50 \(primary: 100\), max_wal_senders = 5 \(primary: 10\)/,
      steps: [
        "cp -p /etc/postgresql/15/standby/conf.d/small.conf /etc/postgresql/15/standby/conf.d/small.conf.before-2026-11-21T200000 &&\nprintf '\\n%s' 'max_connections = 100' 'max_wal_senders = 10' '' >> /etc/postgresql/15/standby/conf.d/small.conf",
      ],
    },
    {
      name: 'a default that is lower than what the primary sets',
      facts: {
        preparedConfiguration: prepared({ port: '5433' }),
        primarySettings: someSettings({ max_worker_processes: '32' }),
      },
      message: /max_worker_processes = 8 \(primary: 32\)/,
    },
  ],
});

testRule(portInUse, {
  passes: [
    {
      name: 'free',
      facts: {
        standbyPort: { number: 5433, inUse: false, free: undefined, source: { kind: 'prepared', file: main, line: 3 } },
      },
    },
  ],
  fails: [
    {
      name: 'taken, and prepared here',
      facts: {
        standbyPort: { number: 5433, inUse: true, free: 5435, source: { kind: 'prepared', file: main, line: 3 } },
      },
      severity: 'warning',
      steps: [`cp -p ${main} ${main}.before-2026-11-21T200000 &&\nprintf '\\n%s\\n' 'port = 5435' >> ${main}`],
    },
    {
      name: 'taken by the primary itself',
      facts: {
        standbyPort: {
          number: 5432,
          inUse: true,
          free: 5433,
          source: { kind: 'copied', file: 'postgresql.conf', line: undefined },
        },
        primary: aPrimary({ sameMachine: true }),
      },
      message: /the primary on this machine already uses it/,
      steps: [
        `Port 5433 is free on this machine. After the base backup, start the standby with the first of these lines, or use the second to do both:\npg_ctl start -D ${here} -o '-p 5433'\nstandbylint clone --start --server-options '-p 5433' pg_basebackup`,
      ],
    },
    {
      name: 'taken, and none is free',
      facts: {
        standbyPort: {
          number: 65_535,
          inUse: true,
          free: undefined,
          source: { kind: 'copied', file: 'postgresql.conf', line: undefined },
        },
      },
      message: /another program already listens on it/,
    },
  ],
});
