import { waitsForStandby } from '../symptoms/interruptions.ts';
import { columnsHidden } from '../symptoms/views.ts';
import type { Situation } from './situation.ts';

const slotsKept =
  'psql -c "SELECT slot_name, slot_type, active, wal_status, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS kept FROM pg_replication_slots"';
const fileOfLog = 'psql -c "SHOW data_directory" -c "SHOW config_file" -c "SHOW log_directory"';

const slotKeeps: Omit<Situation, 'facts'> = {
  means:
    'A slot keeps all WAL that its standby has not received, without a limit, until the disk of the primary is full. A slot that is not active has no standby connected to it.',
  causes: [
    {
      cause:
        'Its standby is down, was removed, cannot connect, or connects without the slot (primary_slot_name). Its log says why it is not connected.',
      notGiven: ['standby: slow', 'network: slow'],
      given: 'slot: inactive',
      on: 'primary',
      check: slotsKept,
      rule: 'primary/unbounded-slot-retention',
    },
    {
      cause:
        'The standby is connected, and its network or its disk is too slow for what is written: kept grows while the slot is active.',
      given: ['network: slow', 'standby: slow', 'slot: behind'],
      on: 'primary',
      check: `${slotsKept}; psql -c "SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), sent_lsn) AS not_sent FROM pg_stat_replication"`,
    },
    {
      cause:
        'It was left behind by a copy that was broken off (pg_basebackup -C -S), or by a standby that was renamed: it was never used.',
      given: 'copy',
      on: 'primary',
      check: 'psql -c "SELECT slot_name, active, restart_lsn FROM pg_replication_slots"',
    },
  ],
  todo: "Bring the standby back, and the WAL goes by itself at the next checkpoint. Only a slot of a standby that will not come back: SELECT pg_drop_replication_slot('<slot>'); after that its standby needs a new base backup. max_slot_wal_keep_size (13 and later) sets a limit. Never delete files from pg_wal.",
};

/** Servers that do not start, do not let anybody in, fill their disk or make others wait. */
export const situationsOfServers: readonly Situation[] = [
  {
    facts: [
      ['slot: inactive', 'slot: grows', 'slot: full', 'slot: behind'],
      ['disk: full', 'disk: grows', 'wal: grows', 'wal: full', ': full', 'wal: inactive'],
    ],
    unless: ['archive: rejected'],
    ...slotKeeps,
  },
  {
    facts: ['standby: down', ['wal: grows', 'wal: full']],
    unless: ['standby: grows', 'standby: full', 'archive', 'copy: slow'],
    ...slotKeeps,
  },
  {
    facts: [
      ['write: waits', 'query: waits', 'primary: waits'],
      ['standby: down', 'standby: does not follow', 'standby: rejected', 'standby: back', 'standby: slow'],
    ],
    unless: ['query: does not follow', 'copy: waits', 'service: restarts'],
    ...waitsForStandby,
  },
  {
    facts: ['data: missing', 'copy', ['service', ': back']],
    words:
      /\b(?:only|none|empty|just|no)\b.{0,40}\b(?:postgres|template\w*|databases?|default)\b|\bnone of (?:my|our)\b/iu,
    unless: [': does not start'],
    means:
      'The server that was started has another data directory than the copy: an empty cluster that its package or image made. The copy is untouched.',
    causes: [
      {
        cause:
          'On Debian and Ubuntu the service starts the clusters of /etc/postgresql, with the data_directory that is named there; elsewhere PGDATA of the service.',
        check: `${fileOfLog}; pg_lsclusters 2>/dev/null; systemctl cat "postgresql*" | grep -n PGDATA`,
      },
      {
        cause: 'Another server runs on that port.',
        check: 'psql -Atc "SHOW port"; ss -ltnp "( sport = :5432 )"',
      },
    ],
    todo: 'Stop it, and give the service the directory of the copy: data_directory in /etc/postgresql/<release>/<cluster>/postgresql.conf, or PGDATA (systemctl edit). The copy belongs to postgres, with mode 0700.',
  },
  {
    facts: [
      ['service: restarts', 'standby: restarts', ': restarts'],
      ['position', 'wal', ': not ready'],
    ],
    words: /\b(?:pods?|containers?|kubernetes|k8s|probe|docker|systemd|service|health ?checks?|statefulset)\b/iu,
    unless: ['network: rejected'],
    means:
      'Something outside of PostgreSQL stops the server before it has replayed its WAL, and each start begins at the last restartpoint again.',
    causes: [
      {
        cause:
          'A liveness or startup probe, a health check or a start timeout is shorter than the replay: "received fast shutdown request" (or immediate) in the log, and no FATAL before it.',
        on: 'client',
        check: 'kubectl describe pod <pod> | grep -iE "liveness|startup|unhealthy|killing|last state|reason|exit code"',
      },
      {
        cause: 'The memory limit: OOMKilled, exit code 137, signal 9.',
        on: 'client',
        check: 'kubectl describe pod <pod> | grep -iE "oom|exit code|limits" ; dmesg -T | grep -i "killed process"',
      },
      {
        cause: 'It stops by itself: the last FATAL or PANIC line before each restart says why.',
        on: 'client',
        check: 'kubectl logs <pod> --previous | grep -E "FATAL|PANIC|shutdown request" | tail -5',
      },
    ],
    todo: "Raise the start-up time (startupProbe.failureThreshold, TimeoutStartSec, an operator's start delay) until it has caught up once.",
  },
  {
    facts: ['network', ['network: rejected', 'standby: rejected', 'network: waits']],
    words: /\b(?:telnet|nc|netcat|port|ping|firewall|5432)\b/iu,
    unless: ['login', 'copy: rejected'],
    unlessWords: /\b(?:already (?:in use|taken)|pg_hba|password|address already)\b/iu,
    means: 'Not even a TCP connection to the primary comes about: neither a role nor pg_hba.conf is asked before that.',
    causes: [
      {
        cause:
          'The primary listens on localhost only: listen_addresses is localhost unless it is set, also on Debian and Ubuntu.',
        on: 'primary',
        check: 'psql -c "SHOW listen_addresses" -c "SHOW port"; ss -ltn "( sport = :5432 )"',
        rule: 'network/listen-addresses',
      },
      {
        cause:
          'A firewall, security group or network policy: "refused" comes at once, a dropped packet ends in a timeout.',
        check: 'nc -vz -w 5 <primary> 5432',
        rule: 'network/unreachable',
      },
    ],
    todo: "On the primary: ALTER SYSTEM SET listen_addresses = '*'; then a restart (a reload is not enough), and open the port for the standby only.",
  },
  {
    facts: [['sender', 'lag'], ': blank'],
    words:
      /\b(?:one|a|1|the|each|every|all) (?:rows?|lines?|records?|entr(?:y|ies))\b|\brows? (?:is|are) (?:there|shown)\b|\bas (?:postgres|superuser|a superuser)\b|\bmonitoring (?:user|role)\b/iu,
    unless: ['sender: empty'],
    ...columnsHidden,
  },
  {
    facts: [['service: does not start', 'standby: does not start', ': does not start'], 'copy'],
    unless: [': writable', ': two of them'],
    unlessWords: /\bwindows\b/iu,
    means:
      'A server that ends directly after its start writes why, in its own log: under log_directory in the copy (log or pg_log), or to the terminal that started it. A service wrapper does not show it.',
    causes: [
      {
        cause:
          'The files belong to another account than the service runs as, or their mode is wider than 0750 (the copy was made as root or as an administrator).',
        check: 'ls -ld <data directory>; ls -l <data directory>/PG_VERSION; ls -t <data directory>/log | head -2',
        rule: 'standby/permissions',
      },
      {
        cause:
          'A setting that was copied does not fit this machine: paths (data_directory, hba_file, log_directory, ssl files), a library, more memory than it has.',
        check: 'postgres -D <data directory> -C data_directory; tail -n 20 <log of PostgreSQL>',
      },
      {
        cause: 'Another release, or a copy that is not complete.',
        check: 'cat <data directory>/PG_VERSION; postgres --version; ls <data directory>/backup_label',
      },
    ],
    todo: 'Start it once by hand as the account of the service, so that the reason is on the screen: postgres -D <data directory>',
  },
  {
    facts: ['manager', ': does not start'],
    words: /\bstart failed\b/iu,
    means:
      '"start failed": Patroni has started PostgreSQL and it ended again. Patroni does not know why; the log of PostgreSQL on that member does, in its last FATAL or PANIC line.',
    causes: [
      {
        cause: 'What PostgreSQL says.',
        check:
          'journalctl -u patroni -n 100 --no-pager | grep -E "FATAL|PANIC|could not"; ls -t <data directory>/log | head -2',
      },
      {
        cause:
          'After a crash of the machine: files of another owner, a full disk, a mount that is missing, a postmaster.pid of another process.',
        check: 'df -h <data directory>; ls -ld <data directory>; mount | grep postgres',
      },
      {
        cause:
          'It diverged or misses WAL, and neither pg_rewind nor the archive helps: reinit copies it again from the leader.',
        check: 'patronictl list; patronictl reinit <cluster> <member>',
      },
    ],
    todo: 'reinit deletes the data of that member: only after the log has shown that it is needed, and never on the leader.',
  },
  {
    facts: ['copy', ['copy: waits', ': waits', 'copy: empty', 'copy: stuck']],
    words:
      /\b(?:then|suddenly|finally|after (?:a few|some|\d+) (?:minutes|min))\b.{0,40}\b(?:begins?|began|starts?|started|goes|went|continues?|runs?)\b|\b(?:begins?|starts?) (?:only )?after\b|\bbefore it (?:begins|starts)\b/iu,
    unless: [': restarts'],
    means:
      'Before it copies the first file, pg_basebackup waits for a checkpoint. By default the primary spreads it over checkpoint_completion_target of checkpoint_timeout, which takes minutes.',
    causes: [
      {
        cause: '--checkpoint=fast (-c fast) asks for one at once.',
        on: 'primary',
        check: 'psql -c "SELECT pid, phase FROM pg_stat_progress_basebackup" -c "SHOW checkpoint_timeout"',
      },
    ],
    todo: 'pg_basebackup … -c fast -P shows its progress, too. A fast checkpoint is a burst of writes on the primary.',
  },
  {
    facts: ['archive', ['archive: full', 'disk: full', ': full']],
    words:
      /\barchiv\w+\b.{0,60}\b(?:full\b|9\d ?%|100 ?%|out of\b|no space\b)|\b(?:full|9\d ?%|100 ?%|no space)\b.{0,40}\barchiv\w*/iu,
    unless: ['slot'],
    means:
      'While the archive takes no more segments, archive_command fails, and the primary keeps every segment in pg_wal until its own disk is full as well.',
    causes: [
      {
        cause: 'What waits, and what archive_command says.',
        on: 'primary',
        check:
          'psql -c "SELECT failed_count, last_failed_wal, last_failed_time FROM pg_stat_archiver" -c "SHOW archive_command"; ls <data directory>/pg_wal/archive_status | grep -c ready',
        rule: 'primary/archive-failing',
      },
      {
        cause:
          'What may go: WAL older than the oldest base backup that you keep, and that no standby asks for. Behind a backup tool only that tool expires it (pgbackrest expire, barman, wal-g delete).',
        on: 'primary',
        check: 'pg_archivecleanup -n <archive> <oldest backup>.backup',
      },
    ],
    todo: 'More space first, if there is any. Otherwise pg_archivecleanup as above without -n: what is gone from the archive can never be restored over. Nothing is deleted from pg_wal.',
  },
  {
    facts: ['standby', [': not ready', 'standby: rejected', 'standby: not ready']],
    words: /\bhot_standby\b(?!_)/iu,
    unless: [': does not start', 'restore'],
    means:
      'A standby answers queries if hot_standby is on, which is the default from 10 on, and as soon as it is consistent.',
    causes: [
      {
        cause: 'hot_standby is off: set it to on and restart the standby.',
        check: 'postgres -C hot_standby -D <data directory>',
        rule: 'recovery/hot-standby-off',
      },
      {
        cause: 'It is not consistent yet: it replays until "consistent recovery state reached".',
        check:
          'pg_controldata -D <data directory> | grep -iE "state|minimum recovery|backup"; ps aux | grep "[s]tartup"',
        rule: 'network/server-starting',
      },
      {
        cause: 'wal_level of the primary was minimal when the WAL was written.',
        on: 'primary',
        check: 'psql -c "SHOW wal_level"',
      },
    ],
  },
];
