import { receives } from '../symptoms/where-to-look.ts';
import type { Situation } from './situation.ts';

const notTold = 'This text does not say the cause.';
const reasons = 'grep -nE "FATAL|PANIC|ERROR|could not|terminating" <log of PostgreSQL> | tail -10';

/** Something is wrong, and nothing that is told says why: what would tell it. */
export const undecided: readonly Situation[] = [
  {
    facts: [
      ['copy: waits', 'copy: stuck', 'copy: does not start', 'copy: rejected', 'copy: ended', 'copy: does not follow'],
    ],
    means: `${notTold} pg_basebackup writes its reason to the terminal, and the primary to its log.`,
    causes: [
      { cause: 'What it says itself, step by step.', on: 'client', check: 'pg_basebackup … -v -P' },
      {
        cause: 'What the primary says of it.',
        on: 'primary',
        check: `${reasons}; psql -c "SELECT pid, phase, backup_streamed FROM pg_stat_progress_basebackup"`,
      },
    ],
    where: 'to check the conditions before the next attempt',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    facts: [
      [
        'standby: behind',
        'standby: stuck',
        'standby: does not follow',
        'standby: rejected',
        'other standby: behind',
        'other standby: does not follow',
        'receiver: does not start',
        'lag: grows',
      ],
    ],
    means: `${notTold} A standby that does not keep up is either not connected, or receives and does not replay, or is slower than its primary.`,
    causes: [
      {
        cause: 'No row in pg_stat_wal_receiver: it is not connected, and its log says why.',
        check: `${receives}; ${reasons}`,
        rule: 'streaming/not-connected',
      },
      {
        cause: 'What was received moves and what was replayed does not: paused, delayed, or held by a query.',
        check:
          'psql -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()" -c "SHOW recovery_min_apply_delay"',
        rule: 'streaming/replay-stuck',
      },
      {
        cause: 'pg_is_in_recovery is f: the server runs as a primary.',
        check: 'psql -c "SELECT pg_is_in_recovery()"; ls -l <data directory>/*.signal',
        rule: 'standby/signal-missing',
      },
    ],
  },
  {
    facts: [
      [
        'standby: does not start',
        'standby: not ready',
        'standby: restarts',
        'service: restarts',
        'service: does not start',
        'standby: down',
        'standby: waits',
      ],
    ],
    means: `${notTold} A server that stops or lets no one in writes the reason to its own log, in the last FATAL or PANIC line.`,
    causes: [
      { cause: 'What it says.', check: `${reasons}; journalctl -u "postgresql*" -n 30 --no-pager` },
      {
        cause: 'Whether something else ends it: memory, a probe, a timeout of the service.',
        on: 'client',
        check: 'dmesg -T | grep -i "killed process"; kubectl describe pod <pod> | tail -20',
      },
      { cause: 'Its disk.', check: 'df -h <data directory>' },
    ],
  },
  {
    facts: [['primary: waits', 'primary: slow', 'write: waits', 'primary: stuck']],
    means: `${notTold} What the sessions of the primary wait for is in pg_stat_activity.`,
    causes: [
      {
        cause:
          'wait_event SyncRep: commits wait for a synchronous standby. Lock: pg_blocking_pids names the session that holds it. IO: its disk.',
        on: 'primary',
        check:
          'psql -c "SELECT pid, wait_event_type, wait_event, pg_blocking_pids(pid), left(query, 60) FROM pg_stat_activity WHERE state <> \'idle\'" -c "SHOW synchronous_standby_names"',
      },
    ],
  },
];
