import type { SlotFile } from '../postgres/slot-file.ts';

import type { EarlierManifest } from './base-backup.ts';
import type { AdminRefusal, ConnectionPlan, ReplicationLogin } from './connection.ts';
import type {
  ClientTools,
  DirectoryWriter,
  InstalledLibraries,
  InstalledTools,
  LocalPlatform,
  OperatingSystemUser,
  Place,
  PreparedConfiguration,
  ServerProcesses,
  StandbyPort,
} from './machine.ts';
import type { ClusterNear } from './clusters-near.ts';
import type { CopyAttempt } from './copy-attempt.ts';
import type { Containers } from './containers.ts';
import type { Manager, ManagerLog, RepmgrRecord } from './manager.ts';
import type { AdminServer } from './identity.ts';
import type { LocalMemory } from './memory.ts';
import type { Observed } from './observed.ts';
import type { MetAcceptance, Thresholds } from './policy.ts';
import type { PublicFacts } from './public-facts.ts';
import type { RefusingServer } from './refusing-server.ts';
import type { SenderWords, ServerLog } from './server-log.ts';
import type { PrimaryFiles } from './primary-files.ts';
import type { PrimaryStart } from './primary-start.ts';
import type { LostFile, ServerFiles, StandbyRefusal } from './server-files.ts';
import type { ServerTarget } from './server-target.ts';
import type { PrimaryHere, SharedStorage } from './shared-storage.ts';
import type { ServerJudgement, TargetJudgement } from './server-judgement.ts';
import type { StartNeeds } from './start-needs.ts';
import type {
  AdminLogin,
  ConfigFileProblem,
  CopySize,
  FileSetting,
  HbaRules,
  PrimaryActivity,
  PrimaryPaths,
  ServerClock,
  ServerControl,
  ServerLibraries,
  Tablespace,
} from './primary.ts';

import type { ControlFileRead, DamagedSlot, DataDirectory, LastCopy, LocalSize } from './data-directory.ts';
import type { StandbyProcesses } from './running-standby.ts';
import type { NamedPlace, StandbyConninfo, StandbyControl, StandbyServerUser } from './standby-configuration.ts';
import type { DebianCluster } from './debian-cluster.ts';
import type { Archive, LocalWal, PrimaryWal, Timelines } from './standby-wal.ts';
import type { UpstreamStandby } from './upstream-standby.ts';

/**
 * The vocabulary of the program: every fact that a check can bring back and that a rule can ask for. A rule declares
 * those that it needs and receives nothing else. Those that rules of one's own may use are in `public-facts.ts`.
 */
export interface FactTypes extends PublicFacts {
  /** Those that the configuration sets. */
  readonly thresholds: Partial<Thresholds>;
  /** Findings that the configuration accepts; what they meet is known once the other rules have judged. */
  readonly acceptances: readonly MetAcceptance[];

  // the command line and this machine
  readonly operatingSystemUser: OperatingSystemUser;
  readonly installedTools: InstalledTools;
  /** The same, and which of them serves this primary. */
  readonly clientTools: ClientTools;
  readonly targetDirectory: Place;
  /** --waldir */
  readonly walDirectory: Place;
  /** Where each tablespace of the primary will be written, after -T. */
  readonly tablespaceTargets: readonly {
    readonly tablespace: Tablespace;
    readonly mapped: boolean;
    readonly place: Place;
  }[];
  readonly preparedConfiguration: PreparedConfiguration;
  readonly standbyPort: StandbyPort;
  /** --incremental */
  readonly earlierManifest: EarlierManifest;
  /** Where a server program of the primary's release is here, and the configuration is another machine's. */
  readonly targetJudgement: TargetJudgement;
  readonly installedLibraries: InstalledLibraries;
  readonly localPlatform: LocalPlatform;
  readonly localMemory: LocalMemory;
  /** What the standby, or the copy that is to be made, has in common with another cluster on this machine. */
  readonly sharedStorage: SharedStorage;

  // the way to the primary
  readonly connectionPlan: ConnectionPlan;
  readonly replicationLogin: ReplicationLogin;
  /** Of a server in a container, where no server has spoken. */
  readonly containers: Containers;
  /** The processes of the server at its other end, where that is on this machine. */
  readonly upstreamProcesses: ServerProcesses;

  // the primary from inside: from --admin, or as far as the replication login shows it
  readonly adminLogin: AdminLogin;
  /** The server's refusal of the --admin login; not applicable where it was let in, or no server answered. */
  readonly adminRefusal: AdminRefusal;
  /** Which server --admin has reached; what it shows is the upstream's only where that is proven. */
  readonly adminServer: AdminServer;
  readonly primaryPaths: PrimaryPaths;
  readonly primaryControl: ServerControl;
  /** What a base backup will read. */
  readonly primaryFiles: PrimaryFiles;
  /** Where it is to write the base backup itself (`--target=server:DIRECTORY`). */
  readonly serverTarget: ServerTarget;
  /** What its next start goes by. */
  readonly primaryStart: PrimaryStart;
  readonly hbaRules: HbaRules;
  readonly configFileProblems: readonly ConfigFileProblem[];
  readonly fileSettings: readonly FileSetting[];
  readonly copySize: CopySize;
  readonly serverLibraries: ServerLibraries;
  readonly serverClock: ServerClock;
  /** The primary's data_directory when it lies on this machine. */
  readonly primaryDataDirectory: { readonly path: string; readonly device: number; readonly inode: number };

  // a standby that exists: its files, its server, its WAL (post-mortem)
  /** What -D names, whatever it is; where that is the directory of a configuration, the data directory that it names. */
  readonly dataDirectoryPlace: NamedPlace;
  readonly dataDirectory: DataDirectory;
  /** The program that starts and configures its server; not applicable: none was found. */
  readonly manager: Manager;
  /** Of Patroni and repmgrd: the newest part of their own logs. */
  readonly managerLog: ManagerLog;
  /** Not applicable: repmgr is not its manager. */
  readonly repmgrRecord: RepmgrRecord;
  /** Where the standby does not stream: the rate at which a copy came in here. */
  readonly lastCopy: LastCopy;
  /** Where -D is no data directory: those that are near it. */
  readonly clustersNear: readonly ClusterNear[];
  /** Of a container without a data directory. */
  readonly copyAttempt: CopyAttempt;
  /** Postmortem: who has refused the replication login. */
  readonly refusingServer: RefusingServer;
  /** Postmortem: the servers of this machine that run as a primary of the same cluster, but the examined one. */
  readonly primariesHere: readonly PrimaryHere[];
  /** Where the standby does not stream and the primary does not tell how large it is. */
  readonly localSize: LocalSize;
  readonly controlFile: ControlFileRead;
  readonly localWal: LocalWal;
  /** The slots in its own data directory. */
  readonly standbySlots: readonly SlotFile[];
  /** Those among them whose state no server can read. */
  readonly damagedSlots: readonly DamagedSlot[];
  /** Where the server is down and a program of its release can be asked. */
  readonly serverJudgement: ServerJudgement;
  readonly standbyConninfo: StandbyConninfo;
  readonly standbyServerUser: StandbyServerUser;
  readonly standbyControl: StandbyControl;
  /** Of a server of Debian's packages. */
  readonly debianCluster: DebianCluster;
  /** Where its own server lets nobody in. */
  readonly standbyRefusal: StandbyRefusal;
  /** What its server cannot do without: whether it is there, and open to it. */
  readonly serverFiles: ServerFiles;
  /** Where it streams from a standby. */
  readonly upstreamStandby: UpstreamStandby;
  /** Files of relations that end before a page which the standby has replayed and its upstream has. */
  readonly missingPages: readonly LostFile[];
  /** Where no session is let in. */
  readonly standbyProcesses: StandbyProcesses;
  /** Where no server runs on it: what makes or changes the data directory at this moment. */
  readonly directoryWriters: readonly DirectoryWriter[];
  /** While it runs: which of its processes are held up. */
  readonly ownProcesses: ServerProcesses;
  readonly startNeeds: StartNeeds;
  readonly serverLog: ServerLog;
  /** Where streams broke again and again. */
  readonly senderLog: SenderWords;
  readonly timelines: Timelines;
  readonly primaryWal: PrimaryWal;
  /** What is open there that a standby may have to wait for. */
  readonly primaryActivity: PrimaryActivity;
  readonly archive: Archive;
  /** Where restore_command is not set: the directory of this machine that the primary's archive_command writes to. */
  readonly primaryArchive: Archive;
}

export type FactName = keyof FactTypes;
export type Facts = { readonly [Name in FactName]: Observed<FactTypes[Name]> };

/** Facts as a rule receives them: each of its `needs` as a value, each of its `wants` as an `Observed`. */
export type JudgedFacts<Needs extends FactName, Wants extends FactName> = {
  readonly [Name in Needs]: FactTypes[Name];
} & { readonly [Name in Exclude<Wants, Needs>]: Observed<FactTypes[Name]> };
