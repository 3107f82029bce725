import { expect, it } from 'vitest';

import { unseen } from '../../src/facts/observed.ts';
import type { PrimaryFiles } from '../../src/facts/primary-files.ts';
import { isLeftOut, isTakenForSegment, isTooLongForTar } from '../../src/postgres/base-backup-files.ts';
import { judge } from '../../src/diagnosis/judge.ts';
import { foreignFile } from '../../src/rules/primary/foreign-file.ts';
import { linkedFile } from '../../src/rules/primary/linked-file.ts';
import { unreadableFile } from '../../src/rules/primary/unreadable-file.ts';
import { testRule, world } from './rule-tester.ts';
import { aBaseBackup, aPrimary, someSettings } from './world.ts';

const dataDirectory = '/var/lib/postgresql/15/main';

const files = (change: Partial<PrimaryFiles> = {}): PrimaryFiles => ({
  dataDirectory,
  serverUser: 'postgres',
  examined: 1_204,
  complete: true,
  unreadable: [],
  links: [],
  names: ['base', 'base/5'],
  ...change,
});

const refused = unseen('permission', 'the data directory: permission denied for pg_ls_dir');
const unexamined = [
  { name: 'not allowed', facts: { primaryFiles: refused }, severity: 'warning' as const, because: /permission denied/ },
];

testRule(unreadableFile, {
  passes: [
    { name: 'the look was bounded', facts: { primaryFiles: files({ complete: false }) }, because: /first 1,204/ },
  ],
  fails: [
    {
      name: 'a file of root',
      facts: {
        primaryFiles: files({
          unreadable: [
            { path: 'base/5/notes', kind: 'file', owner: 'root', because: 'mode 0600, owner root' },
            { path: 'lost+found', kind: 'directory', owner: 'root', because: 'mode 0700, owner root' },
          ],
        }),
      },
      message: /may not open .*base\/5\/notes and 1 more/,
      risk: 'safe',
      steps: [
        `As root: chown postgres ${dataDirectory}/base/5/notes && chmod u+rX ${dataDirectory}/base/5/notes`,
        `As root: chown postgres ${dataDirectory}/lost+found && chmod u+rX ${dataDirectory}/lost+found`,
      ],
    },
    {
      name: 'its own file without the right to read',
      facts: {
        primaryFiles: files({
          unreadable: [{ path: 'old.conf', kind: 'file', owner: 'postgres', because: 'mode 0000, owner postgres' }],
        }),
      },
      steps: [`chmod u+rX ${dataDirectory}/old.conf`],
    },
    {
      name: 'seen over --admin, which does not tell the owner',
      facts: {
        primaryFiles: files({
          serverUser: undefined,
          links: undefined,
          unreadable: [
            {
              path: 'lost+found',
              kind: 'directory',
              owner: undefined,
              because: 'could not open directory "lost+found": Permission denied',
            },
          ],
        }),
      },
      message: /may not list/,
      steps: [
        `As root: chown --reference=${dataDirectory} ${dataDirectory}/lost+found && chmod u+rX ${dataDirectory}/lost+found`,
      ],
    },
  ],
  unexamined,
});

const long = `base/5/${'n'.repeat(93)}`;
const checksums = { primarySettings: someSettings({ data_checksums: 'on' }) };
testRule(foreignFile, {
  passes: [
    { name: 'a name of 99 bytes', facts: { primaryFiles: files({ names: ['n'.repeat(99)] }) } },
    {
      name: 'a saved relation without checksums',
      facts: {
        primaryFiles: files({ names: ['base/5/1259.bak'] }),
        primarySettings: someSettings({ data_checksums: 'off' }),
      },
    },
    {
      name: 'a saved relation on 17',
      facts: { primaryFiles: files({ names: ['base/5/1259.bak'] }), primary: aPrimary({ major: 17 }), ...checksums },
    },
    {
      name: 'nothing is verified',
      facts: {
        primaryFiles: files({ names: ['base/5/1259.bak'] }),
        ...checksums,
        baseBackup: aBaseBackup({
          options: [
            { name: 'no-verify-checksums', written: '--no-verify-checksums', words: ['--no-verify-checksums'] },
          ],
        }),
      },
    },
  ],
  fails: [
    {
      name: 'a name of 100 bytes',
      facts: { primaryFiles: files({ names: [long] }) },
      message: /has 100 bytes/,
      steps: [
        `Find out where it comes from, then move it: mv ${dataDirectory}/${long} to a directory outside ${dataDirectory}`,
      ],
    },
    {
      name: 'a saved relation with checksums',
      facts: { primaryFiles: files({ names: ['base/5/1259.bak', 'base/5/pg_filenode.map'] }), ...checksums },
      message: /base\/5\/1259\.bak: it looks like a relation/,
    },
  ],
  unexamined,
});

const confLink = { path: 'postgresql.conf', leadsTo: '/srv/config/postgresql.conf' };
const inside = {
  primaryPaths: {
    dataDirectory,
    configFile: `${dataDirectory}/postgresql.conf`,
    hbaFile: `${dataDirectory}/pg_hba.conf`,
    binDirectory: undefined,
  },
};
testRule(linkedFile, {
  healthyIs: 'not-applicable',
  passes: [{ name: 'no links', facts: { primaryFiles: files() } }],
  notApplicable: [{ name: 'another machine', facts: { primaryFiles: files({ links: undefined }), ...inside } }],
  fails: [
    {
      name: 'postgresql.conf',
      facts: { primaryFiles: files({ links: [confLink] }), ...inside },
      message: /postgresql\.conf is a symbolic link/,
      steps: [
        `cp -RpL ${dataDirectory}/postgresql.conf ${dataDirectory}/postgresql.conf.copied && mv ${dataDirectory}/postgresql.conf ${dataDirectory}/postgresql.conf.link-before-standbylint && mv ${dataDirectory}/postgresql.conf.copied ${dataDirectory}/postgresql.conf`,
      ],
    },
    {
      name: 'the certificate of TLS, with a configuration outside',
      facts: {
        primaryFiles: files({ links: [{ path: 'server.crt', leadsTo: '/etc/ssl/certs/ssl-cert-snakeoil.pem' }] }),
        primarySettings: someSettings({ ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: '/etc/ssl/key' }),
      },
      message: /server\.crt/,
    },
    {
      name: 'a directory that is included',
      facts: {
        primaryFiles: files({ links: [{ path: 'conf.d', leadsTo: '/srv/config/conf.d' }] }),
        ...inside,
        fileSettings: [
          { name: 'work_mem', value: '8MB', file: `${dataDirectory}/conf.d/a.conf`, line: 1, applied: true },
        ],
      },
      message: /conf\.d/,
    },
    {
      name: 'nothing needs it',
      facts: { primaryFiles: files({ links: [{ path: 'log', leadsTo: '/var/log/postgresql' }] }), ...inside },
      severity: 'info',
    },
  ],
  unexamined,
});

it('knows what a base backup leaves out, and which names it cannot send', () => {
  for (const path of [
    'pg_wal/000000010000000000000001',
    'pgsql_tmp1',
    'base/pgsql_tmp/x',
    'postmaster.pid',
    'base/5/t3_1',
  ])
    expect(`${path} ${isLeftOut(path)}`).toBe(`${path} ${path !== 'base/pgsql_tmp/x'}`);
  for (const path of ['backup_label.old', 'current_logfiles', 'log/x', 'pg_logical/x'])
    expect(`${path} ${isLeftOut(path)}`).toBe(`${path} false`);
  // each was tried with pg_basebackup of 13, 15 and 18
  for (const name of ['foo.txt', '16384.x', '1259.bak', 't1_12.x', '12345.0'])
    expect([13, 15, 18].map((major) => isTakenForSegment(`base/1/${name}`, major))).toEqual([true, true, false]);
  expect([13, 15].map((major) => isTakenForSegment('base/1/.DS_Store', major))).toEqual([true, false]);
  for (const name of ['notes', '1249_old.1', 'foo.1', 'pg_filenode.map'])
    expect([13, 15].map((major) => isTakenForSegment(`base/1/${name}`, major))).toEqual([false, false]);
  expect(isTakenForSegment('log/a.log', 15)).toBe(false);
  expect([99, 100].map((bytes) => isTooLongForTar('n'.repeat(bytes)))).toEqual([false, true]);
});

it.each([
  ['pg_hba.conf', false],
  ['base/5/notes', true],
])("advises to move away what is not the server's: %s", (path, moves) => {
  const unreadable = [{ path, kind: 'file' as const, owner: 'root', because: 'mode 0600, owner root' }];
  const judged = JSON.stringify(judge(unreadableFile, world({ primaryFiles: files({ unreadable }) })));
  expect(judged).toContain('Give the server access to it');
  expect(judged.includes('move it out')).toBe(moves);
});
