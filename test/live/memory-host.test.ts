import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename } from 'node:path';

import { expect, test } from 'vitest';

import { readBaseBackupCall } from '../../src/cli/options/base-backup-options.ts';
import { examine } from '../../src/cli/examination/examination.ts';
import { readPostmortemOptions } from '../../src/cli/options/postmortem-options.ts';
import { lookOf } from '../../src/cli/examination/standby-examination.ts';
import type { Report } from '../../src/findings/report.ts';
import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { aFile, aFolder, memoryHost, movedTo } from '../hosts/memory-host.ts';
import type { Machine } from '../hosts/memory-host.ts';
import { aPair } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { createRole } from '../lab/primary.ts';
import { newestRelease } from '../lab/releases.ts';

const keeper = { uid: 70_070, gid: 70_070 };
const aheadMs = 3 * 24 * 3_600_000;
const [bin, data, target] = ['/opt/elsewhere/bin', '/srv/vault/cluster', '/srv/vault/next'];
const secret = 'never on this machine';

/** Three days ahead, without the paths, users, names and addresses of this one; what it calls db1 is the primary of the pair. */
function aMachine({ primary, standby }: Pair): Machine {
  const { release } = primary.server;
  const settings = (text: string): string =>
    text
      .replaceAll(standby.dataDirectory, data)
      .replaceAll(/host=(?:''|')?127\.0\.0\.1(?:''|')?/gu, 'host=db1')
      .replaceAll(/port=(?:''|')?\d+(?:''|')?/gu, 'port=5999')
      .replaceAll(/^unix_socket_directories.*$/gmu, "unix_socket_directories = '/srv/vault/sockets'")
      .replaceAll(/^port = .*$/gmu, 'port = 5999');
  const files = movedTo(data, standby.dataDirectory, keeper).map(([path, entry]) =>
    entry.kind === 'file' && path.endsWith('.conf')
      ? ([path, aFile(settings(entry.bytes.toString()), keeper, 0o600)] as const)
      : ([path, entry] as const),
  );
  const version = (program: string) => (args: readonly string[]) =>
    args[0] === '--version' ? `${program} (PostgreSQL) ${release.version}\n` : '';
  return {
    name: 'vault7',
    account: { ...keeper, name: 'keeper', home: '/srv/vault' },
    environment: { PATH: bin, HOME: '/srv/vault' },
    clock: () => new Date(Date.now() + aheadMs),
    addresses: ['10.77.0.7'],
    names: { db1: '10.77.0.1', localhost: '127.0.0.1' },
    network: { '10.77.0.1:5999': primary.server.port },
    programs: Object.fromEntries(
      ['postgres', 'pg_ctl', 'pg_basebackup', 'pg_verifybackup', 'pg_controldata'].map((name) => [
        `${bin}/${name}`,
        version(name),
      ]),
    ),
    files: new Map([
      ['/', aFolder()],
      ['/etc/passwd', aFile('root:x:0:0::/root:/bin/sh\nkeeper:x:70070:70070::/srv/vault:/bin/sh\n')],
      ['/proc/net/tcp', aFile('')],
      ['/proc/net/tcp6', aFile('')],
      ['/proc/self/mountinfo', aFile('')],
      [
        `/srv/vault/${basename(standby.logFile)}`,
        aFile(settings(readFileSync(standby.logFile, 'utf8')), keeper, 0o600),
      ],
      ['/srv/vault', aFolder(keeper, 0o700)],
      ['/srv/vault/sockets', aFolder(keeper, 0o700)],
      ...files,
    ]),
  };
}

const signal = new AbortController().signal;

async function postmortem(host: Host, directory: string, admin: string): Promise<Report> {
  const look = await lookOf(
    directory,
    host,
    readPostmortemOptions(['-D', directory, '--admin', admin, '--timeout', '20']),
    signal,
  );
  return (await look()).report;
}

const outcomes = ({ rules }: Report): Readonly<Record<string, string>> =>
  Object.fromEntries(rules.map(({ id, outcome }) => [id, outcome]));

const texts = (value: unknown): string => JSON.stringify(value);

test('a machine that exists in memory alone gets the reports that a real one gets', { timeout: 180_000 }, async () => {
  const pair = await aPair();
  const { primary, standby } = pair;
  await createRole(primary.server, { name: 'chief', password: secret, attributes: 'SUPERUSER LOGIN' });
  await standby.stop();
  const here = await postmortem(
    localHost(),
    standby.dataDirectory,
    `host=127.0.0.1 port=${primary.server.port} user=chief dbname=postgres password='${secret}'`,
  );
  const machine = aMachine(pair);
  await rm(standby.folder, { recursive: true });
  const host = memoryHost(machine);
  const admin = `host=db1 port=5999 user=chief dbname=postgres password='${secret}'`;
  const there = await postmortem(host, data, admin);
  // the primary and its files are on another machine, the clock is another one, and no libraries are beside its programs
  const differs = Object.entries(outcomes(there)).filter(([id, outcome]) => outcomes(here)[id] !== outcome);
  expect(Object.fromEntries(differs)).toEqual({
    'hba/weak-method': 'unexamined',
    'network/idle-timeout': 'passed',
    'platform/clock-skew': 'failed',
    'primary/process-stopped': 'not-applicable',
    'standby/extension-missing': 'unexamined',
    'standby/library-missing': 'unexamined',
    'standby/memory-too-small': 'not-applicable',
    'tls/plaintext-replication': 'failed',
  });
  expect(Date.parse(there.startedAt) - Date.now()).toBeGreaterThan(aheadMs - 600_000);

  const words = [
    '-h',
    'db1',
    '-p',
    '5999',
    '-U',
    primary.role,
    '-D',
    target,
    '-R',
    '-X',
    'stream',
    '-c',
    'fast',
    '--admin',
    admin,
    '--timeout',
    '20',
  ];
  const call = readBaseBackupCall('preflight', words);
  if (call.command === undefined) throw new Error('no call');
  const ready = await examine(
    'preflight',
    call,
    signal,
    memoryHost({ ...machine, environment: { ...machine.environment, PGPASSWORD: primary.password } }),
  );
  const errors = ready.report.findings.filter(({ severity }) => severity === 'error');
  expect(errors).toEqual([]);
  expect(ready.report.rules.filter(({ outcome }) => outcome === 'crashed')).toEqual([]);
  const unseen = Object.entries(outcomes(ready.report)).filter(([, outcome]) => outcome === 'unexamined');
  expect(unseen.map(([id]) => id)).toEqual(['target/setting-refused', 'client/library-missing', 'hba/weak-method']);

  // nothing of this machine is told of that one
  for (const report of [there, ready.report])
    for (const own of [
      standby.dataDirectory,
      basename(standby.folder),
      newestRelease.bin,
      `127.0.0.1:${primary.server.port}`,
      `"${userInfo().username}"`,
    ])
      expect(texts(report), own).not.toContain(own);
});
