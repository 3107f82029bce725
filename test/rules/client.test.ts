import { askingForPassword, typedInPassfile } from '../../src/remedies/asked-password.ts';
import { addPassfileLine, changePassfileLine } from '../../src/remedies/passfile-line.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notApplicable, unseen } from '../../src/facts/observed.ts';
import type { Passfile } from '../../src/facts/connection.ts';
import type { Tool } from '../../src/facts/machine.ts';
import { findPassword, maskedPassfileLine } from '../../src/postgres/passfile.ts';
import { misreadInConninfo, misreadInPassfile } from '../../src/postgres/password-as-written.ts';
import { writtenLines } from '../../src/postgres/written-lines.ts';
import { passwordMisread } from '../../src/rules/client/password-misread.ts';
import { libraryMissing } from '../../src/rules/client/library-missing.ts';
import { noPasswordGiven } from '../../src/rules/client/no-password.ts';
import { olderThanServer } from '../../src/rules/client/older-than-server.ts';
import { passfileIgnored } from '../../src/rules/client/passfile-ignored.ts';
import { passfileEntry } from '../../src/remedies/passfile-line.ts';
import { passfileNoMatch } from '../../src/rules/client/passfile-no-match.ts';
import { passfileNotTheServers } from '../../src/rules/client/passfile-not-the-servers.ts';
import { pgBasebackupMissing } from '../../src/rules/client/pg-basebackup-missing.ts';
import { serverBinariesMissing } from '../../src/rules/client/server-binaries-missing.ts';
import { testRule } from './rule-tester.ts';
import {
  aBaseBackup,
  aPlan,
  aPrimary,
  aRefusal,
  aRefusedLogin,
  aRole,
  aSession,
  anAttempt,
  someSettings,
} from './world.ts';

const tool = (major: number, path = `/usr/lib/postgresql/${major}/bin/pg_basebackup`): Tool => ({
  path,
  major,
  version: `${major}.4`,
  binDirectory: `/usr/lib/postgresql/${major}/bin`,
});
const tools = (chosen: Tool | undefined, onPath: Tool | undefined, all: readonly Tool[] = []) => ({
  basebackups: all,
  onPath,
  chosen,
  servers: [],
});

testRule(pgBasebackupMissing, {
  fails: [
    { name: 'nowhere', facts: { clientTools: tools(undefined, undefined) }, message: /neither on PATH/ },
    {
      name: 'not where the command line says',
      facts: {
        clientTools: tools(undefined, undefined, [tool(15)]),
        baseBackup: aBaseBackup({ program: '/opt/pg/pg_basebackup' }),
      },
      steps: ['standbylint preflight /usr/lib/postgresql/15/bin/pg_basebackup'],
    },
    {
      name: 'not where the command line says, and what is here is older than the primary',
      facts: {
        clientTools: tools(undefined, undefined, [tool(13)]),
        baseBackup: aBaseBackup({ program: '/opt/pg/pg_basebackup' }),
      },
      message: /this is not an executable pg_basebackup/,
    },
  ],
});

testRule(olderThanServer, {
  passes: [{ name: 'newer', facts: { clientTools: tools(tool(18), tool(18)) } }],
  fails: [
    {
      name: 'older',
      facts: { clientTools: tools(tool(13), tool(13), [tool(13)]) },
      severity: 'error',
      message: /refuses a server that is newer/,
    },
    {
      name: 'older, in an image',
      facts: {
        clientTools: tools(tool(13), tool(13), [tool(13)]),
        baseBackup: aBaseBackup({ place: 'docker:db2' }),
      },
      steps: [
        'Create the container again with an image of PostgreSQL 15, and otherwise as it is: the copy is made with the programs of its image, and its server starts only on data of its own release.',
      ],
    },
    {
      name: 'the one that was named, while another serves',
      facts: {
        clientTools: tools(tool(13), tool(13), [tool(13), tool(17)]),
        baseBackup: aBaseBackup({ program: '/usr/lib/postgresql/13/bin/pg_basebackup' }),
      },
      steps: ['standbylint preflight /usr/lib/postgresql/17/bin/pg_basebackup'],
    },
    {
      name: 'only the one on PATH',
      facts: { clientTools: tools(tool(17), tool(13, '/usr/bin/pg_basebackup'), [tool(13), tool(17)]) },
      severity: 'warning',
      steps: ['standbylint preflight /usr/lib/postgresql/17/bin/pg_basebackup'],
    },
  ],
  notApplicable: [{ name: 'none at all', facts: { clientTools: tools(undefined, undefined) } }],
});

testRule(serverBinariesMissing, {
  fails: [
    {
      name: 'none',
      facts: { clientTools: tools(tool(15), tool(15)) },
      severity: 'warning',
      message: /This machine has none\./,
    },
    {
      name: 'another release',
      facts: { primary: aPrimary({ major: 17, version: '17.4' }) },
      message: /This machine has only 15\.18 \(\/usr\/lib\/postgresql\/15\/bin\/postgres\)/,
    },
  ],
});

const passfile = (state: Passfile['state'], more: Partial<Passfile> = {}) =>
  aPlan({
    password: {
      from: 'none',
      words: 'none',
      passfile: { path: '/home/anna/.pgpass', state, pathSource: 'default', ...more },
    },
  });
const meaning = (state: Passfile['state']) =>
  aPlan({
    password: {
      from: 'none',
      words: 'none',
      passfile: {
        path: '~/.pgpass',
        state: { kind: 'absent' },
        pathSource: 'PGPASSFILE',
        meant: { path: '/home/anna/.pgpass', state },
      },
    },
  });
const stopped = aRefusedLogin(
  anAttempt({ outcome: { kind: 'client-stopped', why: 'no-password', message: 'no password' } }),
);
const ignored = (why: 'mode' | 'not a plain file' | 'unreadable', mode = 0o644) =>
  passfile({ kind: 'ignored', why, mode });
const noMatch = passfile({
  kind: 'no-match',
  nearest: [{ line: 2, because: 'the database is "postgres", and "replication" is looked up' }],
});
const refused = aRefusedLogin(
  anAttempt({ outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
);
const line = `%s%s\\n' db1:5432:replication:replicator: ${typedInPassfile} >> /home/anna/.pgpass`;

const passesAndMore = {
  passes: [
    {
      name: 'ignored, and the login works without',
      facts: {
        connectionPlan: ignored('mode'),
        replicationLogin: { attempts: [anAttempt()], outcome: { accepted: true, session: aSession() } },
      },
      because: /needed no password/,
    },
  ],
  unexamined: [
    { name: 'the login did not get that far', facts: { connectionPlan: ignored('mode'), replicationLogin: refused } },
  ],
} as const;

testRule(passfileIgnored, {
  ...passesAndMore,
  fails: [
    {
      name: 'readable for all',
      facts: { connectionPlan: ignored('mode'), replicationLogin: stopped },
      message: /its mode is 0644/,
      steps: ['chmod 0600 /home/anna/.pgpass'],
    },
    { name: 'a directory', facts: { connectionPlan: ignored('not a plain file'), replicationLogin: stopped } },
    { name: 'unreadable', facts: { connectionPlan: ignored('unreadable', 0o600), replicationLogin: stopped } },
    {
      name: 'in a directory that this user may not enter',
      facts: {
        connectionPlan: passfile({ kind: 'ignored', why: 'unreadable', mode: undefined }),
        replicationLogin: stopped,
      },
      message: /may not enter the directory of the password file \/home\/anna\/\.pgpass/,
    },
  ],
  notApplicable: [
    {
      name: 'the password comes from elsewhere, and is refused',
      facts: {
        connectionPlan: aPlan({
          password: {
            from: 'environment',
            words: 'PGPASSWORD',
            passfile: { path: '/home/anna/.pgpass', state: { kind: 'not-asked' }, pathSource: 'default' },
          },
        }),
        replicationLogin: refused,
      },
    },
    { name: 'no line matches', facts: { connectionPlan: noMatch, replicationLogin: stopped } },
  ],
});

testRule(passfileNoMatch, {
  ...passesAndMore,
  fails: [
    {
      name: 'another database',
      facts: { connectionPlan: noMatch, replicationLogin: stopped },
      message: /libpq looks for database replication and user replicator/,
      steps: [
        askingForPassword(
          `cp -p /home/anna/.pgpass /home/anna/.pgpass.before-2026-11-21T200000 &&\nprintf '\\n${line}`,
        ),
      ],
    },
  ],
  notApplicable: [{ name: 'ignored', facts: { connectionPlan: ignored('mode'), replicationLogin: stopped } }],
});

testRule(noPasswordGiven, {
  ...passesAndMore,
  fails: [
    {
      name: 'no file',
      facts: { connectionPlan: passfile({ kind: 'absent' }), replicationLogin: stopped },
      message: /does not exist\.$/,
      steps: [askingForPassword(`umask 077 && printf '${line}`)],
    },
    {
      name: 'no file, where a container that does not run would lose it',
      facts: {
        connectionPlan: passfile({ kind: 'absent' }, { hasNoPlace: true }),
        replicationLogin: stopped,
        baseBackup: aBaseBackup({ place: 'docker:db2' }),
      },
      steps: [
        'Type it in the shell that runs standbylint: stty -echo; read -r PGPASSWORD; stty echo; export PGPASSWORD. The base backup is given it by name (-e PGPASSWORD).',
      ],
    },
    {
      name: 'a path that only a shell expands, to a file that serves',
      facts: {
        connectionPlan: meaning({ kind: 'used', line: 1 }),
        replicationLogin: stopped,
      },
      message: /Only a shell expands "~": libpq looks for ~\/\.pgpass, which does not exist/,
      steps: ['PGPASSFILE=/home/anna/.pgpass standbylint preflight pg_basebackup'],
    },
    {
      name: 'a path that only a shell expands, to a file that does not exist',
      facts: { connectionPlan: meaning({ kind: 'absent' }), replicationLogin: stopped },
      steps: [
        askingForPassword(`umask 077 && printf '${line}`),
        'PGPASSFILE=/home/anna/.pgpass standbylint preflight pg_basebackup',
      ],
    },
    {
      name: 'an empty password',
      facts: { connectionPlan: passfile({ kind: 'used', line: 1 }), replicationLogin: stopped },
    },
  ],
  notApplicable: [
    { name: 'a file that does not serve', facts: { connectionPlan: noMatch, replicationLogin: stopped } },
  ],
});

describe('the line for the password file', () => {
  it.each([
    { host: 'db1', isSocket: false },
    { host: 'fd00::1', isSocket: false },
    { host: '/tmp', isSocket: true },
    { host: String.raw`a\b`, isSocket: false },
  ])('is found by libpq for $host', ({ host, isSocket }) => {
    const plan = aPlan({ hosts: [{ host, hostaddr: undefined, port: 5433, isSocket }], user: 'a:b' });
    const key = { host, port: '5433', database: 'replication', user: 'a:b' };
    const passfile = { path: '/p', pathSource: '', state: { kind: 'absent' } } as const;
    const { edit } = addPassfileLine('client', passfile, passfileEntry(plan), new Date());
    const text = `other:5432:x:y:z\n${edit?.changes[0]?.text ?? ''}`;
    expect(findPassword(text, key)).toMatchObject({ kind: 'found', line: 2 });
  });
});

const from = (where: 'environment' | 'passfile', words: string, path = '/root/.pgpass') =>
  aPlan({
    password: { from: where, words, passfile: { path, state: { kind: 'used', line: 1 }, pathSource: 'default' } },
  });
testRule(passfileNotTheServers, {
  passes: [{ name: 'no password at all', facts: { connectionPlan: passfile({ kind: 'absent' }) } }],
  fails: [
    {
      name: "root's file for postgres's server",
      facts: {
        connectionPlan: from('passfile', 'line 1 of /root/.pgpass'),
        operatingSystemUser: { uid: 0, gid: 0, name: 'root', home: '/root', serverUser: 'postgres' },
      },
      severity: 'warning',
      message: /passfile=\/root\/\.pgpass.*postgres, the user of the server, cannot read it/,
    },
    {
      name: 'a relative path',
      facts: { connectionPlan: from('passfile', 'line 1 of pgpass', 'pgpass') },
      message: /relative path in its data directory/,
    },
    {
      name: 'in the clear',
      facts: { connectionPlan: from('environment', 'PGPASSWORD') },
      severity: 'info',
      message: /PGPASSWORD.*in clear text/,
    },
  ],
  notApplicable: [{ name: 'without -R', facts: { baseBackup: aBaseBackup({ writesRecoveryConf: false }) } }],
});

const libraries = (preload: readonly string[], extensions: readonly { name: string; library: string }[] = []) => ({
  serverLibraries: { preload, extensions, database: 'shop' },
});
testRule(libraryMissing, {
  passes: [
    { name: 'with $libdir and an ending', facts: libraries(['$libdir/pg_stat_statements.so']) },
    { name: 'a path of its own cannot be looked for', facts: libraries(['/opt/agent/probe.so']) },
    { name: 'none', facts: libraries([]), because: /no additional library/ },
  ],
  fails: [
    {
      name: 'at the start',
      facts: libraries(['timescaledb', 'pg_stat_statements']),
      severity: 'error',
      message: /loads timescaledb at start/,
    },
    {
      name: 'of an extension',
      facts: libraries([], [{ name: 'postgis', library: '$libdir/postgis-3' }]),
      severity: 'warning',
      message: /Database shop uses postgis/,
    },
    {
      name: 'perhaps elsewhere',
      facts: {
        ...libraries(['timescaledb']),
        primarySettings: someSettings({ dynamic_library_path: '/opt/lib:$libdir' }),
      },
      severity: 'warning',
    },
  ],
  notApplicable: [
    {
      name: 'no server here',
      facts: { installedLibraries: notApplicable('no server of PostgreSQL 15 is installed on this host') },
    },
  ],
  unexamined: [
    {
      name: 'a primary that does not tell',
      facts: { serverLibraries: unseen('permission', 'shared_preload_libraries is not shown') },
    },
  ],
});

const passfileOf = (password: string): Passfile => ({
  path: '/home/anna/.pgpass',
  pathSource: 'the default',
  state: { kind: 'used', line: 1, misread: misreadInPassfile(password) },
  written: writtenLines(`db1:5432:*:replicator:${password}\n`, maskedPassfileLine),
});
const refusedFor = (password: string) => ({
  connectionPlan: aPlan({
    password: { from: 'passfile', words: 'line 1 of /home/anna/.pgpass', passfile: passfileOf(password) },
  }),
  replicationLogin: aRefusedLogin(aRefusal('password-refused', '28P01', 'password authentication failed')),
});
testRule(passwordMisread, {
  passes: [{ name: 'escaped as it must be', facts: refusedFor(String.raw`one\:two\\three`) }],
  notApplicable: [
    { name: 'no password is right', facts: { ...refusedFor('one:two'), replicationRole: aRole({ password: 'none' }) } },
  ],
  unexamined: [{ name: 'the login did not get that far', facts: { replicationLogin: refused } }],
  fails: [
    {
      name: 'a colon',
      facts: refusedFor('one:two'),
      message: /line 1 of \/home\/anna\/\.pgpass has a colon that is not escaped: libpq reads only what is before it/,
      steps: [changePassfileLine('client', passfileOf('one:two'), 1, new Date('2026-11-21T20:00:00Z')).text],
    },
    { name: 'a backslash', facts: refusedFor(String.raw`one\two`), message: /libpq drops it/ },
    { name: 'a blank at the end', facts: refusedFor('one '), message: /ends in a blank/ },
    {
      name: 'quotes around it',
      facts: refusedFor('"one"'),
      message: /is in quotes, which libpq reads as a part of it/,
    },
  ],
});

describe('a password that is read otherwise than it is written', () => {
  it.each([
    [String.raw`primary_conninfo = 'host=a password=one\\two'`, 'backslash'],
    [String.raw`primary_conninfo = 'host=a password=one\zwo user=b'`, 'backslash'],
    [String.raw`primary_conninfo = 'host=a password=''one\\two'''`, 'backslash'],
    [String.raw`primary_conninfo = 'host=a password=one\\\\two'`, undefined],
    [String.raw`primary_conninfo 'host=a password=''it\\''s'' user=b' # x`, undefined],
    [String.raw`primary_conninfo = 'host=a password=two\\ words'`, undefined],
    [String.raw`primary_conninfo = 'postgresql://u:one\\two@a/'`, undefined],
    [String.raw`primary_conninfo = 'postgresql://u:one\two@a/'`, 'backslash'],
    [String.raw`primary_conninfo = 'host=a user=o\\ne'`, undefined],
    ['primary_conninfo = host', undefined],
  ])('%s', (line, misread) => expect(misreadInConninfo(line)).toBe(misread));

  it('is one that libpq finds with other characters', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ':', '\\', ' ', "'"), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(text, (written) => {
        const found = findPassword(`h:1:d:u:${written}`, { host: 'h', port: '1', database: 'd', user: 'u' });
        if (found.kind !== 'found') throw new Error('not found');
        const isAsWritten = found.misread === undefined || ['blank', 'quotes'].includes(found.misread);
        const escapes = [...written.matchAll(/\\[\\:]/gu)].length;
        expect(isAsWritten).toBe(!found.cutAtColon && found.password.reveal().length === written.length - escapes);
      }),
    );
  });
});
