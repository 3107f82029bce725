import type { Archiver, Database, ReplicationRole, Setting, Slot, WalSender } from '../facts/primary.ts';
import type { HbaRulesRow } from '../postgres/hba-rules-view.ts';
import { parseLsn, parseSystemIdentifier, parseTimelineId } from '../postgres/lsn.ts';
import type { Lsn, SystemIdentifier, TimelineId } from '../postgres/lsn.ts';
import {
  bigInteger,
  flag,
  integer,
  list,
  maybeText,
  moment,
  object,
  optional,
  parsed,
  seconds,
  text,
  tuple,
} from './decoder.ts';

/** Shapes of the answers to catalogue-sql.ts, read field by field. */
export interface PublicAnswer {
  readonly login: CatalogueLogin;
  readonly server: CatalogueServer;
  readonly settings: ReadonlyMap<string, Setting>;
  readonly role: RoleRow | undefined;
  readonly memberOf: readonly { readonly name: string; readonly replication: boolean }[];
  readonly similarRoles: readonly string[];
  readonly replicationRoles: readonly { readonly name: string; readonly superuser: boolean }[];
  readonly slots: readonly SlotRow[];
  readonly senders: readonly SenderRow[];
  readonly tablespaces: readonly TablespaceRow[];
  readonly databases: readonly DatabaseRow[];
  readonly archiver: Archiver;
  readonly libraries: readonly { readonly name: string; readonly library: string }[];
}

/** Who is logged in, and what they may see. */
export interface CatalogueLogin {
  readonly user: string;
  readonly database: string;
  readonly superuser: boolean;
  readonly monitor: boolean;
  /** Rights of pg_read_all_settings: data_directory, hba_file and the like are shown. */
  readonly allSettings: boolean;
  readonly allStatistics: boolean;
  /** Rights of pg_read_server_files: any path, not only those in the data directory. */
  readonly anyFile: boolean;
  readonly hbaView: boolean;
  readonly hbaFunction: boolean;
  readonly settingsView: boolean;
  readonly settingsFunction: boolean;
  readonly configView: boolean;
  readonly configFunction: boolean;
  readonly readFile: boolean;
  readonly statFile: boolean;
  readonly walDirectory: boolean;
  readonly passwords: boolean;
}

export interface CatalogueServer {
  readonly version: string;
  /** What it was built for, as version() has it: `x86_64-pc-linux-gnu`. */
  readonly platform: string;
  /** Bits, as version() has them at its end: the platform may be that of a machine that can run both. */
  readonly wordSize: number | undefined;
  readonly inRecovery: boolean;
  readonly systemIdentifier: SystemIdentifier;
  readonly timeline: TimelineId;
  readonly walPosition: Lsn | undefined;
  /** pg_control: as the last checkpoint, or on a standby the last restartpoint, has it. */
  readonly checkpointFullPageWrites: boolean;
  readonly startedAt: Date;
  readonly configurationLoadedAt: Date;
  readonly clock: Date;
}

/** Of a role that there is. */
export type RoleRow = Pick<
  Extract<ReplicationRole, { readonly exists: true }>,
  'superuser' | 'replication' | 'canLogin' | 'connectionLimit' | 'validUntil' | 'expired'
>;

export type SlotRow = Required<Slot>;

export type SenderRow = Required<WalSender>;

export interface TablespaceRow {
  readonly oid: string;
  readonly name: string;
  readonly location: string;
  /** pg_tablespace_size() is allowed to this login (dbsize.c). */
  readonly maySize: boolean;
}

export type DatabaseRow = Omit<Database, 'bytes'>;

export interface FileSettingRow {
  readonly file: string;
  readonly line: number;
  readonly name: string | undefined;
  readonly value: string;
  readonly applied: boolean;
  readonly error: string | undefined;
}

export interface Sizes {
  /** Bytes by the tablespace's oid. */
  readonly tablespaces: ReadonlyMap<string, bigint>;
  readonly walBytes: bigint | undefined;
  /** The oldest segment in pg_wal, its name without the timeline; undefined where the login may not list them. */
  readonly oldestWal: string | undefined;
  /** Where the WAL was when the sizes were measured, and when that was by the server's clock. */
  readonly walPosition: Lsn | undefined;
  readonly clock: Date;
}

export const position = optional(parsed(parseLsn, 'a WAL position'));

const login = object<CatalogueLogin>((field) => ({
  user: field('user', text),
  database: field('database', text),
  superuser: field('superuser', flag),
  monitor: field('monitor', orFalse),
  allSettings: field('allSettings', orFalse),
  allStatistics: field('allStatistics', orFalse),
  anyFile: field('anyFile', orFalse),
  hbaView: field('hbaView', orFalse),
  hbaFunction: field('hbaFunction', orFalse),
  settingsView: field('settingsView', orFalse),
  settingsFunction: field('settingsFunction', orFalse),
  configView: field('configView', orFalse),
  configFunction: field('configFunction', orFalse),
  readFile: field('readFile', orFalse),
  statFile: field('statFile', orFalse),
  walDirectory: field('walDirectory', orFalse),
  passwords: field('passwords', orFalse),
}));

const server = object<CatalogueServer>((field) => ({
  version: field('version', text),
  platform: field('platform', text),
  wordSize: field('wordSize', optional(integer)),
  inRecovery: field('inRecovery', flag),
  systemIdentifier: field('systemIdentifier', parsed(systemIdentifierOfBigint, 'a system identifier')),
  timeline: field('timeline', parsed(parseTimelineId, 'a timeline')),
  walPosition: field('walPosition', position),
  checkpointFullPageWrites: field('checkpointFullPageWrites', flag),
  startedAt: field('startedAt', moment),
  configurationLoadedAt: field('configurationLoadedAt', moment),
  clock: field('clock', moment),
}));

export const settingRow = tuple<Setting>((place) => ({
  name: place(0, text),
  value: place(1, maybeText) ?? '',
  unit: place(2, maybeText),
  source: place(3, maybeText),
  file: place(4, maybeText),
  line: place(5, optional(integer)),
  pendingRestart: place(6, flag),
}));

const role = object<RoleRow>((field) => ({
  superuser: field('superuser', flag),
  replication: field('replication', flag),
  canLogin: field('canLogin', flag),
  connectionLimit: field('connectionLimit', integer),
  validUntil: field('validUntil', optional(moment)),
  expired: field('expired', flag),
}));

const slot = object<SlotRow>((field) => ({
  name: field('name', text),
  type: field('type', parsed(slotType, 'physical or logical')),
  active: field('active', flag),
  activePid: field('pid', optional(integer)),
  temporary: field('temporary', flag),
  restartLsn: field('restartLsn', position),
  walStatus: field('walStatus', maybeText),
  safeWalBytes: field('safeWalSize', optional(bigInteger)),
  retainedBytes: field('retained', optional(bigInteger)),
  invalidationReason: field('invalidation', maybeText),
  synced: field('synced', optional(flag)) ?? false,
  failover: field('failover', optional(flag)) ?? false,
  xminAge: field('xminAge', optional(integer)),
}));

const sender = object<SenderRow>((field) => ({
  pid: field('pid', integer),
  user: field('user', maybeText),
  applicationName: field('applicationName', maybeText),
  address: field('address', maybeText),
  state: field('state', maybeText),
  syncState: field('syncState', maybeText),
  sentLsn: field('sentLsn', position),
  writeLsn: field('writeLsn', position),
  flushLsn: field('flushLsn', position),
  replayLsn: field('replayLsn', position),
  currentLsn: field('currentLsn', position),
  replayLagSeconds: field('replayLag', optional(seconds)),
  secondsSinceReply: field('sinceReply', optional(seconds)),
}));

export const slotList = list(slot);
export const senderList = list(sender);

const tablespace = object<TablespaceRow>((field) => ({
  oid: field('oid', text),
  name: field('name', text),
  location: field('location', maybeText) ?? '',
  maySize: field('maySize', orFalse),
}));

const database = object<DatabaseRow>((field) => ({
  name: field('name', text),
  encoding: field('encoding', text),
  collate: field('collate', text),
  ctype: field('ctype', text),
  localeProvider: field('provider', parsed(localeProvider, 'a locale provider')),
  collationVersion: field('collationVersion', maybeText),
}));

const archiver = object<Archiver>((field) => ({
  archivedCount: field('archivedCount', bigInteger),
  failedCount: field('failedCount', bigInteger),
  lastArchivedWal: field('lastArchivedWal', maybeText),
  lastArchivedAt: field('lastArchivedAt', optional(moment)),
  lastFailedWal: field('lastFailedWal', maybeText),
  lastFailedAt: field('lastFailedAt', optional(moment)),
}));

const named = object((field) => ({ name: field('name', text), replication: field('replication', flag) }));
const library = object((field) => ({ name: field('name', text), library: field('library', text) }));

export const publicAnswer = object<PublicAnswer>((field) => ({
  login: field('login', login),
  server: field('server', server),
  settings: new Map(field('settings', list(settingRow)).map((row) => [row.name, row])),
  role: field('role', optional(role)),
  memberOf: field('memberOf', list(named)),
  similarRoles: field('similarRoles', list(text)),
  replicationRoles: field(
    'replicationRoles',
    list(object((field) => ({ name: field('name', text), superuser: field('superuser', flag) }))),
  ),
  slots: field('slots', slotList),
  senders: field('senders', senderList),
  tablespaces: field('tablespaces', list(tablespace)),
  databases: field('databases', list(database)),
  archiver: field('archiver', archiver),
  libraries: field('libraries', list(library)),
}));

const hbaRow = object<HbaRulesRow>((field) => ({
  rule_number: field('rule_number', optional(integer)),
  file_name: field('file_name', maybeText),
  line_number: field('line_number', integer),
  type: field('type', maybeText) ?? null,
  database: field('database', optional(list(text))) ?? null,
  user_name: field('user_name', optional(list(text))) ?? null,
  address: field('address', maybeText) ?? null,
  netmask: field('netmask', maybeText) ?? null,
  auth_method: field('auth_method', maybeText) ?? null,
  options: field('options', optional(list(text))) ?? null,
  error: field('error', maybeText) ?? null,
}));

const file = object((field) => [field('path', text), field('text', maybeText) ?? ''] as const);
const fileTime = object((field) => [field('path', text), field('modifiedAt', moment)] as const);

const fileSetting = tuple<FileSettingRow>((place) => ({
  file: place(0, maybeText) ?? '',
  line: place(1, optional(integer)) ?? 0,
  name: place(2, maybeText),
  value: place(3, maybeText) ?? '',
  applied: place(4, flag),
  error: place(5, maybeText),
}));

const startFile = tuple((place) => [place(0, text), place(1, optional(integer))] as const);

const walBytes = tuple((place) => [place(0, text), place(1, text)] as const);

export const restrictedAnswer = object((field) => ({
  hbaView: field('hbaView', list(hbaRow)),
  files: new Map(field('files', list(file))),
  identFile: field('identFile', maybeText),
  fileTimes: new Map(field('fileTimes', list(fileTime))),
  certificateAt: field('certificateAt', optional(moment)),
  startFiles: new Map(field('startFiles', list(startFile))),
  fileSettings: field('fileSettings', list(fileSetting)),
  pendingRestart: field('pendingRestart', list(text)),
  binDirectory: field('binDirectory', maybeText),
  password: field('password', optional(parsed(passwordKind, 'a kind of password'))),
  wal: new Map(field('wal', list(walBytes))),
}));

const size = object((field) => [field('oid', text), field('bytes', bigInteger)] as const);

const walDirectory = object((field) => ({
  walBytes: field('bytes', optional(bigInteger)),
  oldestWal: field('oldest', maybeText),
}));

export const sizesAnswer = object<Sizes>((field) => ({
  tablespaces: new Map(field('tablespaces', list(size))),
  ...(field('wal', optional(walDirectory)) ?? { walBytes: undefined, oldestWal: undefined }),
  walPosition: field('walPosition', position),
  clock: field('clock', moment),
}));

/** NULL where this release does not have the role that is asked for. */
function orFalse(value: unknown): boolean {
  return optional(flag)(value) ?? false;
}

/** SQL shows the identifier as a signed bigint (pg_controldata.c); IDENTIFY_SYSTEM as an unsigned one. */
function systemIdentifierOfBigint(digits: string): SystemIdentifier | undefined {
  return parseSystemIdentifier(/^-\d{1,19}$/.test(digits) ? BigInt.asUintN(64, BigInt(digits)).toString() : digits);
}

function slotType(word: string): SlotRow['type'] | undefined {
  return word === 'physical' || word === 'logical' ? word : undefined;
}

function localeProvider(letter: string): DatabaseRow['localeProvider'] | undefined {
  return letter === 'i' ? 'icu' : letter === 'b' ? 'builtin' : letter === 'c' || letter === 'd' ? 'libc' : undefined;
}

function passwordKind(word: string): 'scram-sha-256' | 'md5' | 'none' | 'other' | undefined {
  return word === 'scram-sha-256' || word === 'md5' || word === 'none' || word === 'other' ? word : undefined;
}
