import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';
import { table } from './table.ts';

type Row = ReadonlyMap<string, string>;

/** pg_stat_activity: what the processes of replication wait for. */
export function sessions(text: string): Explanation | undefined {
  const rows =
    table(text, 'backend_type', 'wait_event') ??
    table(text, 'wait_event_type', 'wait_event') ??
    table(text, 'wait_event', 'query') ??
    table(text, 'pid', 'wait_event');
  if (rows === undefined) return undefined;
  const replay = rows.find((row) => /^startup\b/u.test(row.get('backend_type') ?? ''));
  const told = [...new Map(rows.flatMap((row) => judged(row, rows)).map((one) => [one.cause, one])).values()];
  if (told.length === 0) return undefined;
  return shape({
    text: 'pg_stat_activity',
    means: 'This is output of pg_stat_activity: what each process waits for.',
    candidates: told,
    where: replay === undefined ? 'to look at the servers themselves' : 'on the standby',
    command: postmortem,
  });
}

function judged(row: Row, rows: readonly Row[]): readonly Finding[] {
  const event = row.get('wait_event') ?? '';
  const process = row.get('backend_type') ?? '';
  const isReplay = /^startup\b/u.test(process);
  if (isReplay && (row.get('wait_event_type') === 'Lock' || event === 'BufferPin'))
    return [
      finding(
        `Replay waits for a session of this standby that holds ${event === 'BufferPin' ? 'a page' : 'a lock'}${longestOf(rows)}: it goes on when that ends, or when max_standby_streaming_delay is over (-1: never).`,
        'streaming/replay-stuck',
      ),
    ];
  const said = (isReplay || process === '' || !ofReplay.has(event) ? events.get(event) : undefined) ?? undefined;
  return said === undefined ? [] : [said];
}

/** Of those that were pasted too, the ones that a query keeps open. */
function longestOf(rows: readonly Row[]): string {
  const active = rows.filter(
    (row) =>
      !/^startup\b/u.test(row.get('backend_type') ?? '') &&
      /^(?:active|idle in transaction)/u.test(row.get('state') ?? ''),
  );
  const pids = active.flatMap((row) => row.get('pid') ?? []).slice(0, 3);
  return pids.length === 0 ? '' : ` (here ${pids.join(', ')})`;
}

const ofReplay: ReadonlySet<string> = new Set([
  'RecoveryConflictSnapshot',
  'RecoveryConflictTablespace',
  'RecoveryPause',
  'RecoveryApplyDelay',
  'RecoveryRetrieveRetryInterval',
  'RestoreCommand',
]);

/** src/backend/utils/activity/wait_event_names.txt; up to 16 src/backend/utils/activity/wait_event.c. */
const events: ReadonlyMap<string, Finding> = new Map(
  (
    [
      [
        'RecoveryConflictSnapshot',
        'Replay waits for a query of this standby that may still need rows that vacuum removed on the primary: it goes on when that query ends, or when max_standby_streaming_delay is over (-1: never).',
        'streaming/replay-stuck',
      ],
      [
        'RecoveryConflictTablespace',
        'Replay waits for a query that has temporary files in a tablespace that was dropped on the primary.',
        'streaming/replay-stuck',
      ],
      [
        'RecoveryPause',
        'Replay is paused: by pg_wal_replay_pause(), at a recovery target, or because a setting is lower than on the primary (14 and later). SELECT pg_get_wal_replay_pause_state() and the log tell which; pg_wal_replay_resume() continues it, where no recovery target is set.',
        null,
      ],
      [
        'RecoveryApplyDelay',
        'Replay waits on purpose: recovery_min_apply_delay is set on this standby.',
        'recovery/delayed',
      ],
      [
        'RecoveryRetrieveRetryInterval',
        'Replay has all WAL that pg_wal, the archive and the primary gave, and asks again every wal_retrieve_retry_interval: this standby is not streaming. Its log says why.',
        'streaming/not-connected',
      ],
      ['RestoreCommand', 'Replay waits for restore_command, which takes its time or hangs.', null],
      [
        'SyncRep',
        'A commit waits for a synchronous standby (synchronous_standby_names) that does not answer or is behind. It ends when that standby is back, or when the list is changed and reloaded.',
        'primary/synchronous-commit-blocked',
      ],
      [
        'WalSenderWriteData',
        'A walsender waits for its receiver or the network to take what it sends: the standby, its disk or the link is slower than the WAL is written.',
        'streaming/lag',
      ],
      [
        'WaitForStandbyConfirmation',
        'A logical walsender waits for the physical standbys in synchronized_standby_slots (17 and later): one of them is down or behind.',
        null,
      ],
      [
        'LibPQWalReceiverConnect',
        'The WAL receiver is about to connect to the primary: if it stays so, nothing answers there (a firewall that drops packets).',
        'streaming/not-connected',
      ],
      ['BaseBackupThrottle', 'A base backup keeps to its --max-rate: that is why it takes its time.', null],
      ['ArchiveCommand', 'The archiver waits for archive_command, which takes its time or hangs.', null],
    ] as const
  ).flatMap(([name, cause, rule]) => [
    [name, finding(cause, rule)] as const,
    // from 17 on
    ...(name === 'LibPQWalReceiverConnect' ? [['LibpqwalreceiverConnect', finding(cause, rule)] as const] : []),
  ]),
);
