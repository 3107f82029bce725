import { describe, expect, test } from 'vitest';

import {
  describeSource,
  resolveConnectionParameters,
  serviceFilePlaces,
} from '../../src/postgres/connection-parameters.ts';
import type { ConnectionParameters, LibpqSurroundings, ServiceFile } from '../../src/postgres/connection-parameters.ts';
import { parseConninfo } from '../../src/postgres/conninfo.ts';
import type { Conninfo } from '../../src/postgres/conninfo.ts';
import {
  baseBackupParameters,
  conninfoParameters,
  walReceiverParameters,
} from '../../src/postgres/replication-parameters.ts';
import { secret } from '../../src/postgres/secret.ts';

function conninfo(text: string): Conninfo {
  const parsed = parseConninfo(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.value;
}

const surroundings = (changes: Partial<LibpqSurroundings> = {}): LibpqSurroundings => ({
  environment: {},
  serviceFiles: { user: undefined, system: undefined },
  operatingSystemUser: 'anna',
  home: '/home/anna',
  ...changes,
});

const serviceFile = (path: string, text: string): ServiceFile => ({ path, content: { kind: 'read', text } });

function resolved(text: string, changes: Partial<LibpqSurroundings> = {}): ConnectionParameters {
  const result = resolveConnectionParameters(conninfoParameters(conninfo(text)), surroundings(changes));
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

const wordsOf = ({ sources }: ConnectionParameters): Record<string, string> =>
  Object.fromEntries(Object.entries(sources).map(([keyword, source]) => [keyword, describeSource(source)]));

const messagesOf = (text: string, libpqVersion?: number): readonly string[] =>
  resolved(text, libpqVersion === undefined ? {} : { libpqVersion }).problems.map(({ message }) => message);

const problemOf = (text: string, changes: Partial<LibpqSurroundings>): unknown => {
  const result = resolveConnectionParameters(conninfoParameters(conninfo(text)), surroundings(changes));
  return result.ok ? undefined : result.problem;
};

const hostsOf = (text: string, libpqVersion = 18): unknown =>
  resolved(text, { libpqVersion }).hosts.map((host) => [host.kind, host.host, host.hostaddr, host.port]);

describe('precedence', () => {
  test('given > service > environment > default, each with its source', () => {
    const parameters = resolved('host=db1 service=rep', {
      environment: { PGHOST: 'env', PGPORT: '1', PGUSER: 'env', PGSSLMODE: 'require', PGPASSWORD: 'x', HOME: '/h' },
      serviceFiles: {
        user: serviceFile('/h/.pg_service.conf', '[rep]\nhost=svc\nport=2\nport=3'),
        system: serviceFile('/etc/pg_service.conf', '[rep]\nport=4'),
      },
    });
    expect(parameters.hosts).toMatchObject([{ kind: 'name', host: 'db1', port: 2 }]);
    expect(parameters).toMatchObject({ user: 'env', database: 'env', sslmode: 'require', passfile: undefined });
    expect(wordsOf(parameters)).toMatchObject({
      host: 'the connection string',
      port: 'line 3 of /h/.pg_service.conf',
      user: 'PGUSER',
      dbname: 'a consequence of user',
      target_session_attrs: 'the default',
    });
    expect(JSON.stringify(parameters)).not.toContain('"x"');
  });

  test('nothing given at all', () => {
    const parameters = resolved('');
    expect(parameters).toMatchObject({
      hosts: [
        {
          kind: 'socket',
          host: '/var/run/postgresql',
          port: 5432,
          socketPath: '/var/run/postgresql/.s.PGSQL.5432',
          passfileKey: { host: 'localhost', port: '5432', database: 'anna', user: 'anna' },
        },
      ],
      sslmode: 'prefer',
      channelBinding: 'prefer',
      connectTimeoutSeconds: undefined,
      passfile: { path: '/home/anna/.pgpass' },
      problems: [],
    });
    expect(resolved('', { socketDirectory: '/tmp' }).hosts[0]?.socketPath).toBe('/tmp/.s.PGSQL.5432');
  });

  test('an empty variable is a value, and so is an empty value in a connection string', () => {
    expect(resolved('', { environment: { PGSSLMODE: '' } }).problems).toMatchObject([{ keywords: ['sslmode'] }]);
    const environment = { PGHOST: 'env', PGUSER: 'env' };
    expect(resolved("host='' user=''", { environment })).toMatchObject({ user: 'anna', hosts: [{ kind: 'socket' }] });
  });

  test('PGREQUIRESSL counts where PGSSLMODE is not set', () => {
    expect(resolved('', { environment: { PGREQUIRESSL: '1' } }).sslmode).toBe('require');
    expect(resolved('', { environment: { PGREQUIRESSL: '0' } }).sslmode).toBe('prefer');
    expect(resolved('', { environment: { PGREQUIRESSL: '1', PGSSLMODE: 'disable' } }).sslmode).toBe('disable');
  });

  test('sslrootcert=system means verify-full, from 16 on, unless sslmode is set', () => {
    expect(resolved('sslrootcert=system')).toMatchObject({ sslmode: 'verify-full', problems: [] });
    expect(wordsOf(resolved('sslrootcert=system'))['sslmode']).toBe('a consequence of sslrootcert');
    expect(resolved('sslrootcert=system', { libpqVersion: 15 }).sslmode).toBe('prefer');
    expect(messagesOf('sslrootcert=system sslmode=require')).toEqual([
      'sslmode is "require", and sslrootcert=system needs verify-full.',
    ]);
  });

  test('variables of a later libpq are not read', () => {
    const environment = { PGREQUIREAUTH: 'nonsense' };
    expect(resolved('', { environment, libpqVersion: 15 }).problems).toEqual([]);
    expect(resolved('', { environment, libpqVersion: 16 }).problems).toHaveLength(1);
  });

  test('the password file is looked for in HOME, and only when no password is given', () => {
    expect(resolved('', { environment: { HOME: '/h' } }).passfile?.path).toBe('/h/.pgpass');
    expect(resolved('', { environment: { HOME: '/h' }, libpqVersion: 14 }).passfile?.path).toBe('/home/anna/.pgpass');
    expect(resolved('', { environment: { PGPASSFILE: '/p' } }).passfile).toEqual({
      path: '/p',
      source: { kind: 'environment', variable: 'PGPASSFILE' },
    });
    expect(resolved("password=''").passfile?.path).toBe('/home/anna/.pgpass');
    expect(resolved('password=x passfile=/p').passfile).toBeUndefined();
    expect(resolved('', { home: undefined }).passfile).toBeUndefined();
  });
});

describe('services', () => {
  const absent: ServiceFile = { path: '/h/s', content: { kind: 'absent' } };

  test('the system file is asked when the user has none, or not this service', () => {
    const system = serviceFile('/etc/s', '[a]\nhost=sys');
    for (const user of [undefined, absent, serviceFile('/h/s', '[b]\nhost=usr')]) {
      expect(resolved('service=a', { serviceFiles: { user, system } }).values.host).toBe('sys');
    }
  });

  test('PGSERVICE asks for one, and PGSERVICEFILE must exist', () => {
    const environment = { PGSERVICE: 'a', PGSERVICEFILE: '/h/s' };
    expect(problemOf('', { environment, serviceFiles: { user: absent, system: undefined } })).toMatchObject({
      kind: 'service-file-unreadable',
      path: '/h/s',
      source: { kind: 'environment', variable: 'PGSERVICE' },
    });
    expect(problemOf('', { environment: { PGSERVICE: 'a' } })).toMatchObject({ kind: 'service-not-found' });
  });

  test('a fault in the user file is final', () => {
    const serviceFiles = { user: serviceFile('/h/s', '[a]\nx'), system: serviceFile('/etc/s', '[a]\nhost=sys') };
    expect(problemOf('service=a', { serviceFiles })).toMatchObject({
      kind: 'service-file-malformed',
      message: '/h/s, line 2: The line has no "=".',
    });
  });

  test('places', () => {
    expect(serviceFilePlaces({ environment: {}, home: '/home/anna' })).toEqual({
      user: '/home/anna/.pg_service.conf',
      system: '/etc/postgresql-common/pg_service.conf',
    });
    expect(serviceFilePlaces({ environment: { PGSERVICEFILE: '/f', PGSYSCONFDIR: '/d' }, home: undefined })).toEqual({
      user: '/f',
      system: '/d/pg_service.conf',
    });
  });
});

describe('hosts', () => {
  test.each([
    [
      'host=a,b port=1',
      [
        ['name', 'a', undefined, 1],
        ['name', 'b', undefined, 1],
      ],
    ],
    [
      'host=a,b port=1,',
      [
        ['name', 'a', undefined, 1],
        ['name', 'b', undefined, 5432],
      ],
    ],
    [
      'host=a,b hostaddr=10.0.0.1,',
      [
        ['address', 'a', '10.0.0.1', 5432],
        ['name', 'b', undefined, 5432],
      ],
    ],
    [
      'hostaddr=10.0.0.1,10.0.0.2',
      [
        ['address', '10.0.0.1', '10.0.0.1', 5432],
        ['address', '10.0.0.2', '10.0.0.2', 5432],
      ],
    ],
    [
      'host=a,,/tmp',
      [
        ['name', 'a', undefined, 5432],
        ['socket', '/var/run/postgresql', undefined, 5432],
        ['socket', '/tmp', undefined, 5432],
      ],
    ],
    [
      "host='a, b'",
      [
        ['name', 'a', undefined, 5432],
        ['name', ' b', undefined, 5432],
      ],
    ],
    ["port=' +5433 '", [['socket', '/var/run/postgresql', undefined, 5433]]],
  ])('%s', (text, expected) => {
    expect(hostsOf(text)).toEqual(expected);
  });

  test('@ begins an abstract socket from 14 on', () => {
    expect(hostsOf('host=@x', 13)).toEqual([['name', '@x', undefined, 5432]]);
    expect(hostsOf('host=@x', 14)).toEqual([['socket', '@x', undefined, 5432]]);
  });

  test.each([
    ['host=a,b port=1,2,3', 'port-count'],
    ['port=1,2', 'port-count'],
    ['host=a hostaddr=1,2', 'host-count'],
    ['port=0', 'port'],
    ['port=65536', 'port'],
    ['port=x', 'port'],
    ['port=0x10', 'port'],
    [`host=/${'x'.repeat(100)}`, 'socket-path-too-long'],
  ])('%s is refused: %s', (text, kind) => {
    expect(resolved(text)).toMatchObject({ hosts: [], problems: [{ kind }] });
  });
});

describe('values that libpq refuses', () => {
  test.each([
    ['sslmode=on', 'sslmode'],
    ['channel_binding=yes', 'channel_binding'],
    ['gssencmode=allow', 'gssencmode'],
    ['target_session_attrs=master', 'target_session_attrs'],
    ['load_balance_hosts=on', 'load_balance_hosts'],
    ['sslnegotiation=direct', 'sslmode'],
    ['sslcertmode=x', 'sslcertmode'],
    ['ssl_min_protocol_version=TLSv9', 'ssl_min_protocol_version'],
    ['ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=tlsv1.2', 'ssl_max_protocol_version'],
    ['min_protocol_version=latest max_protocol_version=3.0', 'max_protocol_version'],
    ['max_protocol_version=3.1', 'max_protocol_version'],
    ['require_auth=md5,!none', 'require_auth'],
    ['require_auth=scram', 'require_auth'],
    ['require_auth=md5,md5', 'require_auth'],
    ['connect_timeout=5s', 'connect_timeout'],
    ['host=a keepalives_idle=x', 'keepalives_idle'],
    ['hostaddr=localhost', 'hostaddr'],
    ['host=a,b hostaddr=db1,db2', 'hostaddr'],
  ])('%s', (text, keyword) => {
    expect(resolved(text).problems.map((problem) => problem.keywords[0])).toEqual([keyword]);
  });

  test.each([
    'ssl_min_protocol_version=TLSv1 ssl_max_protocol_version=TLSv1',
    "ssl_min_protocol_version='' ssl_max_protocol_version=TLSv1",
    'min_protocol_version=3.2 max_protocol_version=latest',
    'require_auth=!md5,!password',
    "require_auth=''",
    'sslmode=require sslnegotiation=direct',
    'host=/tmp keepalives=x',
    'hostaddr=127.1',
    'hostaddr=fe80::1%eth0',
    'hostaddr=db1,10.0.0.1',
    "host=a hostaddr=''",
  ])('%s is accepted', (text) => {
    expect(resolved(text).problems).toEqual([]);
  });

  test.each([
    ['sslmode=verify_full', 'verify-full'],
    ['sslmode=on', 'require'],
    ['sslmode=VERIFY_IDENTITY', 'verify-full'],
    ['sslmode=reqire', 'require'],
    ['sslmode=verify', undefined],
    ['gssencmode=maybe', undefined],
    ['gssencmode=off', 'disable'],
    ['target_session_attrs=readwrite', 'read-write'],
    ['target_session_attrs=master', 'primary'],
    ['target_session_attrs=replica', 'standby'],
    ['load_balance_hosts=on', 'random'],
    ['sslcertmode=never', 'disable'],
    ['sslnegotiation=direct', 'require'],
    ['sslnegotiation=direct sslmode=disable', 'postgres'],
    ['ssl_min_protocol_version=1.2', 'TLSv1.2'],
    ['ssl_min_protocol_version=TLS1.3', 'TLSv1.3'],
    ['require_auth=scram', 'scram-sha-256'],
    ["require_auth='MD5 scram'", 'md5,scram-sha-256'],
    ['host=a keepalives=yes', '1'],
    ['host=a keepalives_idle=30s', '30'],
    ['host=a keepalives_idle=500ms', '1'],
    ['host=a keepalives_count=3x', '3'],
    ['host=a tcp_user_timeout=5s', '5000'],
    ['host=a tcp_user_timeout=0.5', '1'],
    ['connect_timeout=1min', '60'],
    ['connect_timeout=99999999999', undefined],
    ['port=5432/tcp', '5432'],
    ['port=:5433', '5433'],
    ['port=410155', undefined],
  ])('%s: probably %s', (text, instead) => {
    expect(resolved(text).problems[0]?.instead).toBe(instead);
  });

  test('the WAL receiver does not look at connect_timeout, and libpq not at the others after keepalives=0', () => {
    expect(resolved('connect_timeout=5s', { waits: false }).problems).toEqual([]);
    expect(resolved('host=a keepalives=0 keepalives_idle=x').problems).toEqual([]);
    expect(resolved("host=a keepalives='' keepalives_idle=x", { libpqVersion: 13 }).problems).toEqual([]);
  });

  test('13 knows two session attributes, 18 one more method', () => {
    expect(messagesOf('target_session_attrs=primary', 13)).toEqual([
      'target_session_attrs is "primary"; libpq 13 knows any and read-write.',
    ]);
    expect(messagesOf('target_session_attrs=primary', 14)).toEqual([]);
    expect(messagesOf('require_auth=oauth', 17)).toHaveLength(1);
    expect(messagesOf('require_auth=oauth', 18)).toEqual([]);
  });

  test.each([
    ['0', 18, undefined],
    ['-1', 18, undefined],
    ['1', 16, 2],
    ['1', 17, 1],
    [' 7 ', 13, 7],
  ])('connect_timeout %j in %i', (seconds, libpqVersion, expected) => {
    expect(resolved(`connect_timeout='${seconds}'`, { libpqVersion }).connectTimeoutSeconds).toBe(expected);
  });
});

describe('replication', () => {
  const environment = { PGDATABASE: 'env', PGHOST: 'env' };
  const through = (
    given: Parameters<typeof resolveConnectionParameters>[0],
    libpqVersion = 18,
  ): ConnectionParameters => {
    const result = resolveConnectionParameters(given, surroundings({ environment, libpqVersion }));
    if (!result.ok) throw new Error(result.problem.message);
    return result.value;
  };

  test('pg_basebackup: -h, -p, -U and the prompt win over -d', () => {
    const parameters = through(
      baseBackupParameters({
        conninfo: conninfo('host=a port=1 user=b password=c application_name=d'),
        host: 'h',
        port: '2',
        user: 'u',
        password: secret('p'),
      }),
    );
    expect(parameters).toMatchObject({
      user: 'u',
      database: 'replication',
      hosts: [{ host: 'h', port: 2 }],
      values: { replication: 'true', fallback_application_name: 'pg_basebackup', application_name: 'd' },
    });
    expect(parameters.values.password?.reveal()).toBe('p');
    expect(wordsOf(parameters)).toMatchObject({ host: '-h', dbname: 'pg_basebackup itself' });
  });

  test('pg_basebackup: dbname of -d counts from 17 on, and empty values of -d never', () => {
    const given = { conninfo: conninfo("dbname=app host=''") };
    expect(through(baseBackupParameters(given, 16), 16).database).toBe('replication');
    expect(through(baseBackupParameters(given, 17), 17)).toMatchObject({ database: 'app', hosts: [{ host: 'env' }] });
    expect(through(baseBackupParameters({ host: '' })).hosts).toMatchObject([{ host: 'env' }]);
  });

  test('the WAL receiver looks up "replication", whatever primary_conninfo says', () => {
    const parameters = through(walReceiverParameters(conninfo("dbname=app host='' replication=database"), 'standby1'));
    expect(parameters).toMatchObject({
      database: 'replication',
      hosts: [{ kind: 'socket' }],
      values: { replication: 'true', fallback_application_name: 'standby1' },
    });
  });
});
