/** Programs around PostgreSQL, whose users look elsewhere and type other commands. */
export type Tool =
  | 'patroni'
  | 'repmgr'
  | 'barman'
  | 'pgbackrest'
  | 'wal-g'
  | 'cloudnative-pg'
  | 'pg_auto_failover'
  | 'stolon'
  | 'logical replication'
  | 'bitnami'
  | 'pacemaker'
  | 'pgbouncer'
  | 'spock'
  | 'pg_rewind';

/** Those that a text speaks of. */
export const toolsIn = (text: string): ReadonlySet<Tool> =>
  new Set(marks.flatMap(([tool, mark]) => (mark.test(text) ? [tool] : [])));

const marks: readonly (readonly [Tool, RegExp])[] = [
  [
    'patroni',
    /\bpatroni|Lock owner: |Error communicating with PostgreSQL|falling back to cached role|the leader with the lock|bootstrap(?:ped)? from leader|I am \(?[\w.-]+\)?, (?:a secondary|the leader)|INFO: postmaster pid=\d|restarting after failure in progress/iu,
  ],
  ['repmgr', /\brepmgrd?\b|-F\/--force (?:provided|supplied)/iu],
  ['barman', /\bbarman\b(?!-cloud)|Starting receive-wal for server|ArchiverFailure/iu],
  [
    'pgbackrest',
    /\bpgbackrest\b|\bP\d\d +(?:ERROR|INFO|WARN)|\b(?:ERROR|ASSERT):? {1,2}\[\d{3}\]:|archive-(?:get|push) command|\brepo\d+: \[\w+Error\]|raised from (?:remote|local)-\d+/iu,
  ],
  ['wal-g', /\bwal-[ge]\b/iu],
  ['cloudnative-pg', /cloudnative-pg|cnpg|"logging_pod"/iu],
  [
    'pg_auto_failover',
    /\bpg_autoctl\b|pgautofailover|autoctl_node|Failed (?:to )?initiali[sz]e standby server|FSM transition from/iu,
  ],
  ['pg_rewind', /\bpg_rewind\b|servers diverged at WAL/iu],
  [
    'logical replication',
    /logical replication (?:apply|tablesync|parallel apply) worker|starting logical decoding for slot|\bSUBSCRIPTION\b|pg_subscription|START_REPLICATION SLOT "[^"\n]+" LOGICAL|\b[Dd]ebezium\b|DebeziumException|[Ff]link.?[Cc][Dd][Cc]|PSQLException: ERROR: +(?:replication slot|logical decoding)|\bpgoutput\b|\bwal2json\b|\bpglogical\.\w|(?:pglogical|spock) apply \d/u,
  ],
  [
    'bitnami',
    /Welcome to the Bitnami|\/(?:opt\/)?bitnami\/|\bbitnami\/|\bpostgresql(?:-repmgr)? +\d\d:\d\d:\d\d\.\d\d +/u,
  ],
  [
    'pacemaker',
    /\bpacemaker|\bpgsqlms\b|\bpgsql\(|\bcrmd\b|\blrmd\b|\bcrm_mon\b|\bpcs (?:resource|status)\b|exitreason=/iu,
  ],
  ['pgbouncer', /\bpgbouncer|\(server_login_retry\)|server login has been failing|\b[CS]-0x[\da-f]{6,}: /iu],
  ['spock', /\bspock\b/iu],
  ['stolon', /\bstolon|\bkeeper\.go:|\bkeeper\[\d+\]|stolon-keeper/iu],
];
