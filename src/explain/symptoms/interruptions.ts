import { standby } from './symptom.ts';
import type { Symptom } from './symptom.ts';

/** A standby that was away or is interrupted, and what does not take it back. */
export const symptomsOfInterruptions: readonly Symptom[] = [
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
  {
    all: [
      /\b(?:readiness|liveness|startup|health|kubernetes|kubelet|livenessProbe|readinessProbe)\b.{0,20}\bprobes?\b|\b(?:liveness|readiness|startup)Probe\b|\bcrash(?:loop)?[ -]?back-?off\b|\bprobes?\b.{0,20}\b(?:too )?aggressive\b/iu,
      /\b(?:restart\w*|kill\w*|interrupt\w*|stuck|loops?|crash\w*|aggressive|timeouts?|times? out)\b/iu,
      /\b(?:replicat\w+|import\w*|cop(?:y|ies|ying)|clon(?:e|es|ing)|sync\w*|creation|base ?backup|large|long|recover\w*|slave|standby|replica)\b/iu,
    ],
    means:
      'A probe asks a server that cannot answer yet: during the base backup and until recovery is consistent. Its restart ends the copy, the remains stay on the volume, and the next start begins with them.',
    causes: [
      {
        cause: 'The copy or recovery takes longer than the startup (or liveness) probe allows.',
        on: 'client',
        check:
          'kubectl describe pod <pod> | grep -iE "liveness|readiness|startup|killing|unhealthy"; kubectl logs <pod> --previous | tail -30',
      },
      {
        cause:
          'After the first restart: an incomplete directory ("is not a valid data directory", PG_VERSION missing).',
        on: 'client',
        check: 'kubectl exec <pod> -- ls -la <data directory>',
      },
    ],
    todo: 'Give the pod a startupProbe with a failureThreshold for the whole copy (size divided by speed), or turn the liveness probe off meanwhile. Then empty the volume of that replica only, never that of the primary, and let it copy again.',
    where: 'before the copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
];
