import { notApplicable } from '../../src/facts/observed.ts';
import type { MissingPath, StartNeeds } from '../../src/facts/start-needs.ts';
import { parseHbaFile } from '../../src/postgres/hba-file.ts';
import { writtenFiles } from '../../src/postgres/written-lines.ts';
import { cannotListen } from '../../src/rules/standby/cannot-listen.ts';
import { hbaFileError } from '../../src/rules/standby/hba-file-error.ts';
import { standbyLocaleMissing } from '../../src/rules/standby/locale-missing.ts';
import { notRunning } from '../../src/rules/standby/not-running.ts';
import { pathMissing } from '../../src/rules/standby/path-missing.ts';
import { testRule } from './rule-tester.ts';
import type { Changes } from './rule-tester.ts';
import {
  aConfiguration,
  aControlFile,
  aStoppedDirectory,
  configFile,
  directory,
  healthyStandby,
} from './standby-world.ts';

const noServer = notApplicable('no server runs');
const inFile = (line: number) => ({ kind: 'file' as const, file: configFile, line });

const aHba = (text: string): StartNeeds['hba'] => {
  const file = `${directory}/pg_hba.conf`;
  const { lines } = parseHbaFile({ file, text, serverVersion: 15 });
  return { file, lines, written: writtenFiles(new Map([[file, text]])) };
};

const startNeeds: StartNeeds = {
  missing: [],
  there: ['unix_socket_directories'],
  port: 5432,
  addresses: [{ name: 'localhost', state: 'free' }],
  listenAddresses: { name: 'listen_addresses', value: 'localhost', source: undefined },
  freePort: undefined,
  ownAddresses: ['10.0.0.7'],
  missingLocales: [],
  hba: aHba('local all all peer\nhost all all 10.0.0.0/8 scram-sha-256\n'),
};

const down: Changes = {
  dataDirectory: aStoppedDirectory(),
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: '/usr/lib/postgresql/15/bin' },
    running: false,
  },
};

const world = { ...healthyStandby, startNeeds };
const needing = (change: Partial<StartNeeds>): Changes => ({
  ...down,
  startNeeds: { ...startNeeds, ...change },
});

const start = `/usr/lib/postgresql/15/bin/pg_ctl start -D ${directory} -w -l ${directory}/server.log`;

const missing = (name: string, path: string, change: Partial<MissingPath> = {}): MissingPath => ({
  name,
  value: path,
  path,
  source: inFile(7),
  wanted: 'file',
  state: 'missing',
  ...change,
});

testRule(
  pathMissing,
  {
    passes: [{ name: 'nothing is named', facts: needing({ there: [] }), because: /no setting contains a/ }],
    fails: [
      {
        name: 'a certificate of the primary',
        facts: needing({ missing: [missing('ssl_cert_file', '/etc/ssl/db1.crt')] }),
        message: /ssl_cert_file is '\/etc\/ssl\/db1\.crt', and file/,
      },
      {
        name: 'a certificate, where nothing can make one',
        facts: needing({ missing: [missing('ssl_cert_file', '/etc/ssl/db1.crt')], withoutOpenssl: true }),
        steps: [
          "ALTER SYSTEM SET ssl = 'off';",
          '/usr/lib/postgresql/15/bin/pg_ctl start -D /var/lib/postgresql/15/standby -w -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      {
        name: 'a log directory below one that the server cannot enter: another owner of it would not help',
        facts: needing({
          missing: [
            missing('log_directory', '/root/log', { wanted: 'directory', state: 'no-way', closedAbove: '/root' }),
          ],
        }),
        message: /postgres, the user that runs the server, cannot enter \/root: the server does not start/u,
      },
      {
        name: 'a certificate and its key below one that the server cannot enter: both are copied',
        facts: needing({
          missing: ['cert', 'key'].map((one) =>
            missing(`ssl_${one}_file`, `/root/tls/my ${one}`, { state: 'no-way', closedAbove: '/root' }),
          ),
        }),
        steps: [
          "As root: install -o postgres -m 0600 '/root/tls/my cert' '/var/lib/postgresql/15/standby/ssl_cert_file-my cert'",
          "As root: install -o postgres -m 0600 '/root/tls/my key' '/var/lib/postgresql/15/standby/ssl_key_file-my key'",
          "ALTER SYSTEM SET ssl_cert_file = '/var/lib/postgresql/15/standby/ssl_cert_file-my cert';",
          "ALTER SYSTEM SET ssl_key_file = '/var/lib/postgresql/15/standby/ssl_key_file-my key';",
          '/usr/lib/postgresql/15/bin/pg_ctl start -D /var/lib/postgresql/15/standby -w -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      {
        name: 'a key that a group may read',
        facts: needing({ missing: [missing('ssl_key_file', '/etc/ssl/db1.key', { state: 'too-open' })] }),
        message: /other than its owner can read/,
        steps: [
          'chmod 0600 /etc/ssl/db1.key',
          '/usr/lib/postgresql/15/bin/pg_ctl start -D /var/lib/postgresql/15/standby -w -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      {
        name: "a key of root's that the server cannot read: with that mode it would not take it as its own",
        facts: needing({ missing: [missing('ssl_key_file', '/etc/ssl/db1.key', { state: 'not-permitted' })] }),
        steps: [
          'As root: chown postgres /etc/ssl/db1.key && chmod 0600 /etc/ssl/db1.key',
          '/usr/lib/postgresql/15/bin/pg_ctl start -D /var/lib/postgresql/15/standby -w -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      {
        name: "a key of root's that all may read: its group goes on reading it",
        facts: needing({ missing: [missing('ssl_key_file', '/etc/ssl/db1.key', { state: 'too-open', ofRoot: true })] }),
        steps: [
          'As root: chmod 0640 /etc/ssl/db1.key',
          '/usr/lib/postgresql/15/bin/pg_ctl start -D /var/lib/postgresql/15/standby -w -l /var/lib/postgresql/15/standby/server.log',
        ],
      },
      {
        name: 'a socket whose path is too long',
        facts: needing({
          missing: [
            missing('unix_socket_directories', `/srv/${'x'.repeat(100)}`, { wanted: 'directory', state: 'too-long' }),
          ],
        }),
        message: /the path of a socket in it would be longer than the system allows/,
      },
      {
        name: 'one of two socket directories',
        facts: needing({
          missing: [
            missing('unix_socket_directories', '/run/elsewhere', {
              value: '/run/postgresql, /run/elsewhere',
              wanted: 'directory',
            }),
          ],
        }),
        message: /and directory \/run\/elsewhere does/,
      },
      {
        name: 'a log directory',
        facts: needing({ missing: [missing('log_directory', '/mnt/log', { wanted: 'directory' })] }),
      },
      {
        name: 'pg_hba.conf in /etc',
        facts: needing({ missing: [missing('hba_file', '/etc/postgresql/15/main/pg_hba.conf')] }),
      },
      {
        name: 'a certificate authority',
        facts: needing({ missing: [missing('ssl_ca_file', '/etc/ssl/ca.crt')] }),
      },
      {
        name: 'another data directory',
        facts: needing({ missing: [missing('data_directory', '/srv/db1', { wanted: 'directory' })] }),
      },
      {
        name: "another data directory, of Debian's packages, which know it by this line",
        facts: {
          ...needing({ missing: [missing('data_directory', '/srv/db1', { wanted: 'directory' })] }),
          standbyControl: {
            control: { kind: 'pg_ctlcluster', version: '15', cluster: 'standby' },
            running: false,
          },
        },
        steps: [
          `cp -p ${directory}/postgresql.conf ${directory}/postgresql.conf.before-2026-11-21T200000 &&\nprintf '\\n%s\\n' 'data_directory = '\\''${directory}'\\''' >> ${directory}/postgresql.conf`,
          'pg_ctlcluster 15 standby start',
        ],
      },
      {
        name: 'the data directory of another server on this machine',
        facts: needing({
          missing: [missing('data_directory', '/srv/primary', { wanted: 'directory', state: 'elsewhere' })],
        }),
        message: /reads its configuration there but runs on \/srv\/primary/,
        risk: 'safe',
      },
      {
        name: 'another data directory, on the command line',
        facts: needing({
          missing: [
            missing('data_directory', '/srv/db1', {
              wanted: 'directory',
              source: { kind: 'command line', written: '-c data_directory=/srv/db1' },
            }),
          ],
        }),
      },
      {
        name: 'a directory of another user',
        facts: needing({
          missing: [missing('unix_socket_directories', '/run/db', { wanted: 'directory', state: 'not-permitted' })],
        }),
        message: /postgres, the user that runs the.*to \/run\/db: the server does not start/,
      },
      {
        name: 'a file where a directory is wanted',
        facts: needing({
          missing: [missing('log_directory', '/mnt/file', { wanted: 'directory', state: 'not-a-directory' })],
        }),
      },
    ],
  },
  world,
);

testRule(
  cannotListen,
  {
    passes: [{ name: 'the Unix socket alone', facts: needing({ addresses: [] }), because: /on its Unix socket/ }],
    unexamined: [
      {
        name: 'not tried',
        facts: needing({ addresses: [{ name: 'db9', state: 'not-tried' }] }),
        because: /could not be checked/,
      },
    ],
    fails: [
      {
        name: 'the address of the primary',
        facts: needing({
          addresses: [{ name: '10.0.0.1', state: 'not-of-this-machine' }],
          listenAddresses: { name: 'listen_addresses', value: '10.0.0.1', source: inFile(3) },
        }),
        message: /10\.0\.0\.1 is not.*this host: the server does not start/,
      },
      {
        name: 'the port of a standby on another directory',
        facts: needing({
          addresses: [{ name: 'localhost', state: 'taken' }],
          freePort: 5433,
          portHolder: { dataDirectory: '/srv/s2', pid: 17, port: 5432 },
          otherStandbys: [{ dataDirectory: '/srv/s2', pid: 17, port: 5432 }],
        }),
        message: /belongs to the server on \/srv\/s2 .*also a standby of this cluster: -D may name the wrong directory/,
      },
      {
        name: 'the port of another cluster',
        facts: needing({
          addresses: [{ name: 'localhost', state: 'taken' }],
          freePort: 5433,
          portHolder: { dataDirectory: '/srv/other', pid: 17, port: 5432 },
          otherStandbys: [],
        }),
        message: /belongs to the server on \/srv\/other \(process 17, port 5432\)\./,
      },
      {
        name: 'the port of the server whose directory was removed',
        facts: needing({
          addresses: [{ name: 'localhost', state: 'taken' }],
          freePort: 5433,
          portHolder: { dataDirectory: '/srv/s1', pid: 17, port: undefined, removed: true },
          otherStandbys: [],
        }),
        risk: 'disruptive',
        message: /before that directory was removed is still running \(process 17\)/,
      },
      {
        name: 'one of two',
        facts: needing({
          addresses: [
            { name: 'localhost', state: 'free' },
            { name: 'db1.example', state: 'unknown-name' },
          ],
        }),
        severity: 'warning',
        message: /starts without it/,
      },
      {
        name: 'taken',
        facts: needing({ addresses: [{ name: '*', state: 'taken' }], freePort: 5434 }),
        message: /port 5432 of \* is already/,
      },
    ],
  },
  world,
);

testRule(
  standbyLocaleMissing,
  {
    unexamined: [{ name: 'no locale -a', facts: needing({ missingLocales: undefined }) }],
    fails: [
      {
        name: 'German messages',
        facts: needing({ missingLocales: [{ name: 'lc_messages', value: 'de_DE.UTF-8', source: inFile(9) }] }),
        message: /lc_messages is 'de_DE.UTF-8'/,
      },
      {
        name: 'no locale -a, and the server refuses one: lc_messages has the same',
        facts: {
          ...needing({ missingLocales: undefined }),
          standbyConfiguration: aConfiguration([
            ['lc_messages', 'de_DE.utf8'],
            ['lc_monetary', 'de_DE.utf8'],
            ['lc_time', 'C'],
          ]),
          serverJudgement: {
            program: '/usr/lib/postgresql/15/bin/postgres',
            refused: [{ words: 'invalid value for parameter "lc_monetary": "de_DE.utf8"', settings: ['lc_monetary'] }],
            stoppedEarly: false,
            sharedMemory: undefined,
          },
        },
        message: /lc_messages is 'de_DE.utf8', lc_monetary is 'de_DE.utf8', but .* does not have that locale/,
      },
      {
        name: 'two',
        facts: needing({
          missingLocales: [
            { name: 'lc_messages', value: 'de_DE.UTF-8', source: inFile(9) },
            { name: 'lc_time', value: 'fr_FR.UTF-8', source: inFile(10) },
          ],
        }),
        message: /does not have these locales/,
      },
    ],
  },
  world,
);

testRule(
  hbaFileError,
  {
    notApplicable: [{ name: 'not read', facts: needing({ hba: undefined }) }],
    fails: [
      {
        name: 'a type that is none',
        facts: needing({ hba: aHba('local all all peer\nhots all all 10.0.0.0/8 scram-sha-256\n') }),
        message: /line 2: invalid connection type "hots"/,
      },
      { name: 'no entry', facts: needing({ hba: aHba('# nothing\n') }), message: /has no entry/ },
      {
        name: 'no file',
        facts: needing({ hba: undefined, hbaMissing: '/var/lib/postgresql/15/standby/pg_hba.conf' }),
        message: /pg_hba\.conf does not exist, and the server does not start/,
      },
      {
        name: 'a directory in its place',
        facts: needing({ hba: undefined, hbaDirectory: { file: '/etc/postgresql/pg_hba.conf', mounted: false } }),
        message: /pg_hba\.conf is a directory, in which the server finds no entry/,
      },
    ],
  },
  world,
);

testRule(
  notRunning,
  {
    passes: [{ name: 'its process', facts: { runningStandby: noServer }, because: /is the server on/ }],
    notApplicable: [
      {
        name: 'no data directory',
        facts: {
          dataDirectory: aStoppedDirectory({ versionText: undefined, missingDirectories: ['base', 'global'] }),
          runningStandby: noServer,
        },
      },
    ],
    unexamined: [
      {
        name: 'a process of somebody else',
        facts: {
          runningStandby: noServer,
          dataDirectory: aStoppedDirectory({
            postmaster: { pid: 7, port: 5432, process: 'unknown', program: undefined },
          }),
        },
      },
    ],
    fails: [
      {
        name: 'shut down',
        facts: { ...down, runningStandby: noServer, controlFile: aControlFile({ state: 'shut down in recovery' }) },
        message: /shut down cleanly, and no obstacle/,
        steps: [start],
      },
      {
        name: 'while another standby of this cluster runs here',
        facts: {
          ...needing({ otherStandbys: [{ dataDirectory: '/srv/s2', pid: 17, port: 5433 }] }),
          runningStandby: noServer,
        },
        message:
          /Another standby of this cluster runs on this machine: the server on \/srv\/s2 \(process 17, port 5433\)\./,
      },
      {
        name: 'killed',
        facts: { ...down, runningStandby: noServer, controlFile: aControlFile({ state: 'in archive recovery' }) },
        message: /crashed, was killed/,
      },
      {
        name: 'never started',
        facts: { ...down, runningStandby: noServer, dataDirectory: aStoppedDirectory({ lastStart: undefined }) },
        message: /was ever started/,
      },
    ],
  },
  world,
);
