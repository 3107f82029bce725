import { namesPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';
import type { Tool } from '../tools.ts';

export interface UnknownOfTool {
  readonly tool: Tool;
  /** A line of its log, and in it what went wrong. */
  readonly error: RegExp;
  /** Its words are those of any program, so the text must name PostgreSQL. */
  readonly among?: RegExp;
  readonly answer: Answer;
}

const unknownOf = (tool: Tool, error: RegExp, name: string, causes: NonNullable<Answer['causes']>): UnknownOfTool => ({
  tool,
  error,
  answer: {
    id: `unknown-of-${tool}`,
    matters: 2,
    elsewhere: true,
    means: `${name} reports an error that standbylint does not know. It is not a message of PostgreSQL.`,
    causes,
  },
});

export const unknownErrors: readonly UnknownOfTool[] = [
  unknownOf('barman', /^.*\bbarman\.[a-z_.]+ (?:ERROR|CRITICAL|EXCEPTION): (.*)$/gmu, 'Barman', [
    {
      cause: 'What fails there: the check names the part (connection, slot, WAL archive, directories).',
      on: 'barman host',
      check: 'barman check <server>; tail -n 50 /var/log/barman/barman.log',
    },
    {
      cause: 'A Python error ("object has no attribute", a traceback) is a fault in Barman itself: update it.',
      on: 'barman host',
      check: 'barman --version',
    },
  ]),
  unknownOf('patroni', /^.*\d\d:\d\d:\d\d,\d{3}\W{1,3}(?:ERROR|CRITICAL)(?:\W{1,3}(.*))?$/gmu, 'Patroni', [
    {
      cause: 'Under ERROR a traceback may follow: its last line is the reason.',
      on: 'standby',
      check: 'journalctl -u patroni -n 100 --no-pager',
    },
    {
      cause: 'What became of the cluster: who leads, who streams.',
      on: 'standby',
      check: 'patronictl list; patronictl history | tail -3',
    },
  ]),
  unknownOf('repmgr', /^(?:.*(?:\[ERROR\]|\brepmgrd?\b.*\bERROR:)|ERROR:) (.*)$/gmu, 'repmgr', [
    {
      cause: 'DETAIL and HINT on the next lines say more; --log-level DEBUG --verbose says it all.',
      on: 'standby',
      check: 'repmgr -f /etc/repmgr.conf cluster show; repmgr -f /etc/repmgr.conf node check',
    },
  ]),
  unknownOf('patroni', /(?<=\bpatronictl\b[^]*)\bError: (.*)$/gmu, 'patronictl', [
    {
      cause: 'What the cluster looks like to it, and which configuration file it reads.',
      on: 'standby',
      check: 'patronictl -c /etc/patroni/patroni.yml list',
    },
  ]),
  unknownOf('pgpool', /^.*\bpid \d+: (?:ERROR|FATAL): +(.*)$/gmu, 'Pgpool-II', [
    {
      cause: 'DETAIL on the next line says more. How it sees its backends, and whether they answer:',
      on: 'pgpool host',
      check:
        'psql -h <pgpool host> -p 9999 -U <role> -d postgres -c "SHOW pool_nodes"; pg_isready -h <backend_hostname>',
    },
  ]),
  unknownOf('pgbackrest', /^.*\bERROR:? {1,2}\[\d{3}\]: (.*)$/gmu, 'pgBackRest', [
    {
      cause: 'The HINT lines below it, or the same command with more in its log, say the reason.',
      on: 'primary',
      check: 'sudo -u postgres pgbackrest --stanza=<stanza> --log-level-console=detail check',
    },
  ]),
  unknownOf('wal-g', /^.*\bERROR: \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d+ (.*)$/gmu, 'WAL-G', [
    {
      cause: 'Often the storage: the prefix, the credentials, the network.',
      on: 'server',
      check: 'WALG_LOG_LEVEL=DEVEL wal-g backup-list; env | grep -E "^(WALG|AWS|PG)" | cut -d= -f1',
    },
  ]),
  unknownOf('pg_auto_failover', /^.*\b\d\d:\d\d:\d\d (?:\d+ )?(?:ERROR|FATAL) (.*)$/gmu, 'pg_autoctl', [
    {
      cause: 'The lines before it on this node, and what the monitor says of the nodes.',
      on: 'standby',
      check:
        'pg_autoctl show state --pgdata <data directory>; pg_autoctl show events --count 20 --pgdata <data directory>; journalctl -u pgautofailover -n 50 --no-pager',
    },
  ]),
  unknownOf('pg_probackup', /^.*?\bERROR: (.*)$/gmu, 'pg_probackup', [
    {
      cause: 'The same command tells more with --log-level-console=verbose. What the catalog has, and in which state:',
      on: 'backup host',
      check: 'pg_probackup show -B <catalog> --instance=<instance>; tail -n 50 <catalog>/log/pg_probackup.log',
    },
  ]),
  unknownOf('stolon', /^(?:.*?\b(?:ERROR|FATAL)\s+\S+\.go:\d+\s+|.*?\[E\] \S+ \S+\.go:\d+: )(.*)$/gmu, 'Stolon', [
    {
      cause: 'What became of the cluster, and what this keeper logged before:',
      on: 'standby',
      check: 'stolonctl status --cluster-name <cluster>; journalctl -u stolon-keeper -n 50 --no-pager',
    },
  ]),
  unknownOf('pgbouncer', /^.*\[\d+\] (?:ERROR|FATAL|WARNING) (?:[CS]-0x[\da-f]+: \S+ )?(.*)$/gmu, 'PgBouncer', [
    {
      cause: 'Which servers and clients it has, and with which settings:',
      on: 'pgbouncer host',
      check: 'psql -p 6432 -U <admin user> pgbouncer -c "SHOW SERVERS" -c "SHOW POOLS" -c "SHOW CONFIG"',
    },
  ]),
  unknownOf(
    'pacemaker',
    /^.*?(?:\b(?:pgsqlms|pgsql)\([^()\s]+\)\[\d+\]:.*?\b(?:ERROR|CRIT): |\b(?:pgsqld?|postgres)\w*_\d+:\d+:stderr \[ )(.*?)(?: \])?$/gmu,
    'The resource agent of Pacemaker',
    [
      {
        cause: 'What became of the resource, with its failed actions and scores:',
        on: 'that node',
        check: 'crm_mon -1 -A -f; journalctl -u pacemaker -n 50 --no-pager',
      },
      {
        cause: 'Why a server did not start, stop or promote is in its own log.',
        on: 'that node',
        check: 'pg_controldata -D <data directory> | grep "cluster state"; tail -n 30 <log of PostgreSQL>',
      },
    ],
  ),
  unknownOf('efm', /^.*\b(?:ERROR|SEVERE|WARNING|FATAL)\b:? +(.*)$/gmu, 'EDB Failover Manager', [
    {
      cause: 'What its agents see, and what this agent logged before:',
      on: 'that node',
      check: 'efm cluster-status <cluster>; tail -n 50 /var/log/efm-*/<cluster>.log',
    },
  ]),
  unknownOf('keepalived', /^.*\bKeepalived\w*\[\d+\]: (.*(?:[Ee]rror|fail|FAULT|[Uu]nable|not ).*)$/gmu, 'keepalived', [
    {
      cause: 'Which node has the address now, and what keepalived logged before:',
      on: 'that node',
      check: 'ip -brief address; journalctl -u keepalived -n 50 --no-pager',
    },
  ]),
  {
    ...unknownOf('terraform', /^[│| ]*Error: (.*)$/gmu, 'Terraform', [
      {
        cause:
          'The words behind the last colon are mostly those of the cloud or the server that was asked; the lines below name the resource. What was sent and answered:',
        on: 'client',
        check: 'TF_LOG=ERROR terraform plan 2>&1 | tail -n 30',
      },
    ]),
    among: namesPostgres,
  },
  {
    ...unknownOf('ansible', /^fatal: \[[^\]\n]+\]: (?:FAILED|UNREACHABLE)! (?:=> )?(.*)$/gmu, 'Ansible', [
      {
        cause: 'What the module did there, with its whole output:',
        on: 'client',
        check: 'ansible-playbook <playbook> --limit <host> --start-at-task "<task>" -vvv',
      },
    ]),
    among: namesPostgres,
  },
  unknownOf(
    'cloudnative-pg',
    /^(?!.*"error":"WAL file not found).*"level":"error".*"logging_pod":.*$/gmu,
    'The instance manager of CloudNativePG',
    [
      {
        cause: '"error" in that record has the reason. What became of the cluster:',
        on: 'client',
        check: 'kubectl cnpg status <cluster>; kubectl logs <pod> -c postgres --tail=100',
      },
    ],
  ),
  {
    ...unknownOf('operator', /^.*(?:"level":"error"|\blevel=error\b).*$/gmu, 'The operator', [
      {
        cause:
          '"error" or "msg" of that record ends with the reason. What Kubernetes says of the cluster and of its pods:',
        on: 'client',
        check: 'kubectl get pods; kubectl get events --sort-by=.lastTimestamp | tail -20',
      },
      {
        cause: 'An operator only watches: why a server does not run is in the log of its pod.',
        on: 'client',
        check: 'kubectl logs <pod> --all-containers --prefix --tail=50',
      },
    ]),
    // operators are of many databases
    among: namesPostgres,
  },
];
