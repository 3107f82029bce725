import type { AttemptOutcome, ConnectionAttempt, ServerError } from '../../../src/facts/connection.ts';
import { unseen } from '../../../src/facts/observed.ts';
import { connectionRefused } from '../../../src/rules/network/connection-refused.ts';
import { idleTimeout } from '../../../src/rules/network/idle-timeout.ts';
import { listenAddresses } from '../../../src/rules/network/listen-addresses.ts';
import { loginNotPossible } from '../../../src/rules/network/login-not-possible.ts';
import { nameNotResolved } from '../../../src/rules/network/name-not-resolved.ts';
import { notPostgresql } from '../../../src/rules/network/not-postgresql.ts';
import { pooler } from '../../../src/rules/network/pooler.ts';
import { serverStarting } from '../../../src/rules/network/server-starting.ts';
import { timedOut } from '../../../src/rules/network/timed-out.ts';
import { unreachable } from '../../../src/rules/network/unreachable.ts';
import { testRule } from '../rule-tester.ts';
import type { Changes } from '../rule-tester.ts';
import { aPlan, aPrimary, aRefusedLogin, aSession, anAttempt, someSettings } from '../world.ts';

const ended = (outcome: AttemptOutcome, change: Partial<ConnectionAttempt> = {}): ConnectionAttempt =>
  anAttempt({ certificate: undefined, encryption: 'tls', ...change, outcome });
const login = (outcome: AttemptOutcome, change: Partial<ConnectionAttempt> = {}): Changes => ({
  replicationLogin: aRefusedLogin(ended(outcome, change)),
});
const said = (message: string, more: Partial<ServerError> = {}): ServerError => ({
  sqlstate: '28000',
  message,
  detail: undefined,
  hint: undefined,
  routine: 'ClientAuthentication',
  ...more,
});
const noEntry = (): AttemptOutcome => ({
  kind: 'server-refused',
  error: said('no pg_hba.conf entry for replication connection from host "10.0.0.7", user "replicator", no encryption'),
  refusal: 'no-hba-entry',
});
const notResolved: AttemptOutcome = { kind: 'not-resolved', code: 'ENOTFOUND', message: 'name or service not known' };
const refused: AttemptOutcome = { kind: 'refused', phase: 'connect', message: 'connection refused' };
const late = (phase: 'connect' | 'tls' | 'login'): AttemptOutcome => ({
  kind: 'timed-out',
  phase,
  message: 'no answer within 5 s',
});
const noWay: AttemptOutcome = { kind: 'unreachable', phase: 'connect', message: 'no route to host' };
const http: AttemptOutcome = { kind: 'not-postgresql', answered: String.raw`HTTP/1.1 400 Bad Request\r\n` };
const notAsked = unseen('not-asked', 'no --admin', 'add --admin CONNINFO');
const socketPath = '/var/run/postgresql/.s.PGSQL.5432';
const atSocket = {
  host: '/var/run/postgresql',
  address: socketPath,
  encryption: 'none',
  localAddress: undefined,
} as const;
const spoken = ended({ kind: 'tls-not-offered' });

testRule(nameNotResolved, {
  passes: [{ name: 'refused by pg_hba.conf', facts: login(noEntry()), because: /no pg_hba.conf entry/ }],
  fails: [
    {
      name: 'no such name',
      facts: login(notResolved, { address: undefined }),
      message: /No address was found for "db1"/,
    },
    {
      name: 'a space after a comma',
      facts: {
        ...login(notResolved, { host: ' db2', address: undefined }),
        connectionPlan: aPlan({ sources: { host: 'PGHOST' } }),
      },
      message: /begins or ends with a space/,
    },
    {
      name: 'the port behind a colon',
      facts: {
        ...login(notResolved, { host: 'db1:5433', address: undefined }),
        connectionPlan: aPlan({
          hosts: [{ host: 'db1:5433', hostaddr: undefined, port: 5432, isSocket: false }],
          sources: { host: '-h' },
        }),
      },
      message: /treats the colon and the port as part of the name/,
      steps: ['standbylint preflight pg_basebackup -h db1 -p 5433'],
    },
    {
      name: 'an IPv6 address in brackets',
      facts: {
        ...login(notResolved, { host: '[fd00::1]', address: undefined }),
        connectionPlan: aPlan({
          hosts: [{ host: '[fd00::1]', hostaddr: undefined, port: 5432, isSocket: false }],
          sources: { host: '-h' },
        }),
      },
      message: /an IPv6 address is written without them\.$/,
      steps: ['standbylint preflight pg_basebackup -h fd00::1'],
    },
    {
      name: 'the same in PGHOST, of an IPv6 address',
      facts: {
        ...login(notResolved, { host: '[fd00::1]:5433', address: undefined }),
        connectionPlan: aPlan({
          hosts: [{ host: '[fd00::1]:5433', hostaddr: undefined, port: 5432, isSocket: false }],
          sources: { host: 'PGHOST' },
        }),
      },
      message: /treats the colon/,
      steps: ['PGHOST=fd00::1 PGPORT=5433 standbylint preflight pg_basebackup'],
    },
    {
      name: 'the name service is silent',
      facts: login({ ...notResolved, code: 'EAI_AGAIN' }, { address: undefined }),
      message: /may be correct/,
      steps: [
        'Resolve the name where the standby is: getent hosts db1. If that takes long or fails, check the name servers in /etc/resolv.conf there; if it answers, run this again, with a longer --timeout.',
      ],
    },
  ],
});

testRule(connectionRefused, {
  passes: [{ name: 'something answered', facts: login(http) }],
  fails: [
    {
      name: 'stopped',
      facts: { ...login(refused), primarySettings: notAsked },
      message: /^10\.0\.0\.1:5432 \(db1\) refuses/,
      steps: ['Start the server on db1. If it is running, find its port (SHOW port;) and give it with -p.'],
    },
    {
      name: 'another port',
      facts: { ...login(refused), primarySettings: someSettings({ port: '5433' }) },
      steps: ['standbylint preflight pg_basebackup -p 5433'],
    },
    {
      name: 'a firewall',
      facts: login(refused),
      steps: ['The server is running: allow TCP port 5432 from 10.0.0.7 in the firewall of db1.'],
    },
    {
      name: 'an IPv6 address',
      facts: { ...login(refused, { host: '::1', address: '::1' }), primarySettings: notAsked },
      message: /^\[::1\]:5432 refuses/,
    },
    {
      name: 'no socket',
      facts: {
        ...login({ kind: 'no-socket', message: 'no such file or directory' }, atSocket),
        primarySettings: notAsked,
      },
      message: /No server answers on the socket \/var\/run\/postgresql\/\.s\.PGSQL\.5432/,
    },
    {
      name: 'another socket directory',
      facts: {
        ...login({ kind: 'no-socket', message: 'no such file or directory' }, atSocket),
        primarySettings: someSettings({ unix_socket_directories: '/tmp' }),
      },
      steps: ["Connect with -p 5432 and one of the server's socket directories as -h: /tmp."],
    },
    {
      name: 'another socket directory of a server on this machine',
      facts: {
        ...login({ kind: 'no-socket', message: 'no such file or directory' }, atSocket),
        primarySettings: someSettings({ unix_socket_directories: '/run/postgresql, /tmp' }),
        primary: aPrimary({ ownAddress: true }),
      },
      steps: ['standbylint preflight pg_basebackup -h /run/postgresql -p 5432'],
    },
  ],
  notApplicable: [{ name: 'no route', facts: login(noWay) }],
  unexamined: [{ name: 'the name has no address', facts: login(notResolved) }],
});

testRule(timedOut, {
  passes: [{ name: 'refused by pg_hba.conf', facts: login(noEntry()) }],
  fails: [
    { name: 'packets are dropped', facts: login(late('connect')), message: /A firewall drops the packets/ },
    {
      name: 'a login that does not end',
      facts: {
        replicationLogin: {
          attempts: [spoken, ended(late('login'), { encryption: 'none' })],
          outcome: { accepted: false, decisive: ended(late('login'), { encryption: 'none' }) },
        },
      },
      message: /is a PostgreSQL server, but the login did not finish/,
    },
  ],
  notApplicable: [{ name: 'refused', facts: login(refused) }],
  unexamined: [{ name: 'accepts and is silent', facts: login(late('tls')) }],
});

testRule(unreachable, {
  fails: [
    {
      name: 'no route to the host, which a firewall says, too',
      facts: login(noWay),
      message: /A firewall that rejects the connection is reported like this/,
    },
    {
      name: 'no route to the network',
      facts: login({ ...noWay, message: 'network is unreachable' }),
      message: /network is unreachable\.$/,
    },
    {
      name: 'an IPv6 address that the port became a part of',
      facts: {
        ...login(noWay, { host: 'fd00::1:5432', address: 'fd00::1:5432' }),
        connectionPlan: aPlan({ sources: { host: '-h' } }),
      },
      message: /treats ":5432" as part of the address/,
      steps: ['standbylint preflight pg_basebackup -h fd00::1 -p 5432'],
    },
    {
      name: 'a link-local address without its interface',
      facts: login({ ...noWay, message: 'invalid argument' }, { host: 'fe80::1', address: 'fe80::1' }),
      message: /needs the interface behind it: %eth0\.$/,
      steps: [
        'Give the interface of this machine that the primary is reached by behind the address: -h fe80::1%INTERFACE (ip -6 -brief address shows them); or give another address of the primary.',
      ],
    },
    {
      name: 'a socket that is closed to this user',
      facts: login({ ...noWay, message: 'permission denied' }, atSocket),
      message: /permission denied/,
    },
  ],
  notApplicable: [{ name: 'refused', facts: login(refused) }],
});

testRule(notPostgresql, {
  passes: [{ name: 'refused by pg_hba.conf', facts: login(noEntry()) }],
  fails: [
    { name: 'HTTP', facts: login(http), message: /does not speak PostgreSQL's protocol/ },
    { name: 'silence', facts: login(late('tls')), message: /never answers \(no answer within 5 s\)/ },
    {
      name: 'closed at once',
      facts: login({ kind: 'closed', phase: 'tls', message: 'it closed the connection' }),
      message: /closes it without an answer/,
    },
  ],
  unexamined: [{ name: 'refused', facts: login(refused) }],
});

testRule(pooler, {
  passes: [{ name: 'PostgreSQL itself refuses', facts: login(noEntry()), because: /ClientAuthentication/ }],
  fails: [
    {
      name: 'PgBouncer',
      facts: login({
        kind: 'server-refused',
        error: said('unsupported startup parameter: replication', { sqlstate: '08P01', routine: undefined }),
        refusal: 'pooler',
      }),
      message: /is a connection pooler/,
    },
  ],
  notApplicable: [
    {
      name: 'no password',
      facts: login({ kind: 'client-stopped', why: 'no-password', message: 'the server asks for a SCRAM password' }),
    },
  ],
  unexamined: [{ name: 'HTTP', facts: login(http) }],
});

testRule(listenAddresses, {
  passes: [
    {
      name: 'it listens on all',
      facts: { ...login(refused), primarySettings: someSettings({ listen_addresses: '*' }) },
      because: /covers 10\.0\.0\.1/,
    },
    {
      name: 'it listens on a name',
      facts: { ...login(refused), primarySettings: someSettings({ listen_addresses: 'db1' }) },
    },
    {
      name: 'it answered',
      facts: { ...login(noEntry()), primarySettings: someSettings({ listen_addresses: 'localhost' }) },
    },
  ],
  fails: [
    {
      name: 'only localhost',
      facts: { ...login(refused), primarySettings: someSettings({ listen_addresses: 'localhost' }) },
      message: /listen_addresses is "localhost", so no client can connect to 10\.0\.0\.1:5432/,
      risk: 'disruptive',
      steps: ["ALTER SYSTEM SET listen_addresses = 'localhost,10.0.0.1';", 'pg_ctlcluster 15 main restart'],
    },
    {
      name: 'the file is right and the server was not restarted',
      facts: {
        ...login(refused),
        primarySettings: someSettings({ listen_addresses: { value: 'localhost', pendingRestart: true } }),
        fileSettings: [
          {
            name: 'listen_addresses',
            value: '*',
            file: '/etc/postgresql/15/main/postgresql.conf',
            line: 60,
            applied: false,
          },
        ],
      },
      message: /until it is restarted/,
      steps: ['pg_ctlcluster 15 main restart'],
    },
    {
      name: 'IPv4 only',
      facts: {
        ...login(refused, { address: 'fd00::1' }),
        primarySettings: someSettings({ listen_addresses: '0.0.0.0' }),
      },
      steps: ["ALTER SYSTEM SET listen_addresses = '0.0.0.0,fd00::1';", 'pg_ctlcluster 15 main restart'],
    },
  ],
  notApplicable: [
    {
      name: 'a socket',
      facts: {
        replicationLogin: {
          attempts: [anAttempt(atSocket)],
          outcome: { accepted: true, session: aSession({ attempt: anAttempt(atSocket) }) },
        },
      },
    },
    { name: 'packets are dropped', facts: login(late('connect')) },
  ],
  unexamined: [
    { name: 'nobody looked inside', facts: { ...login(refused), primarySettings: notAsked }, because: /no --admin/ },
  ],
});

const starting = (
  message: string,
  refusal: 'starting-up' | 'shutting-down' | 'not-accepting-connections',
  detail?: string,
): Changes =>
  login({
    kind: 'server-refused',
    error: said(message, { sqlstate: '57P03', detail, routine: 'ProcessStartupPacket' }),
    refusal,
  });

testRule(serverStarting, {
  passes: [{ name: 'refused by pg_hba.conf', facts: login(noEntry()) }],
  fails: [
    {
      name: 'starting up',
      facts: starting('the database system is starting up', 'starting-up'),
      message: /starting up/,
    },
    { name: 'shutting down', facts: starting('the database system is shutting down', 'shutting-down') },
    {
      name: 'hot standby is off',
      facts: starting(
        'the database system is not accepting connections',
        'not-accepting-connections',
        'Hot standby mode is disabled.',
      ),
      message: /Hot standby mode is disabled/,
    },
  ],
  notApplicable: [
    { name: 'no password', facts: login({ kind: 'client-stopped', why: 'no-password', message: 'no password' }) },
  ],
  unexamined: [{ name: 'refused', facts: login(refused) }],
});

testRule(loginNotPossible, {
  unexamined: [
    {
      name: 'a method that only libpq may know',
      facts: login({ kind: 'client-stopped', why: 'method', message: 'the server asks for GSSAPI' }),
      because: /GSSAPI/u,
    },
    {
      name: 'GSSAPI encryption',
      facts: login({ kind: 'client-stopped', why: 'gssencmode', message: 'gssencmode=require asks for GSSAPI' }),
      because: /gssencmode=require/u,
    },
  ],
  fails: [
    {
      name: 'a handshake that breaks off',
      facts: login({ kind: 'tls-other', message: 'tlsv1 alert protocol version' }),
      message: /tlsv1 alert protocol version/,
    },
    {
      name: 'GSSAPI encryption that libpq cannot do either',
      facts: {
        ...login({
          kind: 'client-stopped',
          why: 'gssencmode',
          message: 'gssencmode=require needs a Kerberos ticket, and anna has none: /tmp/krb5cc_1000 does not exist',
          impossible: true,
        }),
        connectionPlan: aPlan({ sources: { gssencmode: 'PGGSSENCMODE' } }),
      },
      message: /does not even begin to connect to .* needs a Kerberos ticket/u,
      steps: ['PGGSSENCMODE=disable PGSSLMODE=require standbylint preflight pg_basebackup'],
    },
    ...[
      ['client_encoding', '22023', 'invalid value for parameter "client_encoding": "foo"', 'PGCLIENTENCODING=UTF8'],
      ['options', '42704', 'unrecognized configuration parameter "foo"', "PGOPTIONS=''"],
      ['options', '55P02', 'parameter "wal_level" cannot be changed without restarting the server', "PGOPTIONS=''"],
      ['TimeZone', '22023', 'invalid value for parameter "TimeZone": "Mars"', 'PGTZ=default'],
      ['DateStyle', '22023', 'invalid value for parameter "DateStyle": "Bad"', 'PGDATESTYLE=default'],
      ['geqo', '22023', 'parameter "geqo" requires a Boolean value', 'PGGEQO=default'],
    ].map(([keyword = '', sqlstate = '', message = '', variable = '']) => ({
      name: `${keyword} that the server refuses: ${message}`,
      facts: {
        ...login({
          kind: 'server-refused',
          refusal: 'unknown',
          error: { sqlstate, message, detail: undefined, hint: undefined, routine: undefined },
        }),
        connectionPlan: aPlan({ sources: { [keyword]: variable.slice(0, variable.indexOf('=')) } }),
      },
      steps: [`${variable} standbylint preflight pg_basebackup`],
    })),
    {
      name: 'TLS at once, and the server waits for a request for it',
      facts: login({ kind: 'tls-other', message: 'sslnegotiation=direct needs PostgreSQL 17', afterRequest: true }),
      message: /needs PostgreSQL 17/,
    },
    {
      name: 'channel binding',
      facts: login({ kind: 'client-stopped', why: 'channel-binding', message: 'channel_binding=require, and …' }),
    },
    {
      name: 'require_auth of a client that does not want SCRAM',
      facts: login({
        kind: 'client-stopped',
        why: 'require-auth',
        asks: 'scram-sha-256',
        message: 'require_auth=md5, and the server asks for a SCRAM password',
      }),
      message: /require_auth=md5/,
    },
    {
      name: 'require_auth of a client that wants more than the server asks for',
      facts: login({
        kind: 'client-stopped',
        why: 'require-auth',
        asks: 'md5',
        message: 'require_auth=scram-sha-256, and the server asks for an MD5 password',
      }),
      steps: ['Use scram-sha-256 for this role: change the method of its line in pg_hba.conf, and reload the server.'],
    },
    {
      name: 'a read-only server',
      facts: login({ kind: 'wrong-session-attributes', message: 'session is read-only' }),
      message: /session is read-only/,
    },
    {
      name: 'no connection left',
      facts: login({
        kind: 'server-refused',
        error: said('sorry, too many clients already', { sqlstate: '53300' }),
        refusal: 'connections-exhausted',
      }),
    },
    {
      name: 'an answer that is new',
      facts: login({
        kind: 'server-refused',
        error: said('out of memory', { sqlstate: '53200', detail: 'Failed on request.' }),
        refusal: 'unknown',
      }),
      message: /out of memory/,
    },
    {
      name: 'closed in the middle of the login',
      facts: {
        replicationLogin: aRefusedLogin(
          spoken,
          ended(
            { kind: 'closed', phase: 'login', message: 'it closed the connection during the login' },
            { encryption: 'none' },
          ),
        ),
      },
    },
  ],
  notApplicable: [
    { name: 'refused by pg_hba.conf', facts: login(noEntry()) },
    {
      name: 'closed at once',
      facts: login({ kind: 'closed', phase: 'login', message: 'it closed the connection' }, { encryption: 'none' }),
    },
    { name: 'no password', facts: login({ kind: 'client-stopped', why: 'no-password', message: 'no password' }) },
  ],
});

testRule(idleTimeout, {
  passes: [
    {
      name: 'a long time-out, and keepalives',
      facts: { primarySettings: someSettings({ wal_sender_timeout: '900000' }) },
      because: /keepalives are on/,
    },
  ],
  fails: [
    {
      name: 'switched off',
      facts: { primarySettings: someSettings({ wal_sender_timeout: '0' }) },
      message: /wal_sender_timeout is 0, which disables it/,
      steps: ["ALTER SYSTEM SET wal_sender_timeout = '1min';", 'SELECT pg_reload_conf();'],
    },
    {
      name: 'longer than a gateway remembers, without keepalives',
      facts: { primarySettings: someSettings({ wal_receiver_timeout: '900000', tcp_keepalives_idle: '7200' }) },
      message: /wal_receiver_timeout is 15 min/,
    },
  ],
  notApplicable: [
    {
      name: 'the same machine',
      facts: {
        replicationLogin: {
          attempts: [anAttempt()],
          outcome: { accepted: true, session: aSession({ ownAddress: true }) },
        },
      },
    },
  ],
});
