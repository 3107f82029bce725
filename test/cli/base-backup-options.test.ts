import { describe, expect, it } from 'vitest';

import { readBaseBackupCall } from '../../src/cli/options/base-backup-options.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const read = (...words: readonly string[]) => {
  const call = readBaseBackupCall('clone', words);
  if (call.command === undefined) throw new Error('help or version was asked for');
  return call;
};

describe('readBaseBackupCall', () => {
  it('reads the command line that the guides give', () => {
    const { command, own } = read(
      ...'pg_basebackup -h postgres-primary -D /var/lib/postgresql/data -U replicator -v -P -X stream -R'.split(' '),
    );
    expect(command).toMatchObject({
      program: undefined,
      printable: 'pg_basebackup -h postgres-primary -D /var/lib/postgresql/data -U replicator -v -P -X stream -R',
      args: [
        '-h',
        'postgres-primary',
        '-D',
        '/var/lib/postgresql/data',
        '-U',
        'replicator',
        '-v',
        '-P',
        '-X',
        'stream',
        '-R',
      ],
      directory: '/var/lib/postgresql/data',
      format: 'plain',
      walMethod: 'stream',
      checkpoint: 'spread',
      writesRecoveryConf: true,
      progress: true,
      connection: { conninfo: undefined, host: 'postgres-primary', port: undefined, user: 'replicator' },
    });
    expect(own).toEqual({
      factsFile: undefined,
      redact: false,
      redactMap: undefined,
      help: false,
      rehearse: false,
      serverOptions: undefined,
      version: false,
      admin: undefined,
      outputs: [{ format: 'stylish', file: undefined }],
      full: false,
      failOn: 'error',
      acceptUnexamined: [],
      timeoutMs: 5000,
      color: 'auto',
      start: false,
      dryRun: false,
      fix: false,
      yes: false,
      disruptive: false,
      fixJournal: undefined,
      rules: [],
    });
  });

  it('steps over the program with its path, and remembers it', () => {
    expect(read('/usr/lib/postgresql/15/bin/pg_basebackup', '-D', '/x').command.program).toBe(
      '/usr/lib/postgresql/15/bin/pg_basebackup',
    );
  });

  it('steps over it behind options, too', () => {
    const { command, own } = read('--admin', 'host=db1', '/opt/bin/pg_basebackup', '-D', '/x', '-P');
    expect(command.program).toBe('/opt/bin/pg_basebackup');
    expect(command.args).toEqual(['-D', '/x', '-P']);
    expect(own.admin).toBe('host=db1');
    expect(read('-D', 'pg_basebackup', 'pg_basebackup').command).toMatchObject({
      directory: 'pg_basebackup',
      program: undefined,
    });
    expect(() => read('-D', '/x', 'pg_basebackup', 'pg_basebackup')).toThrow('only options');
  });

  it('keeps our own options out of what pg_basebackup is run with', () => {
    const { command, own } = read(
      '-D',
      '/x',
      '--format',
      'json',
      '--admin=host=db1 password=hidden',
      '--start',
      '--format=tar',
      '--timeout',
      '0.5',
      '--color=never',
      '--accept-unexamined',
      'a/b, c/d',
      '--accept-unexamined=e/f',
      '--fail-on',
      'warning',
    );
    expect(command.args).toEqual(['-D', '/x', '--format=tar']);
    expect(command.format).toBe('tar');
    expect(JSON.stringify(command)).not.toContain('hidden');
    expect(own).toMatchObject({
      outputs: [{ format: 'json', file: undefined }],
      start: true,
      timeoutMs: 500,
      color: 'never',
      acceptUnexamined: ['a/b', 'c/d', 'e/f'],
      failOn: 'warning',
    });
  });

  it.each([
    ["host=db1 user=rep password='se cret'", 'host=db1 user=rep'],
    ['postgresql://rep:se%20cret@db1:5433/?sslmode=require', 'user=rep host=db1 port=5433 sslmode=require'],
  ])('takes the secrets out of -d %s', (conninfo, clean) => {
    for (const words of [['-d', conninfo], [`-d${conninfo}`], [`--dbname=${conninfo}`], ['--dbname', conninfo]]) {
      const { command, connectionString } = read('-D', '/x', ...words);
      const value = command.args.at(-1)?.replace(/^--dbname=/u, '');
      expect(value?.split(' ').toSorted()).toEqual(clean.split(' ').toSorted());
      expect(command.passwordInConnectionString).toBe(true);
      expect(JSON.stringify(command)).not.toMatch(/se(%20| )cret/u);
      expect(command.printable).toContain('***');
      expect(connectionString?.reveal()).toBe(conninfo);
      expect(JSON.stringify({ connectionString })).not.toMatch(/se(%20| )cret/u);
    }
  });

  it('leaves a connection string without secrets exactly as it is', () => {
    const { command } = read('-D', '/x', '-d', ' host = db1 ');
    expect(command.args).toEqual(['-D', '/x', '-d', ' host = db1 ']);
    expect(command).toMatchObject({ passwordInConnectionString: false, connection: { conninfo: ' host = db1 ' } });
  });

  it.each([
    [['-z'], { value: undefined, written: '-z' }],
    [['-Zserver-zstd:level=3,workers=2'], { value: 'server-zstd:level=3,workers=2' }],
    [['-z', '-Z', 'none'], { value: 'none', written: '-Z none' }],
    [['-Z', 'none', '-z'], { value: undefined, written: '-z' }],
  ])('the last of -z and -Z: %j', (words, compression) => {
    expect(read('-D', '/x', ...words).command.compression).toMatchObject(compression);
  });

  it('a target is one on the server: "client" is no target', () => {
    expect(read('-t', 'blackhole', '-Xfetch', '-z').command).toMatchObject({
      target: 'blackhole',
      directory: undefined,
    });
    expect(read('-t', 'client', '-D', 'x').command.target).toBeUndefined();
  });

  it.each([
    ['32k', 32 * 1024],
    ['32', 32 * 1024],
    ['1.5M', 1536 * 1024],
    ['1048576', 1024 ** 3],
  ])('-r %s is %d bytes a second', (rate, bytes) => {
    expect(read('-D', '/x', '-r', rate).command.maxRate).toBe(bytes);
  });

  it.each([['-U=rep'], ['-p=5432'], ['-h=db1'], ['-D=/x'], ['-X=stream'], ['-c=fast'], ['-vPU=rep']])(
    '%s: no equals sign behind a letter',
    (word) => {
      expect(() => read('-D', '/x', word)).toThrow(/takes its value without an equals sign/u);
    },
  );

  it('the last of -w and -W counts', () => {
    expect(read('-D', '/x', '-W', '-w').command).toMatchObject({ noPassword: true, forcePassword: false });
    expect(read('-D', '/x', '-wW').command).toMatchObject({ noPassword: false, forcePassword: true });
  });

  it('maps tablespaces, and marks what is no mapping', () => {
    expect(read('-D', '/x', '-T', String.raw`/a\=b//c/=/d/../e`, '-T', 'nonsense').command.tablespaceMappings).toEqual([
      { written: String.raw`/a\=b//c/=/d/../e`, mapping: { from: '/a=b/c', to: '/e' } },
      { written: 'nonsense', mapping: undefined },
    ]);
  });

  it.each([
    [['-h', 'db1'], /missing option -D: no/, 'Add -D DIRECTORY.'],
    [['-t', 'client'], /missing option -D: no/, 'Add -D DIRECTORY.'],
    [['-D', '/x', '-X', 'streem'], /-X\/--wal-method takes none, fetch or stream, not "streem"/, undefined],
    [
      ['-D', '/x', '-F', 'json'],
      /-F\/--format takes plain or tar, not "json"/,
      'For the format of the report, use --format json.',
    ],
    [['-D', '/x', '-c', 'quick'], /-c\/--checkpoint takes fast or spread/, undefined],
    [['-D', '/x', '-r', '1'], /32 kB\/s to 1 GB\/s/, 'For example: -r 50M'],
    [['-D', '/x', '-s', 'ten'], /whole seconds up to 2147483, not "ten"/, 'For example: -s 10'],
    [['-D', '/x', 'primary'], /takes only options, but "primary" is not/, /-D DIRECTORY/],
    [['-D', '/x', '--timeout', '0'], /more than 0 and at most 3600/, undefined],
    [['-D', '/x', '--fail-on', 'eror'], /error, warning or info, not "eror"/, 'Did you mean error?'],
    [['-D', '/x', '-d', 'host=db1 pasword=geheim'], /connection string in -d is not valid:/, undefined],
    [['-D', '/x', '-d', 'mydb'], /connection string in -d is not valid:/, /For example/],
  ])('%j is a wrong call', (words, message, hint) => {
    const attempt = (): unknown => read(...words);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
    if (hint !== undefined) expect(attempt).toThrow(expect.objectContaining({ hint: expect.stringMatching(hint) }));
    expect(attempt).not.toThrow(/geheim/);
  });

  it.each([['--help'], ['-?'], ['-V'], ['--version']])('%s needs no -D', (word) => {
    expect(readBaseBackupCall('preflight', ['-h', 'db1', word]).command).toBeUndefined();
  });

  it('--start belongs to clone alone', () => {
    expect(() => readBaseBackupCall('preflight', ['-D', '/x', '--start'])).toThrow(/Option --start does not/);
  });
});
