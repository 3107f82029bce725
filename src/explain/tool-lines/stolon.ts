import type { Answer } from '../answer.ts';

const source = 'Stolon 0.17, cmd/keeper/cmd/keeper.go';
const cluster = 'stolonctl --cluster-name=<cluster> --store-backend=<store> status';

/** What the keeper of Stolon reports, by what it is about. */
export const linesOfStolon: readonly Answer[] = [
  {
    id: 'stolon-state-lost',
    source: `${source}, postgresKeeperSM`,
    matters: 5,
    elsewhere: true,
    means:
      'What the keeper has noted on its disk does not fit what the cluster says of it: its data or its state files are gone or are of another keeper. It does nothing until that is settled.',
    causes: [
      {
        cause: 'The data directory of the keeper is not on a persistent volume, or another volume was mounted.',
        on: 'that node',
        check: 'ls -la <data directory of the keeper>; findmnt -T <data directory of the keeper>',
      },
      { cause: 'What the cluster knows of its keepers.', on: 'that node', check: cluster },
    ],
    todo: 'Bring the volume back. If the data is lost and another keeper has it: stolonctl removekeeper <keeper>, then start this one with an empty directory and another uid.',
  },
  {
    id: 'stolon-forked',
    source: `${source}, isDifferentTimelineBranch`,
    kind: 'consequence',
    matters: 3,
    means:
      'This server has WAL that the new master does not have: after a failover it cannot follow as it is. Stolon rewinds it (usePgrewind) or copies it again by itself.',
    causes: [
      {
        cause: 'The timelines of both.',
        on: 'that node',
        check:
          'pg_controldata -D <data directory> | grep TimeLineID; psql -h <master> -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      },
    ],
  },
  {
    id: 'stolon-rewound-waits',
    source: `${source}, postgresKeeperSM`,
    kind: 'consequence',
    matters: 3,
    means:
      'After pg_rewind the server did not accept connections in time: it waits for WAL that the master has removed. Stolon therefore copies it as a whole (pg_basebackup).',
    causes: [
      {
        cause: 'The log of the server names the segment; how long the copy takes depends on its size.',
        on: 'that node',
        check: 'tail -n 30 <log of PostgreSQL>',
      },
    ],
    todo: 'So that the next rewind succeeds: raise wal_keep_size in pgParameters of the cluster specification, or archive WAL.',
  },
  {
    id: 'stolon-slots',
    source: `${source}, updateReplSlots`,
    matters: 3,
    elsewhere: true,
    means:
      'The keeper could not make, drop or list a replication slot on its server. Standbys whose slot is missing do not stream.',
    causes: [
      {
        cause: 'No free place (max_replication_slots), or the slot is still in use by a standby.',
        on: 'that node',
        check:
          'psql -c "SELECT slot_name, active, active_pid, restart_lsn FROM pg_replication_slots" -c "SHOW max_replication_slots"',
      },
    ],
    todo: 'Physical slots that Stolon does not know it drops by itself: name your own in additionalMasterReplicationSlots of the cluster specification.',
  },
  {
    id: 'stolon-server-fails',
    source: `${source}, postgresKeeperSM`,
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The keeper could not do with its server what its role asks for (initialize, start, stop, restart, promote, reload). The text behind "error" or the log of the server has the reason.',
    causes: [
      {
        cause: 'What the server says at that second, and the room on its disk.',
        on: 'that node',
        check: 'tail -n 30 <log of PostgreSQL>; df -h <data directory>',
      },
    ],
  },
  {
    id: 'stolon-not-ready',
    source: `${source}, postgresKeeperSM`,
    kind: 'consequence',
    matters: 3,
    means:
      'The server on this node did not accept connections within the time that the keeper waits. It may still recover, or wait for WAL.',
    causes: [
      {
        cause: 'How far it is.',
        on: 'that node',
        check: 'tail -n 30 <log of PostgreSQL>; pg_controldata -D <data directory> | grep "cluster state"',
      },
    ],
    todo: 'A recovery that only takes longer: raise syncTimeout in the cluster specification.',
  },
  {
    id: 'stolon-restore-fails',
    source: `${source}, postgresKeeperSM`,
    kind: 'consequence',
    matters: 4,
    elsewhere: true,
    means:
      'The keeper restores the cluster from a backup (initMode pitr), and dataRestoreCommand or the recovery after it failed. It removes what is there and begins again.',
    causes: [
      {
        cause: 'The output of dataRestoreCommand before this line; %d in it is the data directory.',
        on: 'that node',
        check: 'stolonctl --cluster-name=<cluster> --store-backend=<store> spec | grep -A8 -i pitr',
      },
    ],
  },
  {
    id: 'stolon-specification',
    source: `${source}, postgresKeeperSM`,
    matters: 4,
    elsewhere: true,
    means: 'The cluster data in the store cannot be used by this release of the keeper, or does not hold together.',
    causes: [
      {
        cause: 'The releases of the components, and the specification.',
        on: 'that node',
        check: 'stolon-keeper --version; stolonctl --cluster-name=<cluster> --store-backend=<store> spec',
      },
    ],
    todo: 'Run the same release of keeper, sentinel and proxy everywhere.',
  },
  {
    id: 'stolon-waits',
    source: `${source}, postgresKeeperSM`,
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'The keeper waits for the sentinel: there is no cluster data yet, or it does not have this keeper. At the start that lasts some seconds.',
    causes: [
      {
        cause:
          'No sentinel runs, the cluster was not initialized (stolonctl init), or the names of cluster and store differ.',
        on: 'that node',
        check: `${cluster}; pgrep -af stolon-sentinel`,
      },
    ],
  },
  {
    id: 'stolon-keeper-course',
    source,
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'The keeper of Stolon reports what it does. That line needs no attention.',
  },
];
