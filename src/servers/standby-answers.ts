import type { ConfigFileProblem, Setting } from '../facts/primary.ts';
import type { RunningStandby, StandbySession, WalReceiver } from '../facts/running-standby.ts';
import { parseSystemIdentifier, parseTimelineId, systemIdentifier } from '../postgres/lsn.ts';
import type { Lsn, SystemIdentifier, TimelineId } from '../postgres/lsn.ts';
import { position, senderList, settingRow, slotList } from './catalogue-answers.ts';
import type { SenderRow, SlotRow } from './catalogue-answers.ts';
import { flag, integer, list, maybeText, moment, object, optional, parsed, seconds, text, tuple } from './decoder.ts';

/** Shapes of the answers to standby-sql.ts, read field by field. */
export interface StandbyAnswer {
  readonly login: StandbyLogin;
  readonly server: {
    readonly version: string;
    readonly inRecovery: boolean;
    readonly port: number;
    readonly systemIdentifier: SystemIdentifier;
    readonly startedAt: Date;
    readonly loadedAt: Date;
    readonly clock: Date;
  };
  readonly receiver: ReceiverRow | undefined;
  readonly replay: {
    readonly received: Lsn | undefined;
    readonly replayed: Lsn | undefined;
    readonly pause: 'not paused' | 'pause requested' | 'paused' | undefined;
    readonly lastCommitAt: Date | undefined;
  };
  readonly settings: readonly Setting[];
  readonly conflicts: RunningStandby['conflicts'];
  /** The oids of those that were made with CREATE TABLESPACE. */
  readonly tablespaces: readonly string[];
  readonly slots: readonly SlotRow[];
  readonly senders: readonly SenderRow[];
  readonly startupWaits: string | undefined;
  readonly sessions: readonly StandbySession[];
}

export interface StandbyLogin {
  readonly user: string;
  readonly superuser: boolean;
  /** Rights of pg_read_all_settings: primary_conninfo is shown. */
  readonly allSettings: boolean;
  /** Rights of pg_read_all_stats: the receiver, senders and the startup process are shown. */
  readonly allStatistics: boolean;
  readonly settingsView: boolean;
  readonly settingsFunction: boolean;
}

/** What tells a receiver that streams from one that is about to be refused. */
export interface ReceiverCourse {
  readonly pid: number;
  /** Undefined where this login does not see it. */
  readonly status: string | undefined;
  /** The primary has said something since the process began. */
  readonly heard: boolean;
  /** It waits for WAL that the primary has promised. */
  readonly inStream: boolean;
}

export interface ReceiverRow extends ReceiverCourse, Omit<WalReceiver, 'pid' | 'status'> {
  /** How long the process has been there. */
  readonly ageSeconds: number | undefined;
  readonly conninfo: string | undefined;
}

export interface SecondLook {
  readonly received: Lsn | undefined;
  readonly replayed: Lsn | undefined;
  readonly receiver: ReceiverCourse | undefined;
  readonly startupWaits: string | undefined;
}

export interface FileSettingsAnswer {
  readonly problems: readonly Omit<ConfigFileProblem, 'written'>[];
  /** Names and values of what our session hides: its role, its database or its login set it, too. */
  readonly written: readonly (readonly [name: string, value: string])[];
  readonly pendingRestart: readonly string[];
}

/** 0 stands for none, as in the views. */
const timeline = (value: string): TimelineId | 'none' | undefined => (value === '0' ? 'none' : parseTimelineId(value));

/** A function of SQL shows the 64 bits as bigint, with a sign (pg_controldata.c prints them without). */
const signedIdentifier = (value: string): SystemIdentifier | undefined =>
  value.startsWith('-') && /^-\d{1,19}$/.test(value)
    ? systemIdentifier(BigInt.asUintN(64, BigInt(value)))
    : parseSystemIdentifier(value);

const port = (value: string): number | undefined => (/^\d{1,5}$/.test(value) ? Number(value) : undefined);
const count = (value: string): number | undefined => (/^\d{1,18}$/.test(value) ? Number(value) : undefined);
const pauseState = (value: string) =>
  value === 'not paused' || value === 'pause requested' || value === 'paused' ? value : undefined;

const receiverCourse = object<ReceiverCourse>((field) => ({
  pid: field('pid', integer),
  status: field('status', maybeText),
  heard: field('heard', flag),
  inStream: field('inStream', optional(flag)) ?? false,
}));

const receiver = object<ReceiverRow>((field) => {
  const line = field('timeline', optional(parsed(timeline, 'a timeline')));
  return {
    pid: field('pid', integer),
    status: field('status', maybeText),
    writtenLsn: field('writtenLsn', position),
    flushedLsn: field('flushedLsn', position),
    timeline: line === 'none' ? undefined : line,
    latestEndLsn: field('latestEndLsn', position),
    secondsSinceMessage: field('sinceMessage', optional(seconds)),
    senderHost: field('senderHost', maybeText),
    senderPort: field('senderPort', optional(integer)),
    slotName: field('slotName', maybeText),
    conninfo: field('conninfo', maybeText),
    heard: field('heard', flag),
    inStream: field('inStream', optional(flag)) ?? false,
    ageSeconds: field('age', optional(seconds)),
  };
});

const conflictCount = optional(parsed(count, 'a count'));

export const standbyAnswer = object<StandbyAnswer>((field) => ({
  login: field(
    'login',
    object<StandbyLogin>((of) => ({
      user: of('user', text),
      superuser: of('superuser', flag),
      allSettings: of('allSettings', flag),
      allStatistics: of('allStatistics', flag),
      settingsView: of('settingsView', flag),
      settingsFunction: of('settingsFunction', flag),
    })),
  ),
  server: field(
    'server',
    object((of) => ({
      version: of('version', text),
      inRecovery: of('inRecovery', flag),
      port: of('port', parsed(port, 'a port')),
      systemIdentifier: of('systemIdentifier', parsed(signedIdentifier, 'a system identifier')),
      startedAt: of('startedAt', moment),
      loadedAt: of('loadedAt', moment),
      clock: of('clock', moment),
    })),
  ),
  receiver: field('receiver', optional(receiver)),
  replay: field(
    'replay',
    object((of) => ({
      received: of('received', position),
      replayed: of('replayed', position),
      pause: of('pause', optional(parsed(pauseState, 'a pause state'))),
      lastCommitAt: of('lastCommitAt', optional(moment)),
    })),
  ),
  settings: field('settings', list(settingRow)),
  conflicts: field(
    'conflicts',
    optional(
      object((of) => ({
        tablespace: of('tablespace', conflictCount) ?? 0,
        lock: of('lock', conflictCount) ?? 0,
        snapshot: of('snapshot', conflictCount) ?? 0,
        bufferpin: of('bufferpin', conflictCount) ?? 0,
        deadlock: of('deadlock', conflictCount) ?? 0,
        logicalSlot: of('logicalSlot', conflictCount) ?? 0,
      })),
    ),
  ),
  tablespaces: field('tablespaces', optional(list(text))) ?? [],
  slots: field('slots', slotList),
  senders: field('senders', senderList),
  startupWaits: field('startupWaits', maybeText),
  sessions: field(
    'sessions',
    list(
      object<StandbySession>((of) => ({
        pid: of('pid', integer),
        user: of('user', maybeText),
        database: of('database', maybeText),
        applicationName: of('applicationName', maybeText),
        state: of('state', maybeText),
        seconds: of('open', seconds),
        blocksReplay: of('blocks', flag),
      })),
    ),
  ),
}));

export const secondLookAnswer = object<SecondLook>((field) => ({
  received: field('received', position),
  replayed: field('replayed', position),
  receiver: field('receiver', optional(receiverCourse)),
  startupWaits: field('startupWaits', maybeText),
}));

export const fileSettingsAnswer = object<FileSettingsAnswer>((field) => ({
  problems: field(
    'problems',
    list(
      tuple((place) => ({
        file: place(0, text),
        line: place(1, optional(integer)) || undefined,
        name: place(2, maybeText),
        error: place(3, text),
      })),
    ),
  ),
  written: field('written', list(tuple((place) => [place(0, text), place(1, text)] as const))),
  pendingRestart: field('pendingRestart', list(text)),
}));
