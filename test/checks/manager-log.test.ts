import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { patroniOf } from '../../src/checks/manager/patroni.ts';
import { repmgrOf } from '../../src/checks/manager/repmgr.ts';
import { managerLogCheck } from '../../src/checks/manager-log.ts';
import { seen } from '../../src/facts/observed.ts';
import { answer } from '../../src/hosts/host.ts';
import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { piecesOf } from '../../src/hosts/local-logs.ts';
import { aJournal, hasJournals } from '../lab/journal.ts';
import { aStoppedDirectory } from '../rules/standby-world.ts';
import { rootedHost } from './rooted-host.ts';
import { postmortemOf } from './standby-surroundings.ts';

const data = aStoppedDirectory({ path: '/srv/data' });
const second = (at: number): Date => new Date(Date.UTC(2026, 10, 30, 3, 31, at));
let root = '';

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-manager-log-')));
  await file('/srv/data/PG_VERSION', '15\n');
});
afterEach(async () => rm(root, { recursive: true, force: true }));

async function file(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** Where the words of the manager were read, and what holds of them. */
async function read(host: Host): Promise<readonly (string | undefined)[]> {
  const limits = { timeoutMs: 1_000, signal: new AbortController().signal };
  const manager = (await patroniOf(host, data, undefined, limits))?.manager ?? (await repmgrOf(host, data, false));
  if (manager === undefined) throw new Error('nothing manages it');
  const surroundings = postmortemOf('/srv/data', host);
  const { managerLog } = await managerLogCheck.look({ manager: seen(manager, '/etc') }, surroundings);
  return managerLog.status === 'seen'
    ? [managerLog.source, ...managerLog.value.words.map(({ text }) => text)]
    : [managerLog.status];
}

const patroni = 'scope: shop\nname: db2\npostgresql:\n  data_dir: /srv/data\n';
const repmgr = "node_id=2\nnode_name='db2'\nconninfo='host=db2'\ndata_directory='/srv/data'\n";
const mismatch = 'system ID mismatch, node db2 belongs to a different cluster: 71 != 72';

it('the file that the configuration names, and the one before it where it was just begun', async () => {
  await file('/etc/patroni/config.yml', `${patroni}log:\n  type: json\n  dir: /var/log/patroni\n`);
  await file('/var/log/patroni/patroni.log', '');
  const line = { asctime: '2026-11-30 03:31:02,001', levelname: 'CRITICAL', message: mismatch };
  await file('/var/log/patroni/patroni.log.1', `${JSON.stringify(line)}\n`);
  expect((await read(rootedHost(root))).slice(1)).toEqual([mismatch]);
});

it('what a container keeps of its output, in which the server has its lines as well', async () => {
  await file('/home/postgres/postgres.yml', patroni);
  const output = [
    '2026-11-30 03:31:01,001 INFO: Lock owner: db1; I am db2',
    '2026-11-30 03:31:01.100 UTC [40] LOG:  starting PostgreSQL 15.18',
    `2026-11-30 03:31:02,001 CRITICAL: ${mismatch}`,
    '2026-11-30 03:31:02 UTC [41]: FATAL:  the database system is starting up',
    '',
  ].join('\n');
  const host = rootedHost(root);
  const console = 'docker logs db2';
  const pieces: Host['pieces'] = async (path, options) =>
    path === console
      ? answer(piecesOf(Readable.from([Buffer.from(output)]), options?.unpacked === true))
      : host.pieces(path, options);
  expect(await read({ ...host, console, pieces })).toEqual([console, mismatch]);
});

it.skipIf(!hasJournals && process.env['CI'] !== 'true').each([
  ['/etc/patroni/15-main.yml', patroni, 'patroni@15-main.service', `2026-11-30 03:31:02,001 CRITICAL: ${mismatch}`],
  ['/etc/patroni/config.yml', patroni, 'patroni.service', `2026-11-30 03:31:02,001 CRITICAL: ${mismatch}`],
  [
    '/etc/repmgr.conf',
    repmgr,
    'repmgrd.service',
    '[2026-11-30 03:31:02] [WARNING] unable to ping "host=db1 user=repmgr"',
  ],
])('the journal, where the process of %s does not run', async (configuration, text, unit, line) => {
  await file(configuration, text);
  const journal = join(root, 'one.journal');
  aJournal(journal, unit, [
    [second(1), 90, 'an older line'],
    [second(2), 90, line],
  ]);
  const rooted = rootedHost(root);
  const run: Host['run'] = async (program, args, options) =>
    program === 'journalctl'
      ? localHost().run(program, ['--file', journal, ...args], options)
      : rooted.run(program, args, options);
  const [source, said] = await read({ ...rooted, run });
  expect(source).toBe(`journalctl -u ${unit}`);
  expect(line).toContain(said);
});
