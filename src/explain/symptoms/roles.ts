import { standby, standbyOrReplication } from './symptom.ts';
import type { Symptom } from './symptom.ts';

/** What is seen of slots, timelines, roles and disks. */
export const symptomsOfRoles: readonly Symptom[] = [
  {
    all: [
      /\b(?:promot\w+|restor\w+|replica|standby|slave|fail-?over|upgrad\w+|new image)\b/iu,
      /\b(?:ind(?:ex(?:es)?|ices)|unique constraint)\b/iu,
      /\b(?:corrupt\w*|damaged?|duplicate key|wrong (?:results?|rows?)|broken)\b/iu,
    ],
    means:
      'A copy has the indexes of its primary to the byte. If they are wrong on it and right there, the copy sorts text in another way, or it is not a consistent copy.',
    causes: [
      {
        cause:
          'Another C library or ICU than on the primary (Debian and Alpine images, another release of the system) sorts text otherwise. (made_with: 15 and later.)',
        on: 'server',
        check:
          'ldd --version | head -1; psql -c "SELECT datname, datcollate, to_jsonb(d)->>\'datcollversion\' AS made_with FROM pg_database d"',
      },
      {
        cause:
          'The backup was copied without backup mode, or backup_label was removed: then tables are damaged, too. (pg_amcheck: 14 and later, with the extension amcheck.)',
        on: 'server',
        check: 'pg_amcheck --all --heapallindexed --parent-check 2>&1 | tail',
      },
    ],
    todo: 'Of text alone: use the system of the primary, or REINDEX on the promoted server and ALTER DATABASE … REFRESH COLLATION VERSION. Otherwise go back to a server that is whole, and make the copy again.',
  },
  {
    all: [
      /docker-entrypoint-initdb\.d|\binit(?:ialization)? scripts?\b|\binit\.(?:sql|sh)\b/iu,
      /\b(?:not|never|ignor\w+|skipp\w+|n['’]t)\b|n['’]t\b/iu,
      /\b(?:run\w*|execut\w+|created?|applied|work\w*|ignor\w+|skipp\w+)\b/iu,
    ],
    means:
      'The image runs the scripts in /docker-entrypoint-initdb.d only while it creates the data directory. With a volume that has data already, it skips them, and so does a standby that was copied.',
    causes: [
      {
        cause:
          'The volume has data of an earlier start ("Skipping initialization" in the log); Compose keeps anonymous volumes, too.',
        on: 'client',
        check: 'docker logs <container> 2>&1 | grep -iE "skipping initialization|initdb.d"; docker volume ls',
      },
      {
        cause: 'The script is not there, or cannot be read or executed.',
        on: 'client',
        check: 'docker exec <container> ls -la /docker-entrypoint-initdb.d',
      },
    ],
    todo: 'Type what the scripts do with psql on the running primary (CREATE ROLE … WITH REPLICATION LOGIN). That needs no new volume.',
    asks: true,
  },
  {
    all: [
      /\bpg_is_wal_replay_paused(?:\(\))?\W{0,6}(?:is |returns |says |gives |shows )?\W{0,3}(?:t|true)\b|\breplay (?:is|was|stays|has been) (?:paused|pending)\b/iu,
    ],
    means: 'Replay on the standby is paused: it receives WAL and does not apply it, until it is resumed.',
    causes: [
      {
        cause: 'A person, a backup tool or a script called pg_wal_replay_pause().',
        check: 'psql -c "SELECT pg_is_wal_replay_paused(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
        rule: 'recovery/replay-paused',
      },
      {
        cause:
          'A recovery target was left in the configuration, and recovery_target_action is pause: to resume there ends recovery, and the server becomes a primary.',
        check: 'psql -c "SELECT name, setting FROM pg_settings WHERE name LIKE \'recovery_target%\'"',
      },
      {
        cause:
          'From 14 on: a setting of the primary was raised above that of the standby (max_connections and the like); the log says "recovery has paused".',
        check: 'grep -n "recovery has paused" <log of PostgreSQL> | tail -3',
      },
    ],
    todo: 'Without a recovery target and with high enough settings: SELECT pg_wal_replay_resume(). With a target, remove it and restart first.',
  },
  {
    all: [
      /\bpg_basebackup\b/iu,
      /\b(?:two|2|second|several|duplicate)\b/iu,
      /\bprocess(?:es)?\b|\bconnections?\b|\bwalsenders?\b|\bwal senders?\b/iu,
    ],
    means:
      'With -X stream (the default), pg_basebackup has two processes and two connections: one copies the files, the other receives the WAL that is written meanwhile. That is normal.',
    causes: [
      {
        cause: 'Each takes one of max_wal_senders on the primary.',
        on: 'primary',
        check:
          'psql -c "SELECT pid, application_name, state, backend_start FROM pg_stat_replication" -c "SHOW max_wal_senders"',
      },
    ],
    asks: true,
  },
  {
    all: [
      /\b(?:data ?dir\w*|data|volume|pgdata|copy)\b/iu,
      /\b(?:cleared|wiped|deleted|emptied|erased|re-?initiali[sz]ed|cloned again|re-?cloned|copied again|removes? (?:its|the|all) data)\b/iu,
      /\b(?:standby|replica|slave|secondary|old (?:primary|master))\b/iu,
      /\b(?:re-?start\w*|starts?|boot\w*|every time|each time|again|stop\w*)\b/iu,
    ],
    means:
      'Some images and managers empty the data directory of a standby and copy it from the primary again. What is lost with it is only what no other server has.',
    causes: [
      {
        cause:
          'The images of Bitnami with repmgr clone a standby at each start. Patroni does so when a copy or pg_rewind failed ("Removing data directory").',
        on: 'client',
        check: 'docker logs --tail 100 <container>',
      },
      {
        cause: 'The volume is not mounted where the server keeps its data: then each new container begins empty.',
        on: 'client',
        check: "docker inspect --format '{{range .Mounts}}{{.Source}} {{.Destination}} {{println}}{{end}}' <container>",
      },
    ],
    todo: 'Before you start an old primary as a standby, make sure that the new primary has all of its data, and keep a copy of its data directory if you are not sure.',
  },
  {
    all: [
      /(?:\bpatroni\b|:8008\b|\bhaproxy\b|\bpostgres\w*)/iu,
      /\/(?:health|replica|primary|master|leader|read-only|readiness|liveness|async|sync)\b|\bhaproxy\b/iu,
      /\b503\b|\breset by peer\b|\b(?:backends?|servers?) (?:are |is |stay |marked )*down\b/iu,
    ],
    means:
      'The REST API of Patroni answers 200 where the node has the role that the path names, and 503 otherwise. 503 of a replica on /primary, and of the leader on /replica, is right.',
    causes: [
      {
        cause:
          '503 on /health or on the path of its own role: the server does not run, is still starting, or has noloadbalance (on /replica). The body of the answer has its state.',
        on: 'standby',
        check: 'curl -sS http://localhost:8008/; patronictl list',
      },
      {
        cause:
          'http fails and https works: the REST API has a certificate (restapi.certfile). The check of HAProxy then needs check-ssl verify none, or ca-file.',
        on: 'standby',
        check: 'curl -sSk -o /dev/null -w "%{http_code}\\n" https://localhost:8008/',
      },
      {
        cause: 'Nothing answers: restapi.listen is localhost only, or a firewall has port 8008.',
        on: 'standby',
        check: 'ss -ltn | grep 8008; grep -A6 "^restapi" /etc/patroni/*.yml',
      },
    ],
  },
  {
    all: [
      /\bslots?\b/iu,
      /\b(?:inactive|not active|never active|unused)\b|\bactive\b.{0,12}\b(?:f|false)\b|\bactive_pid\b.{0,12}\b(?:null|empty)\b/iu,
    ],
    means:
      'Nothing is connected through that slot, and the server keeps all WAL from its restart_lsn onward, until the disk is full or max_slot_wal_keep_size is reached.',
    causes: [
      {
        cause: 'Its standby is down or refused: the log of the standby says why.',
        check: 'psql -c "SELECT status, slot_name, sender_host FROM pg_stat_wal_receiver" -c "SHOW primary_slot_name"',
        rule: 'streaming/not-connected',
      },
      {
        cause: 'The standby streams without it: primary_slot_name is not set there, or has another name.',
        on: 'primary',
        check:
          'psql -c "SELECT r.application_name, s.slot_name FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid"',
        rule: 'standby/unused-slot',
      },
      {
        cause: 'Its standby no longer exists.',
        on: 'primary',
        check:
          'psql -c "SELECT slot_name, slot_type, wal_status, restart_lsn FROM pg_replication_slots WHERE NOT active"',
        rule: 'primary/unbounded-slot-retention',
      },
    ],
    todo: "Set primary_slot_name on the standby and reload. Only a slot that is really not needed: SELECT pg_drop_replication_slot('<slot>'); a standby that used it may need a new base backup.",
  },
  {
    all: [
      /\bsync_state\b|\bsynchronous_standby_names\b|\bsynchronous (?:standby|replica\w*)\b/iu,
      /\basync(?:hronous)?\b|\bpotential\b/iu,
    ],
    means:
      'sync_state says what the primary makes of a standby: it is async unless synchronous_standby_names names it, and potential while another one is ahead of it in that list.',
    causes: [
      {
        cause:
          'The names in synchronous_standby_names are not the application_name of the standby (primary_conninfo, or cluster_name).',
        on: 'primary',
        check:
          'psql -c "SHOW synchronous_standby_names" -c "SELECT application_name, state, sync_state, sync_priority FROM pg_stat_replication"',
        rule: 'conninfo/application-name',
      },
      {
        cause: 'The primary has not reloaded its configuration since.',
        on: 'primary',
        check: 'psql -c "SELECT pg_reload_conf()" -c "SHOW synchronous_standby_names"',
      },
      { cause: 'Patroni sets it by itself: synchronous_mode decides.', check: 'patronictl show-config' },
    ],
    asks: true,
  },
  {
    all: [/\blag\b/iu, /\bunknown\b/iu],
    means:
      'Patroni does not know how far this member is: its server does not answer, or has told no position. "running" may be what it was before.',
    causes: [
      {
        cause: 'The server of that member is starting, crashed or refuses sessions: its log says why.',
        check: 'journalctl -u patroni -n 50 --no-pager; tail -n 30 <log of PostgreSQL>',
      },
      {
        cause: 'It runs and does not stream: another timeline, WAL that is gone, or a refused login.',
        check: 'psql -c "SELECT status, sender_host, received_tli FROM pg_stat_wal_receiver"; patronictl list',
        rule: 'streaming/not-connected',
      },
      {
        cause: 'Its REST API cannot be reached from here: address or certificate.',
        check: 'curl -sk http://<member>:8008/patroni',
      },
    ],
    todo: 'If it cannot follow any more: patronictl reinit <cluster name> <member> (deletes its data directory and copies it again).',
  },
  {
    all: [
      /\btimelines?\b|\bTL\b/u,
      standbyOrReplication,
      /\b(?:differ\w*|mismatch|behind|old\w*|wrong|diverg\w*|not|but|while|higher|lower|stuck)\b/iu,
    ],
    means:
      'After a promotion the primary is on a new timeline. A standby goes over to it only if its own WAL ends before the point where that timeline began.',
    causes: [
      {
        cause:
          'The standby had more WAL than the new primary when it was promoted: it has diverged, and needs pg_rewind or a new copy.',
        check:
          'grep -nE "forked off|not in this server" <log of PostgreSQL> | tail -5; pg_controldata -D <data directory> | grep -iE "timeline|state"',
        rule: 'timeline/diverged',
      },
      {
        cause: 'It does not stream: it sees the new timeline only from its primary or the archive.',
        check: 'psql -c "SELECT status, received_tli, sender_host FROM pg_stat_wal_receiver"',
        rule: 'streaming/not-connected',
      },
      {
        cause: "recovery_target_timeline is 'current' or a number ('latest' is the default since 12).",
        check: 'psql -c "SHOW recovery_target_timeline"',
      },
    ],
  },
  {
    all: [
      /\b(?:full disk|disk (?:is |was |got |went |becomes? |became )?(?:full|filled)|out of (?:disk )?space|no (?:free )?space|disk space|storage (?:is |was )?full|volume (?:is |was )?full)\b/iu,
      /\b(?:standby|replica|slave|primary|master|leader|keeper|postgres\w*|wal)\b/iu,
    ],
    means:
      'A server whose disk was full stops with PANIC and recovers by itself once there is room. Never make room by deleting from pg_wal.',
    causes: [
      {
        cause: 'What filled it: WAL that a slot or a failing archive_command keeps, logs, or temporary files.',
        check:
          'df -h; du -xsh <data directory>/* | sort -h | tail -5; psql -c "SELECT slot_name, active, wal_status FROM pg_replication_slots" -c "SELECT failed_count, last_failed_wal FROM pg_stat_archiver"',
        rule: 'wal/disk-full',
      },
      {
        cause:
          'It does not start after that: the last FATAL or PANIC line says what is missing. A copy or pg_rewind that was interrupted is not usable.',
        check: 'grep -nE "FATAL|PANIC" <log of PostgreSQL> | tail -5',
      },
    ],
    todo: 'Make room elsewhere on the volume or enlarge it, then start the server. A standby that missed too much needs a new base backup.',
  },
  {
    all: [
      new RegExp(
        String.raw`${standby.source}.{0,60}\b(?:lost|loses?|losing|drops?|dropped|closed|disconnect\w*|reconnect\w*|timed? ?out|timeouts?|interrupt\w*)\b|\b(?:lost|loses?|losing|dropped|drops) (?:the |its |their )?(?:connection|stream\w*|replication)\b.{0,40}${standby.source}`,
        'iu',
      ),
      /\b(?:connection|primary|master|leader|stream\w*|replication|wal ?receiver)\b/iu,
    ],
    means:
      'A standby that loses its primary connects again by itself after some seconds. If that happens again and again, something ends the connection.',
    causes: [
      {
        cause:
          'wal_receiver_timeout or wal_sender_timeout: one side heard nothing for that long (a slow disk, an overloaded machine, a network that stalls).',
        check:
          'grep -nE "timeout|terminating|reset|unexpected EOF" <log of PostgreSQL> | tail; psql -c "SHOW wal_receiver_timeout"',
        rule: 'streaming/breaks-repeatedly',
      },
      {
        cause: 'A firewall, NAT or proxy on the way: the same interval every time, "reset by peer" on one side only.',
        on: 'primary',
        check: 'grep -nE "replication timeout|reset by peer|unexpected EOF" <log of PostgreSQL> | tail',
      },
      {
        cause: 'The primary restarts or crashes.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()"',
      },
    ],
  },
];
