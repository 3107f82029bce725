import type { FactName, FactTypes } from '../../src/facts/facts.ts';
import type { ControlFileRead, DataDirectory } from '../../src/facts/data-directory.ts';
import type { RunningStandby, WalReceiver } from '../../src/facts/running-standby.ts';
import type { StandbyConfiguration, StandbyConninfo } from '../../src/facts/standby-configuration.ts';
import type { PrimaryWal, Archive, LocalWal } from '../../src/facts/standby-wal.ts';
import type { HeldProcess, ServerProcesses } from '../../src/facts/machine.ts';
import type { ServerFiles } from '../../src/facts/server-files.ts';
import type { WalSender } from '../../src/facts/primary.ts';
import type { SettingAssignment } from '../../src/postgres/configuration.ts';
import type { ControlFile } from '../../src/postgres/control-file.ts';
import { parseBackupLabel } from '../../src/postgres/backup-label.ts';
import { walSegmentSize } from '../../src/postgres/lsn.ts';
import { historyWithoutFile } from '../../src/postgres/timeline-history.ts';
import { aDirectory, aFileSystem, healthy, lsn, now, systemIdentifier, timeline } from './world.ts';

/**
 * A healthy standby: it streams from db1 (10.0.0.1) to /var/lib/postgresql/15/standby on this host, was made by
 * pg_basebackup -R, and is run by pg_ctl. Each case of a rule's test changes one thing in it.
 */
export const directory = '/var/lib/postgresql/15/standby';
export const configFile = `${directory}/postgresql.conf`;
export const autoConf = `${directory}/postgresql.auto.conf`;
export const conninfo = 'user=replicator passfile=/var/lib/postgresql/.pgpass host=db1 port=5432 sslmode=prefer';
/** The same as the words behind -d of a command: without libpq's defaults. */
export const typedConninfo = 'user=replicator passfile=/var/lib/postgresql/.pgpass host=db1 port=5432';

export const sixteenMegabytes = (() => {
  const size = walSegmentSize(16 * 1024 * 1024);
  if (size === undefined) throw new Error('16 MB is a segment size');
  return size;
})();

export const aBackupLabel = (start = '0/2000028', from: 'primary' | 'standby' = 'primary') => {
  const text = `START WAL LOCATION: ${start} (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\nBACKUP METHOD: streamed\nBACKUP FROM: ${from}\nSTART TIME: 2026-11-21 19:00:00 UTC\nLABEL: pg_basebackup base backup\nSTART TIMELINE: 1\n`;
  const parsed = parseBackupLabel(text);
  return { text, label: parsed.ok ? parsed.value : undefined };
};

export const aDataDirectory = (change: Partial<DataDirectory> = {}): DataDirectory => ({
  given: directory,
  path: directory,
  owner: { uid: 105, gid: 113, name: 'postgres' },
  mode: 0o700,
  fileSystem: aFileSystem,
  versionText: '15',
  major: 15,
  signals: { standby: true, recovery: false, misnamed: [], recoveryConf: undefined },
  backupLabel: undefined,
  backupLabelOld: aBackupLabel(),
  manifest: 'there',
  tablespaces: [],
  missingDirectories: [],
  neverInABackup: ['postmaster.opts', 'postmaster.pid'],
  lastStart: {
    program: '/usr/lib/postgresql/15/bin/postgres',
    directory,
    options: [],
    here: true,
    at: new Date('2026-11-21T19:00:10Z'),
  },
  ofOthers: [],
  lockFileOf: undefined,
  postmaster: { pid: 4242, port: 5433, process: 'running', program: 'postgres', uid: 105 },
  pidFileUnreadable: undefined,
  ...change,
});

/** The same, stopped: nothing runs on it, and no postmaster.pid is left. */
export const aStoppedDirectory = (change: Partial<DataDirectory> = {}): DataDirectory =>
  aDataDirectory({ postmaster: undefined, neverInABackup: ['postmaster.opts'], ...change });

/** The same as pg_basebackup left it: no server was ever started on it. */
export const aFreshCopy = (change: Partial<DataDirectory> = {}): DataDirectory =>
  aDataDirectory({
    postmaster: undefined,
    neverInABackup: [],
    lastStart: undefined,
    backupLabel: aBackupLabel(),
    backupLabelOld: undefined,
    ...change,
  });

export const aControlFile = (change: Partial<ControlFile> = {}): ControlFileRead => ({
  ok: true,
  value: {
    byteOrder: 'little',
    controlVersion: 1300,
    catalogVersion: 202209061,
    major: 15,
    systemIdentifier,
    state: 'in archive recovery',
    lastModifiedAt: 1_795_290_000,
    checkpoint: aCheckpoint(),
    minimumRecoveryPoint: { lsn: lsn('0/3000000'), timeline },
    backupStart: null,
    backupEnd: null,
    endOfBackupRequired: false,
    walLevel: 'replica',
    walLogHints: false,
    maxConnections: 100,
    maxWorkerProcesses: 8,
    maxWalSenders: 10,
    maxPreparedTransactions: 0,
    maxLocksPerTransaction: 64,
    trackCommitTimestamp: false,
    maxAlign: 8,
    floatFormatIsIeee: true,
    blockSize: 8192,
    blocksPerSegment: 131_072,
    walBlockSize: 8192,
    walSegmentSize: sixteenMegabytes,
    nameLength: 64,
    maxIndexKeys: 32,
    toastMaxChunkSize: 1996,
    largeObjectChunkSize: 2048,
    float8PassedByValue: true,
    dataChecksumVersion: 1,
    defaultCharIsSigned: null,
    ...change,
  },
});

export const aServerFiles = (change: Partial<ServerFiles> = {}): ServerFiles => ({
  account: 'postgres',
  closed: [],
  lost: [],
  examined: 42,
  ...change,
});

export const aCheckpoint = (change: Partial<ControlFile['checkpoint']> = {}): ControlFile['checkpoint'] => ({
  location: lsn('0/2000060'),
  redo: lsn('0/2000028'),
  redoWalFile: '000000010000000000000002',
  timeline,
  previousTimeline: timeline,
  fullPageWrites: true,
  walLevel: null,
  nextXid: 740n,
  nextOid: 16_384,
  nextMultiXact: 1,
  nextMultiXactOffset: 0,
  oldestXid: 726,
  oldestMultiXact: 1,
  oldestActiveXid: 740,
  at: 1_795_289_900,
  ...change,
});

export const aLocalWal = (change: Partial<LocalWal> = {}): LocalWal => ({
  path: `${directory}/pg_wal`,
  state: 'directory',
  segmentSize: sixteenMegabytes,
  timelines: [{ timeline, first: lsn('0/2000000'), end: lsn('0/4000000'), gaps: [] }],
  histories: [],
  ready: 0,
  bytes: 33_554_432n,
  fileSystem: aFileSystem,
  more: false,
  spoiled: [],
  ...change,
});

/** Assignments in the order in which they are read; the last of a name wins. `file:line` says where each stands. */
export function aConfiguration(
  assignments: readonly (readonly [name: string, value: string, file?: string, line?: number])[] = standardSettings,
  change: Partial<StandbyConfiguration> = {},
  faults: StandbyConfiguration['files']['faults'] = [],
): StandbyConfiguration {
  const all = assignments.map(([name, value, file = configFile, line = 1]): SettingAssignment => ({
    name,
    value,
    source: { kind: 'file', file, line },
  }));
  const names = new Set(all.map(({ name }) => name));
  const settings = new Map(
    [...names].flatMap((name) => {
      const ofName = all.filter((one) => one.name === name);
      const last = ofName.at(-1);
      return last === undefined ? [] : [[name, { ...last, overridden: ofName.slice(0, -1) }] as const];
    }),
  );
  return {
    configFile,
    files: { settings, assignments: all, faults, filesRead: [configFile, autoConf], skipped: [] },
    outside: false,
    ownFiles: ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf'],
    strays: [],
    ...change,
  };
}

export const standardSettings: readonly (readonly [string, string, string, number])[] = [
  ['port', '5433', configFile, 64],
  ['max_connections', '100', configFile, 65],
  ['primary_conninfo', conninfo, autoConf, 3],
];

export const aConninfo = (change: Partial<StandbyConninfo> = {}): StandbyConninfo => ({
  text: conninfo,
  file: autoConf,
  line: 3,
  problem: undefined,
  foreignQuotes: [],
  hosts: [{ host: 'db1', port: 5432 }],
  user: 'replicator',
  applicationName: undefined,
  reportsAs: 'walreceiver',
  hasPassword: false,
  passfile: '/var/lib/postgresql/.pgpass',
  targetSessionAttrs: undefined,
  overridden: [],
  ...change,
});

export const aReceiver = (change: Partial<WalReceiver> = {}): WalReceiver => ({
  pid: 4250,
  status: 'streaming',
  writtenLsn: lsn('0/3000060'),
  flushedLsn: lsn('0/3000060'),
  timeline,
  latestEndLsn: lsn('0/3000060'),
  secondsSinceMessage: 2,
  senderHost: 'db1',
  senderPort: 5432,
  slotName: undefined,
  ...change,
});

export const aRunningStandby = (change: Partial<RunningStandby> = {}): RunningStandby => ({
  version: '15.18',
  inRecovery: true,
  port: 5433,
  startedAt: new Date('2026-11-21T19:00:10Z'),
  clock: now,
  login: { user: 'postgres', superuser: true },
  grant: undefined,
  receiver: aReceiver(),
  receiverHidden: false,
  replay: {
    receivedLsn: lsn('0/3000060'),
    replayedLsn: lsn('0/3000060'),
    pauseState: 'not paused',
    lastReplayedCommitAt: new Date('2026-11-21T19:59:58Z'),
    moves: true,
  },
  settings: new Map(
    [
      ['primary_conninfo', conninfo],
      ['primary_slot_name', ''],
      ['hot_standby', 'on'],
      ['max_connections', '100'],
      ['data_directory', directory],
      ['port', '5433'],
    ].map(([name = '', value = '']) => [name, { value, pendingRestart: false, source: 'configuration file' }]),
  ),
  conflicts: { tablespace: 0, lock: 0, snapshot: 0, bufferpin: 0, deadlock: 0, logicalSlot: 0 },
  slots: [],
  senders: [],
  startupWaits: '',
  sessions: [],
  fileProblems: [],
  ...change,
});

/** A server that runs with these settings, all others as they are. */
export const runningWith = (
  settings: Readonly<Record<string, string>>,
  change: Partial<RunningStandby> = {},
): RunningStandby => {
  const standby = aRunningStandby(change);
  const added = Object.entries(settings).map(
    ([name, value]) => [name, { value, pendingRestart: false, source: 'configuration file' }] as const,
  );
  return { ...standby, settings: new Map([...standby.settings, ...added]) };
};

export const replaying = (change: Partial<RunningStandby['replay']>): RunningStandby['replay'] => ({
  ...aRunningStandby().replay,
  ...change,
});

/** What the primary shows of this standby. */
export const aWalSender = (change: Partial<WalSender> = {}): WalSender => ({
  pid: 900,
  user: 'replicator',
  applicationName: 'walreceiver',
  address: '10.0.0.7',
  state: 'streaming',
  syncState: 'async',
  sentLsn: lsn('0/3000060'),
  writeLsn: lsn('0/3000060'),
  flushLsn: lsn('0/3000060'),
  replayLsn: lsn('0/3000060'),
  currentLsn: lsn('0/3000060'),
  replayLagSeconds: undefined,
  secondsSinceReply: 1,
  ...change,
});

export const anArchive = (change: Partial<Archive> = {}): Archive => ({
  command: 'cp /archive/%f "%p"',
  program: { name: 'cp', found: true, executable: true },
  directory: '/archive',
  listed: true,
  more: false,
  segments: [{ timeline, first: lsn('0/1000000'), end: lsn('0/8000000'), gaps: [] }],
  histories: [],
  ...change,
});

/** Of a server whose processes all run on, but for these. */
export const someProcesses = (...held: readonly HeldProcess[]): ServerProcesses => ({
  dataDirectory: directory,
  postmaster: 4242,
  count: 8,
  held,
  commands: [],
});

/** At 0/9000060, segment 9; `oldest`: where the WAL begins that it keeps, undefined where that is not shown. */
export const aPrimaryWal = (oldest: string | undefined, change: Partial<PrimaryWal> = {}): PrimaryWal => ({
  position: lsn('0/9000060'),
  segmentSize: sixteenMegabytes,
  oldest: oldest === undefined ? undefined : lsn(oldest),
  keepBytes: 0n,
  remedy: undefined,
  ...change,
});

/** The world of db1, seen from a standby that exists; what concerns a copy alone does not apply. */
export const healthyStandby: { readonly [Name in FactName]: FactTypes[Name] | undefined } = {
  ...healthy,
  baseBackup: undefined,
  targetDirectory: undefined,
  walDirectory: undefined,
  tablespaceTargets: undefined,
  preparedConfiguration: undefined,
  targetJudgement: undefined,
  standbyPort: undefined,
  dataDirectoryPlace: aDirectory({ realPath: directory, entries: ['PG_VERSION', 'base', 'global'] }),
  manager: undefined,
  repmgrRecord: undefined,
  dataDirectory: aDataDirectory(),
  serverFiles: aServerFiles(),
  lastCopy: { bytes: 41_000_000_000n, seconds: 410 },
  clustersNear: undefined,
  copyAttempt: undefined,
  refusingServer: undefined,
  primariesHere: [],
  localSize: undefined,
  controlFile: aControlFile(),
  standbySlots: [],
  damagedSlots: [],
  localWal: aLocalWal(),
  standbyConfiguration: aConfiguration(),
  standbyConninfo: aConninfo(),
  standbyServerUser: { uid: 105, gid: 113, name: 'postgres', home: '/var/lib/postgresql', canActAs: true },
  standbyControl: {
    control: { kind: 'pg_ctl', dataDirectory: directory, binDirectory: '/usr/lib/postgresql/15/bin' },
    running: true,
  },
  runningStandby: aRunningStandby(),
  ownProcesses: someProcesses(),
  walSenders: [aWalSender()],
  timelines: {
    local: {
      timeline,
      history: historyWithoutFile(timeline),
      position: lsn('0/3000060'),
      positionFrom: 'the WAL files',
      checkpoint: { location: lsn('0/2000060'), inLocalWal: true, inUpstreamWal: true },
    },
    upstream: {
      timeline,
      history: historyWithoutFile(timeline),
      position: lsn('0/3000060'),
      historyMissing: false,
    },
    upstreamInRecovery: false,
    sameSystem: true,
    upstreamIdentifier: systemIdentifier,
  },
  primaryActivity: { writers: [], writersInAll: 0, exclusiveBackup: undefined },
  primaryWal: {
    position: lsn('0/3000060'),
    segmentSize: sixteenMegabytes,
    oldest: lsn('0/1000000'),
    keepBytes: 1_073_741_824n,
    remedy: undefined,
  },
  // no restore_command is set
  archive: undefined,
};
