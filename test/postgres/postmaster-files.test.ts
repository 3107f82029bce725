import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  parsePostmasterOpts,
  parsePostmasterPid,
  readServerArguments,
  withoutDirectory,
} from '../../src/postgres/postmaster-files.ts';

describe('postmaster.pid', () => {
  const running = `4711
/var/lib/postgresql/15/main
1795295258
5433
/var/run/postgresql
*
   589825         3
ready   
`;

  it('is read', () => {
    expect(parsePostmasterPid(running)).toEqual({
      ok: true,
      value: {
        pid: 4711,
        standalone: false,
        dataDirectory: '/var/lib/postgresql/15/main',
        startedAt: 1_795_295_258,
        port: 5433,
        socketDirectory: '/var/run/postgresql',
        listenAddress: '*',
        sharedMemory: { key: 589_825n, id: 3n },
        status: 'ready',
      },
    });
  });

  it('is read while the server writes it, line by line', () => {
    const lines = running.split('\n');
    for (let count = 1; count < lines.length; count++) {
      expect(parsePostmasterPid(`${lines.slice(0, count).join('\n')}\n`)).toMatchObject({
        ok: true,
        value: { pid: 4711 },
      });
    }
    expect(parsePostmasterPid('4711\n/data\n17')).toMatchObject({ value: { startedAt: 17, port: null, status: null } });
  });

  it('has empty lines where the server has neither socket nor TCP', () => {
    expect(parsePostmasterPid('4711\n/data\n1795295258\n5433\n\n\n')).toMatchObject({
      value: { port: 5433, socketDirectory: null, listenAddress: null, sharedMemory: null },
    });
  });

  it('may come from a standalone backend', () => {
    expect(parsePostmasterPid('-4711\n/data\n')).toMatchObject({ value: { pid: 4711, standalone: true } });
  });

  it('says what is not there', () => {
    expect(parsePostmasterPid('')).toEqual({ ok: false, fault: { kind: 'empty' } });
    expect(parsePostmasterPid('\n\n')).toEqual({ ok: false, fault: { kind: 'empty' } });
    for (const line of ['0', 'x', '12x', '99999999999999999999', '']) {
      expect(parsePostmasterPid(`${line}\n/data\n`)).toEqual({
        ok: false,
        fault: { kind: 'no-process-id', line: 1, found: line },
      });
    }
  });

  it('takes any text', () => {
    const text = fc
      .array(fc.oneof(fc.string(), fc.integer().map(String), fc.constant('ready   ')))
      .map((l) => l.join('\n'));
    fc.assert(fc.property(text, (pid) => typeof parsePostmasterPid(pid).ok === 'boolean'));
  });
});

describe('postmaster.opts', () => {
  it('gives the command line back', () => {
    const text =
      '/usr/lib/postgresql/15/bin/postgres "-D" "/var/lib/my data" "-c" "config_file=/etc/postgresql.conf" "-p" ""\n';
    expect(parsePostmasterOpts(text)).toEqual({
      ok: true,
      value: {
        program: '/usr/lib/postgresql/15/bin/postgres',
        arguments: ['-D', '/var/lib/my data', '-c', 'config_file=/etc/postgresql.conf', '-p', ''],
        dataDirectory: '/var/lib/my data',
        settings: [
          {
            name: 'config_file',
            value: '/etc/postgresql.conf',
            written: '-c config_file=/etc/postgresql.conf',
          },
          { name: 'port', value: '', written: '-p ' },
        ],
      },
    });
  });

  it('may name the program alone', () => {
    expect(parsePostmasterOpts('/opt/pg sql/bin/postgres\n')).toMatchObject({
      value: { program: '/opt/pg sql/bin/postgres', arguments: [] },
    });
  });

  it('gives back whatever arguments CreateOptsFile wrote', () => {
    const argument = fc.string().filter((text) => !text.includes('"'));
    fc.assert(
      fc.property(fc.array(argument), (args) => {
        const text = `/bin/postgres${args.map((one) => ` "${one}"`).join('')}\n`;
        expect(parsePostmasterOpts(text)).toMatchObject({ value: { program: '/bin/postgres', arguments: args } });
      }),
    );
  });

  it('says what is not there', () => {
    expect(parsePostmasterOpts('')).toEqual({ ok: false, fault: { kind: 'empty' } });
    expect(parsePostmasterOpts('postgres "-D" "/data')).toEqual({
      ok: false,
      fault: { kind: 'unquoted-argument', found: '"/data' },
    });
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parsePostmasterOpts(text).ok === 'boolean'));
  });
});

const settings = (...args: string[]): string[] =>
  readServerArguments('postgres', args).settings.map(({ name, value }) => `${name}=${value}`);

describe('the arguments of a server', () => {
  it('are options that set something, in each of their forms', () => {
    expect(settings('-p', '5433', '-p5434', '--port=5435', '-c', 'port=5436', '-cport=5437')).toEqual([
      'port=5433',
      'port=5434',
      'port=5435',
      'port=5436',
      'port=5437',
    ]);
    expect(settings('-h', 'a,b', '-k', '/tmp', '-N', '10', '-B', '128MB', '-S', '4MB', '-W', '3')).toEqual([
      'listen_addresses=a,b',
      'unix_socket_directories=/tmp',
      'max_connections=10',
      'shared_buffers=128MB',
      'work_mem=4MB',
      'post_auth_delay=3',
    ]);
    expect(settings('-FiN', '10', '-l', '-d', '2', '-d', '0')).toEqual([
      'fsync=false',
      'listen_addresses=*',
      'max_connections=10',
      'ssl=true',
      'log_min_messages=debug2',
    ]);
  });

  it('may write dashes in names, and equals signs in values', () => {
    expect(settings('--Wal-Level=logical', '--primary_conninfo=host=a port=1', '-c', 'a.b=c')).toEqual([
      'wal_level=logical',
      'primary_conninfo=host=a port=1',
      'a.b=c',
    ]);
  });

  it('may say where the data directory is, the last one counting', () => {
    expect(readServerArguments('postgres', ['-D', '/a', '-D/b']).dataDirectory).toBe('/b');
    expect(readServerArguments('postgres', []).dataDirectory).toBeNull();
  });

  it('may end in the middle', () => {
    expect(settings('-c')).toEqual([]);
    expect(settings('-c', 'port')).toEqual([]);
    expect(settings('-p')).toEqual([]);
    expect(settings('--')).toEqual([]);
    expect(settings('-')).toEqual([]);
  });
});

describe('what the next start takes again of the last one', () => {
  const cutOff = [
    '-c',
    'listen_addresses=',
    '-c',
    'unix_socket_permissions=0700',
    '-c',
    'unix_socket_directories=/tmp',
  ];
  it.each([
    ['its own options', ['-D', '/data', '-p', '5433', '-c', 'work_mem=5MB'], ['-p', '5433', '-c', 'work_mem=5MB']],
    ['a server without TCP', ['-D/data', '-c', 'listen_addresses='], ['-c', 'listen_addresses=']],
    [
      'the server that pg_createsubscriber started',
      ['-D', '/data', '-c', 'sync_replication_slots=off', '-p', '50432', ...cutOff, '-c', 'config_file=/etc/pg.conf'],
      ['-c', 'config_file=/etc/pg.conf'],
    ],
    ['the server that pg_upgrade started', ['-D', '/data', '-p', '50432', '-b', ...cutOff], []],
  ])('%s', (_name, words, expected) => {
    expect(withoutDirectory(words)).toEqual(expected);
  });
});
