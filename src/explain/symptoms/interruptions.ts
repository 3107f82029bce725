import { standby } from './symptom.ts';
import type { Symptom } from './symptom.ts';

/** A standby that was away or is interrupted, and what does not take it back. */
export const symptomsOfInterruptions: readonly Symptom[] = [
  {
    all: [
      /\brecovery_min_apply_delay\b/iu,
      /[1-9]\d* ?(?:ms|s|min|h|d|seconds?|minutes?|hours?|days?)\b|\b[1-9]\d{3,}\b/iu,
    ],
    means:
      'recovery_min_apply_delay makes the standby replay every commit that much later, on purpose. It receives all WAL meanwhile; only what its queries see, and replay_lsn, are behind.',
    causes: [
      {
        cause: 'The setting came with a template or with the configuration of a delayed standby.',
        check:
          'psql -c "SELECT sourcefile, sourceline, setting, unit FROM pg_settings WHERE name = \'recovery_min_apply_delay\'"',
        rule: 'recovery/delayed',
      },
    ],
    todo: 'If it is not wanted: ALTER SYSTEM SET recovery_min_apply_delay = 0; SELECT pg_reload_conf(); on the standby (before 12: in recovery.conf, and a restart).',
  },
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
      /\bcatch-?up\b(?! (?:with|to|on)\b)/iu,
      /\bstate\b|\bpg_stat_replication\b|\bstatus\b/iu,
      /\b(?:is|what|why|error|stays?|stuck|still|remains?|long|hours?|minutes?|days?|normal|never|mean\w*)\b/iu,
    ],
    means:
      'State catchup in pg_stat_replication is normal: the standby is connected and receives what it missed, from pg_wal of the primary. It becomes streaming by itself once it has caught up.',
    causes: [
      {
        cause:
          'Ask twice: not_sent must shrink. If it grows, the primary writes more than the network or the disk of the standby takes.',
        on: 'primary',
        check: `psql -c "SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) AS not_sent, pg_wal_lsn_diff(sent_lsn, flush_lsn) AS under_way FROM pg_stat_replication"`,
        rule: 'streaming/lag',
      },
      {
        cause: 'The slow side of it.',
        on: 'standby',
        check: 'iostat -x 5 2; psql -c "SELECT latest_end_lsn, last_msg_receipt_time FROM pg_stat_wal_receiver"',
      },
    ],
    todo: 'Leave the standby running, and keep its slot: if it is stopped, it has more to catch up.',
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
          'auto_failback = on (4.1 and later) attaches a standby by itself, if Pgpool-II finds that it streams from the primary: backend_application_name must be the application_name of the standby, and sr_check_period must be above 0.',
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
      // a program that is no server of a database has probes too
      /\b(?:postgres\w*|pg_\w+|databases?|db|replica\w*|replicat\w+|slaves?|standbys?|secondar\w+|master|primary|patroni|cnpg|cloudnative-?pg|stolon|spilo|repmgr|bitnami|base ?backup|recovery|WAL)\b/iu,
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
  {
    all: [
      /\b(?:re-?syncs?|re-?syncing|re-?clon(?:es?|ing)|re-?cop(?:y|ies|ying)|clones? again|full (?:sync|copy|clone)|(?:cop|clon)\w+ (?:everything|all|the whole)\w*)\b/iu,
      standby,
      /\b(?:every|each|always|any)\b.{0,20}\b(?:re-?start\w*|re-?boot\w*|start\w*|time|deploy\w*)\b/iu,
    ],
    means:
      'A standby needs no new copy after a restart: it goes on where it was. Something that starts it makes the copy: the script of the image, an operator, or a volume that is not kept.',
    causes: [
      {
        cause:
          'The Bitnami repmgr image copies the whole primary again whenever a standby starts, unless REPMGR_USE_PGREWIND=yes (usePgRewind in the chart; it needs checksums or wal_log_hints = on).',
        on: 'client',
        check:
          'docker inspect <container> --format "{{.Config.Env}}" | tr " " "\\n" | grep -iE "rewind|PGDATA"; docker logs <container> 2>&1 | grep -iE "cloning|rejoin"',
      },
      {
        cause: 'The data is not on a volume, or on another one after each deployment.',
        on: 'client',
        check: 'docker inspect <container> --format "{{json .Mounts}}"',
      },
      {
        cause:
          'A script of your own runs pg_basebackup at each start: it must leave that out where PG_VERSION and standby.signal are there.',
      },
    ],
  },
  {
    all: [
      /\b(?:replication|logical|physical|pg_\w+|wal|standbys?|replicas?|subscri\w+|publi\w+|postgres\w*|patroni|debezium|provider)\b/iu,
      /\bslots?\b/iu,
      /\b(?:disappear\w*|vanish\w*|gone|missing|deleted|dropped|removed|no longer (?:there|exists?))\b/iu,
      /\b(?:after|was|were|is|are|has|have|why|suddenly|keeps?)\b/iu,
      /\b(?:fail-?over|switch-?over|restart\w*|upgrade\w*|sync|unexpected\w*|suddenly|itself|themselves|why|promot\w*|provider|publisher|primary|patroni|standby)\b/iu,
    ],
    means:
      'PostgreSQL itself drops no slot but a temporary one, at the end of its session. Something else dropped it, or the server is another one.',
    causes: [
      {
        cause:
          'A failover: slots are not on the standby that took over. Physical ones are made again by the manager; logical ones only with failover slots (17 and later) or the permanent slots of Patroni.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, slot_type, temporary, wal_status FROM pg_replication_slots" -c "SELECT pg_postmaster_start_time()"',
      },
      {
        cause: 'Patroni drops slots that it does not know: list them under slots or ignore_slots.',
        on: 'primary',
        check: 'patronictl show-config | grep -A6 -E "slots"',
      },
      {
        cause:
          'A person or a program dropped it (DROP SUBSCRIPTION, a tool at its end), or a major upgrade, before 17, left it out.',
        on: 'primary',
        check: 'grep -niE "drop.*slot|DROP_REPLICATION_SLOT|dropped replication slot" <log of PostgreSQL> | tail -5',
      },
    ],
    todo: 'A slot that is made again begins now: a standby that needs older WAL wants an archive or a new base backup, a subscriber a new copy of its data.',
  },
  {
    all: [
      /\brecovery\.conf\b/iu,
      /\b(?:1[2-9]|2\d)(?:\.\d+)?\b|\b(?:exist\w*|presen\w+|missing|gone|remov\w+|got rid|no longer|ignor\w+|found|creat\w+)\b/iu,
      /\b(?:start\w*|die[sd]?|fail\w*|refus\w*|primary|replicat\w*|stand-?by|work\w*)\b/iu,
    ],
    means:
      'From 12 on there is no recovery.conf: the server does not start while such a file is in its data directory. Its settings belong into postgresql.conf, and a file standby.signal makes it a standby.',
    causes: [
      {
        cause: 'An image, a script or a guide for 11 and older still writes recovery.conf.',
        on: 'standby',
        check: 'ls -l <data directory>/recovery.conf <data directory>/standby.signal; postgres --version',
        rule: 'standby/recovery-conf-present',
      },
    ],
    todo: 'Move the file aside, put primary_conninfo, restore_command and primary_slot_name into postgresql.auto.conf, and touch <data directory>/standby.signal before the start. pg_basebackup -R does all of it. standby_mode is gone; trigger_file became promote_trigger_file, and went in 16.',
  },
  {
    all: [
      /\btablespaces?\b/iu,
      /\b(?:sym)?links?\b|\blocations?\b|\bpaths?\b|\btablespace_map\b/iu,
      /\b(?:source|original|old|same|primary|master|production|running|other)\b/iu,
      /\b(?:lost|overwrit\w*|replaced|reset|changed|recreated|ignored|used|restored|wrong|spoil\w*|again)\b/iu,
    ],
    means:
      'At its first start a copy recreates the links in pg_tblspc from the file tablespace_map in its data directory. Links that were changed before are lost, and a second copy on one machine would write into the tablespaces of the first server.',
    causes: [
      {
        cause: 'Compare the two before the copy is started, on a machine where the original runs above all.',
        on: 'standby',
        check: 'cat <data directory>/tablespace_map; ls -l <data directory>/pg_tblspc',
      },
    ],
    todo: 'Do not start the copy on that machine. Correct the paths in tablespace_map first, or copy with a mapping: pg_basebackup -T <old>=<new>, pgbackrest --tablespace-map, barman --tablespace.',
  },
];
