import type { Answer } from '../answer.ts';

/** A restore, or a copy that reads the archive, is led to a timeline that another server archived there. */
export const timelineOfArchive: Answer = {
  of: ['requested-timeline-not-child', 'requested-timeline-min-recovery'],
  kind: 'cause',
  matters: 5,
  means:
    'Recovery goes to the newest timeline whose .history file it finds in the archive or in pg_wal, and that timeline branched off before the point which this copy has already reached. It cannot get there.',
  causes: [
    {
      cause:
        'Another server archived its .history file into the same archive: a test restore, an earlier attempt, a standby that was promoted for a while.',
      on: 'standby',
      check: 'ls -l <directory of the archive>/*.history; head <data directory>/backup_label',
      rule: 'timeline/stray-history-file',
    },
    {
      cause:
        'This server is a former primary, or replayed more than the server that was promoted: its own WAL goes beyond the branch.',
      on: 'standby',
      check: 'pg_controldata -D <data directory> | grep -iE "timeline|checkpoint location"',
      rule: 'timeline/diverged',
    },
  ],
  todo: "To stay on the timeline of the backup: recovery_target_timeline = 'current' or its number (pgBackRest: --target-timeline; CloudNativePG: targetTLI). If the newest timeline is the right one: a backup that was taken on it, or pg_rewind. Restore for tests with archiving off.",
};

/** Servers whose histories differ. */
export const answersAboutTimelines: readonly Answer[] = [
  {
    of: ['requested-timeline-not-child'],
    when: /in file "(?:[^"]*\/)?backup_label"/u,
    matters: 5,
    means:
      'The backup that is being recovered ends after the point where the newest timeline of the archive left its own: recovery goes to the newest timeline by default and cannot get there from this backup.',
    causes: [
      {
        cause:
          'A promotion (a test, a split brain, an earlier restore) made a timeline of its own and archived it, and the backup is of the branch that went on beside it.',
        on: 'standby',
        check: 'head <data directory>/backup_label; ls -l <directory of the archive>/*.history',
      },
      {
        cause: 'A stray .history file in the archive or in pg_wal.',
        on: 'standby',
        check: 'ls -l <data directory>/pg_wal/*.history',
        rule: 'timeline/stray-history-file',
      },
    ],
    todo: "To stay on the branch of the backup: recovery_target_timeline = 'current' (pgBackRest: --target-timeline=current), or its number. To follow the newest timeline, use a backup that was taken on it.",
  },
  {
    of: ['requested-timeline-min-recovery'],
    when: /on timeline 0\b/u,
    kind: 'cause',
    matters: 5,
    means:
      'The control file of this copy says "timeline 0" for its minimum recovery point, which no server writes for a position other than 0/0: it was taken from a standby while that changed, or put together from two servers. The copy cannot be used like this.',
    causes: [
      {
        cause: 'The backup was taken from a standby by a tool that reads pg_control at another moment than it thinks.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -iE "minimum recovery|backup|timeline"',
      },
      { cause: 'pg_control was copied from another server or attempt than the other files.' },
    ],
    todo: 'Take the backup again, from the primary or with the current release of the tool, and restore that one.',
  },
  ...(['pgbackrest', 'barman', 'wal-g', 'cloudnative-pg'] as const).map((tool): Answer => ({
    ...timelineOfArchive,
    tool,
  })),
  {
    of: [
      'new-timeline-forked-before',
      'highest-timeline-behind',
      'start-point-not-in-history',
      'requested-timeline-not-child',
      'requested-timeline-min-recovery',
      'new-timeline-not-child',
      'timeline-not-in-history',
    ],
    kind: 'cause',
    matters: 5,
    means:
      'This server has WAL from after the point where its own timeline and the one that it is to follow separated. It cannot follow by itself.',
    causes: [
      {
        cause:
          'After a failover, this server (often the old primary) had written or replayed more than the new primary has, or it was promoted by accident.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep -i timeline',
        rule: 'timeline/diverged',
      },
      {
        cause:
          'Another server, or this one before pg_upgrade, archived a .history file here: recovery takes the newest timeline.',
        on: 'standby',
        check: 'ls -l <data directory>/pg_wal/*.history',
        rule: 'timeline/stray-history-file',
      },
      {
        cause: 'It follows the wrong server: primary_conninfo leads to an old primary.',
        on: 'standby',
        check: 'psql -c "SHOW primary_conninfo"',
      },
    ],
    todo: "Decide which server has the right data. Then rewind this one (pg_rewind, server stopped) or make a new base backup. To stay on a backup's timeline: recovery_target_timeline = 'current'.",
  },
  {
    of: ['start-point-ahead'],
    tool: 'barman',
    kind: 'cause',
    matters: 5,
    elsewhere: true,
    means:
      'receive-wal of Barman goes on where the files in its streaming directory end, and the server has not written that much WAL: it was recovered to an earlier point, or recreated, or it is another server.',
    causes: [
      {
        cause: 'The server was recovered (PITR) or rebuilt, and Barman still has the WAL from before.',
        on: 'barman host',
        check:
          'barman show-server <server> | grep -E "streaming_wals_directory|systemid|current_lsn"; psql -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      },
      { cause: 'streaming_conninfo leads to another server, for example to a standby that is behind.' },
    ],
    todo: 'If the server is the right one: barman receive-wal --reset <server>, then a new backup (barman backup <server>). Backups from before stay valid for their own timeline.',
  },
  {
    of: ['requested-timeline-not-child', 'could-not-locate-valid-checkpoint', 'invalid-primary-checkpoint-record'],
    when: /\b0\/(?:0000)?DEAD\b/u,
    kind: 'cause',
    matters: 5,
    means:
      'pgBackRest has written 0/DEAD into the control file of what it restored, so that the server cannot be started without backup_label. The server found no backup_label here.',
    causes: [
      {
        cause:
          'backup_label was removed or renamed after the restore: by a person, a script, or the tool that starts the server.',
        on: 'standby',
        check:
          'ls -l <data directory>/backup_label* <data directory>/*.signal; pg_controldata -D <data directory> | grep -i "checkpoint location"',
      },
      { cause: 'The restore did not run to its end, or the server was started and stopped in between: restore again.' },
    ],
    todo: 'Restore again (pgbackrest --stanza=<stanza> --delta --type=standby restore) and start the server without touching backup_label. Do not use pg_resetwal.',
  },
  {
    of: ['start-point-ahead'],
    when: /pg_receive(?:wal|xlog)/u,
    kind: 'cause',
    matters: 4,
    means:
      'pg_receivewal asked for WAL from {lsn|a position} that the server it is connected to has not got yet. On a standby that is usual for some seconds: it receives later than the primary.',
    causes: [
      {
        cause:
          'The server is a standby, or was just restarted: without --no-loop pg_receivewal tries again and goes on.',
        on: 'client',
        check: 'psql "<the same connection string>" -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn()"',
      },
      {
        cause:
          'It stays: the server is another one, or was restored to an earlier point, and the files in the directory of pg_receivewal are of a history that it does not have.',
        rule: 'timeline/diverged',
      },
    ],
    todo: 'Leave out --no-loop (-n), or start it again after a while. If it stays, do not delete the received files: move them aside, start in an empty directory, and take a new base backup.',
  },
  {
    of: ['start-point-ahead'],
    kind: 'cause',
    matters: 5,
    means:
      'The standby has more WAL than the server that it follows: that server has lost some, or it is not the server that the standby was following.',
    causes: [
      {
        cause: 'The primary lost WAL (crash with fsync = off, restored from an older snapshot or backup).',
        after: 'primary restored',
        on: 'primary',
        check: 'psql -c "SHOW fsync" -c "SELECT pg_current_wal_lsn()"',
        rule: 'timeline/diverged',
      },
      {
        cause: 'The connection leads to another server (an old primary, a restored copy).',
        on: 'standby',
        check: 'psql -c "SHOW primary_conninfo"',
      },
      {
        cause:
          'A cascade: both servers replay from the same archive, and this one is a segment ahead of the standby that it follows. That passes once that standby streams again.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()" -c "SELECT status FROM pg_stat_wal_receiver"',
      },
    ],
    todo: 'Find out which server has the right data; the other one needs pg_rewind or a new base backup.',
  },
  {
    of: ['system-identifier-differs'],
    kind: 'cause',
    matters: 5,
    means: 'This data directory is not a copy of the server it follows: the system identifiers differ.',
    causes: [
      {
        cause:
          'The directory was made by initdb, not by a base backup: an image or an operator initialized the empty volume before the copy.',
        on: 'standby',
        check: 'pg_controldata -D <data directory> | grep "system identifier"',
        rule: 'timeline/system-identifier-differs',
      },
      {
        cause: 'The primary was recreated (initdb, pg_upgrade, another restore) after the base backup.',
        after: 'primary remade',
        on: 'primary',
        check: 'psql -c "SELECT system_identifier FROM pg_control_system()"',
      },
      { cause: 'primary_conninfo leads to another cluster (wrong host or port).' },
    ],
    todo: 'If it follows the right server: move this directory aside and make a new base backup into an empty one.',
  },
  {
    of: ['recovery-target-timeline-missing'],
    means:
      'The timeline of recovery_target_timeline cannot be found: its .history file is neither in pg_wal nor in the archive.',
    causes: [
      {
        cause:
          "A number was set that does not exist, or restore_command does not find the .history file. For a standby use 'latest' (the default since 12).",
        on: 'standby',
        check: 'postgres -C recovery_target_timeline -D <data directory>',
      },
    ],
  },
  {
    of: ['no-more-wal-on-timeline'],
    kind: 'consequence',
    matters: 4,
    means:
      'The upstream is on a newer timeline (it was promoted) and has nothing more on the one that this standby follows.',
    causes: [
      {
        cause:
          "recovery_target_timeline is not 'latest', which is the default from 12 on: the standby stays on the old timeline. ('latest', and restart it.)",
        on: 'standby',
        check: 'psql -c "SHOW recovery_target_timeline"',
        rule: 'timeline/behind-primary-switch',
      },
      {
        cause: 'The standby waits for the .history file of the new timeline; it fetches it from the primary by itself.',
      },
    ],
  },
  {
    of: ['bb-open-file'],
    when: /pg_(?:wal|xlog)\/[0-9A-F]{8}\.history/u,
    matters: 5,
    means:
      'The standby asked the server that it follows for the history file of a timeline, and that server does not have it in its pg_wal. The standby cannot change to that timeline by streaming.',
    causes: [
      {
        cause: 'The file was deleted there, or that server was made from a copy or a restore that did not have it.',
        on: 'primary',
        check: 'ls -l <data directory>/pg_wal/*.history',
      },
      {
        cause:
          'The standby has taken the timeline from the archive (another server archives there), and the server that it follows never had it.',
        on: 'standby',
        check: 'psql -c "SHOW primary_conninfo" -c "SHOW restore_command"',
        rule: 'timeline/diverged',
      },
    ],
    todo: 'If the archive has this file and it belongs to this cluster: copy it into pg_wal of the server that is asked, owned by postgres.',
  },
  {
    id: 'timeline-switch-before-9.3',
    says: ['timeline %u of the primary does not match recovery target timeline %u'],
    source: 'PostgreSQL 9.0 to 9.2, src/backend/replication/libpqwalreceiver/libpqwalreceiver.c',
    matters: 5,
    means:
      'Primary and standby are on different timelines: one of them was promoted. Before 9.3 a standby cannot follow its primary to a new timeline by streaming alone.',
    causes: [
      {
        cause:
          "The primary was promoted: the standby needs the WAL and the .history file of the new timeline from an archive (restore_command), with recovery_target_timeline = 'latest' in recovery.conf.",
        on: 'standby',
        check: 'cat <data directory>/recovery.conf',
      },
      {
        cause:
          'The standby replayed past the point at which the new timeline begins, or was promoted itself: it needs a new base backup.',
        on: 'standby',
        check: 'pg_controldata <data directory> | grep -i timeline',
      },
    ],
    todo: "Without an archive: copy the .history file and the WAL of the new timeline from pg_xlog of the primary into that of the standby, set recovery_target_timeline = 'latest' and restart it. If that does not help, make a new base backup.",
  },
];
