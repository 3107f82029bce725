import type { Answer } from '../answer.ts';

/** pg_receivewal, which collects WAL and replays none. */
export const answersAboutReceivedWal: readonly Answer[] = [
  {
    of: ['requested-wal-removed'],
    when: /^pg_receive(?:wal|xlog)$/mu,
    matters: 5,
    means:
      'pg_receivewal goes on where the files in its directory end, and the server has removed WAL segment {segment}. What it collects has a gap: backups from before cannot be recovered past it.',
    causes: [
      {
        cause: 'It did not run for a while, and no slot (-S) held the WAL for it, or its slot was invalidated.',
        on: 'primary',
        check: 'psql -c "SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots"',
        rule: 'wal/segment-removed',
      },
    ],
    todo: 'If an archive has the segments, copy them into its directory. Otherwise let it begin in a new, empty directory, with a slot (pg_receivewal -S <slot> --create-slot, then -S <slot>), and take a new base backup. Keep the old files: older backups need them.',
  },
  {
    of: ['wal-level-minimal-cannot-continue'],
    matters: 5,
    means:
      'The WAL that this server replays was written, for a while, with wal_level = minimal: it does not hold all changes, and recovery cannot go past that place. The setting of today does not matter for it.',
    causes: [
      {
        cause: 'wal_level was minimal on the primary for a while (a bulk load, an upgrade), or still is.',
        on: 'primary',
        check: 'psql -c "SHOW wal_level" -c "SHOW max_wal_senders"',
        rule: 'primary/wal-level-minimal',
      },
    ],
    todo: 'Set wal_level = replica on the primary and restart it, if it is still minimal. Then make a new base backup of this standby; backups from before cannot be recovered past that place.',
  },
];
