import type { Answer } from '../answer.ts';

const targets = `psql -c "SELECT name, setting FROM pg_settings WHERE name LIKE 'recovery_target%' AND setting <> ''"`;
const written = 'grep -n recovery_target <data directory>/postgresql*.conf';

/** Somebody recovers to a point in time. */
const toPointInTime =
  /recovery_target_?(?:time|lsn|name|xid|action)?\b|--type=(?:time|lsn|name|xid|immediate)|--target(?:-time|-lsn|-name|-xid|-action)?[= ]|point-in-time recovery/u;

const paused: Pick<Answer, 'causes' | 'todo'> = {
  causes: [
    {
      cause: 'recovery_target_action is pause, the default: at the target, replay stops, and the server serves reads.',
      on: 'server',
      check:
        'psql -c "SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()" -c "SELECT pg_is_wal_replay_paused()"',
      rule: 'recovery/replay-paused',
    },
    {
      cause: 'It has not reached the target yet, or waits for WAL that the archive does not have.',
      on: 'server',
      check: 'tail -n 20 <log of PostgreSQL>',
    },
  ],
  todo: 'Look whether the data is as it should be. If it is: SELECT pg_wal_replay_resume(); ends recovery there and makes it a primary (recovery_target_action = promote does so by itself). If it is not: stop it, set another target, and start from the backup again.',
};

/** Recovery to a point in time, and a standby that has such a target by mistake. */
export const answersAboutRecoveryTargets: readonly Answer[] = [
  {
    of: ['recovery-ended-before-target'],
    // a history file was fetched, and no WAL of its timeline
    beside: /restored log file "([0-9A-F]{8})\.history"(?![^]*restored log file "\1[0-9A-F]{16}")/u,
    matters: 5,
    means:
      'Recovery read all the WAL that it could find, and the target was not in it. It looked along the newest timeline of the archive, and no segment of that timeline came.',
    causes: [
      {
        cause:
          'The archive has a timeline that an earlier restore or a promotion made. It left the history of this backup before the target, so that the target is on the other branch.',
        on: 'server',
        check: 'cat <data directory>/pg_wal/*.history; postgres -C recovery_target_timeline -D <data directory>',
        rule: 'recovery/target-set',
      },
      {
        cause: 'recovery_target_time is later than the last commit in the archive.',
        on: 'server',
        check: written,
      },
    ],
    todo: "Restore the backup again with recovery_target_timeline = 'current' (pgbackrest --target-timeline=current) or the number of the timeline on which the target is.",
  },
  {
    of: ['recovery-ended-before-target'],
    matters: 5,
    means: 'Recovery read all the WAL that it could find, and the target was not in it, so the server stopped.',
    causes: [
      {
        cause:
          'recovery_target_time is later than the last commit in the WAL: recovery needs a commit at or after that time. "last completed transaction was at log time" says how far it came. On a quiet primary the last segment is archived only after archive_timeout or pg_switch_wal().',
        on: 'standby',
        check: written,
        rule: 'recovery/target-set',
      },
      {
        cause: 'A segment before the target is missing in the archive, or restore_command does not bring it.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
      },
      { cause: 'The target is on another timeline (recovery_target_timeline), or its time zone is another one.' },
    ],
    todo: 'Archive the WAL that is missing, or choose an earlier target, or leave the target out to recover all there is. Start again from the restored backup. A standby must have no target at all.',
  },
  {
    of: ['recovery-stop-before-consistent'],
    matters: 5,
    means:
      'The recovery target is before the end of the base backup. A backup is usable only from its own end on, so nothing earlier can be reached with it.',
    causes: [
      {
        cause: 'The backup was finished after the time that is asked for.',
        on: 'standby',
        check: `cat <data directory>/backup_label*; ${written}`,
        rule: 'recovery/target-set',
      },
      { cause: 'The time was given in another time zone.' },
    ],
    todo: 'Restore an older backup, or choose a later target. A standby must have no target at all.',
  },
  {
    of: ['multiple-recovery-targets'],
    matters: 5,
    means: 'Several kinds of recovery target are set, and only one may be: the server does not start.',
    causes: [
      {
        cause: 'One is left in postgresql.auto.conf or an included file from a restore before this one.',
        on: 'standby',
        check: written,
        rule: 'recovery/target-set',
      },
    ],
    todo: "Leave one of them (set the others to ''). A standby must have none.",
  },
  {
    of: ['shutdown-at-target', 'pgctl-recovery-target-shutdown'],
    kind: 'cause',
    matters: 3,
    means:
      'The server reached its recovery target and stopped there, as recovery_target_action = shutdown tells it to. It did not fail.',
    causes: [
      {
        cause: 'The settings were made for a point-in-time recovery, or came with a copy of such a server.',
        on: 'standby',
        check: written,
        rule: 'recovery/target-set',
      },
    ],
    todo: 'To go on from here: remove recovery_target_action (or set it to promote) and start the server. A standby must have no target at all.',
  },
  {
    of: ['readonly-transaction', 'cannot-execute-during-recovery'],
    when: /read-only transaction|during recovery/u,
    beside: toPointInTime,
    matters: 4,
    means:
      'This server is still in recovery, so it is read-only. After a point-in-time recovery that is its usual state: it waits at the target to be told what to do.',
    ...paused,
  },
  {
    of: ['pitr-time', 'pitr-xid', 'pitr-name', 'pitr-lsn', 'pitr-immediate'],
    beside:
      /^(?![^]*archive recovery complete)[^]*(?:ready to accept read.only connections|recovery has paused|recovery stopping (?:before|after|at))/u,
    kind: 'cause',
    matters: 3,
    means:
      'This is a recovery to a point in time. The server came up read-only and stays so at its target until it is told to go on.',
    ...paused,
    next: [{ where: 'on that server', command: targets }],
  },
];
