import type { LogRecord } from '../postgres/log/log-record.ts';

/** Programs around PostgreSQL, whose users look elsewhere and type other commands. */
export type Tool =
  | 'patroni'
  | 'repmgr'
  | 'barman'
  | 'pgbackrest'
  | 'wal-g'
  | 'pg_probackup'
  | 'cloudnative-pg'
  | 'pg_auto_failover'
  | 'stolon'
  | 'logical replication'
  | 'bitnami'
  | 'pacemaker'
  | 'operator'
  | 'pgbouncer'
  | 'pgpool'
  | 'spock'
  | 'efm'
  | 'keepalived'
  | 'terraform'
  | 'ansible'
  | 'pg_rewind';

/** Those that a text speaks of. */
export function toolsIn(text: string): ReadonlySet<Tool> {
  const said = text.replaceAll(ofHosts, '').replaceAll(notUsed, '');
  return new Set(marks.flatMap(([tool, mark]) => (mark.test(said) ? [tool] : [])));
}

/** A host may be called after a tool that runs there. */
const ofHosts = /(?<=\b(?:at|host|host name|server on|connection to) )"[\w.-]+"/gu;

const named =
  '(?:patroni|repmgrd?|barman|pgbackrest|wal-g|pg_probackup|pgpool(?:-II)?|pgbouncer|stolon|pacemaker|kubernetes|cnpg)';

/** "Patroni is not used here", "without repmgr", "no Patroni or pgpool". */
const notUsed = new RegExp(
  String.raw`\b(?:without|not using|no|(?:do|does|did)(?:n['’]t| not) (?:use|have)|neither|instead of) (?:any )?(?:${named}(?:, (?:and |or |nor |no )?| and | or | nor |\/)?)+(?=\s*(?:[.,;:!?)]|$|here\b|involved\b|at all\b|etc\b))|\b${named} (?:is|are|was)(?: not|n['’]t) (?:used|installed|involved|in use)\b`,
  'gimu',
);

/**
 * Those that a message may be about: a WAL receiver ends with FATAL, the worker of a subscription with ERROR (it goes on), and
 * a walsender's STATEMENT says which of them it serves.
 */
export const toolsOf = (
  { severity, message, statement }: Pick<LogRecord, 'severity' | 'message' | 'statement'>,
  tools: ReadonlySet<Tool>,
): ReadonlySet<Tool> =>
  ofStandby.test(statement ?? '') || (severity === 'FATAL' && ofReceiver.test(message))
    ? new Set([...tools].filter((tool) => tool !== 'logical replication'))
    : tools;

const ofStandby = /\bSTART_REPLICATION (?:SLOT "[^"\n]+" )?(?:PHYSICAL )?[0-9A-F]+\/[0-9A-F]+/u;
const ofReceiver = /^could not (?:start|receive data from) WAL stream/u;

const marks: readonly (readonly [Tool, RegExp])[] = [
  [
    'patroni',
    /\bpatroni(?:ctl)?|Lock owner: |Error communicating with PostgreSQL|falling back to cached role|the leader with the lock|bootstrap(?:ped)? from leader|I am \(?[\w.-]+\)?, (?:a secondary|the leader)|INFO: postmaster pid=\d|restarting after failure in progress|Failed to get list of machines from|DCS is not accessible/iu,
  ],
  [
    'repmgr',
    /\brepmgrd?\b|-F\/--force (?:provided|supplied)|\bnode (?:"[^"\n]+" )?\(ID: \d+\)|\bBarman catalogue\b|(?:^|\n)\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[(?:ERROR|WARNING|NOTICE|INFO)\] /iu,
  ],
  ['barman', /\bbarman\b(?!-cloud)|Starting receive-wal for server|ArchiverFailure/iu],
  [
    'pgbackrest',
    /\bpgbackrest\b|\bP\d\d +(?:ERROR|INFO|WARN)|\b(?:ERROR|ASSERT):? {1,2}\[\d{3}\]:|archive-(?:get|push) command|\brepo\d+: \[\w+Error\]|raised from (?:remote|local)-\d+|\bUncaught \w+Error: .{1,200} thrown at \w/iu,
  ],
  ['wal-g', /\bwal-[ge]\b/iu],
  [
    'pg_probackup',
    /\bpg_probackup|(?:^|\n)(?:.{0,60} )?(?:WARNING|ERROR|LOG|INFO): Thread \[\d+\]: |because it has non-valid status|(?:^|\n)ERROR: Agent error: /u,
  ],
  ['cloudnative-pg', /cloudnative-pg|cnpg|"logging_pod"/iu],
  [
    'pg_auto_failover',
    /\bpg_autoctl\b|pgautofailover|autoctl_node|Failed (?:to )?initiali[sz]e standby server|FSM transition from|(?:^|\n)\d\d:\d\d:\d\d \d+ (?:ERROR|FATAL|WARN|INFO) /iu,
  ],
  ['pg_rewind', /\bpg_rewind\b|servers diverged at WAL/iu],
  [
    'logical replication',
    /logical replication (?:apply|tablesync|parallel apply) worker|starting logical decoding for slot|\bSUBSCRIPTION\b|pg_subscription|START_REPLICATION SLOT "[^"\n]+" LOGICAL|\b[Dd]ebezium\b|DebeziumException|[Ff]link.?[Cc][Dd][Cc]|PSQLException: ERROR: +(?:replication slot|logical decoding)|\bpgoutput\b|\bwal2json\b|\bpglogical\.\w|(?:pglogical|spock) apply \d|\blogical replication slot "|\bpglogical_sync_|\bPostgrex\b|\brealtime_(?:rls|replication)\b|\bpg_recvlogical\b|\bpglogrepl\b|LogicalReplicationConnection|\b(?:[Aa]irbyte|[Ff]ivetran|[Pp]eer[Dd][Bb]|[Ss]equin|[Ee]lectric[Ss]ql|[Ss]triim|zero-cache|[Mm]aterialize[d.])\b/u,
  ],
  [
    'bitnami',
    /Welcome to the Bitnami|\/(?:opt\/)?bitnami\/|\bbitnami\/|\bpostgresql(?:-repmgr)? +\d\d:\d\d:\d\d\.\d\d +/u,
  ],
  [
    'pacemaker',
    /\bpacemaker|\bpgsqlms\b|\bpgsql\(|\bcrmd\b|\blrmd\b|\bcrm_mon\b|\bpcs (?:resource|status)\b|exitreason=/iu,
  ],
  [
    'operator',
    /"controllerKind":|\bpostgres-operator\b|postgres-operator\.crunchydata\.com|\bPostgresCluster\b|acid\.zalan\.do|\bkubedb\.com\b|\bkubeblocks\b|\bstackgres\b|pgv2\.percona\.com|\bPerconaPG|cluster-name=\S+ pkg=(?:cluster|controller)\b|cnpg-controller-manager/u,
  ],
  ['pgbouncer', /\bpgbouncer|\(server_login_retry\)|server login has been failing|\b[CS]-0x[\da-f]{6,}: /iu],
  ['pgpool', /\bpgpool(?!\w)|\bpcp_\w+|\bpid \d+: (?:LOG|ERROR|FATAL|WARNING): {2}/iu],
  ['spock', /\bspock\b/iu],
  [
    'efm',
    /\bcom\.enterprisedb\.efm\b|\befm(?:-\d[\d.]*)?(?: (?:cluster-status|resume|promote|disallow-node|allow-node)|\.(?:properties|nodes))|\bedb-efm\b|\bFailover Manager\b|\/efm-\d/u,
  ],
  ['keepalived', /\bkeepalived|\bVRRP_(?:Instance|Script)\(/iu],
  ['terraform', /\bterraform\b|^[│╷╵]/imu],
  ['ansible', /^fatal: \[[^\]\n]+\]: (?:FAILED|UNREACHABLE)!|\bansible-playbook\b/mu],
  ['stolon', /\bstolon|\bkeeper\.go:|\bkeeper\[\d+\]|stolon-keeper/iu],
];
