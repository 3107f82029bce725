import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ownFiles } from '../../src/checks/own-files.ts';
import { localHost } from '../../src/hosts/local.ts';
import { copyFiles } from '../../src/remedies/copy-files.ts';
import { aConfiguration } from '../rules/standby-world.ts';

let folder = '';

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-own-')));
});

afterEach(() => rm(folder, { recursive: true }));

test('the files of this standby are those of its directory that are there, and one command copies them', async () => {
  const [from, to] = [join(folder, "it's old"), join(folder, 'new')];
  await mkdir(join(from, 'tls'), { recursive: true });
  await mkdir(to);
  for (const name of ['postgresql.auto.conf', 'pg_hba.conf', 'tls/server.key', 'PG_VERSION'])
    await writeFile(join(from, name), `${name}\n`);
  const { files } = aConfiguration([
    ['ssl', 'yes', join(from, 'postgresql.auto.conf'), 1],
    ['ssl_key_file', 'tls/server.key', join(from, 'postgresql.auto.conf'), 2],
    ['ssl_cert_file', '/etc/ssl/server.crt', join(from, 'postgresql.auto.conf'), 3],
  ]);
  const filesRead = ['/etc/postgresql/15/main/postgresql.conf', join(from, 'postgresql.auto.conf')];
  const own = await ownFiles(localHost(), {
    dataDirectory: from,
    configFile: '/etc/postgresql/15/main/postgresql.conf',
    outside: true,
    configuration: { ...files, filesRead, texts: new Map() },
    commandLine: [],
    pid: undefined,
  });
  expect(own).toEqual(['postgresql.auto.conf', 'pg_hba.conf', 'tls/server.key']);
  execFileSync('sh', ['-ec', copyFiles(from, to, own)]);
  for (const name of own) expect(await readFile(join(to, name), 'utf8')).toBe(`${name}\n`);
});
