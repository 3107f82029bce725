import { unseen } from '../../src/facts/observed.ts';
import type { ClosedEntry, ServerFiles } from '../../src/facts/server-files.ts';
import { filesClosed } from '../../src/rules/standby/files-closed.ts';
import { filesLost } from '../../src/rules/standby/files-lost.ts';
import { testRule } from './rule-tester.ts';
import { lsn } from './world.ts';
import { aDataDirectory, aServerFiles, aStoppedDirectory, directory, healthyStandby } from './standby-world.ts';

const bin = '/usr/lib/postgresql/15/bin';
const stopped = { control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: bin }, running: false } as const;
const down = { dataDirectory: aStoppedDirectory(), runningStandby: unseen('connection', 'it is down') };
const wal: ClosedEntry = {
  path: `${directory}/pg_wal`,
  kind: 'directory',
  owner: { uid: 105, name: 'postgres' },
  own: true,
  mode: 0o500,
  wanted: 'write',
};
const way: ClosedEntry = {
  ...wal,
  path: '/srv',
  own: false,
  owner: { uid: 0, name: 'root' },
  mode: 0o700,
  wanted: 'pass',
  leadsTo: '/srv/wal',
};
const closed = (...entries: readonly ClosedEntry[]): ServerFiles => aServerFiles({ closed: entries });

testRule(
  filesLost,
  {
    passes: [
      {
        name: 'it is asked for a password',
        facts: { standbyRefusal: { refusal: 'password-refused', message: 'no password' } },
      },
    ],
    fails: [
      {
        name: 'the status of its transactions',
        facts: { serverFiles: aServerFiles({ lost: [{ path: 'pg_xact/0000', because: 'it does not exist' }] }) },
        message: /\(pg_xact\/0000: it does not exist\)/,
        risk: 'destructive',
      },
      {
        name: 'a page that it has replayed is not in its file',
        facts: { missingPages: [{ path: 'base/5/16385', because: 'it ends after 81920 bytes' }] },
        message: /\(base\/5\/16385: it ends after 81920 bytes\)/,
      },
      {
        name: 'several, and it is down',
        facts: {
          ...down,
          serverFiles: aServerFiles({
            lost: [
              { path: 'base/5/1259', because: 'it does not exist' },
              { path: 'base/5/1249', because: 'it does not exist' },
            ],
          }),
        },
        message: /\(base\/5\/1259: it does not exist, and 1 more\)/,
      },
      {
        name: 'its server says so',
        facts: {
          standbyRefusal: {
            refusal: 'server-files-missing',
            message: 'postgres: could not open file "base/5/2601": No such file or directory',
          },
        },
        message: /refuses a session: "postgres: could not open file "base\/5\/2601"/,
      },
    ],
    notApplicable: [
      { name: 'an incomplete copy', facts: { dataDirectory: aDataDirectory({ missingDirectories: ['pg_xact'] }) } },
    ],
  },
  healthyStandby,
);

const autoConf: ClosedEntry = {
  ...wal,
  path: `${directory}/postgresql.auto.conf`,
  kind: 'file',
  mode: 0,
  wanted: 'read',
};

testRule(
  filesClosed,
  {
    passes: [
      {
        name: 'a directory on the way, which the server may not pass: it may run in a container',
        facts: { ...down, serverFiles: closed(way) },
      },
      {
        name: 'a directory above the one that the server runs in already',
        facts: { serverFiles: closed({ ...way, leadsTo: directory, isPassedHere: true }) },
      },
      {
        name: 'what another rule tells, of the owner',
        facts: {
          dataDirectory: aDataDirectory({ ofOthers: [{ path: `${directory}/pg_wal`, owner: 'root', uid: 0 }] }),
          serverFiles: closed({ ...wal, own: false, owner: { uid: 0, name: 'root' } }),
        },
      },
      {
        name: 'the configuration of a server that is down',
        facts: {
          ...down,
          serverFiles: closed({ ...wal, path: `${directory}/postgresql.conf`, kind: 'file', wanted: 'read', mode: 0 }),
        },
      },
    ],
    fails: [
      {
        name: 'pg_wal, while it streams',
        facts: { serverFiles: closed(wal) },
        severity: 'warning',
        message: /runs as postgres, which cannot write to \S+\/pg_wal \(owner postgres, mode 0500\)\. It fails/,
        steps: [`chmod 0700 ${directory}/pg_wal`],
      },
      {
        name: 'a directory on the way to where pg_wal leads to',
        facts: { ...down, standbyControl: stopped, serverFiles: closed({ ...way, isPassedHere: true }) },
        severity: 'error',
        message: /cannot enter \/srv \(owner root, mode 0700\), which is on the way to \/srv\/wal\./,
        steps: ['As root: chmod o+x /srv', `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`],
      },
      {
        name: 'pg_hba.conf, and it is down',
        facts: {
          ...down,
          standbyControl: stopped,
          serverFiles: closed({ ...wal, path: `${directory}/pg_hba.conf`, kind: 'file', wanted: 'read', mode: 0 }),
        },
        severity: 'error',
        steps: [
          `chmod 0600 ${directory}/pg_hba.conf`,
          `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
        ],
      },
      {
        name: 'pg_wal, and it is down',
        facts: { ...down, standbyControl: stopped, serverFiles: closed(wal) },
        severity: 'error',
        steps: [`chmod 0700 ${directory}/pg_wal`, `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`],
      },
      {
        name: 'the data directory itself, while it streams',
        facts: { serverFiles: closed({ ...wal, path: directory }) },
        severity: 'warning',
        steps: [`chmod 0700 ${directory}`],
      },
      {
        name: 'the map of the catalogs, while it streams and lets nobody in',
        facts: {
          runningStandby: unseen('connection', 'it lets nobody in'),
          standbyProcesses: {
            startup: { pid: 76, doing: 'recovering', file: '000000010000000000000003', ageSeconds: 61 },
            receiver: { pid: 77, streamed: lsn('0/3000148'), ageSeconds: 60 },
          },
          standbyRefusal: {
            refusal: 'unknown',
            message: 'postgres: could not open file "global/pg_filenode.map": Permission denied',
          },
          serverFiles: closed({
            ...wal,
            path: `${directory}/global/pg_filenode.map`,
            kind: 'file',
            mode: 0o200,
            wanted: 'read',
          }),
        },
        severity: 'error',
        steps: [`chmod 0600 ${directory}/global/pg_filenode.map`],
      },
      {
        name: 'a file of root, while it runs',
        facts: {
          serverFiles: closed({
            path: `${directory}/base/5/pg_filenode.map`,
            kind: 'file',
            owner: { uid: 0, name: 'root' },
            own: false,
            mode: 0o400,
            wanted: 'read',
          }),
        },
        severity: 'warning',
        steps: [
          `As root: chown postgres: ${directory}/base/5/pg_filenode.map`,
          `chmod 0600 ${directory}/base/5/pg_filenode.map`,
        ],
      },
      {
        name: 'the file of ALTER SYSTEM, which a server skips',
        facts: { serverFiles: closed(autoConf) },
        severity: 'warning',
        message: /postgresql\.auto\.conf \(owner postgres, mode 0000\)\. A server skips this file without an error/,
        steps: [`chmod 0600 ${autoConf.path}`, 'SELECT pg_reload_conf();'],
      },
      {
        name: 'the file of ALTER SYSTEM, and it is down',
        facts: { ...down, standbyControl: stopped, serverFiles: closed(autoConf) },
        severity: 'error',
        steps: [`chmod 0600 ${autoConf.path}`, `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`],
      },
      {
        name: 'an attribute that keeps it from being written',
        facts: {
          serverFiles: closed({
            path: `${directory}/base/5/2619`,
            kind: 'file',
            owner: { uid: 26, name: 'postgres' },
            own: true,
            mode: 0o600,
            wanted: 'write',
            attribute: 'immutable',
          }),
        },
        severity: 'warning',
        message: /is? ?.*immutable, an attribute/u,
        steps: [`As root: chattr -i ${directory}/base/5/2619`],
      },
      {
        name: 'more files than a command each is printed for',
        facts: {
          serverFiles: closed(
            ...Array.from({ length: 40 }, (_, at): ClosedEntry => ({
              path: `${directory}/base/${at % 2 === 0 ? 5 : 1}/${16_384 + at}`,
              kind: 'file',
              owner: { uid: 0, name: 'root' },
              own: false,
              mode: 0o600,
              wanted: 'write',
            })),
          ),
        },
        severity: 'warning',
        message: /, and 39 more\./,
        steps: [
          `As root: chown -R postgres: ${directory}/base/5 ${directory}/base/1`,
          `chmod -R u+rwX ${directory}/base/5 ${directory}/base/1`,
        ],
      },
    ],
  },
  healthyStandby,
);
