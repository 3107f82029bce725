import { standby } from './symptom.ts';
import type { Symptom } from './symptom.ts';

/** A standby that was away, and a pool that does not take it back. */
export const symptomsOfAbsence: readonly Symptom[] = [
  {
    all: [
      standby,
      /\b(?:retention|retained?|wal_keep\w*|pruned|recycled|purged|cleaned up|expired)\b|\b(?:was|were|been|had been) (?:down|off(?:line)?|stopped|away|disconnected|unreachable|shut ?down|powered off)\b.{0,40}\b(?:long|hours?|days?|weeks?|months?|weekend|while)\b/iu,
      /\b(?:wal|xlog|archives?|segments?|files?|resync\w*|catch(?:ing)? up|caught up|ability)\b/iu,
      /\b(?:lost|lose|cannot|can['’]?t|could ?n['’]?t|unable|no longer|not|too (?:quickly|soon|early|far|short)|missing|gone|need(?:s|ed)? to)\b/iu,
    ],
    means:
      'A standby that was away for longer than its primary keeps WAL cannot go on by itself: the part in between is gone there. An archive can still have it; otherwise the standby is made again.',
    causes: [
      {
        cause: 'The archive has the missing segments: give the standby a restore_command and start it again.',
        on: 'standby',
        check:
          'postgres -C restore_command -D <data directory>; grep -n "requested WAL segment" <log of PostgreSQL> | tail -3',
      },
      {
        cause: 'No slot held the WAL, and wal_keep_size (before 13 wal_keep_segments) was too small.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, active, wal_status FROM pg_replication_slots" -c "SHOW wal_keep_size" -c "SHOW max_slot_wal_keep_size"',
      },
    ],
    todo: 'Without an archive: a new base backup (pg_basebackup -X stream -C -S <slot> -R). The primary runs on meanwhile, no downtime is needed. The slot then holds the WAL; max_slot_wal_keep_size keeps it from filling the disk.',
    where: 'before the copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    all: [
      /\bpgpool\b/iu,
      /\b(?:back|again|return\w*|recover\w*|attach\w*|pcp_attach_node|failback|rejoin\w*)\b/iu,
      /\b(?:down|does(?: no|n['’])t|not|never|still|unless|until|only)\b/iu,
      /\b(?:node|backend|standby|secondary|replica|slave|status|state|server)\b/iu,
    ],
    means:
      'Pgpool-II keeps a backend that it once marked as down in that state until it is attached again, even when the server is well.',
    causes: [
      {
        cause:
          'auto_failback = on (4.1 and later) attaches a standby by itself, if it streams from the primary as Pgpool-II sees it: backend_application_name must be the application_name of the standby, and sr_check_period must be above 0.',
        on: 'primary',
        check: 'psql -c "SELECT application_name, client_addr, state FROM pg_stat_replication"',
      },
      {
        cause: 'Attach it by hand when it streams.',
        on: 'pgpool host',
        check: 'psql -p 9999 -c "SHOW pool_nodes"; pcp_attach_node -h localhost -U <pcp user> -n <node id>',
      },
      { cause: 'The state is kept in the file pgpool_status over a restart; pgpool -D begins without it.' },
    ],
  },
];
