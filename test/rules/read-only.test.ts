import { readOnly } from '../../src/rules/standby/read-only.ts';
import { testRule } from './rule-tester.ts';
import { aDataDirectory, aLocalWal, aStoppedDirectory, directory, healthyStandby } from './standby-world.ts';
import { aFileSystem } from './world.ts';

const bin = '/usr/lib/postgresql/15/bin';
const closed = { ...aFileSystem, mountPoint: '/srv', readOnly: true };

testRule(
  readOnly,
  {
    fails: [
      {
        name: 'the data directory, of a server that is down',
        facts: {
          dataDirectory: aStoppedDirectory({ fileSystem: closed }),
          standbyControl: { control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: bin }, running: false },
        },
        message: /is on \/srv, which is mounted read-only/,
        steps: [
          'As root: mount -o remount,rw /srv',
          `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
        ],
      },
      {
        name: 'pg_wal, while the server runs',
        facts: { dataDirectory: aDataDirectory(), localWal: aLocalWal({ path: '/wal', fileSystem: closed }) },
        message: /^\/wal is on \/srv/,
        steps: ['As root: mount -o remount,rw /srv'],
      },
    ],
  },
  healthyStandby,
);
