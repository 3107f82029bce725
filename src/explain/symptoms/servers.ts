import { oldPrimary } from './old-primary.ts';
import { standby, standbyOrReplication } from './symptom.ts';
import type { Symptom } from './symptom.ts';

const logOf = 'tail -n 40 <log of PostgreSQL>';

const doesNotStart = String.raw`\b(?:crash\w*|dies|(?:keeps?|is|are) (?:re)?start\w*|restart(?:s|ing)|(?:will|can|does|do|did|is|are)? ?(?:not|n['’]?t|never) (?:be )?(?:start\w*|come (?:back )?up|boot\w*|ready|running|accept\w*)|cannot (?:start|connect)|can['’]?t (?:start|connect)|won['’]?t (?:start|come)|fails? to (?:start|come up)|refuses to start|stuck (?:in|at|while|on) (?:\w+ )?(?:start\w*|recover\w*|boot\w*|init\w*)|(?:stays|remains|still|always) (?:in )?(?:recover\w*|start\w*)|shuts? down|rejects? connections?)\b`;

/** What is seen of the programs and of the servers. */
export const symptomsOfServers: readonly Symptom[] = [
  {
    all: [/\bcreate_replica_methods?\b/iu, standby],
    asks: true,
    means:
      'create_replica_methods says in which order Patroni tries to make a replica. A method that is not in the list is not tried; where "basebackup" is missing and there is no usable backup, no replica can be made.',
    causes: [
      {
        cause: 'Only a backup tool is in the list, and its newest backup is missing, too old or not reachable.',
        check: 'patronictl show-config; grep -n -A8 "create_replica_methods" /etc/patroni/*.yml',
      },
      {
        cause: 'The log of Patroni on the new member says which method was tried, and why it failed.',
        check: 'journalctl -u patroni -n 100 --no-pager',
      },
    ],
    todo: 'Put "basebackup" at the end of the list in patroni.yml of the member and reload Patroni. Where an operator writes that file (Crunchy: pgbackrest first), make a new backup.',
  },
  {
    all: [
      /\b(?:postgresql\.conf|pg_hba\.conf|(?:postgres(?:ql)?|config(?:uration)?|conf) (?:config(?:uration)?|file)s?)\b/iu,
      /\b(?:can'?t|cannot|could ?n[o']t|could not|unable to|does ?n[o']t|did ?n[o']t|not?) (?:be )?(?:find|found|exist\w*|locate\w*|there)\b|\bmissing\b|\bnot copied\b/iu,
    ],
    means:
      'A base backup copies the data directory and nothing else. Where the configuration is kept outside of it, the copy has none.',
    causes: [
      {
        cause:
          'The source is a Debian or Ubuntu server (/etc/postgresql/<release>/<cluster>) or an image that keeps its files elsewhere (Bitnami): the copy needs files of its own.',
        on: 'primary',
        check: 'psql -c "SHOW config_file" -c "SHOW hba_file" -c "SHOW data_directory"',
      },
      {
        cause:
          'Patroni or an operator starts the server with a configuration in another place (postgresql.config_dir) than the source has. A copy that does not start is set aside (data.failed) and made again.',
        check: 'ls -l <data directory>/*.conf; grep -nE "config_dir|custom_conf" /etc/patroni/*.yml',
      },
    ],
    todo: 'Put a postgresql.conf and a pg_hba.conf into the place where this server looks for them (on Debian: pg_createcluster, then fill its data directory), or set config_file to where they are.',
  },
  {
    all: [
      /\bpg_basebackup\b|\bbase ?backup\b|\b(?:standby|replica) clone\b/iu,
      /\b(?:100|99)(?:\.\d+)? ?%|\bat the (?:very )?end\b|\blast (?:step|part|phase|file)\b|\bwaiting for (?:required )?wal\b/iu,
    ],
    means: 'All files are copied. pg_basebackup now waits for the WAL of the backup, or for its disk.',
    causes: [
      {
        cause: 'The primary waits until that WAL is archived: archive_command fails or is slow.',
        on: 'primary',
        check:
          'psql -c "SELECT phase FROM pg_stat_progress_basebackup" -c "SELECT archived_count, failed_count, last_failed_wal FROM pg_stat_archiver"',
        rule: 'primary/archive-failing',
      },
      {
        cause:
          'The backup is taken from a standby: it waits for the primary to finish the segment. pg_switch_wal() on the primary ends that.',
        on: 'primary',
        check: 'psql -c "SELECT pg_switch_wal()"',
      },
      {
        cause: 'Its own disk: at the end all files are synchronized, which takes long on a slow one.',
        on: 'client',
        check: 'iostat -x 5 2',
      },
      {
        cause: 'The sum was estimated at the beginning: the server grew meanwhile, and files are still being copied.',
        on: 'client',
        check: 'du -sh <data directory>; sleep 10; du -sh <data directory>',
      },
    ],
    where: 'to check the conditions before the next attempt',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    all: [
      /\bpg_basebackup\b|\bbase ?backup\b|\b(?:standby|replica) clone\b/iu,
      /\b(?:hang\w*|hung|stuck|freez\w*|frozen|stall\w*|nothing happens|no (?:progress|output)|(?:very |too |so )slow|never (?:finish\w*|end\w*|complet\w*|exit\w*|return\w*)|takes? (?:forever|hours|days|(?:too|very|so) long)|waits?|waiting)\b/iu,
    ],
    means: 'A base backup that shows nothing waits for something, or copies without a display (-P shows it).',
    causes: [
      {
        cause: 'At the beginning: for a checkpoint, up to checkpoint_timeout. -c fast begins at once.',
        on: 'primary',
        check:
          'psql -c "SELECT p.phase, p.backup_streamed, a.wait_event FROM pg_stat_progress_basebackup p JOIN pg_stat_activity a USING (pid)"',
      },
      {
        cause: 'Without -w it waits for a password at a prompt that a script or container does not show.',
        on: 'client',
        check: 'ps aux | grep "[p]g_basebackup"; ls -l ~/.pgpass',
      },
      {
        cause:
          'backup_streamed does not grow and wait_event is ClientWrite: the disk or the network of this side, --max-rate, or a path MTU (VPN) that swallows large packets.',
        on: 'client',
        check: 'df -h; iostat -x 5 2',
      },
      {
        cause: 'At the end: for the archive (phase "waiting for wal archiving to finish").',
        on: 'primary',
        check: 'psql -c "SELECT failed_count, last_failed_wal FROM pg_stat_archiver"',
        rule: 'primary/archive-failing',
      },
    ],
    where: 'to check the conditions before the next attempt',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  },
  {
    all: [
      /\b(?:old|former|previous|failed|demoted|original|ex)[- ](?:primary|master|leader|node)\b/iu,
      /\b(?:re-?join\w*|join\w*|re-?attach\w*|follow\w*|back|start\w*|standby|replica|slave|sync\w*|re-?connect\w*)\b/iu,
      /\b(?:fail\w*|can'?t|cannot|not|unable|how|error|refus\w*|never|no|does ?n'?t|won'?t)\b/iu,
    ],
    ...oldPrimary,
  },
  {
    all: [
      /\b(?:make|get|bring|turn|add|have|let|convert|configure|how)\b/iu,
      /\b(?:re-?join\w*|join\w*|re-?attach\w*|follow\w*|(?:as|into|to be|be|become) (?:a |the )?(?:new )?(?:standby|replica|slave|secondary))\b/iu,
    ],
    beside:
      /\b(?:old|former|previous|original|failed)[- ](?:primary|master|leader)\b(?=[^]*\b(?:it|back|this (?:node|server))\b)/iu,
    ...oldPrimary,
  },
  {
    all: [
      /\b(?:both|two|2|each) (?:of )?(?:our |the |my )?(?:nodes?|servers?|instances?|of them|databases?|pods?|primar\w+|masters?|leaders?)\b|\bsplit[- ]brain\b|\b(?:standby|replica|slave|secondary)\b/iu,
      /\b(?:as |are |is |two |both |a |became |becomes )(?:a |both )?(?:primar(?:y|ies)|masters?|leaders?)\b|\bas an? (?:normal|ordinary|regular|stand-?alone|independent|separate|own)(?:,? read[-/ ]write)? (?:server|instance|database|primary|master)\b|\bsplit[- ]brain\b|\b(?:accepts?|allows?|accepting) (?:writes?|inserts?)\b|\b(?:is|are|it['’]s|became|comes? up|starts?(?: up)?) (?:fully |still |a |as )*(?:writable|writeable|read[-/ ]?write)\b|\b(?:I|we|one|can) (?:can )?(?:insert|write|create tables?)\b.{0,30}\b(?:on|to|into|in) (?:it|the (?:standby|replica|slave|secondary|copy))\b|\bnot in recovery\b|\bpg_is_in_recovery\b.{0,30}\b(?:f|false)\b|\bin production\b.{0,80}\bin production\b/iu,
      /\b(?:both|two|2|split[- ]brain|accept\w*|allow\w*|writ\w*|recovery|pg_is_in_recovery|became|becomes|instead|also|start(?:s|ed) (?:up )?as|surprised?|unexpected\w*|by accident)\b/iu,
    ],
    means:
      'A server that should follow runs as a primary. Whatever is written there is on no other server, and it cannot follow again without pg_rewind or a new copy.',
    causes: [
      {
        cause:
          'The old primary was started again after another server had taken over: stop it before anything else. What was written to it since then is on no other server.',
        after: 'old primary started',
        only: true,
        check: 'psql -c "SELECT pg_is_in_recovery(), timeline_id FROM pg_control_checkpoint()"',
        rule: 'timeline/diverged',
      },
      {
        cause:
          'standby.signal was missing when it started (-R of pg_basebackup left out, a restored copy, recovery.conf with 12 or later).',
        check:
          'psql -c "SELECT pg_is_in_recovery(), timeline_id FROM pg_control_checkpoint()"; ls -l <data directory>/*.signal',
        rule: 'standby/signal-missing',
      },
      {
        cause: 'It was promoted: by hand, or by a manager that could not see the primary. A higher timeline says so.',
        check: 'pg_controldata -D <data directory> | grep TimeLineID; ls <data directory>/pg_wal/*.history',
        rule: 'timeline/diverged',
      },
    ],
    todo: 'Let clients write to one of them only, now. Decide whose data is right before you rewind or copy the other one.',
  },
  {
    all: [
      /\b(?:does ?n[o'’]?t|did ?n[o'’]?t|not|never|no|fail\w*|ca ?n[o'’]?t|cannot|unable|won['’]?t)\b.{0,30}\b(?:fail(?:s|ed|ing)?[- ]?over|promot\w*|switch-?over|elect\w*|take over)\b|\b(?:fail-?over|promotion|switch-?over|election)\b.{0,40}(?:\b(?:not|never|fails?|failed|impossible)\b|n['’]t\b)/iu,
    ],
    means:
      'PostgreSQL itself never promotes a standby: a person or a manager (Patroni, repmgrd, pg_auto_failover, an operator) does. Its log says why it did not.',
    causes: [
      {
        cause:
          'Patroni: no member may be elected (the lag is above maximum_lag_on_failover, nofailover, synchronous mode without a synchronous standby, the DCS without a quorum, pause).',
        check: 'patronictl list; patronictl history; journalctl -u patroni -n 50 --no-pager',
      },
      {
        cause:
          'repmgr: repmgrd does not run on the standby, failover is not automatic, or too few nodes can see each other.',
        check:
          'repmgr -f /etc/repmgr.conf service status; grep -nE "^(failover|promote_command|follow_command)" /etc/repmgr.conf',
      },
      {
        cause:
          'An old primary that came back was only registered again: repmgr must make it a standby (node rejoin, or a new clone), and its repmgrd must be restarted after it.',
        check: 'psql -c "SELECT pg_is_in_recovery()"; repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause: 'By hand: the command goes to the standby.',
        check: 'psql -c "SELECT pg_is_in_recovery()"; psql -c "SELECT pg_promote()"',
      },
    ],
  },
  {
    all: [
      /\b(?:report_lsn|fast_forward|catchingup|wait_standby|wait_primary|wait_maintenance|join_secondary|draining|demote_timeout)\b/u,
      /\b(?:stuck|hang\w*|never|indefinitely|remains?|stays?|loops?|forever|not)\b/iu,
    ],
    means:
      'This is a state of pg_auto_failover that a node passes on its way. It stays there as long as something that it waits for does not come.',
    causes: [
      {
        cause:
          'report_lsn, fast_forward: the monitor waits until all nodes of the quorum have reported their position, and one of them is down or cannot reach it.',
        on: 'client',
        check:
          'pg_autoctl show state --pgdata <data directory>; pg_autoctl show events --count 20 --pgdata <data directory>',
      },
      {
        cause: 'catchingup, wait_standby: the standby does not stream from the primary: its log says why.',
        check: 'psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver"; tail -n 30 <log of PostgreSQL>',
        rule: 'streaming/not-connected',
      },
      {
        cause: 'wait_primary: the primary has no healthy standby left, and goes on alone.',
        on: 'client',
        check: 'pg_autoctl show state --pgdata <data directory>',
      },
    ],
    todo: 'Bring the node back that is missing in "show state"; one that will not come back: pg_autoctl drop node --name <node> on the monitor.',
  },
  {
    all: [
      standby,
      /^(?!.*paused)/iu,
      /\bpg_is_in_recovery\b.{0,40}\b(?:t|true)\b|\b(?:out of|leave|leaves|exit|exits|end|ends|finish\w*|still in|always in|remains in|stays in) (?:the )?recovery\b/iu,
    ],
    asks: true,
    means:
      'A standby is in recovery for as long as it is one: pg_is_in_recovery() = t is normal, and ends only with a promotion. Its receiver and its positions show whether it follows.',
    causes: [
      {
        cause:
          'A row with status streaming, and positions that move: all is well. pg_last_xact_replay_timestamp is the age of the last transaction of the primary, not a delay.',
        check:
          'psql -c "SELECT status, sender_host FROM pg_stat_wal_receiver" -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()"',
        rule: 'streaming/lag',
      },
      { cause: 'No row: it does not stream, and its log says why.', check: logOf, rule: 'streaming/not-connected' },
      {
        cause:
          'It should be a primary: promote it (SELECT pg_promote()), or, after a restore to a point in time, see recovery_target_action.',
        check: 'psql -c "SHOW recovery_target_action" -c "SELECT pg_is_wal_replay_paused()"',
      },
    ],
  },
  {
    vague: true,
    all: [
      new RegExp(
        `${standby.source}(?:(?!\\b(?:primary|master|leader|promot\\w*)\\b)[^,]){0,60}?${doesNotStart}|\\b(?:start|starting|bring(?:ing)? up|boot) (?:\\w+ ){0,4}?${standby.source}.{0,40}\\b(?:fail\\w*|not|cannot|error|exits?|dies)\\b|${doesNotStart}.{0,20}\\bon (?:the |my |our )?${standby.source}`,
        'iu',
      ),
    ],
    means:
      'Why a standby does not start, stops or does not let anybody in is in its own log, in the last FATAL or PANIC line before it ends.',
    causes: [
      {
        cause:
          'It waits for WAL before it is consistent: "entering standby mode" without "consistent recovery state reached".',
        check: `${logOf}; pg_controldata -D <data directory> | grep -iE "state|minimum recovery|backup"`,
        rule: 'streaming/not-connected',
      },
      {
        cause:
          'A setting is lower than on the primary (max_connections, max_worker_processes, …), a library is missing, or permissions are wrong.',
        check: 'grep -nE "FATAL|PANIC" <log of PostgreSQL> | tail -5',
      },
      {
        cause:
          'A probe, a timeout of the service or a lack of memory stops it from outside: "received fast shutdown request", or signal 9.',
        on: 'client',
        check: 'kubectl describe pod <pod> | tail -20; dmesg -T | grep -i "killed process"',
      },
    ],
    todo: 'Paste those lines of the log here: standbylint explain <log of PostgreSQL>',
  },
  {
    all: [
      /\b(?:bloat\w*|vacuum\w*|dead (?:rows|tuples))\b/iu,
      new RegExp(`${standbyOrReplication.source}|\\bhot_standby_feedback\\b`, 'iu'),
      /\b(?:not|can'?t|cannot|grow\w*|bloat\w*|dead|prevent\w*|hold\w*|block\w*)\b/iu,
    ],
    means:
      'A standby can keep vacuum on the primary from removing dead rows: with hot_standby_feedback, or through a slot with an old xmin.',
    causes: [
      {
        cause: 'A long transaction on a standby with hot_standby_feedback = on, or a slot that is no longer used.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, backend_xmin, age(backend_xmin) FROM pg_stat_replication" -c "SELECT slot_name, active, xmin, catalog_xmin, age(xmin) FROM pg_replication_slots"',
        rule: 'primary/unbounded-slot-retention',
      },
      {
        cause: 'An open transaction on the primary itself, or a prepared one.',
        on: 'primary',
        check:
          'psql -c "SELECT pid, xact_start, state FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5" -c "SELECT gid, prepared FROM pg_prepared_xacts"',
      },
    ],
  },
];
