import type { FactName, FactTypes } from '../../src/facts/facts.ts';
import type { BaseBackupCommand } from '../../src/facts/base-backup.ts';
import type { ConnectionAttempt, ConnectionPlan, ReplicationSession } from '../../src/facts/connection.ts';
import type { AdminServer } from '../../src/facts/identity.ts';
import type { FoundCluster, Place } from '../../src/facts/machine.ts';
import type { HbaRules, Primary, ReplicationRole, Setting, Settings, Slot } from '../../src/facts/primary.ts';
import type { HbaRule } from '../../src/postgres/hba-line.ts';
import { parseIpAddress } from '../../src/postgres/ip-address.ts';
import { parseLsn, parseSystemIdentifier, parseTimelineId } from '../../src/postgres/lsn.ts';
import { newestMinor } from '../../src/postgres/versions.ts';

/**
 * One healthy world: db1 at 10.0.0.1 runs a primary, this host at 10.0.0.7 has an empty place for a standby. Each case of
 * a rule's test changes one thing in it.
 */
const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the healthy world does not parse');
  return value;
};

export const lsn = (text: string) => must(parseLsn(text));
export const aSystemIdentifier = (text: string) => must(parseSystemIdentifier(text));
export const systemIdentifier = aSystemIdentifier('7710717925441494094');
export const timeline = must(parseTimelineId('1'));
export const now = new Date('2026-11-21T20:00:00Z');

export const aBaseBackup = (change: Partial<BaseBackupCommand> = {}): BaseBackupCommand => ({
  program: undefined,
  printable: 'pg_basebackup -h db1 -U replicator -D /var/lib/postgresql/15/standby -X stream -R -c fast',
  args: ['-h', 'db1', '-U', 'replicator', '-D', '/var/lib/postgresql/15/standby', '-X', 'stream', '-R', '-c', 'fast'],
  directory: '/var/lib/postgresql/15/standby',
  format: 'plain',
  walMethod: 'stream',
  writesRecoveryConf: true,
  checkpoint: 'fast',
  slot: undefined,
  createsSlot: false,
  noSlot: false,
  compression: undefined,
  own: [],
  tablespaceMappings: [],
  walDirectory: undefined,
  maxRate: undefined,
  target: undefined,
  incremental: undefined,
  noSync: false,
  noManifest: false,
  noClean: false,
  progress: false,
  noPassword: false,
  forcePassword: false,
  passwordInConnectionString: false,
  options: [],
  connection: { conninfo: undefined, host: 'db1', port: undefined, user: 'replicator' },
  ...change,
});

export const aFileSystem = {
  mountPoint: '/',
  type: 'ext4',
  device: 2049,
  source: '/dev/sda1',
  readOnly: false,
  totalBytes: 500e9,
  freeBytes: 300e9,
  totalInodes: 30_000_000,
  freeInodes: 29_000_000,
};

export const aPlace = (change: Partial<Place> = {}): Place => ({
  given: '/var/lib/postgresql/15/standby',
  path: '/var/lib/postgresql/15/standby',
  state: { kind: 'absent' },
  nearest: { path: '/var/lib/postgresql/15', writable: true, readOnlyFileSystem: false },
  fileSystem: aFileSystem,
  aside: '/var/lib/postgresql/15/standby.before-standby-2026-11-21',
  subdirectory: '/var/lib/postgresql/15/standby/data',
  beside: '/srv/beside',
  missingMount: undefined,
  ...change,
});

type DirectoryState = Extract<Place['state'], { kind: 'directory' }>;

/** A directory that exists: empty, 0700, ours. */
export const aDirectory = (change: Partial<DirectoryState> = {}, place: Partial<Place> = {}): Place =>
  aPlace({
    nearest: { path: '/var/lib/postgresql/15/standby', writable: true, readOnlyFileSystem: false },
    ...place,
    state: {
      kind: 'directory',
      realPath: '/var/lib/postgresql/15/standby',
      device: 2049,
      inode: 4711,
      mode: 0o700,
      owner: { uid: 105, name: 'postgres' },
      writable: true,
      isMountPoint: false,
      movable: true,
      entries: [],
      more: false,
      cluster: undefined,
      ...change,
    },
  });

export const aPlan = (change: Partial<ConnectionPlan> = {}): ConnectionPlan => ({
  hosts: [{ host: 'db1', hostaddr: undefined, port: 5432, isSocket: false }],
  user: 'replicator',
  sslmode: 'prefer',
  sslrootcert: undefined,
  sslcert: undefined,
  sslkey: undefined,
  channelBinding: 'prefer',
  targetSessionAttrs: 'any',
  password: {
    from: 'passfile',
    words: 'line 1 of /var/lib/postgresql/.pgpass',
    passfile: { path: '/var/lib/postgresql/.pgpass', state: { kind: 'used', line: 1 }, pathSource: 'default' },
  },
  sources: { host: '-h', port: 'default', user: '-U', sslmode: 'default' },
  faults: [],
  ...change,
});

export const anAttempt = (change: Partial<ConnectionAttempt> = {}): ConnectionAttempt => ({
  host: 'db1',
  port: 5432,
  address: '10.0.0.1',
  encryption: 'tls',
  localAddress: '10.0.0.7',
  certificate: { subject: 'db1', names: ['db1'], issuer: 'Example CA', validTo: new Date('2027-11-21T00:00:00Z') },
  outcome: { kind: 'logged-in' },
  ...change,
});

export const aSession = (change: Partial<ReplicationSession> = {}): ReplicationSession => ({
  attempt: anAttempt(),
  serverVersion: '15.18',
  systemIdentifier,
  timeline,
  walPosition: lsn('0/3000060'),
  settings: new Map([...theSettings].map(([name, setting]) => [name, setting.value])),
  second: { accepted: true },
  slot: undefined,
  ownAddress: false,
  postmaster: undefined,
  sameMachine: false,
  ...change,
});

/** The login was refused by the server, over TLS and without. */
export const aRefusedLogin = (...attempts: readonly [ConnectionAttempt, ...ConnectionAttempt[]]) => ({
  attempts,
  outcome: { accepted: false as const, decisive: attempts.at(-1) ?? attempts[0] },
});

const setting = (name: string, value: string, unit?: string): [string, Setting] => [
  name,
  { name, value, unit, source: 'configuration file', file: undefined, line: undefined, pendingRestart: false },
];

const theSettings: Settings = new Map([
  setting('wal_level', 'replica'),
  setting('max_wal_senders', '10'),
  setting('max_replication_slots', '10'),
  setting('wal_keep_size', '1024', 'MB'),
  setting('max_slot_wal_keep_size', '-1', 'MB'),
  setting('wal_segment_size', '16777216', 'B'),
  setting('max_wal_size', '1024', 'MB'),
  setting('archive_mode', 'off'),
  setting('archive_command', ''),
  setting('listen_addresses', '*'),
  setting('port', '5432'),
  setting('unix_socket_directories', '/var/run/postgresql'),
  setting('ssl', 'on'),
  setting('full_page_writes', 'on'),
  setting('fsync', 'on'),
  setting('synchronous_standby_names', ''),
  setting('synchronous_commit', 'on'),
  setting('checkpoint_timeout', '300', 's'),
  setting('checkpoint_completion_target', '0.9'),
  setting('wal_sender_timeout', '60000', 'ms'),
  setting('wal_receiver_timeout', '60000', 'ms'),
  setting('tcp_keepalives_idle', '60', 's'),
  setting('tcp_keepalives_interval', '10', 's'),
  setting('tcp_keepalives_count', '6'),
  setting('max_connections', '100'),
  setting('max_worker_processes', '8'),
  setting('max_prepared_transactions', '0'),
  setting('max_locks_per_transaction', '64'),
  setting('data_directory_mode', '0700'),
  setting('wal_compression', 'off'),
  setting('block_size', '8192'),
  setting('data_checksums', 'on'),
  setting('wal_log_hints', 'off'),
  setting('hot_standby', 'on'),
  setting('password_encryption', 'scram-sha-256'),
]);

/** The primary's settings with some changed: a string is a new value, `undefined` takes the setting out. */
export function someSettings(changes: Readonly<Record<string, string | Partial<Setting> | undefined>> = {}): Settings {
  const settings = new Map(theSettings);
  for (const [name, change] of Object.entries(changes)) {
    const before = settings.get(name) ?? setting(name, '')[1];
    if (change === undefined) settings.delete(name);
    else settings.set(name, { ...before, ...(typeof change === 'string' ? { value: change } : change) });
  }
  return settings;
}

/** The primary of a healthy world has the newest bug fixes, whatever they are when this is read. */
const newestFifteen = `15.${newestMinor(15)?.minor ?? 0}`;

export const aPrimary = (change: Partial<Primary> = {}): Primary => ({
  name: 'db1',
  address: '10.0.0.1',
  port: 5432,
  version: newestFifteen,
  major: 15,
  inRecovery: false,
  systemIdentifier,
  timeline,
  walPosition: lsn('0/3000060'),
  ownAddress: false,
  postmaster: undefined,
  sameMachine: false,
  platform: 'x86_64-pc-linux-gnu',
  ...change,
});

/** A data directory that was a standby's, and is down. */
export const aCluster = (change: Partial<FoundCluster> = {}): FoundCluster => ({
  version: '15',
  systemIdentifier,
  timeline,
  state: 'shut down in recovery',
  lastCheckpointAt: new Date('2026-11-20T10:00:00Z'),
  unfinishedBackup: false,
  hasBackupLabel: false,
  hasStandbySignal: true,
  postmaster: undefined,
  ...change,
});

/** Not in use, and keeps next to nothing. */
export const aSlot = (change: Partial<Slot> = {}): Slot => ({
  name: 'standby1',
  type: 'physical',
  active: false,
  activePid: undefined,
  temporary: false,
  restartLsn: lsn('0/3000000'),
  walStatus: 'reserved',
  safeWalBytes: undefined,
  retainedBytes: 96n,
  invalidationReason: undefined,
  ...change,
});

export const anAdminServer = (change: Partial<AdminServer> = {}): AdminServer => ({
  identity: { is: 'the-upstream', proof: 'it sees the process of the replication session' },
  because: 'it sees the process of the replication session',
  systemIdentifier,
  inRecovery: false,
  timeline,
  startedAt: new Date('2026-11-01T08:00:00Z'),
  host: 'db1',
  address: '10.0.0.1',
  port: 5432,
  ownAddress: false,
  postmaster: undefined,
  settings: theSettings,
  hbaRules: { status: 'seen', value: theHbaRules(), source: 'pg_hba_file_rules' },
  replicationRoles: [{ name: 'replicator', superuser: false }],
  slots: [],
  ...change,
});

type ExistingRole = Extract<ReplicationRole, { exists: true }>;

export const aRole = (change: Partial<ExistingRole> = {}): ReplicationRole => ({
  exists: true,
  name: 'replicator',
  superuser: false,
  replication: true,
  canLogin: true,
  connectionLimit: -1,
  validUntil: undefined,
  expired: false,
  password: 'scram-sha-256',
  memberOf: [],
  replicationThrough: [],
  ...change,
});

export const anHbaRule = (change: Partial<HbaRule> = {}): HbaRule => ({
  kind: 'rule',
  file: '/etc/postgresql/15/main/pg_hba.conf',
  line: 97,
  endLine: 97,
  text: 'hostssl replication replicator 10.0.0.7/32 scram-sha-256',
  type: 'hostssl',
  databases: [{ text: 'replication', quoted: false }],
  users: [{ text: 'replicator', quoted: false }],
  address: {
    kind: 'network',
    address: must(parseIpAddress('10.0.0.7')),
    netmask: must(parseIpAddress('255.255.255.255')),
  },
  method: 'scram-sha-256',
  options: [],
  error: undefined,
  ...change,
});

const theHbaRules = (): HbaRules => ({
  file: '/etc/postgresql/15/main/pg_hba.conf',
  lines: [anHbaRule()],
  changedSinceLoad: false,
});

export const healthy: { readonly [Name in FactName]: FactTypes[Name] | undefined } = {
  thresholds: {},
  acceptances: undefined,
  // the post-mortem's facts do not apply here: test/rules/standby-world.ts has a world for them
  containers: undefined,
  manager: undefined,
  managerLog: undefined,
  repmgrRecord: undefined,
  dataDirectoryPlace: undefined,
  dataDirectory: undefined,
  lastCopy: undefined,
  clustersNear: undefined,
  copyAttempt: undefined,
  refusingServer: undefined,
  primariesHere: undefined,
  senderLog: undefined,
  upstreamStandby: undefined,
  missingPages: undefined,
  localSize: undefined,
  controlFile: undefined,
  localWal: undefined,
  standbySlots: undefined,
  damagedSlots: undefined,
  standbyConfiguration: undefined,
  standbyConninfo: undefined,
  standbyServerUser: undefined,
  standbyControl: undefined,
  debianCluster: undefined,
  runningStandby: undefined,
  standbyRefusal: undefined,
  serverFiles: undefined,
  standbyProcesses: undefined,
  ownProcesses: undefined,
  directoryWriters: [],
  upstreamProcesses: undefined,
  serverLog: undefined,
  startNeeds: undefined,
  serverJudgement: undefined,
  timelines: undefined,
  primaryWal: undefined,
  primaryActivity: undefined,
  archive: undefined,
  primaryArchive: undefined,
  now,
  baseBackup: aBaseBackup(),
  operatingSystemUser: { uid: 105, gid: 113, name: 'postgres', home: '/var/lib/postgresql', serverUser: 'postgres' },
  clientTools: {
    basebackups: [
      {
        path: '/usr/lib/postgresql/15/bin/pg_basebackup',
        version: '15.18',
        major: 15,
        binDirectory: '/usr/lib/postgresql/15/bin',
      },
    ],
    onPath: { path: '/usr/bin/pg_basebackup', version: '15.18', major: 15, binDirectory: '/usr/lib/postgresql/15/bin' },
    chosen: { path: '/usr/bin/pg_basebackup', version: '15.18', major: 15, binDirectory: '/usr/lib/postgresql/15/bin' },
    servers: [
      {
        path: '/usr/lib/postgresql/15/bin/postgres',
        version: '15.18',
        major: 15,
        binDirectory: '/usr/lib/postgresql/15/bin',
      },
    ],
  },
  installedTools: undefined,
  standbyPort: {
    number: 5432,
    inUse: false,
    free: undefined,
    source: { kind: 'copied', file: '/var/lib/postgresql/15/main/postgresql.conf', line: undefined },
  },
  targetDirectory: aPlace(),
  sharedStorage: { shared: [], others: [] },
  // not applicable in this world: no --waldir, no Debian configuration for this directory, another machine
  walDirectory: undefined,
  earlierManifest: undefined,
  preparedConfiguration: undefined,
  targetJudgement: {
    program: '/usr/lib/postgresql/15/bin/postgres',
    refused: [],
    stoppedEarly: false,
    sharedMemory: undefined,
    from: 'copied',
    places: new Map(),
  },
  primaryDataDirectory: undefined,
  tablespaceTargets: [],
  installedLibraries: { directory: '/usr/lib/postgresql/15/lib', names: ['plpgsql', 'pg_stat_statements'] },
  localPlatform: {
    architecture: 'x64',
    locales: ['C', 'C.utf8', 'en_US.utf8', 'POSIX'],
    libcVersion: '2.36',
    compression: ['lz4', 'zstd'],
  },
  localMemory: {
    total: 64 * 1024 ** 3,
    swap: 4 * 1024 ** 3,
    overcommit: 0,
    committable: 40 * 1024 ** 3,
    hugePageSize: 2 * 1024 ** 2,
    hugePagesFree: 0,
    controlGroupLimit: undefined,
  },
  connectionPlan: aPlan(),
  replicationLogin: { attempts: [anAttempt()], outcome: { accepted: true, session: aSession() } },
  adminLogin: { user: 'postgres', superuser: true, monitor: true },
  adminRefusal: undefined,
  adminServer: anAdminServer(),
  primary: aPrimary(),
  primarySettings: someSettings(),
  primaryPaths: {
    dataDirectory: '/var/lib/postgresql/15/main',
    configFile: '/etc/postgresql/15/main/postgresql.conf',
    hbaFile: '/etc/postgresql/15/main/pg_hba.conf',
    binDirectory: '/usr/lib/postgresql/15/bin',
  },
  primaryControl: { kind: 'pg_ctlcluster', version: '15', cluster: 'main' },
  serverTarget: {
    path: '/backups',
    is: 'a-directory',
    entries: [],
    more: false,
    problem: undefined,
    hasParent: true,
    free: '/backups/base-2026-07-26',
  },
  primaryFiles: {
    dataDirectory: '/var/lib/postgresql/15/main',
    serverUser: 'postgres',
    examined: 1_204,
    complete: true,
    unreadable: [],
    links: undefined,
    names: ['base', 'base/5', 'global', 'PG_VERSION'],
  },
  replicationRole: aRole(),
  primaryStart: {
    dataDirectory: '/var/lib/postgresql/15/main',
    files: [],
    hba: { file: '/etc/postgresql/15/main/pg_hba.conf', missing: false },
  },
  hbaRules: theHbaRules(),
  configFileProblems: [],
  fileSettings: [],
  slots: [],
  walSenders: [],
  tablespaces: [
    { oid: 1663, name: 'pg_default', location: '', bytes: 41_000_000_000n },
    { oid: 1664, name: 'pg_global', location: '', bytes: 600_000n },
  ],
  databases: [
    {
      name: 'postgres',
      bytes: 8_000_000n,
      encoding: 'UTF8',
      collate: 'en_US.UTF-8',
      ctype: 'en_US.UTF-8',
      localeProvider: 'libc',
      collationVersion: '2.36',
    },
  ],
  copySize: { dataBytes: 41_000_000_000n, walBytes: 1_073_741_824n, tablespaces: [], walBytesPerSecond: undefined },
  archiver: {
    archivedCount: 0n,
    failedCount: 0n,
    lastArchivedWal: undefined,
    lastArchivedAt: undefined,
    lastFailedWal: undefined,
    lastFailedAt: undefined,
  },
  serverLibraries: { preload: ['pg_stat_statements'], extensions: [], database: 'postgres' },
  serverClock: { offsetMs: 3, uncertaintyMs: 2 },
};

/** The server refused the login, with these words. */
export const aRefusal = (
  refusal: Extract<ConnectionAttempt['outcome'], { kind: 'server-refused' }>['refusal'],
  sqlstate: string,
  message: string,
  change: Partial<ConnectionAttempt> = {},
): ConnectionAttempt =>
  anAttempt({
    outcome: {
      kind: 'server-refused',
      refusal,
      error: { sqlstate, message, detail: undefined, hint: undefined, routine: undefined },
    },
    ...change,
  });
