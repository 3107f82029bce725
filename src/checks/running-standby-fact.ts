import type { RunningSetting, RunningStandby, WalReceiver } from '../facts/running-standby.ts';
import { maskSetting } from '../postgres/masked-line.ts';
import { nameAsSeen, nameInReceiver } from '../postgres/name-as-seen.ts';
import { identifier } from '../postgres/sql-quoting.ts';
import { parseVersion } from '../postgres/versions.ts';
import type { Setting } from '../facts/primary.ts';
import type { FileSettingsAnswer, ReceiverRow, StandbyAnswer, StandbyLogin } from '../servers/standby-answers.ts';
import type { Again } from './second-look.ts';

/** What the standby's server answered, as the fact. `version`: its release; `again`: what a later look showed. */
export function runningStandbyOf(
  answer: StandbyAnswer,
  version: string,
  files: FileSettingsAnswer | undefined,
  again: Again | undefined,
): RunningStandby {
  const { login, server, receiver, replay } = answer;
  const pending = new Set(files?.pendingRestart);
  const written = new Map(files?.written.map(([name, value]) => [name.toLowerCase(), value]));
  return {
    version,
    inRecovery: server.inRecovery,
    port: server.port,
    startedAt: server.startedAt,
    loadedAt: server.loadedAt,
    clock: server.clock,
    login: { user: login.user, superuser: login.superuser },
    grant: grantFor(login),
    receiver: isFleeting(again) || receiver?.status === undefined ? undefined : rowOf(receiver, receiver.status),
    ...reported(receiver?.conninfo, version),
    receiverHidden: receiver !== undefined && receiver.status === undefined,
    replay: {
      receivedLsn: replay.received,
      replayedLsn: replay.replayed,
      pauseState: replay.pause,
      lastReplayedCommitAt: replay.lastCommitAt,
      moves: again === undefined ? undefined : again.replayed !== replay.replayed,
      ...(again === undefined
        ? {}
        : {
            again: {
              afterMs: again.afterMs,
              receivedLsn: again.received,
              replayedLsn: again.replayed,
              receiverStatus: isFleeting(again) ? undefined : again.receiver?.status,
              ...(isFleeting(again) ? { fleeting: again.course } : {}),
            },
          }),
    },
    settings: new Map(
      answer.settings.map((row) => {
        const value = written.get(row.name.toLowerCase());
        return [row.name, settingOf(value === undefined ? row : { ...row, value }, pending)];
      }),
    ),
    fileProblems: files?.problems.filter(({ name }) => name === undefined || !pending.has(name)),
    conflicts: answer.conflicts,
    slots: answer.slots,
    senders: answer.senders,
    // what it waits for a moment later is what it waits for
    startupWaits: again === undefined ? answer.startupWaits : again.startupWaits,
    sessions: answer.sessions,
  };
}

const isFleeting = (again: Again | undefined): again is Again & { readonly course: 'ended' | 'unanswered' } =>
  again?.course === 'ended' || again?.course === 'unanswered';

/** The primary is of the same major release. */
function reported(conninfo: string | undefined, version: string): Pick<RunningStandby, 'reportsAs'> {
  const name = nameInReceiver(conninfo ?? '');
  const major = parseVersion(version)?.major;
  return name === undefined || major === undefined ? {} : { reportsAs: nameAsSeen(name, major) };
}

function rowOf(
  { heard: _heard, inStream: _inStream, ageSeconds: _age, conninfo: _conninfo, ...row }: ReceiverRow,
  status: string,
): WalReceiver {
  return { ...row, status };
}

const settingOf = (row: Setting, pending: ReadonlySet<string>): RunningSetting => ({
  value: maskSetting(row.name, row.value),
  pendingRestart: row.pendingRestart || pending.has(row.name),
  source: row.source,
});

/** What is hidden from this login, and who may show it: never more than it lacks. */
function grantFor(login: StandbyLogin): string | undefined {
  const user = identifier(login.user);
  const lacks = [
    ...(login.allStatistics ? [] : ['pg_read_all_stats']),
    ...(login.allSettings ? [] : ['pg_read_all_settings']),
  ];
  return lacks.length === 0 ? undefined : `GRANT ${lacks.join(', ')} TO ${user};`;
}
