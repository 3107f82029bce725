import { askingForPassword, typedInPassfile } from '../../src/remedies/asked-password.ts';
import type { Passfile, ReplicationLogin } from '../../src/facts/connection.ts';
import { unseen } from '../../src/facts/observed.ts';
import type { RefusedParameter } from '../../src/facts/standby-configuration.ts';
import { anyHostMayAnswer } from '../../src/rules/conninfo/any-host-may-answer.ts';
import { applicationName } from '../../src/rules/conninfo/application-name.ts';
import { conninfoMalformed } from '../../src/rules/conninfo/malformed.ts';
import { conninfoMissing } from '../../src/rules/conninfo/missing.ts';
import { conninfoNoPassword } from '../../src/rules/conninfo/no-password.ts';
import { notApplied } from '../../src/rules/conninfo/not-applied.ts';
import { overridden } from '../../src/rules/conninfo/overridden.ts';
import { pointsAtItself } from '../../src/rules/conninfo/points-at-itself.ts';
import { unknownKeyword } from '../../src/rules/conninfo/unknown-keyword.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { aPatroniMember } from './manager/managers.ts';
import { testRule } from './rule-tester.ts';
import type { RuleCases } from './rule-tester.ts';
import {
  aConfiguration,
  aDataDirectory,
  aConninfo,
  aRunningStandby,
  aServerFiles,
  aStoppedDirectory,
  autoConf,
  configFile,
  conninfo,
  directory,
  healthyStandby,
  aControlFile,
  aFreshCopy,
} from './standby-world.ts';
import {
  aPlan,
  aRefusal,
  aRefusedLogin,
  aSession,
  aSystemIdentifier,
  anAdminServer,
  anAttempt,
  anHbaRule,
  someSettings,
} from './world.ts';
import { parseSystemIdentifier } from '../../src/postgres/lsn.ts';
import { parseIpAddress } from '../../src/postgres/ip-address.ts';

const testConninfoRule = (rule: AnyRule, cases: RuleCases): void => testRule(rule, cases, healthyStandby);

const unset = { standbyConninfo: aConninfo({ text: undefined, file: undefined, line: undefined, hosts: [] }) };
const bin = '/usr/lib/postgresql/15/bin';
const down = {
  dataDirectory: aStoppedDirectory(),
  standbyControl: {
    control: { kind: 'pg_ctl' as const, dataDirectory: directory, binDirectory: bin },
    running: false,
  },
  runningStandby: unseen('connection', 'no server runs'),
};
const reload = 'SELECT pg_reload_conf();';
const copyOf = (file: string): string => `${file}.before-2026-11-21T200000`;

const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('a value of the test');
  return value;
};
const anotherCluster = must(parseSystemIdentifier('42'));
const two = [
  { name: 'backup', superuser: false },
  { name: 'replicator', superuser: false },
];
const loopback = anHbaRule({
  type: 'host',
  address: {
    kind: 'network',
    address: must(parseIpAddress('127.0.0.1')),
    netmask: must(parseIpAddress('255.255.255.255')),
  },
});
const withPassword = (host: string): readonly string[] => [
  askingForPassword(
    `umask 077 && printf '\\n%s%s\\n' ${host}:5432:replication:replicator: ${typedInPassfile} >> /var/lib/postgresql/.pgpass`,
  ),
  `ALTER SYSTEM SET primary_conninfo = 'host=${host} port=5432 user=replicator passfile=''/var/lib/postgresql/.pgpass''';`,
  reload,
];
const asking = {
  status: 'seen' as const,
  value: { file: loopback.file, lines: [loopback], changedSinceLoad: false },
  source: 'pg_hba_file_rules',
};

/** A server starts without what it cannot read of postgresql.auto.conf. */
const skipped = aServerFiles({
  closed: [
    {
      path: `${directory}/postgresql.auto.conf`,
      kind: 'file',
      owner: { uid: 0, name: 'root' },
      own: false,
      mode: 0o600,
      wanted: 'read',
    },
  ],
});

testConninfoRule(conninfoMissing, {
  notApplicable: [
    {
      name: 'archive only',
      facts: { ...unset, standbyConfiguration: aConfiguration([['restore_command', 'cp /a/%f %p']]) },
    },
    { name: 'the server cannot read the file that sets it', facts: { ...unset, serverFiles: skipped } },
    {
      name: 'no signal file',
      facts: {
        ...unset,
        dataDirectory: aStoppedDirectory({
          signals: { standby: false, recovery: false, misnamed: [], recoveryConf: undefined },
        }),
        controlFile: aControlFile({ state: 'shut down' }),
      },
    },
  ],
  fails: [
    {
      name: 'neither of both, while it runs',
      facts: { ...unset, standbyConfiguration: aConfiguration([]) },
      steps: withPassword('db1'),
    },
    {
      name: 'a base backup that was made without -R',
      facts: {
        ...unset,
        standbyConfiguration: aConfiguration([]),
        dataDirectory: aFreshCopy({
          signals: { standby: false, recovery: false, misnamed: [], recoveryConf: undefined },
        }),
        controlFile: aControlFile({ state: 'in production' }),
      },
      message: /is a base backup, but neither/,
      steps: withPassword('db1'),
    },
    {
      name: 'restore_command reads what barman recover copied once',
      facts: { ...unset, standbyConfiguration: aConfiguration([['restore_command', 'cp barman_wal/%f %p']]) },
      message: /barman_wal, which is a folder of the data directory itself: barman recover/,
      steps: withPassword('db1'),
    },
    {
      name: 'the primary is on this machine and asks for a password',
      facts: {
        ...unset,
        standbyConfiguration: aConfiguration([]),
        adminServer: anAdminServer({ host: '127.0.0.1', address: '127.0.0.1', ownAddress: true, hbaRules: asking }),
      },
      steps: withPassword('127.0.0.1'),
    },
    {
      name: 'over a socket, and only the superuser is let in there',
      facts: {
        ...unset,
        standbyConfiguration: aConfiguration([]),
        adminServer: anAdminServer({
          host: '/run/postgresql',
          address: '/run/postgresql/.s.PGSQL.5432',
          ownAddress: true,
        }),
      },
      steps: ["ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=5432 user=replicator';", reload],
    },
    ...(
      [
        ['nothing is known of the primary', unseen('not-asked', 'no --admin')],
        ['--admin leads to another standby', anAdminServer({ inRecovery: true })],
        ['to another cluster', anAdminServer({ systemIdentifier: anotherCluster })],
        ['to a pooler', anAdminServer({ port: 6432 })],
        ['two roles may be meant', anAdminServer({ replicationRoles: two, hbaRules: unseen('permission', 'hidden') })],
      ] as const
    ).map(([name, adminServer]) => ({
      name,
      facts: { ...unset, standbyConfiguration: aConfiguration([]), adminServer },
      message: /nowhere to get WAL from/,
      steps: [
        `Append to ${autoConf}: primary_conninfo = 'host=PRIMARY port=5432 user=ROLE', with the primary's address and its replication role, and reload the standby; the password belongs in the password file of postgres.${'status' in adminServer ? ' With --admin CONNINFO, a superuser connection to the primary, standbylint finds both.' : ''}`,
      ],
    })),
    {
      name: 'a signal file was put on the primary',
      facts: {
        ...unset,
        adminServer: unseen('not-asked', 'no --admin connection was given'),
        dataDirectory: aDataDirectory({ backupLabelOld: undefined, manifest: 'absent' }),
      },
      steps: [
        `Append to ${autoConf}: primary_conninfo = 'host=PRIMARY port=5432 user=ROLE', with the primary's address and its replication role, and reload the standby; the password belongs in the password file of postgres. With --admin CONNINFO, a superuser connection to the primary, standbylint finds both. Or, if this server is the primary, and the signal file was put there by mistake, run SELECT pg_promote(); on it: nothing shows that its directory was made by pg_basebackup.`,
      ],
    },
    {
      name: 'it stands in standby.signal, with the name of a slot',
      facts: {
        ...unset,
        standbyConfiguration: {
          ...aConfiguration([]),
          strays: [
            { name: 'primary_conninfo', value: 'host=db1 password=***', file: `${directory}/standby.signal`, line: 1 },
            { name: 'primary_slot_name', value: 's1', file: `${directory}/standby.signal`, line: 2 },
          ],
        },
      },
      message:
        /^Line 1 of \/var\/lib\/postgresql\/15\/standby\/standby\.signal sets.*read the content of a signal file:/,
      steps: [
        `cp -p ${autoConf} ${copyOf(autoConf)} &&\n{ echo; sed -n -e 1p -e 2p ${directory}/standby.signal; echo; } >> ${autoConf}`,
        reload,
      ],
    },
    {
      name: 'an empty value in a file that is read later',
      facts: {
        standbyConninfo: aConninfo({
          text: undefined,
          file: autoConf,
          line: 4,
          hosts: [],
          overridden: [{ text: 'host=db1 user=replicator', file: configFile, line: 12 }],
        }),
        standbyConfiguration: aConfiguration([]),
      },
      message: /is set in .*postgresql\.conf, line 12, but an empty value in .*postgresql\.auto\.conf, line 4/,
      steps: [`cp -p ${autoConf} ${copyOf(autoConf)} &&\nsed -e '4s/^/# /' ${copyOf(autoConf)} > ${autoConf}`, reload],
    },
    {
      name: 'an empty value on the command line of its server',
      facts: {
        standbyConninfo: aConninfo({
          text: undefined,
          file: undefined,
          line: undefined,
          hosts: [],
          overridden: [{ text: 'host=db1 user=replicator', file: autoConf, line: 4 }],
        }),
        standbyConfiguration: aConfiguration([]),
        standbyControl: {
          control: {
            kind: 'pg_ctl',
            dataDirectory: directory,
            binDirectory: bin,
            options: ['-c', 'primary_conninfo=', '-c', 'port=5433'],
          },
          running: true,
        },
      },
      message: /an empty value in the command line of the server/,
      risk: 'disruptive',
      steps: [`${bin}/pg_ctl restart -D ${directory} -w -m fast -l ${directory}/server.log -o '-c port=5433'`],
    },
    {
      name: 'in a file that nothing includes, of a server that is down',
      facts: {
        ...unset,
        ...down,
        standbyConfiguration: {
          ...aConfiguration([]),
          strays: [{ name: 'primary_conninfo', value: 'host=db1', file: `${directory}/conf.d/repl.conf`, line: 7 }],
        },
      },
      message: /^Line 7 of \/var\/lib\/postgresql\/15\/standby\/conf\.d\/repl\.conf.*does not read that file: it reads/,
      steps: [
        `cp -p ${autoConf} ${copyOf(autoConf)} &&\n{ echo; sed -n -e 7p ${directory}/conf.d/repl.conf; echo; } >> ${autoConf}`,
        `${bin}/pg_ctl start -D ${directory} -w -l ${directory}/server.log`,
      ],
    },
  ],
});

const refusedOf = (change: Partial<RefusedParameter> & Pick<RefusedParameter, 'keyword'>): RefusedParameter => ({
  value: undefined,
  message: `${change.keyword} is not accepted.`,
  instead: undefined,
  accepted: undefined,
  beside: undefined,
  newerAccepts: false,
  variable: undefined,
  service: undefined,
  ...change,
});

testConninfoRule(conninfoMalformed, {
  passes: [
    {
      name: 'a value of a newer libpq, which serves',
      facts: {
        standbyConninfo: aConninfo({
          refused: refusedOf({ keyword: 'target_session_attrs', value: 'primary', newerAccepts: true }),
        }),
      },
    },
  ],
  notApplicable: [
    { name: 'not set', facts: unset },
    {
      name: 'an unknown keyword',
      facts: {
        standbyConninfo: aConninfo({
          problem: { kind: 'unknown-keyword', message: 'x.', name: 'hots', suggestion: 'host', knownSince: undefined },
        }),
      },
    },
  ],
  fails: [
    {
      name: 'a quotation that does not end',
      facts: {
        standbyConninfo: aConninfo({
          text: 'host=db1 …',
          hosts: [],
          problem: {
            kind: 'unterminated-quote',
            message: 'The value of "user" begins with a single quote, and no closing one follows.',
            name: 'user',
            suggestion: undefined,
            knownSince: undefined,
          },
        }),
      },
      message: /no closing one follows\.$/,
    },
    {
      name: 'typographic quotation marks',
      facts: { standbyConninfo: aConninfo({ foreignQuotes: [{ keyword: 'host', quote: '“' }] }) },
      message: /the value of host starts with/,
    },
    {
      name: 'a value that libpq does not accept',
      facts: {
        standbyConninfo: aConninfo({
          text: 'host=db1 user=replicator sslmode=verify_full',
          refused: refusedOf({ keyword: 'sslmode', value: 'verify_full', instead: 'verify-full' }),
        }),
      },
      message: /The WAL receiver exits before it connects\.$/,
      steps: [
        "ALTER SYSTEM SET primary_conninfo = 'host=db1 user=replicator sslmode=verify-full';",
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'of a server that is down: in its line',
      facts: {
        ...down,
        standbyConninfo: aConninfo({
          text: 'host=db1 password=*** keepalives_idle=30s',
          refused: refusedOf({ keyword: 'keepalives_idle', value: '30s', instead: '30' }),
        }),
      },
      message: /line 3: keepalives_idle/,
    },
    {
      name: 'in the environment of the server: primary_conninfo overrides it',
      facts: {
        standbyConninfo: aConninfo({
          text: 'host=db1 user=replicator',
          refused: refusedOf({ keyword: 'gssencmode', value: 'maybe', variable: 'PGGSSENCMODE' }),
        }),
      },
      message: /^PGGSSENCMODE in the environment of the server: /,
      steps: [
        "ALTER SYSTEM SET primary_conninfo = 'host=db1 user=replicator gssencmode=prefer';",
        'SELECT pg_reload_conf();',
      ],
    },
    {
      name: 'in a service file',
      facts: {
        standbyConninfo: aConninfo({
          refused: refusedOf({
            keyword: 'sslmode',
            value: 'on',
            instead: 'require',
            service: { file: '/etc/pg_service.conf', line: 4 },
          }),
        }),
      },
      message: /^\/etc\/pg_service\.conf, line 4: /,
      steps: [
        `cp -p /etc/pg_service.conf ${copyOf('/etc/pg_service.conf')} &&\nsed -e '4s/=.*/=require/' ${copyOf('/etc/pg_service.conf')} > /etc/pg_service.conf`,
      ],
    },
    {
      name: 'what protects the connection is not guessed',
      facts: {
        standbyConninfo: aConninfo({
          refused: refusedOf({ keyword: 'sslmode', value: 'bogus', accepted: ['disable', 'require'] }),
        }),
      },
      message: /sslmode/,
      steps: [
        `In primary_conninfo (${autoConf}, line 3) set sslmode to one of disable, require, and reload the standby.`,
      ],
    },
    {
      name: 'a port that is none: the one of --admin',
      facts: {
        adminServer: anAdminServer({ host: 'db1', port: 5432 }),
        standbyConninfo: aConninfo({
          text: 'host=db1 user=replicator port=543200',
          hosts: [],
          refused: refusedOf({ keyword: 'port', value: '543200' }),
        }),
      },
      message: /port/,
      steps: ["ALTER SYSTEM SET primary_conninfo = 'host=db1 user=replicator port=5432';", 'SELECT pg_reload_conf();'],
    },
    ...(
      [
        ['hostaddr=db1 user=replicator', 'user=replicator host=db1'],
        ['host=db1 hostaddr=db1 user=replicator', 'host=db1 user=replicator'],
      ] as const
    ).map(([text, corrected]) => ({
      name: `a name as an address: ${text}`,
      facts: {
        standbyConninfo: aConninfo({ text, hosts: [], refused: refusedOf({ keyword: 'hostaddr', value: 'db1' }) }),
      },
      message: /hostaddr/,
      steps: [`ALTER SYSTEM SET primary_conninfo = '${corrected}';`, 'SELECT pg_reload_conf();'],
    })),
    {
      name: 'a service that does not exist',
      facts: { standbyConninfo: aConninfo({ refused: refusedOf({ keyword: 'service', value: 'nix' }) }) },
      message: /service/,
    },
  ],
});

const unknown = (name: string, suggestion: string | undefined, knownSince?: number) =>
  aConninfo({
    problem: { kind: 'unknown-keyword', message: `invalid connection option "${name}".`, name, suggestion, knownSince },
  });
testConninfoRule(unknownKeyword, {
  passes: [
    { name: 'of a newer libpq, which serves', facts: { standbyConninfo: unknown('sslnegotiation', undefined, 17) } },
  ],
  notApplicable: [
    { name: 'not set', facts: unset },
    {
      name: 'no string at all',
      facts: {
        standbyConninfo: aConninfo({
          problem: { kind: 'missing-equals', message: 'x.', name: 'a', suggestion: undefined, knownSince: undefined },
        }),
      },
    },
  ],
  fails: [
    {
      name: 'hots',
      facts: { standbyConninfo: unknown('hots', 'host') },
      steps: [
        `cp -p ${autoConf} ${copyOf(autoConf)} &&\nsed -e '3s/\\([[:space:]'\\''"]\\)hots\\([[:space:]]*=\\)/\\1host\\2/g' ${copyOf(autoConf)} > ${autoConf}`,
        reload,
      ],
    },
    {
      name: "MySQL's words: all of them at once",
      facts: {
        standbyConninfo: {
          ...unknown('master_host', 'host'),
          problem: {
            kind: 'unknown-keyword',
            message: '"master_host" is not a libpq connection parameter. Probably "host" is meant.',
            name: 'master_host',
            suggestion: 'host',
            knownSince: undefined,
            others: [
              { name: 'master_port', suggestion: 'port' },
              { name: 'server_id', suggestion: undefined },
            ],
          },
        },
      },
      message: /Unknown, too: "master_port" \(probably port\), "server_id"/,
    },
    {
      name: 'of a newer libpq, and no WAL receiver',
      facts: { ...down, standbyConninfo: unknown('sslnegotiation', undefined, 17) },
      message: /only if its packages include a newer libpq/,
    },
    {
      name: 'on the command line',
      facts: { standbyConninfo: { ...unknown('hots', 'host'), file: undefined, line: undefined } },
      steps: [
        "Correct primary_conninfo in the command that starts the server, where it overrides every file (keyword=value pairs between single quotes, such as primary_conninfo = 'host=db1 port=5432 user=replicator'; single quotes inside are doubled), and restart the server.",
      ],
    },
  ],
});

const toItself = anAttempt({ host: '127.0.0.1', address: '127.0.0.1', port: 5433 });
const loginTo = (postmaster: number | undefined, attempt = toItself) => ({
  attempts: [attempt],
  outcome: {
    accepted: true as const,
    session: aSession({ attempt, sameMachine: postmaster !== undefined, postmaster }),
  },
});
const noEntry = aRefusal('no-hba-entry', '28000', 'no pg_hba.conf entry for replication connection');
const listening = (addresses: string) =>
  aRunningStandby({
    settings: new Map([
      ...aRunningStandby().settings,
      ['listen_addresses', { value: addresses, pendingRestart: false, source: 'configuration file' }],
    ]),
  });
testConninfoRule(pointsAtItself, {
  passes: [
    {
      name: 'another server of this machine',
      facts: {
        replicationLogin: loginTo(900, anAttempt({ host: 'localhost', address: '127.0.0.1', port: 5432 })),
      },
    },
    { name: 'a tunnel on the port of this server', facts: { replicationLogin: loginTo(undefined) } },
    {
      name: 'a tunnel on its port, to a server that refuses',
      facts: {
        runningStandby: listening('10.0.0.7'),
        replicationLogin: aRefusedLogin({ ...toItself, outcome: noEntry.outcome }),
      },
    },
    {
      name: 'another machine on the same port',
      facts: { standbyConfiguration: aConfiguration([['port', '5432']]), ...down },
    },
  ],
  notApplicable: [
    { name: 'not set', facts: unset },
    {
      name: 'promoted, of a list of all servers it is the one that is read-write',
      facts: { replicationLogin: loginTo(4242), runningStandby: aRunningStandby({ inRecovery: false }) },
    },
  ],
  unexamined: [{ name: 'no login was tried', facts: { replicationLogin: unseen('connection', 'interrupted') } }],
  fails: [
    {
      name: 'itself, streaming',
      facts: { replicationLogin: loginTo(4242) },
      message: /is this standby itself, so it.*WAL\. pg_stat_wal_receiver shows "streaming" all the same/,
    },
    {
      name: 'itself, that lets nobody in for replication',
      facts: {
        runningStandby: listening('localhost'),
        replicationLogin: aRefusedLogin({ ...toItself, outcome: noEntry.outcome }),
      },
    },
    {
      name: 'while it is down',
      facts: {
        ...down,
        replicationLogin: aRefusedLogin(
          anAttempt({
            host: '127.0.0.1',
            address: '127.0.0.1',
            port: 5433,
            outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' },
          }),
        ),
      },
    },
  ],
});

const old = { text: 'host=old port=5432 user=replicator', file: configFile, line: 12 };
const leavesItAlone = [
  `cp -p ${configFile} ${copyOf(configFile)} &&\nsed -e '12s/^/# /' ${copyOf(configFile)} > ${configFile}`,
];
const elsewhere = (file = configFile) => ({
  standbyConninfo: aConninfo({
    text: 'host=db9 port=5432 user=replicator',
    hosts: [{ host: 'db9', port: 5432 }],
    overridden: [{ ...old, file, text: 'host=db1 user=replicator' }],
  }),
});
const silent = aRefusedLogin(
  anAttempt({
    host: 'db9',
    address: undefined,
    outcome: { kind: 'not-resolved', code: 'ENOTFOUND', message: 'no such name' },
  }),
);
const otherCluster: ReplicationLogin = {
  attempts: [anAttempt({ host: 'db9' })],
  outcome: {
    accepted: true,
    session: aSession({ attempt: anAttempt({ host: 'db9' }), systemIdentifier: aSystemIdentifier('7') }),
  },
};
const toPrimary = [
  `cp -p ${configFile} ${copyOf(configFile)}.overridden &&\nsed -e '12s/^/# /' ${copyOf(configFile)}.overridden > ${configFile}`,
  "ALTER SYSTEM SET primary_conninfo = 'host=db1 port=5432 user=replicator';",
  reload,
];
testConninfoRule(overridden, {
  passes: [
    { name: 'the same twice', facts: { standbyConninfo: aConninfo({ overridden: [{ ...old, text: conninfo }] }) } },
    { name: 'an empty one before', facts: { standbyConninfo: aConninfo({ overridden: [{ ...old, text: '' }] }) } },
    { name: 'pg_basebackup -R of a standby', facts: { ...elsewhere(autoConf), replicationLogin: silent } },
  ],
  notApplicable: [{ name: 'not set', facts: unset }],
  fails: [
    {
      name: 'the one that applies works',
      facts: { standbyConninfo: aConninfo({ overridden: [old] }) },
      severity: 'info',
      message: /postgresql\.conf, line 12 has no effect: .*postgresql\.auto\.conf, line 3 is read later and applies/,
      steps: leavesItAlone,
    },
    {
      name: 'the one that applies leads nowhere, and nobody knows where the primary is',
      facts: { ...elsewhere(), replicationLogin: silent, adminServer: unseen('not-asked', 'no --admin') },
      severity: 'info',
      steps: leavesItAlone,
    },
    {
      name: 'the one that applies leads nowhere, and the other one to a third server',
      facts: {
        standbyConninfo: aConninfo({ text: 'host=db9', hosts: [{ host: 'db9', port: 5432 }], overridden: [old] }),
        replicationLogin: silent,
      },
      severity: 'info',
      steps: leavesItAlone,
    },
    {
      name: 'the server that the one that applies names refuses the role',
      facts: {
        ...elsewhere(),
        replicationLogin: aRefusedLogin(aRefusal('role-missing', '28000', 'role does not exist')),
      },
      severity: 'info',
      steps: leavesItAlone,
    },
    {
      name: 'the one that applies leads nowhere, and the other one to the primary',
      facts: { ...elsewhere(), replicationLogin: silent },
      severity: 'error',
      message: /line 12 points to the primary.*points to an address without a server/,
      steps: toPrimary,
    },
    {
      name: 'the one on the command line leads nowhere, and the file to the primary',
      facts: {
        standbyConninfo: { ...elsewhere().standbyConninfo, file: undefined, line: undefined },
        replicationLogin: silent,
        standbyControl: {
          control: {
            kind: 'pg_ctl',
            dataDirectory: directory,
            binDirectory: bin,
            options: ['-c', 'primary_conninfo=host=db9 user=replicator'],
          },
          running: true,
        },
      },
      severity: 'error',
      risk: 'disruptive',
      steps: [`${bin}/pg_ctl restart -D ${directory} -w -m fast -l ${directory}/server.log -o ''`],
    },
    {
      name: 'the one that applies leads to another cluster, and the other one to the primary',
      facts: { ...elsewhere(), replicationLogin: otherCluster },
      severity: 'error',
      message: /That value points to a server of another cluster/,
      steps: toPrimary,
    },
  ],
});

const inForce = (value: string | undefined) => {
  const settings = new Map(aRunningStandby().settings);
  if (value === undefined) settings.delete('primary_conninfo');
  else settings.set('primary_conninfo', { value, pendingRestart: false, source: 'configuration file' });
  return aRunningStandby({ settings });
};
testConninfoRule(notApplied, {
  passes: [
    {
      name: 'both masked, each in its way',
      facts: {
        standbyConninfo: aConninfo({ text: 'host=db1 password=***  user=r', hasPassword: true }),
        runningStandby: inForce("host=db1 password='***' user=r"),
      },
    },
  ],
  notApplicable: [
    { name: 'not shown', facts: { runningStandby: inForce(undefined) } },
    {
      name: 'the server cannot read the file that sets it',
      facts: { runningStandby: inForce(''), serverFiles: skipped },
    },
  ],
  fails: [
    { name: 'another value', facts: { runningStandby: inForce('host=old') }, severity: 'warning', steps: [reload] },
    { name: 'taken out of the files', facts: { ...unset }, message: /The files do not set primary_conninfo/ },
  ],
});

const asked = aRefusedLogin(
  anAttempt({ outcome: { kind: 'client-stopped', why: 'no-password', message: 'fe_sendauth: no password supplied' } }),
);
const withPassfile = (
  state: ReturnType<typeof aPlan>['password']['passfile']['state'],
  path = '/var/lib/postgresql/.pgpass',
  meant?: Pick<Passfile, 'path' | 'state'>,
) =>
  aPlan({
    password: {
      from: 'none',
      words: 'none',
      passfile: { path, state, pathSource: 'default', ...(meant === undefined ? {} : { meant }) },
    },
  });
const madeIn = (path: string): string =>
  askingForPassword(`umask 077 && printf '%s%s\\n' db1:5432:replication:replicator: ${typedInPassfile} >> ${path}`);
testConninfoRule(conninfoNoPassword, {
  passes: [{ name: 'none is asked for', facts: { connectionPlan: withPassfile({ kind: 'absent' }) } }],
  notApplicable: [
    {
      name: 'Patroni, which writes the password file, has not started the server',
      facts: {
        replicationLogin: asked,
        connectionPlan: withPassfile({ kind: 'absent' }),
        manager: aPatroniMember({ runs: false }),
        dataDirectory: aStoppedDirectory(),
      },
    },
    {
      name: 'the password file does not serve',
      facts: { replicationLogin: asked, connectionPlan: withPassfile({ kind: 'ignored', why: 'mode', mode: 0o644 }) },
    },
  ],
  unexamined: [
    {
      name: 'the password file is not ours to read',
      facts: {
        replicationLogin: asked,
        connectionPlan: withPassfile({ kind: 'not-seen', because: 'only postgres may' }),
      },
    },
  ],
  fails: [
    {
      name: 'none anywhere',
      facts: { replicationLogin: asked, connectionPlan: withPassfile({ kind: 'absent' }) },
      message: /\/var\/lib\/postgresql\/\.pgpass does not exist/,
      steps: [madeIn('/var/lib/postgresql/.pgpass')],
    },
    {
      name: 'a path that only a shell expands, to a file that serves',
      facts: {
        replicationLogin: asked,
        connectionPlan: withPassfile({ kind: 'absent' }, `${directory}/~/.pgpass`, {
          path: '/var/lib/postgresql/.pgpass',
          state: { kind: 'used', line: 1 },
        }),
      },
      message: /Only a shell expands "~": libpq looks for .*\/~\/\.pgpass, which does not exist/,
      steps: [
        "ALTER SYSTEM SET primary_conninfo = 'user=replicator passfile=/var/lib/postgresql/.pgpass host=db1 port=5432 sslmode=prefer';",
        reload,
      ],
    },
    {
      name: 'of a file whose directory is not there',
      facts: {
        replicationLogin: asked,
        connectionPlan: aPlan({
          password: {
            from: 'none',
            words: 'none',
            passfile: {
              path: '/run/secrets/pgpass',
              state: { kind: 'absent' },
              pathSource: 'passfile',
              hasNoPlace: true,
            },
          },
        }),
      },
      message: /\/run\/secrets\/pgpass does not exist/,
      steps: [
        madeIn(`${directory}/.pgpass`),
        `ALTER SYSTEM SET primary_conninfo = 'user=replicator passfile=${directory}/.pgpass host=db1 port=5432 sslmode=prefer';`,
        reload,
      ],
    },
    {
      name: 'of a user without a home',
      facts: { replicationLogin: asked, connectionPlan: withPassfile({ kind: 'absent' }, '') },
      message: /has no home directory with a password file/,
      steps: [
        madeIn(`${directory}/.pgpass`),
        `ALTER SYSTEM SET primary_conninfo = 'user=replicator passfile=${directory}/.pgpass host=db1 port=5432 sslmode=prefer';`,
        reload,
      ],
    },
  ],
});

testConninfoRule(applicationName, {
  healthyIs: 'not-applicable',
  passes: [
    { name: 'its own name', facts: { primarySettings: someSettings({ synchronous_standby_names: 'WalReceiver' }) } },
    { name: 'every name', facts: { primarySettings: someSettings({ synchronous_standby_names: '*' }) } },
    ...['pg_receivewal', 'barman_receive_wal', 'Barman_Receive_WAL', 'barman_receive_wal_shop'].map((name) => ({
      name: `${name} is no standby`,
      facts: { primarySettings: someSettings({ synchronous_standby_names: name }) },
      because: /receives WAL for an archive/,
    })),
  ],
  notApplicable: [{ name: 'not set here', facts: unset }],
  fails: [
    {
      name: 'a name that nobody has',
      facts: { primarySettings: someSettings({ synchronous_standby_names: 'node2' }) },
      severity: 'error',
      message: /expects node2/,
      steps: [`ALTER SYSTEM SET primary_conninfo = '${conninfo} application_name=node2';`, reload],
    },
    {
      name: 'a password beside it is not written anew',
      facts: {
        primarySettings: someSettings({ synchronous_standby_names: 'ANY 1 (node2)' }),
        standbyConninfo: aConninfo({ text: 'host=db1 password=***', hasPassword: true }),
      },
      severity: 'error',
      steps: [
        `cp -p ${autoConf} ${autoConf}.before-2026-11-21T200000 &&\nsed -e '3s~'\\''~'\\''application_name=node2 ~' ${autoConf}.before-2026-11-21T200000 > ${autoConf}`,
        reload,
      ],
    },
  ],
});

const hosts = [
  { host: 'db1', port: 5432 },
  { host: 'db2', port: 5432 },
];
testConninfoRule(anyHostMayAnswer, {
  passes: [
    {
      name: 'only the primary may',
      facts: { standbyConninfo: aConninfo({ hosts, targetSessionAttrs: 'read-write' }) },
    },
  ],
  notApplicable: [{ name: 'not set', facts: unset }],
  fails: [
    {
      name: 'any of two',
      facts: {
        standbyConninfo: aConninfo({
          text: 'host=db1,db2 user=replicator target_session_attrs=any',
          hosts,
          targetSessionAttrs: 'any',
        }),
      },
      severity: 'warning',
      steps: [
        "ALTER SYSTEM SET primary_conninfo = 'host=db1,db2 user=replicator target_session_attrs=read-write';",
        reload,
      ],
    },
  ],
});
