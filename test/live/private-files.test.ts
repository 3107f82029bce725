import { appendFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { aPair } from '../lab/pair.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { turn } from '../lab/turn.ts';

/** In whatever form a file is read, something of it is in there. */
const canary = 'kAnArIe';
const secret = [
  `root:$6$${canary}:19000:0:99999:7:::`,
  `${canary}.setting = '${canary}'`,
  `2026-11-29 10:00:00.000 UTC [1] FATAL:  could not open file "${canary}": No such file or directory`,
  `host all ${canary} 0.0.0.0/0 trust`,
  `LABEL: ${canary}`,
  '',
].join('\n');

const read = [
  ...['PG_VERSION', 'postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf', 'postmaster.opts'],
  ...['postmaster.pid', 'backup_label', 'backup_label.old', 'tablespace_map', 'standby.signal', 'recovery.signal'],
  ...['recovery.conf', 'current_logfiles', 'server.log', 'logfile', 'log/postgresql.log', 'pg_wal/00000001.history'],
  ...['pg_wal/00000002.history', 'backup_manifest', 'global/pg_filenode.map', 'patroni.dynamic.json'],
];

/** What a line of a configuration file may name. */
const lines: readonly (readonly [file: string, line: (path: string, folder: string) => string])[] = [
  ['postgresql.conf', (path) => `include '${path}'`],
  ['postgresql.conf', (path) => `include_if_exists '${path}'`],
  ['postgresql.auto.conf', (_, folder) => `include_dir '${folder}'`],
  ['postgresql.conf', (path) => `hba_file = '${path}'`],
  ['postgresql.conf', (path) => `ident_file = '${path}'`],
  [
    'postgresql.conf',
    (_, folder) => `logging_collector = on\nlog_directory = '${folder}'\nlog_filename = 'secret.log'`,
  ],
  [
    'postgresql.conf',
    (path) => `ssl = on\nssl_cert_file = '${path}'\nssl_key_file = '${path}'\nssl_ca_file = '${path}'`,
  ],
  ['postgresql.conf', (path) => `restore_command = 'cat ${path}'`],
  ['postgresql.auto.conf', (path) => `primary_conninfo = 'host=127.0.0.1 port=1 passfile=${path}'`],
  [
    'postgresql.auto.conf',
    (path) =>
      `primary_conninfo = 'host=127.0.0.1 port=1 sslmode=verify-full sslcert=${path} sslkey=${path} sslrootcert=${path}'`,
  ],
  ['pg_hba.conf', (path) => `host "@${path}" all 0.0.0.0/0 trust\nhost all @${path} 0.0.0.0/0 trust`],
  ['pg_hba.conf', (path) => `include ${path}`],
  ['pg_ident.conf', (path) => `include_if_exists ${path}`],
];

/** Two programs for each of many places: every other turn is enough. */
const isItsTurn = turn === 'whole' || turn % 2 === 1;

test.skipIf(process.getuid?.() !== 0 || !isItsTurn)(
  'what the owner of a data directory names leads root to no private file, in no output',
  { timeout: 400_000 },
  async ({ onTestFinished }) => {
    const { primary, standby } = await aPair();
    await standby.stop();
    const { dataDirectory } = standby;
    const folder = await mkdtemp(join(tmpdir(), 'standbylint-private-'));
    onTestFinished(async () => rm(folder, { recursive: true, force: true }));
    const [kept, results] = [join(folder, 'kept'), join(folder, 'results')];
    await mkdir(kept);
    await mkdir(results);
    const file = join(folder, 'secret');
    for (const name of ['secret', 'secret.log', 'secret.conf'])
      await writeFile(join(folder, name), secret, { mode: 0o600 });

    const look = async (): Promise<string> => {
      const words = ['postmortem', '-D', dataDirectory, '--timeout', '3'];
      const to = (name: string): string => join(results, `${Math.random()}.${name}`);
      const [facts, bundle] = [to('facts'), to('bundle')];
      // a report holds nothing that is not made of the facts
      const runs = await Promise.all(
        [
          ['collect', ...words, '-o', facts],
          ['bundle', ...words, '--yes', '-o', bundle],
        ].map(async (all) => runStandbylint(all, { user: null, on: standby })),
      );
      const files = await Promise.all([facts, bundle].map(async (path) => gunzipSync(await readFile(path)).toString()));
      return [...runs.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...files].join('\n');
    };
    expect(await look()).toContain('standby.signal');

    const leaking: string[] = [];
    // of a primary that runs here, before a copy of it
    for (const name of [
      'pg_hba.conf',
      'pg_ident.conf',
      'postgresql.conf',
      'postgresql.auto.conf',
      'current_logfiles',
    ]) {
      const path = join(primary.server.dataDirectory, name);
      const isThere = await rename(path, join(kept, 'one')).then(
        () => true,
        () => false,
      );
      await symlink(file, path);
      const facts = join(results, `${name}.facts`);
      const words = ['preflight', '-d', primary.conninfo, '-D', join(folder, 'new'), '-w', '--admin', primary.admin];
      const { exitCode } = await runStandbylint(['collect', ...words, '-o', facts], { user: null, on: standby });
      expect(exitCode).toBe(0);
      if (
        gunzipSync(await readFile(facts))
          .toString()
          .includes(canary)
      )
        leaking.push(`the primary's ${name}`);
      await rm(path);
      if (isThere) await rename(join(kept, 'one'), path);
    }
    for (const name of read) {
      const path = join(dataDirectory, name);
      await mkdir(join(path, '..'), { recursive: true });
      const isThere = await rename(path, join(kept, 'one')).then(
        () => true,
        () => false,
      );
      await symlink(file, path);
      if ((await look()).includes(canary)) leaking.push(name);
      await rm(path);
      if (isThere) await rename(join(kept, 'one'), path);
    }
    for (const [name, line] of lines) {
      const path = join(dataDirectory, name);
      const before = await readFile(path);
      await appendFile(path, `\n${line(file, folder)}\n`);
      if ((await look()).includes(canary)) leaking.push(line('FILE', 'FOLDER'));
      await writeFile(path, before);
    }
    expect(leaking).toEqual([]);
  },
);
