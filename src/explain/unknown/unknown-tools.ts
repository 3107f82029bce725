import { namesPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';
import type { Seen } from '../seen.ts';
import { subjectsOf } from './subjects-of-tools.ts';
import { toolsIn } from '../tools.ts';
import type { Tool } from '../tools.ts';

/**
 * A program around PostgreSQL reports an error of which nothing is known: who says it, where the rest of it stands, and the
 * one command that shows the state of what it manages.
 */
export function unknownOfTools(text: string, known: readonly Seen[]): readonly Seen[] {
  const spokenOf = toolsIn(text);
  for (const { tool, error, answer } of errors) {
    // operators are of many databases
    if (!spokenOf.has(tool) || (tool === 'operator' && !namesPostgres.test(text))) continue;
    const last = [...text.matchAll(error)].findLast(([line]) => !known.some((one) => line.includes(one.text)));
    if (last === undefined) continue;
    // the title is what it says, without the time, process and level before it
    const [line, said = line] = last;
    const causes = [...subjectsOf(said), ...(answer.causes ?? [])];
    return [withRemarks(seenOfTool({ ...answer, causes }, said.trim(), last.index + line.lastIndexOf(said)), text)];
  }
  return [];
}

/** A line of a tool's, which is known or not. */
export const seenOfTool = (answer: Answer, text: string, position: number): Seen => ({
  recognition: undefined,
  answer,
  values: {},
  text,
  partial: true,
  others: [],
  record: undefined,
  program: undefined,
  parts: [],
  form: 0,
  count: 1,
  inPlace: 1,
  first: undefined,
  last: undefined,
  over: false,
  position,
});

/** repmgr, pgBackRest and PostgreSQL's own programs say on the next lines why, and what to do. */
export function withRemarks(seen: Seen, text: string): Seen {
  const after = text.slice(seen.position + seen.text.length);
  const remarks = [...after.matchAll(/^.*?\b((?:DETAIL|HINT): +\S.*)$/gmu)]
    .flatMap(([, remark = '']) => remark.split(/\s+(?=(?:DETAIL|HINT): )/u))
    .slice(0, 3);
  const hint = remarks.find((remark) => remark.startsWith('HINT'))?.replace(/^HINT: +/u, '');
  if (hint === undefined || seen.answer === undefined) return { ...seen, parts: remarks };
  return {
    ...seen,
    parts: remarks,
    answer: { ...seen.answer, todo: `Its own advice: ${hint.replaceAll(/[{}]/gu, '').replace(/\.?\s*$/u, '.')}` },
  };
}

interface UnknownOfTool {
  readonly tool: Tool;
  /** A line of its log, and in it what went wrong. */
  readonly error: RegExp;
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

const errors: readonly UnknownOfTool[] = [
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
  unknownOf('patroni', /^.*\d\d:\d\d:\d\d,\d{3} (?:ERROR|CRITICAL): (.*)$/gmu, 'Patroni', [
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
  unknownOf('operator', /^.*(?:"level":"error"|\blevel=error\b).*$/gmu, 'The operator', [
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
];
