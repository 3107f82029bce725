import { negated } from './symptom.ts';
import type { Symptom } from './symptom.ts';

/** Whom a standby and its users reach, and as whom. */
export const symptomsOfConnections: readonly Symptom[] = [
  {
    all: [
      /\b(?:port|add?ress?|socket)\b/iu,
      /\b(?:already|still|is|was|being|in) (?:been )?(?:in )?(?:use[ds]?|using|taken|occupied|bound|allocated|busy|blocked)\b/iu,
    ],
    beside: /\b543\d\b|postgres|\bpg_|\bstand-?by\b|\breplica\b|\bpsql\b/iu,
    means:
      'Another process listens at the address and port that this server is to use, so that it does not start (or the container engine does not publish it).',
    causes: [
      {
        cause:
          'Another PostgreSQL cluster of this machine: the standby is on the same host as its primary, or a package has started one.',
        on: 'server',
        check: 'ss -ltnp | grep -E ":543[0-9]"; ps aux | grep "[p]ostgres.* -D"',
      },
      {
        cause: 'This server runs already, or an old one has not ended yet.',
        on: 'server',
        check: 'pg_ctl status -D <data directory>; cat <data directory>/postmaster.pid',
      },
      {
        cause: 'A container publishes the port on this host.',
        on: 'host',
        check: 'docker ps --format "{{.Names}} {{.Ports}}"',
      },
    ],
    todo: 'Stop the other one in its own way (never kill -9), or give this server another port: port = 5433 in its postgresql.conf, or "5433:5432" for a container; then start it again.',
  },
  {
    all: [
      /\b(?:which|what|know|tell|find out|check|determine|see)\b.{0,30}\b(?:server|node|one|host|instance|machine|postgres\w*)\b.{0,12}\bis (?:the |a |currently )*(?:master|primary|leader|standby|replica|slave)\b(?! key)|\bif .{0,20}\b(?:server|node|host|instance|postgres\w*)\b.{0,10}\bis (?:the |a )(?:master|primary|leader|standby|replica|slave)\b/iu,
      /\b(?:how|which|what)\b/iu,
    ],
    means: 'pg_is_in_recovery() tells it: f on a primary, t on a standby. Each server has to be asked itself.',
    causes: [
      {
        cause: 'Ask every one. Two that say f are two primaries.',
        on: 'client',
        check: 'for h in <host 1> <host 2>; do psql -h $h -Atc "SELECT inet_server_addr(), pg_is_in_recovery()"; done',
      },
    ],
    todo: 'A program finds the primary by itself with host=<host 1>,<host 2> and target_session_attrs=read-write in its connection string.',
    asks: true,
  },
  {
    all: [
      /\bpg_hba(?:\.conf)?\b/iu,
      /\b(?:changed|edited|added|updated|set|correct|configured|has)\b/iu,
      /\b(?:still|no effect|ignored|same error|not (?:work\w*|help\w*|applied|used)|does(?: no|n['’])t)\b/iu,
    ],
    means:
      'A line of pg_hba.conf counts only when the server has read it, in the file that it uses, and when no earlier line matches.',
    causes: [
      {
        cause: 'Not reloaded, an error in the file, or another file than the one that was edited.',
        on: 'primary',
        check:
          'psql -c "SELECT pg_reload_conf()" -c "SHOW hba_file" -c "SELECT line_number, type, database, user_name, address, auth_method, error FROM pg_hba_file_rules"',
      },
      {
        cause:
          'For a standby and pg_basebackup the database column must have the word replication: all does not include it.',
      },
      {
        cause:
          'An earlier line matches, or the address is another one than expected (NAT, a container network): the refusal in the log names it.',
        on: 'primary',
        check: 'grep -n "pg_hba.conf" <log of PostgreSQL> | tail -3',
      },
    ],
  },
  {
    all: [
      /\.pgpass\b|\bpgpass(?:\.conf)?\b|\bpassfile\b/iu,
      /\b(?:asks?|asking|prompt\w*|ignored|still|although|even though|but|not (?:used|read|work\w*|found)|does(?: no|n['’])t)\b/iu,
    ],
    means:
      'libpq takes a password from the file only if the file is the one of the user that runs the program, with mode 0600, and one of its lines matches to the letter.',
    causes: [
      {
        cause: "Another user's file: the server runs as postgres, sudo and cron have other homes.",
        check: "sudo -u postgres sh -c 'ls -l ~/.pgpass; cut -d: -f1-4 ~/.pgpass'",
      },
      {
        cause:
          'For replication the third column must be replication or *, and host and port must be written as in the connection string.',
      },
      { cause: 'Group or others may read it: then it is ignored, with a warning (chmod 0600).' },
    ],
  },
  {
    all: [
      /\bprimary_conninfo\b/iu,
      /\b(?:no effect|ignor\w+|not (?:used|read|applied|taken|work\w*)|does(?: no|n['’])t (?:work|change|take)|old value|wrong (?:host|value)|(?:still|always) (?:\w+ ){0,3}(?:old|previous|former|other|wrong)|(?:old|previous|former) (?:host|primary|master|value|server|address|ip))\b/iu,
    ],
    means: 'primary_conninfo counts only on a standby, and the last place that sets it wins.',
    causes: [
      {
        cause: 'postgresql.auto.conf (pg_basebackup -R, ALTER SYSTEM) is read last and has another value.',
        check:
          'grep -n primary_conninfo <data directory>/postgresql*.conf; psql -c "SELECT sourcefile, sourceline, pending_restart FROM pg_settings WHERE name = \'primary_conninfo\'"',
      },
      {
        cause: 'standby.signal is missing: the server runs as a primary.',
        check: 'ls -l <data directory>/*.signal; psql -c "SELECT pg_is_in_recovery()"',
      },
      { cause: 'Before 13 a change needs a restart, and before 12 it belongs into recovery.conf.' },
    ],
  },
  {
    all: [
      /\bpsql\b/iu,
      /\b(?:works?|can connect|connects|succeeds|fine|ok)\b/iu,
      /\b(?:replication|standby|replica|slave|pg_basebackup|wal ?receiver)\b/iu,
      /\b(?:but|not|fails?|cannot|refus\w+|while)\b|n['’]t\b/iu,
    ],
    means:
      'psql makes an ordinary connection. A standby and pg_basebackup make a replication connection, for which other lines of pg_hba.conf and of .pgpass count.',
    causes: [
      {
        cause: 'Try the same kind, as the user that runs the server.',
        check:
          'sudo -u postgres psql "host=<primary> user=<role> dbname=postgres replication=true" -c "IDENTIFY_SYSTEM"',
      },
      {
        cause: 'pg_hba.conf has no line with the word replication: all does not include it.',
        on: 'primary',
        check: 'psql -c "SELECT line_number, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
      { cause: 'The password is in the .pgpass of another user, or only for another database than replication.' },
    ],
  },
  {
    all: [
      /\b(?:users?|roles?|passwords?|login|log in)\b/iu,
      /\b(?:created|new|changed|added)\b/iu,
      /\b(?:replica|standby|slave)\b/iu,
      negated,
    ],
    means:
      'Roles and their passwords are replicated with everything else: if replay is up to date, the standby has them. pg_hba.conf is a file of each server, and is not replicated.',
    causes: [
      {
        cause: 'The standby is behind, or does not stream.',
        check: 'psql -c "SELECT pg_last_xact_replay_timestamp()" -c "SELECT status FROM pg_stat_wal_receiver"',
        rule: 'streaming/not-connected',
      },
      {
        cause: 'Its own pg_hba.conf has no line for that role, or it was not reloaded.',
        check: 'psql -c "SELECT line_number, type, database, user_name, address, auth_method FROM pg_hba_file_rules"',
      },
    ],
  },
  {
    all: [
      /\bread[- ]?only\b/iu,
      /\b(?:fail-?over|switch-?over|promot\w*|standby|replica|master|primary|postgres\w*|transactions?)\b/iu,
      /\b(?:after|error\w*|fail\w*|gets?|got|cannot|can'?t|still|became|becomes?|goes|went|why|stuck|show(?:s|ing|ed)|throws?|says?)\b/iu,
    ],
    means:
      'The session that cannot write is on a standby, or on a primary that was set to read-only. PostgreSQL does not send clients on to the new primary by itself.',
    causes: [
      {
        cause:
          'The address (DNS, virtual IP, service, load balancer) or the connection pool still leads to the old server, which is a standby now.',
        on: 'client',
        check:
          'psql -h <host> -c "SELECT inet_server_addr(), pg_is_in_recovery()" -c "SHOW transaction_read_only" -c "SHOW default_transaction_read_only"',
      },
      {
        cause: 'No server is primary: the manager has demoted the old one and has not promoted another yet.',
        check: 'patronictl list; repmgr -f /etc/repmgr.conf cluster show',
      },
      {
        cause: 'default_transaction_read_only is on (a provider sets it when the disk is full).',
        on: 'primary',
        check: 'psql -c "SHOW default_transaction_read_only"; df -h',
      },
    ],
    todo: 'Give clients all hosts: host=<one>,<two> target_session_attrs=read-write; restart the pool. JDBC: targetServerType=primary.',
  },
  {
    all: [
      /\b(?:vip|virtual ip|floating ip|haproxy|keepalived|load ?balancer|service|dns|pgbouncer|pooler|proxy)\b/iu,
      /\b(?:primary|master|leader|fail-?over|switch-?over|standby|slave|replica)\b/iu,
      /\b(?:still|old|former|previous|same|wrong|does ?n['’]?t (?:follow|switch|move|change)|not (?:follow|switch|move|change)\w*|keeps?|continue\w*)\b/iu,
      /\b(?:points?|leads?|sends?|routes?|goes|stays?|connect\w*|resolves?|traffic|quer(?:y|ies)|writes?)\b/iu,
    ],
    means:
      'PostgreSQL moves no address: what is in front of the servers must ask each one for its role and send clients to the one that is the primary now.',
    causes: [
      {
        cause:
          'Its health check asks only whether the port is open. With Patroni it must ask /primary on port 8008; without, a script with SELECT pg_is_in_recovery().',
        on: 'client',
        check: 'for h in <host 1> <host 2>; do psql -h $h -Atc "SELECT inet_server_addr(), pg_is_in_recovery()"; done',
      },
      {
        cause:
          'Open connections stay with the old server: HAProxy needs on-marked-down shutdown-sessions, PgBouncer RECONNECT.',
        on: 'client',
        check: 'psql -h <address> -c "SELECT inet_server_addr(), pg_is_in_recovery()"',
      },
      {
        cause:
          'A virtual IP is moved by keepalived or vip-manager on the machines, which must follow the role, not the machine being up.',
        on: 'both',
        check: 'ip -br addr; systemctl status keepalived vip-manager --no-pager',
      },
    ],
    todo: 'Clients that know several hosts need none of it: host=<one>,<two> target_session_attrs=read-write (JDBC: targetServerType=primary).',
  },
];
