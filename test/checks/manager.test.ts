import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { autoFailoverOf } from '../../src/checks/manager/auto-failover.ts';
import { keeperOf } from '../../src/checks/manager/keepers.ts';
import { patroniOf } from '../../src/checks/manager/patroni.ts';
import { configurationOf, repmgrOf } from '../../src/checks/manager/repmgr.ts';
import { managerText } from '../../src/diagnosis/manager-text.ts';
import type { Manager } from '../../src/facts/manager.ts';
import { aStoppedDirectory } from '../rules/standby-world.ts';
import { rootedHost } from './rooted-host.ts';

const data = aStoppedDirectory({ path: '/srv/data' });
let root = '';

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-manager-')));
  await file('/srv/data/PG_VERSION', '15\n');
});
afterEach(async () => rm(root, { recursive: true, force: true }));

async function file(path: string, text = ''): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function found(environment: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  const host = rootedHost(root, environment);
  const limits = { timeoutMs: 1000, signal: new AbortController().signal };
  const manager: Manager | undefined =
    (await patroniOf(host, data, undefined, limits))?.manager ??
    (await repmgrOf(host, data, false)) ??
    (await autoFailoverOf(host, data, '/home/anna', undefined))?.manager ??
    (await keeperOf(host, data))?.manager;
  return manager && managerText(manager);
}

describe('who manages a server, by what lies there', () => {
  it.each<[string, readonly (readonly [string, string?])[], string | undefined]>([
    ['nothing', [], undefined],
    [
      'what a base backup of a managed primary brings',
      [
        ['/srv/data/patroni.dynamic.json', '{}'],
        ['/srv/data/postgresql-auto-failover.conf'],
        ['/srv/data/custom.conf'],
      ],
      undefined,
    ],
    [
      'a configuration of Patroni that names it',
      [['/etc/patroni/config.yml', 'scope: shop\nname: db2\npostgresql:\n  data_dir: /srv/data\n']],
      'Patroni (cluster shop, member db2)',
    ],
    [
      'one that names another directory',
      [['/etc/patroni/config.yml', 'scope: shop\nname: db2\npostgresql:\n  data_dir: /srv/other\n']],
      undefined,
    ],
    [
      "Zalando's image",
      [
        ['/home/postgres/postgres.yml', 'scope: shop\nname: shop-1\npostgresql:\n  data_dir: /srv/data\n'],
        ['/scripts/configure_spilo.py'],
      ],
      "Patroni (of Zalando's operator, cluster shop, member shop-1)",
    ],
    [
      "Crunchy's pod",
      [
        [
          '/etc/patroni/~postgres-operator_cluster.yaml',
          'scope: shop-ha\nname: shop-1\npostgresql:\n  data_dir: /srv/data\n',
        ],
      ],
      "Patroni (of Crunchy's operator, cluster shop-ha, member shop-1)",
    ],
    [
      "StackGres' pod",
      [
        ['/etc/patroni/config.yml', 'scope: shop\nname: shop-1\npostgresql:\n  data_dir: /srv/data\n'],
        ['/usr/local/bin/start-patroni.sh'],
      ],
      'Patroni (of StackGres, cluster shop, member shop-1)',
    ],
    [
      'repmgr.conf',
      [
        [
          '/etc/repmgr.conf',
          "node_id=2\nnode_name='db2'\nconninfo='host=db2 user=repmgr'\ndata_directory='/srv/data'\n",
        ],
      ],
      'repmgr (node db2, ID 2, repmgrd does not run)',
    ],
    [
      'repmgr.conf of another directory',
      [
        [
          '/etc/repmgr.conf',
          "node_id=2\nnode_name='db2'\nconninfo='host=db2 user=repmgr'\ndata_directory='/srv/other'\n",
        ],
      ],
      undefined,
    ],
    [
      'pg_autoctl',
      [['/srv/data/postgresql-auto-failover.conf'], ['/home/anna/.config/pg_autoctl/srv/data/pg_autoctl.cfg']],
      'pg_auto_failover (pg_autoctl does not run)',
    ],
    ['CloudNativePG', [['/controller/manager']], 'CloudNativePG (cluster shop, member shop-1)'],
    ['Stolon', [['/srv/keeperstate', '{"UID":"a"}']], 'Stolon'],
    ['Bitnami', [['/opt/bitnami/scripts/libpostgresql.sh']], "Bitnami's entrypoint"],
  ])('%s', async (_, files, expected) => {
    for (const [path, text] of files) await file(path, text);
    expect(await found({ CLUSTER_NAME: 'shop', POD_NAME: 'shop-1' })).toBe(expected);
  });
});

describe('repmgr.conf', () => {
  it('shows no password, and is none without what repmgr cannot do without', () => {
    const text = "node_id = 2\nnode_name = 'db2'\ndata_directory = '/srv/data'\nfailover = 'automatic'\n";
    expect(configurationOf(`${text}conninfo = 'host=db2 user=repmgr password=kAnArIe sslpassword=kAnArIe'`)).toEqual({
      node: 2,
      name: 'db2',
      dataDirectory: '/srv/data',
      conninfo: { host: 'db2', user: 'repmgr' },
      automatic: true,
    });
    expect(configurationOf(text.replace('node_id', 'node'))).toBeUndefined();
  });
});
