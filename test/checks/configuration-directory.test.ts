import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { configurationDirectory } from '../../src/checks/configuration-directory.ts';
import { localHost } from '../../src/hosts/local.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-configuration-')));
  await mkdir(at('etc/conf.d'), { recursive: true });
  await mkdir(at('data'));
  await writeFile(at('data/PG_VERSION'), '15\n');
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const look = async (path: string) => configurationDirectory({ ...localHost(), workingDirectory: folder }, path);

describe('the directory of postgresql.conf', () => {
  it.each([
    ['as it is written', () => `data_directory = '${at('data')}'`],
    ['without an equals sign, the last of two', () => `data_directory '/nowhere'\nDATA_DIRECTORY '${at('data')}'`],
    ['relative', () => "data_directory = 'data'"],
    ['in an included directory', () => "include_dir 'conf.d'"],
  ])('leads to its data_directory: %s', async (_, text) => {
    await writeFile(at('etc/conf.d/data.conf'), `data_directory = '${at('data')}'\n`);
    await writeFile(at('etc/postgresql.conf'), `${text()}\n`);
    expect(await look(at('etc'))).toEqual({ configFile: at('etc/postgresql.conf'), dataDirectory: at('data') });
    expect((await look('etc'))?.dataDirectory).toBe(at('data'));
  });

  it('leads to a directory that does not exist, as the server would say', async () => {
    await writeFile(at('etc/postgresql.conf'), "data_directory = '/nowhere/data'\n");
    expect((await look(at('etc')))?.dataDirectory).toBe('/nowhere/data');
  });

  it('leads nowhere without the setting', async () => {
    await writeFile(at('etc/postgresql.conf'), "#data_directory = 'ConfigDir'\nport = 5433\n");
    expect(await look(at('etc'))).toBeUndefined();
  });

  it('is not a data directory: what that one says of another is not followed', async () => {
    await writeFile(at('data/postgresql.conf'), "data_directory = '/var/lib/primary'\n");
    expect(await look(at('data'))).toBeUndefined();
  });

  it('may be the data directory by another name', async () => {
    await symlink(at('data'), at('link'));
    await rm(at('data/PG_VERSION'));
    await writeFile(at('data/postgresql.conf'), `data_directory = '${at('link')}'\n`);
    expect(await look(at('data'))).toBeUndefined();
  });

  it.each(['nothing', 'etc', 'data/PG_VERSION'])('is none: %s', async (path) => {
    expect(await look(at(path))).toBeUndefined();
  });
});
