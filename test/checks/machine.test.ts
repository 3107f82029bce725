import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyCheck } from '../../src/checks/check.ts';
import { clientToolsCheck } from '../../src/checks/client-tools.ts';
import { installedLibrariesCheck } from '../../src/checks/installed-libraries.ts';
import { installedToolsCheck } from '../../src/checks/installed-tools.ts';
import { localPlatformCheck } from '../../src/checks/local-platform.ts';
import { operatingSystemUserCheck } from '../../src/checks/operating-system-user.ts';
import { preparedConfigurationCheck } from '../../src/checks/prepared-configuration.ts';
import { standbyPortCheck } from '../../src/checks/standby-port.ts';
import { tablespaceTargetsCheck } from '../../src/checks/tablespace-targets.ts';
import type { BaseBackupCommand } from '../../src/facts/base-backup.ts';
import type { Facts } from '../../src/facts/facts.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { localHost } from '../../src/hosts/local.ts';
import type { ResolvedConnection } from '../../src/servers/connection.ts';
import { noStandbyYet } from '../../src/checks/subject.ts';
import type { Host } from '../../src/hosts/host.ts';
import { releases } from '../lab/releases.ts';
import { aBaseBackup, aPrimary, aPlan, someSettings } from '../rules/world.ts';
import { rootedHost } from './rooted-host.ts';
import { postmortemOf } from './standby-surroundings.ts';

let root = '';
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'standbylint-root-')));
});
afterEach(async () => rm(root, { recursive: true, force: true }));

async function file(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  await chmod(join(root, path), mode);
}
const program = async (path: string, version: string): Promise<void> =>
  file(path, `#!/bin/sh\necho "${path.split('/').at(-1)} (PostgreSQL) ${version}"\n`, 0o755);

/** None of these checks looks at the connection. */
const connection: ResolvedConnection = {
  plan: aPlan(),
  database: 'replication',
  replication: true,
  files: localHost(),
  passwordFor: () => undefined,
  keyPassword: undefined,
  home: undefined,
  parameters: {
    values: {},
    sources: {},
    session: [],
    hosts: [],
    user: 'replicator',
    database: 'replication',
    sslmode: 'prefer',
    channelBinding: 'prefer',
    connectTimeoutSeconds: undefined,
    passfile: undefined,
    problems: [],
  },
};

async function look(
  check: AnyCheck,
  host: Host,
  command: Partial<BaseBackupCommand> = {},
  facts: Partial<Facts> = {},
): Promise<Partial<Facts>> {
  return check.look(
    { dataDirectory: noStandbyYet, ...facts },
    {
      subject: { command: 'preflight', baseBackup: aBaseBackup(command), connection, admin: undefined },
      host,
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      now: () => new Date('2026-11-21T20:00:00Z'),
    },
  );
}

async function debian(): Promise<void> {
  await file('/usr/share/postgresql-common/pg_wrapper', '#!/bin/sh\necho never run >&2; exit 9\n', 0o755);
  await mkdir(join(root, 'usr/bin'), { recursive: true });
  await symlink('../share/postgresql-common/pg_wrapper', join(root, 'usr/bin/pg_basebackup'));
  for (const version of ['9.6.24', '13.16', '15.18'])
    await program(
      `/usr/lib/postgresql/${version
        .split('.')
        .slice(0, version.startsWith('9') ? 2 : 1)
        .join('.')}/bin/pg_basebackup`,
      version,
    );
  await program('/usr/lib/postgresql/15/bin/postgres', '15.18');
  await file('/etc/postgresql/13/main/postgresql.conf', 'port = 5432 # (change requires restart)\n');
  await file('/etc/postgresql/15/main/postgresql.conf', "port = '5433'\n");
}

const onPath = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const { installedTools } = await look(installedToolsCheck, rootedHost(root, environment), { args });
  return installedTools?.status === 'seen' ? installedTools.value : undefined;
};

const directory = '/var/lib/postgresql/15/standby';
const prepare = async (dataDirectory: string, more = ''): Promise<void> => {
  await file(
    '/etc/postgresql/15/standby/postgresql.conf',
    `data_directory = '${dataDirectory}'\n${more}include_dir = 'conf.d'\n`,
  );
  await file('/etc/postgresql/15/standby/conf.d/10-small.conf', 'max_connections = 20\nmax_connections = 30\n');
  await file('/etc/postgresql/15/standby/conf.d/README', 'not read');
  await file('/etc/postgresql/15/other/postgresql.conf', "data_directory = '/srv/other'\n");
};

const serverUser = async (directory: string): Promise<string | undefined> => {
  const { operatingSystemUser } = await look(
    operatingSystemUserCheck,
    { ...rootedHost('/'), workingDirectory: root },
    { directory },
  );
  return operatingSystemUser?.status === 'seen' ? operatingSystemUser.value.serverUser : 'unseen';
};

const database = (collate: string): Pick<Facts, 'databases'> => ({
  databases: seen(
    [
      {
        name: 'shop',
        bytes: 1n,
        encoding: 'UTF8',
        collate,
        ctype: collate,
        localeProvider: 'libc',
        collationVersion: '2.36',
      },
    ],
    'the test',
  ),
});

// everything is looked at where it really is
const wholeMachine = (): Host => rootedHost('/');

describe('the installed programs', () => {
  it.each([
    ['the newest, when a host is named', ['-h', 'db1'], {}, '15'],
    ['the newest, when PGHOST names one', [], { PGHOST: 'db1' }, '15'],
    ['that of the local cluster on the port', ['-p', '5432'], {}, '13'],
    ['that of the cluster on PGPORT', [], { PGPORT: '5433' }, '15'],
    ['that of the cluster on the default port', [], {}, '13'],
    ['that of PGCLUSTER', [], { PGCLUSTER: '9.6/main' }, '9.6'],
    ['the newest, whatever PGCLUSTER says, when a host is named', ['--host=db1'], { PGCLUSTER: '13/main' }, '15'],
  ])("Debian's wrapper is followed to %s", async (_, args, environment, version) => {
    await debian();
    const tools = await onPath(args, environment);
    expect(tools?.onPath).toMatchObject({
      path: '/usr/bin/pg_basebackup',
      binDirectory: `/usr/lib/postgresql/${version}/bin`,
    });
    // the folder that the first program leads to is asked, any other tells its release by its name
    expect(tools?.servers.map(({ version: found }) => found)).toEqual([version === '15' ? '15.18' : '15']);
  });

  it('are none where none is', async () => {
    expect(await onPath([])).toEqual({ basebackups: [], servers: [], onPath: undefined });
  });

  it('are told by the folders of packages in a post-mortem, and asked where they lie elsewhere', async () => {
    await file('/usr/lib/postgresql/15/bin/postgres', '#!/bin/sh\necho never run >&2; exit 9\n', 0o755);
    await file('/usr/pgsql-17/bin/postgres', '#!/bin/sh\necho never run >&2; exit 9\n', 0o755);
    await program('/usr/local/pgsql/bin/postgres', '16.3');
    const { installedTools } = await installedToolsCheck.look({}, postmortemOf('/nowhere', rootedHost(root)));
    expect(installedTools.status === 'seen' && installedTools.value.servers).toMatchObject([
      { major: 17, version: '17', path: '/usr/pgsql-17/bin/postgres' },
      { major: 16, version: '16.3' },
      { major: 15 },
    ]);
  });

  it('that cannot be run or say no version do not count', async () => {
    await file('/usr/bin/pg_basebackup', '#!/bin/sh\necho hello\n', 0o755);
    await file('/usr/pgsql-16/bin/pg_basebackup', 'no program', 0o644);
    await program('/usr/pgsql-17/bin/pg_basebackup', '17.4');
    const tools = await onPath(['-h', 'x']);
    expect(tools?.onPath).toBeUndefined();
    expect(tools?.basebackups.map(({ version }) => version)).toEqual(['17']);
  });

  it('that are to be run and cannot be are passed over', async () => {
    await program('/usr/bin/pg_basebackup', '15.18');
    await file('/usr/lib/postgresql/17/bin/pg_basebackup', '#!/bin/sh\nexit 127\n', 0o755);
    await program('/usr/lib/postgresql/18/bin/pg_basebackup', '18.1');
    const host = rootedHost(root);
    const installed = await look(installedToolsCheck, host, {});
    const primary = seen(aPrimary({ major: 17 }), 'the test');
    const { clientTools } = await look(clientToolsCheck, host, {}, { ...installed, primary });
    expect(clientTools?.status === 'seen' && clientTools.value.chosen).toMatchObject({ version: '18.1' });
  });

  it.each([
    [13, undefined, '/usr/bin/pg_basebackup'],
    [16, undefined, '/usr/lib/postgresql/17/bin/pg_basebackup'],
    [18, undefined, '/usr/lib/postgresql/18/bin/pg_basebackup'],
    [19, undefined, '/usr/bin/pg_basebackup'],
    [18, '/usr/lib/postgresql/17/bin/pg_basebackup', '/usr/lib/postgresql/17/bin/pg_basebackup'],
    [18, '/nowhere/pg_basebackup', undefined],
  ])('for a primary of %i and the program %s: %s', async (major, named, chosen) => {
    await program('/usr/bin/pg_basebackup', '15.18');
    await program('/usr/lib/postgresql/17/bin/pg_basebackup', '17.4');
    await program('/usr/lib/postgresql/18/bin/pg_basebackup', '18.1');
    const host = rootedHost(root);
    const installed = await look(installedToolsCheck, host, { program: named });
    const primary = seen(aPrimary({ major }), 'the test');
    const { clientTools } = await look(clientToolsCheck, host, { program: named }, { ...installed, primary });
    expect(clientTools?.status === 'seen' ? clientTools.value.chosen?.path : 'unseen').toBe(chosen);
  });
});

describe.each(releases.map((release) => ({ major: release.major, release })))(
  'the server of PostgreSQL $major',
  ({ release, major }) => {
    const tool = { path: `${release.bin}/postgres`, binDirectory: release.bin, version: release.version, major };
    const facts = {
      clientTools: seen({ basebackups: [], onPath: undefined, chosen: undefined, servers: [tool] }, 'the test'),
      primary: seen(aPrimary({ major }), 'the test'),
      primarySettings: seen(someSettings({ wal_compression: 'lz4' }), 'the test'),
    };

    it('has its libraries', async () => {
      const { installedLibraries } = await look(installedLibrariesCheck, wholeMachine(), {}, facts);
      expect(installedLibraries).toMatchObject({ status: 'seen' });
      if (installedLibraries?.status === 'seen')
        expect(installedLibraries.value.names).toEqual(
          expect.arrayContaining(['plpgsql', 'libpqwalreceiver', 'pg_stat_statements']),
        );
    });

    it.runIf(process.platform === 'linux')('shows its C library and its compression', async () => {
      const { localPlatform } = await look(
        localPlatformCheck,
        wholeMachine(),
        {},
        { ...facts, ...database('de_DE.utf8') },
      );
      expect(localPlatform).toMatchObject({
        status: 'seen',
        // lz4 for WAL since 15; 13 was built without
        value: { architecture: process.arch, compression: major >= 15 ? expect.arrayContaining(['lz4', 'zstd']) : [] },
      });
      if (localPlatform?.status === 'seen') expect(localPlatform.value.libcVersion).toMatch(/^2\.\d+$/);
    });
  },
);

it.each([
  { collate: 'C', sameMachine: false, run: [] },
  { collate: 'C.UTF-8', sameMachine: false, run: ['locale'] },
  { collate: 'de_DE.utf8', sameMachine: false, run: ['locale', '/bin/postgres'] },
  { collate: 'de_DE.utf8', sameMachine: true, run: ['/bin/postgres'] },
])('databases of $collate (on this machine: $sameMachine) have $run run', async ({ collate, sameMachine, run }) => {
  const server = { path: '/bin/postgres', binDirectory: '/bin', version: '15.18', major: 15 };
  const started: string[] = [];
  const host: Host = {
    ...rootedHost(root),
    run: async (name) => {
      started.push(name);
      return { ok: false, problem: { code: 'ENOENT', message: 'it is not there' } };
    },
  };
  await look(
    localPlatformCheck,
    host,
    {},
    {
      clientTools: seen({ basebackups: [], onPath: undefined, chosen: undefined, servers: [server] }, 'the test'),
      primary: seen(aPrimary({ sameMachine }), 'the test'),
      primarySettings: seen(someSettings({}), 'the test'),
      ...database(collate),
    },
  );
  expect(started).toEqual(run);
});

it('nothing is said of a server that is not installed, and nothing is known while the primary is not', async () => {
  const clientTools = seen({ basebackups: [], onPath: undefined, chosen: undefined, servers: [] }, 'the test');
  const host = rootedHost(root);
  expect(
    await look(installedLibrariesCheck, host, {}, { clientTools, primary: seen(aPrimary(), 'the test') }),
  ).toMatchObject({
    installedLibraries: { status: 'not-applicable', why: 'no server of PostgreSQL 15 is installed on this host' },
  });
  expect(
    await look(installedLibrariesCheck, host, {}, { clientTools, primary: unseen('connection', 'refused') }),
  ).toMatchObject({
    installedLibraries: { status: 'unseen', why: { because: 'refused' } },
  });
});

describe('a configuration that waits for the standby', () => {
  it('is found by data_directory, with what it includes', async () => {
    await prepare(directory, 'max_connections = 10\nport = 5999\n');
    const { preparedConfiguration } = await look(preparedConfigurationCheck, rootedHost(root), {
      directory: `${directory}/`,
    });
    expect(preparedConfiguration).toMatchObject({
      status: 'seen',
      value: { file: '/etc/postgresql/15/standby/postgresql.conf', port: { number: 5999 } },
    });
    if (preparedConfiguration?.status === 'seen')
      expect(preparedConfiguration.value.settings.get('max_connections')).toEqual({
        value: '30',
        file: '/etc/postgresql/15/standby/conf.d/10-small.conf',
        line: 2,
      });
  });

  it('is found by way of links, also before the directory exists', async () => {
    await mkdir(join(root, 'data'), { recursive: true });
    await mkdir(join(root, 'var/lib'), { recursive: true });
    await symlink(join(root, 'data'), join(root, 'var/lib/postgresql'));
    await prepare('/data/standby');
    expect(
      await look(preparedConfigurationCheck, rootedHost(root), { directory: '/var/lib/postgresql/standby' }),
    ).toMatchObject({
      preparedConfiguration: { status: 'seen' },
    });
  });

  it('is none when no file names the directory', async () => {
    await prepare('/srv/another');
    expect(await look(preparedConfigurationCheck, rootedHost(root), { directory })).toMatchObject({
      preparedConfiguration: { status: 'not-applicable' },
    });
  });

  it('or else the copied one decides the port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const paths = {
      dataDirectory: '/data',
      configFile: '/data/postgresql.conf',
      hbaFile: '/data/pg_hba.conf',
      binDirectory: undefined,
    };
    const facts = {
      preparedConfiguration: notApplicable('none'),
      primarySettings: seen(someSettings({ port: String(port) }), 'the test'),
      primaryPaths: seen(paths, 'the test'),
    };
    expect(await look(standbyPortCheck, rootedHost(root), {}, facts)).toMatchObject({
      standbyPort: {
        status: 'seen',
        value: {
          number: port,
          inUse: true,
          free: expect.any(Number),
          source: { kind: 'copied', file: '/data/postgresql.conf' },
        },
      },
    });
    server.close();
    const elsewhere = {
      ...facts,
      primaryPaths: seen({ ...paths, configFile: '/etc/postgresql/15/main/postgresql.conf' }, 'the test'),
    };
    expect(await look(standbyPortCheck, rootedHost(root), {}, elsewhere)).toMatchObject({
      standbyPort: { status: 'not-applicable' },
    });
  });
});

describe('the places of tablespaces', () => {
  const tablespaces = seen(
    [
      { oid: 1663, name: 'pg_default', location: '', bytes: 1n },
      { oid: 1, name: 'a', location: '/fast/a', bytes: 1n },
      { oid: 2, name: 'b', location: '/fast/b', bytes: 1n },
      { oid: 3, name: 'in place', location: 'pg_tblspc/3', bytes: 1n },
    ],
    'the test',
  );
  it('are those of the primary, after -T', async () => {
    const tablespaceMappings = [{ written: '/fast/b=/new/b', mapping: { from: '/fast/b', to: '/new/b' } }];
    const { tablespaceTargets } = await look(
      tablespaceTargetsCheck,
      rootedHost(root),
      { tablespaceMappings },
      { tablespaces },
    );
    expect(
      tablespaceTargets?.status === 'seen' &&
        tablespaceTargets.value.map(({ tablespace, mapped, place }) => [tablespace.name, mapped, place.path]),
    ).toEqual([
      ['a', false, '/fast/a'],
      ['b', true, '/new/b'],
    ]);
  });
  it('do not matter for an archive, and are not known where the primary does not tell', async () => {
    expect(await look(tablespaceTargetsCheck, rootedHost(root), { format: 'tar' }, { tablespaces })).toMatchObject({
      tablespaceTargets: { status: 'not-applicable' },
    });
    expect(
      await look(tablespaceTargetsCheck, rootedHost(root), {}, { tablespaces: unseen('permission', 'no') }),
    ).toMatchObject({
      tablespaceTargets: { status: 'unseen' },
    });
  });
});

describe('the user who will run the server', () => {
  it.runIf(process.getuid?.() === 0)('is the owner of the directory, when somebody has made it', async () => {
    await mkdir(join(root, 'made'));
    const { chown } = await import('node:fs/promises');
    await chown(join(root, 'made'), 65_534, 65_534);
    expect(await serverUser('made')).toBe('nobody');
    expect(await serverUser('made/below/it')).toBeUndefined();
    expect(await serverUser('absent')).toBeUndefined();
  });
});
