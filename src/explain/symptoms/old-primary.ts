import type { Symptom } from './symptom.ts';

/** A former primary that came back, or is to. */
export const oldPrimary: Omit<Symptom, 'all'> = {
  means:
    'After a failover the old primary usually has WAL that the new one never received. It cannot simply follow: it has to be rewound, or copied again.',
  causes: [
    {
      cause: 'It still runs as a primary beside the new one: stop it first, so that no client writes to it.',
      check: 'psql -c "SELECT pg_is_in_recovery()"',
    },
    {
      cause:
        'It diverged. pg_rewind needs wal_log_hints = on or data checksums, a clean stop, and the WAL back to the point where they diverged.',
      check: 'pg_controldata -D <data directory> | grep -E "cluster state|TimeLineID|checksum version|wal_log_hints"',
      rule: 'timeline/diverged',
    },
  ],
  todo: 'Stopped, as the user postgres: pg_rewind -D <data directory> --source-server="host=<new primary> user=<role> dbname=postgres" --dry-run, then without --dry-run; then standby.signal and primary_conninfo. With a tool: repmgr node rejoin --force-rewind, patronictl reinit.',
};
