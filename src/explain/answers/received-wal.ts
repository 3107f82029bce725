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
];
