import { standby } from './symptom.ts';
import type { Symptom } from './symptom.ts';

/** Commits that a standby has to confirm. */
export const waitsForStandby: Omit<Symptom, 'all'> = {
  means: 'Commits on the primary wait for a synchronous standby that does not answer.',
  causes: [
    {
      cause:
        'synchronous_standby_names names a standby that is not connected, or connected under another application_name.',
      on: 'primary',
      check: `psql -c "SHOW synchronous_standby_names" -c "SELECT application_name, state, sync_state FROM pg_stat_replication" -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"`,
      rule: 'primary/synchronous-commit-blocked',
    },
  ],
  todo: `Bring the standby back. To go on without it (a failover then may lose transactions): ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf(); under Patroni with patronictl edit-config instead.`,
};

/** A standby that was away or is interrupted, and what does not take it back. */
export const symptomsOfInterruptions: readonly Symptom[] = [
  {
    all: [
      standby,
      /\bmissing (?:wals?|xlogs?|segments?|wal (?:files?|segments?))\b|\b(?:xlogs?|wals?|segments?|wal files?)\b.{0,20}\b(?:removed|deleted|missing|gone)\b|\b(?:retention|retained?|wal_keep\w*|pruned|recycled|purged|cleaned up|expired)\b|\b(?:was|were|been|had been) (?:down|off(?:line)?|stopped|away|disconnected|unreachable|shut ?down|powered off)\b.{0,40}\b(?:long|hours?|days?|weeks?|months?|weekend|while)\b/iu,
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
      /\b(?:replicat\w+ .{0,20}from (?:the )?(?:beginning|scratch|start)|re-?syncs?|re-?syncing|re-?clon(?:es?|ing)|re-?cop(?:y|ies|ying)|clones? again|full (?:sync|copy|clone)|(?:cop|clon)\w+ (?:everything|all|the whole|data|its data)\w*|(?:delet|remov|wip|clear)\w+ (?:the |its |all )?(?:whole |entire )?data(?: director(?:y|ies)| folder)?)\b/iu,
      standby,
      /\b(?:every|each|always|any|when\w*)\b.{0,40}\b(?:re-?start\w*|re-?boot\w*|start\w*|time|deploy\w*)\b|\balways\b/iu,
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
      /\b(?:disappear\w*|vanish\w*|gone|missing|deleted|dropped|removed|no longer (?:there|exists?)|(?:cannot|can['’]?t|could ?n[o'’]?t|does ?n[o'’]?t|not) (?:find|found|see|exist|there))\b/iu,
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
      /\b(?:commits?|inserts?|updates?|writes?|transactions?|quer(?:y|ies)|primary|master|leader)\b/iu,
      /\b(?:hang\w*|hung|stuck|block\w*|wait\w*|freez\w*)\b/iu,
      /\bsync\w*[- ](?:replica\w*|standby|commit|rep|mode)\b|\bsynchronous\w*\b|\bSyncRep\b|\b(?:standby|replica|slave|secondary) (?:is |was |goes |went )?(?:down|stopped|offline|unreachable|fails|failed)\b|\b(?:stop|stopped|shut ?down|kill|killed|lost|take down|took down) (?:the |my |our |a )?(?:only )?(?:standby|replica|slave|secondary)\b/iu,
    ],
    ...waitsForStandby,
  },
  {
    all: [
      /\b(?:commits?|inserts?|updates?|writes?|transactions?|create (?:table|database|role|user)|statements?)\b/iu,
      /\b(?:hangs?|hung|hanging|stuck|blocks?|blocked|waits? (?:forever|indefinitely)|freez\w*|never (?:returns?|finish\w*|commits?))\b/iu,
    ],
    beside: /\bsynchronous (?:replication|standby|commit|mode)\b|\bsynchronous_(?:standby_names|commit|mode)\b/iu,
    ...waitsForStandby,
  },
  {
    all: [
      /\bwitness\b/iu,
      /\b(?:upstream|primary|master|follow\w*|switch-?over|fail-?over)\b/iu,
      /\b(?:not|old|still|stays?|wrong|never)\b|n['’]t\b/iu,
    ],
    means:
      'The witness server of repmgr is not a standby and does not follow a switchover by itself: repmgrd on it updates its record, or you register it again with the new primary.',
    causes: [
      {
        cause: 'repmgrd does not run on the witness, or could not reach the new primary.',
        on: 'witness',
        check: 'repmgr -f /etc/repmgr.conf service status; repmgr -f /etc/repmgr.conf cluster show',
      },
    ],
    todo: 'On the witness: repmgr -f /etc/repmgr.conf witness register --force -h <new primary> -U repmgr -d repmgr.',
  },
  {
    all: [/\bswitch-?over\b/iu, /\b(?:hang\w*|hung|stuck|never (?:exits?|ends?|finish\w*|complet\w*|returns?))\b/iu],
    beside: /\brepmgr\b/iu,
    means:
      'A switchover of repmgr waits for what it started over ssh on the other server. It hangs where that command does not return, or where the old primary does not stop.',
    causes: [
      {
        cause:
          'Before repmgr 4.0.3, a server that pg_ctl started keeps the output of the ssh session open: send its output to a file (pg_ctl_options with -l <file>), or set service_start_command, service_stop_command and the like.',
        on: 'both',
        check:
          'grep -nE "^(pg_ctl_options|service_|log_file)" /etc/repmgr.conf; ps aux | grep -E "[s]sh .*repmgr|[p]g_ctl"',
      },
      {
        cause: 'The old primary waits for sessions, for the archiver or for a standby before it stops.',
        on: 'old primary',
        check:
          'psql -c "SELECT pid, state, backend_start, left(query, 60) FROM pg_stat_activity"; tail -n 20 <log of PostgreSQL>',
      },
      {
        cause: 'Commits wait for a synchronous standby, and none is connected at that moment.',
        on: 'primary',
        check: 'psql -c "SHOW synchronous_standby_names"',
      },
    ],
    todo: 'Before you interrupt it, look which of the two is a primary now (SELECT pg_is_in_recovery()). repmgr standby switchover --dry-run checks the conditions.',
  },
  {
    all: [
      /\b(?:raft|etcd|consul|zookeeper|dcs|quorum)\b|\bleader[- ](?:lock|key)\b/iu,
      /\b(?:leader|lock|key)\b/iu,
      /\b(?:reboot\w*|down|stopped|shut ?down|lost|inability|unable|cannot|not|fail\w*)\b/iu,
    ],
    beside: /\bpatroni\b/iu,
    means:
      'Patroni keeps a leader only while it can renew the lock in its DCS (etcd, Consul, ZooKeeper, raft), and that needs more than half of the members of the DCS. Without them the leader is demoted, and no other is elected.',
    causes: [
      {
        cause:
          'The members that were up could not reach each other, or were no majority: of three, two must be up and connected.',
        on: 'each member',
        check:
          'patronictl list; journalctl -u patroni -n 50 --no-pager; syncobj_admin -conn <member>:<raft port> -status',
      },
      {
        cause: 'With etcd: which members are well.',
        on: 'each member',
        check: 'etcdctl endpoint status --cluster -w table; etcdctl endpoint health --cluster',
      },
    ],
    todo: 'failsafe_mode: true (Patroni 3.0 and later) lets the leader go on as long as all other members answer it. raft is deprecated: etcd is the usual choice.',
  },
  {
    all: [
      /\b(?:lag|behind)\b/iu,
      /\b(?:elect\w*|promot\w*|leader|fail-?over)\b/iu,
      /\b(?:not|no|never|cannot|remaining)\b|n['’]t\b/iu,
    ],
    beside: /\bmaximum_lag_on_failover\b/iu,
    means:
      'A member whose lag is above maximum_lag_on_failover takes no part in the election of a leader: Patroni would lose that much data.',
    causes: [
      {
        cause: 'Compare the lag in the list with the setting (bytes).',
        check: 'patronictl list; patronictl show-config | grep maximum_lag_on_failover',
      },
    ],
    todo: 'First bring the old leader or a better member back. If its data is lost for good: patronictl failover --candidate <member> --force (or a higher maximum_lag_on_failover by patronictl edit-config) loses what this member has not received.',
  },
  {
    all: [/\bsnapshots?\b/iu, /\b(?:running|live|without stopping|volumes?|ebs|zfs|lvm|disk)\b/iu, standby],
    beside: /postgres|\bpg_\w+|\bpgdata\b|standby\.signal/iu,
    means:
      'A snapshot of a running server is a usable copy only if it takes the data directory, pg_wal and all tablespaces at one moment. Of several volumes, each at its own moment, it is not: the server may not start, or is damaged without a message.',
    causes: [
      {
        cause:
          'Several volumes, or files that were copied one after the other: begin with pg_backup_start(), end with pg_backup_stop(), and put the backup_label that it returns into the copy.',
        on: 'primary',
        check:
          'psql -c "SHOW data_directory" -c "SELECT oid, spcname, pg_tablespace_location(oid) FROM pg_tablespace"; ls -ld <data directory>/pg_wal',
      },
      {
        cause: 'The copy has no backup_label: recovery begins at the wrong checkpoint.',
        check:
          'ls -l <data directory>/backup_label; pg_controldata -D <data directory> | grep -E "checkpoint location|Backup"',
        rule: 'standby/raw-copy',
      },
    ],
    todo: 'Or take a base backup with pg_basebackup, pgBackRest or Barman, which does this.',
  },
  {
    all: [
      /\bcould not connect to (?:the )?primary\b/iu,
      /\b(?:says?|gets?|sees?|logs?|error|message|shows?|again|still)\b/iu,
    ],
    means:
      'The standby cannot connect to its primary, and tries again every few seconds. What stands behind these words in the log is the reason.',
    causes: [
      {
        cause: 'The reason, and whom it tries to reach.',
        check:
          'grep -n "could not connect to the primary" -A2 <log of PostgreSQL> | tail -6; psql -c "SHOW primary_conninfo"',
        rule: 'streaming/not-connected',
      },
    ],
  },
  {
    all: [
      /\b(?:replication )?slots?\b|\bprimary_slot_name\b/iu,
      /\b(?:not|never)\b.{0,12}\bcreat\w+\b|n['’]t\b.{0,12}\bcreat\w+\b/iu,
      /\b(?:primary|leader|patroni|master)\b/iu,
    ],
    beside: /\bstandby[_ ](?:cluster|leader)\b/iu,
    means:
      'Patroni creates slots for the members of its own cluster only. A standby cluster is no member: the slot that its leader asks for must be a permanent slot of the primary cluster.',
    causes: [
      {
        cause: 'What the primary cluster has under slots.',
        on: 'primary',
        check:
          'patronictl show-config | grep -A6 slots; psql -c "SELECT slot_name, slot_type, active FROM pg_replication_slots"',
        rule: 'slot/missing',
      },
    ],
    todo: 'On the primary cluster: patronictl edit-config, with slots: {<slot>: {type: physical}}. By hand, Patroni would drop the slot again.',
  },
  {
    all: [
      /\bpg_upgrade\b|\bupgrad\w+\b.{0,60}\bfrom (?:9\.\d|1\d)\b.{0,10}\bto 1\d\b|\bmajor (?:version )?upgrade\b/iu,
      /\b(?:primary|master|cluster|standby|replica|slave|server)\b/iu,
    ],
    beside: /\b(?:standby|replica|slave|secondary)\b[^]*(?:\bold\b|\bstill\b|n['’]t\b|\bnot\b|\bagain\b)/iu,
    means:
      'pg_upgrade upgrades one data directory. A standby of the old release cannot follow the upgraded primary, and its old directory does not start with the new programs.',
    causes: [
      {
        cause: 'A new base backup from the upgraded primary, into an empty directory.',
        on: 'standby',
        check: 'pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -c fast -R -P',
        rule: 'standby/version-mismatch',
      },
      {
        cause:
          'Or, before either server of the new release was started, rsync with --hard-links --size-only, exactly as the manual of pg_upgrade says; afterwards it is too late for that.',
      },
    ],
    todo: 'Move the old data directory aside and keep it until the new standby streams. Slots on the primary have to be created again.',
    where: 'before the copy',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
];
