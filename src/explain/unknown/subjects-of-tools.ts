import type { Candidate } from '../answer.ts';

/**
 * What an error that is not known is about, by its words: who cannot be reached, what is missing, which file decides. Tools
 * have some thousand errors, and nearly all are about one of these.
 */
export function subjectsOf(error: string): readonly Candidate[] {
  return subjects
    .filter(({ said }) => said.test(error))
    .map(({ candidate }) => candidate)
    .slice(0, 2);
}

interface Subject {
  readonly said: RegExp;
  readonly candidate: Candidate;
}

/** The most particular first. */
const subjects: readonly Subject[] = [
  {
    said: /\b(?:pg_rewind|rewind|diverge[sd]?|timelines?|fork(?:ed|s)?)\b/iu,
    candidate: {
      cause: 'It is about histories that separated: compare the timeline of both servers before anything is rewound.',
      on: 'standby',
      check:
        'pg_controldata -D <data directory> | grep -E "TimeLineID|cluster state"; psql -h <primary> -c "SELECT timeline_id FROM pg_control_checkpoint()"',
      rule: 'timeline/diverged',
    },
  },
  {
    said: /\bslots?\b/iu,
    candidate: {
      cause:
        'It is about a replication slot: missing, in use by another process, or no free place (max_replication_slots).',
      on: 'primary',
      check:
        'psql -c "SELECT slot_name, slot_type, active, active_pid, restart_lsn FROM pg_replication_slots" -c "SHOW max_replication_slots"',
    },
  },
  {
    said: /\b(?:system[- _]?id(?:entifier)?|different cluster)\b/iu,
    candidate: {
      cause: 'It is about servers that do not come from the same initdb: compare the identifiers.',
      on: 'standby',
      check:
        'pg_controldata -D <data directory> | grep "system identifier"; psql -h <primary> -c "SELECT system_identifier FROM pg_control_system()"',
      rule: 'timeline/system-identifier-differs',
    },
  },
  {
    said: /\b(?:ssh|rsync|scp)\b/iu,
    candidate: {
      cause:
        'It is about a command on the other host: ssh must log in there without a password, as the user who runs this.',
      on: 'standby',
      check: 'sudo -u postgres ssh -o BatchMode=yes <host> true',
    },
  },
  {
    said: /\b(?:permission|permitted|privileges?|superuser|access(?: rights?)?|owner(?:ship)?|denied|readable|writable)\b/iu,
    candidate: {
      cause:
        'It is about a right: of the role in the database, or of the operating system user on the file that it names.',
      on: 'standby',
      check:
        'psql -c "SELECT rolname, rolsuper, rolreplication FROM pg_roles WHERE rolname = current_user"; id; ls -ld <directory>',
    },
  },
  {
    said: /\b(?:connect(?:ion|ing)?|contact(?:ing)?|reach(?:able|ed)?|accessible|resolve|host ?name|responding|timed out|monitor)\b/iu,
    candidate: {
      cause:
        'It is about a connection: the server that it names does not run, is not reachable from this host, or does not let this role in (address, firewall, pg_hba.conf, password).',
      on: 'standby',
      check:
        'psql "<its connection string>" -c "SELECT pg_is_in_recovery()"; tail -n 20 <log of PostgreSQL on that host>',
    },
  },
  {
    said: /\b(?:shut ?down|stop(?:ped)?|start(?:ed|up)?|restart|running|promot\w+|postmaster|pg_ctl)\b/iu,
    candidate: {
      cause:
        'It is about starting, stopping or promoting a server: why that failed is in the log of PostgreSQL at that time.',
      on: 'standby',
      check: 'pg_controldata -D <data directory> | grep "cluster state"; tail -n 30 <log of PostgreSQL>',
    },
  },
  {
    said: /\b(?:record|registered|register|node[ _]id|node[ _]name|upstream|formation|group)\b/iu,
    candidate: {
      cause:
        'It is about what the tool has noted of its nodes, which differs from what the servers are: after a restore, a rename or a promotion by hand.',
      on: 'primary',
      check:
        'psql -c "SELECT pg_is_in_recovery()" -c "SELECT application_name, client_addr, state FROM pg_stat_replication"',
    },
  },
  {
    said: /\b(?:config(?:uration)?|parameters?|options?|settings?|invalid value|env(?:ironment)?|must be|unknown|expected|parse|not set|mutually exclusive)\b/iu,
    candidate: {
      cause:
        'It is about what the tool was told: its configuration file, an environment variable or the command line. The message names the word.',
    },
  },
  {
    said: /\b(?:director(?:y|ies)|files?|symlink|path|disk|space|mount)\b/iu,
    candidate: {
      cause: 'It is about a file or directory: whether it is there, whose it is, and whether its file system has room.',
      on: 'standby',
      check: 'namei -l <path>; df -h <path>',
    },
  },
];
