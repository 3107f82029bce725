import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** pcs status, crm status, crm_mon: a promotable resource of PostgreSQL. Before Pacemaker 2.1 its roles are Masters and Slaves. */
export function pacemakerStatus(text: string): Explanation | undefined {
  const [, name, body] =
    /^[ *]*(?:Master\/Slave Set|Clone Set): (\S*) \[\S+\].*\n((?:[ *]*(?:Masters|Slaves|Promoted|Unpromoted|Stopped): \[.*\n?)+)/mu.exec(
      `${text}\n`,
    ) ?? [];
  if (!ofPostgres.test(text)) return undefined;
  const alone = standbysAlone(text);
  const failed = failedActions(text);
  if (name === undefined || body === undefined) {
    if (alone.length > 0) return attributes([...failed, ...alone]);
    return failed.length === 0 ? undefined : actions(failed);
  }
  const nodes = (roles: string): readonly string[] =>
    new RegExp(`\\b(?:${roles}): \\[ *([^\\]]*?) *\\]`, 'u').exec(body)?.[1]?.split(/\s+/u) ?? [];
  const promoted = nodes('Masters|Promoted');
  const others = nodes('Slaves|Unpromoted');
  const stopped = nodes('Stopped');
  return shape({
    text: 'status of Pacemaker',
    means: `Pacemaker manages PostgreSQL as ${name}${promoted.length === 0 ? '' : `; the primary is on ${promoted.join(', ')}`}.`,
    candidates: [
      ...(promoted.length === 0 && others.length > 0 ? [nonePromoted(others)] : []),
      ...(stopped.length === 0
        ? []
        : [
            finding(
              `The server does not run on ${stopped.join(', ')}: ${failed.length === 0 ? 'its own log, and "Failed Resource Actions", say why' : 'the failed action below says why'}. When that is gone: pcs resource cleanup ${name}`,
              'standby/not-running',
            ),
          ]),
      ...failed,
      ...alone,
    ],
    where: 'on the node that is not well',
    command: postmortem,
  });
}

const actions = (candidates: readonly Finding[]): Explanation =>
  shape({
    text: 'failed actions of Pacemaker',
    means:
      'These are actions of the PostgreSQL resource that failed. Pacemaker keeps them until pcs resource cleanup, also when the fault is gone.',
    candidates,
    where: 'on that node, what the agent said',
    command:
      'grep -hE "pgsqlms|pgsql\\(" /var/log/pacemaker/pacemaker.log /var/log/messages /var/log/syslog | tail -40',
  });

/**
 * "Failed (Resource) Actions": since 1.1.15 `* db_start_0 on node1 'error' (1): …, exitreason='…'`, before that
 * `db_start_0 (node=node1, call=5, rc=1, …)` (Pacemaker, lib/pengine/pe_output.c, print.c of 1.1).
 */
const failedActions = (text: string): readonly Finding[] =>
  [
    ...text.matchAll(
      /^[ *]*(\S+)_(monitor|start|stop|promote|demote|notify)_\d+ (?:on (\S+) '([^'\n]*)' \((\d+)\):|\(node=([^,\s]+), call=\S+, rc=(\d+),)(.*(?:\n(?![ *]*\S+_\w+_\d+ ).+)?)/gmu,
    ),
  ]
    .filter(([, resource = '']) => ofPostgres.test(resource))
    .map(([, , action = '', node = '', said = '', code = '', oldNode = '', oldCode = '', rest = '']) =>
      ofAction(action, node + oldNode, said, code + oldCode, /exitreason='(.*?)'(?:,|$)/mu.exec(rest)?.[1] ?? ''),
    );

function ofAction(action: string, node: string, said: string, code: string, reason: string): Finding {
  const told = reason === '' || reason === 'none' ? '' : `: "${reason}"`;
  const meaning = meaningOfCode[/\(returned (\d+)\)/u.exec(reason)?.[1] ?? (told === '' ? code : '')] ?? '';
  return finding(
    `${action} failed on ${node} (${said === '' ? '' : `${said}, `}${code})${told}.${meaning === '' ? '' : ` ${meaning}`}`,
  );
}

/** Of the OCF standard (Pacemaker, include/crm/common/results.h), as pgsqlms and pgsql use them. */
const meaningOfCode: Readonly<Record<string, string>> = {
  '1': 'The reason is in the log of Pacemaker and of PostgreSQL on that node.',
  '2': 'A parameter of the resource is wrong there: pcs resource config, and the agent in the log.',
  '4': 'The agent may not read or run something there: owner and rights of the data directory, system_user.',
  '5': 'The agent does not find the programs of PostgreSQL there: bindir of the resource, or the package is missing on that node.',
  '6': 'The agent refuses the configuration there: data directory, recovery settings or application_name; it says which in the log.',
  '9': 'The agent found a primary that crashed: pg_control says "in production", and the server does not run. It is not started as a standby like this. If another node is the primary now, make this one a standby of it (pg_rewind or a new base backup); then pcs resource cleanup.',
};

const attributes = (candidates: readonly Finding[]): Explanation =>
  shape({
    text: 'status of Pacemaker',
    means: 'These are the attributes that the agent of PostgreSQL keeps for each node.',
    candidates,
    where: 'on the node that is not well',
    command: postmortem,
  });

/** crm_mon -A: what the agent ocf:heartbeat:pgsql notes on the primary of each node that pg_stat_replication there does not have. */
const standbysAlone = (text: string): readonly Finding[] =>
  text
    .split(/^(?=[ *-]*Node:? \S+:\s*$)/mu)
    .filter((node) => /-data-status\s*: DISCONNECT/u.test(node) || /-status\s*: HS:alone/u.test(node))
    .flatMap((node) => /^[ *-]*Node:? (\S+):/u.exec(node)?.[1] ?? [])
    .map((node) =>
      finding(
        `${node} does not stream, as the agent on the primary sees it (DISCONNECT, HS:alone): pg_stat_replication there has no row whose application_name is ${node}. Either the standby really does not stream, and its log says why, or its primary_conninfo has another application_name than the name of the node. Right after a start, or while it still replays from the archive, it passes.`,
        'streaming/not-connected',
      ),
    );

const ofPostgres = /\b(?:pgsql|postgres)/iu;

const nonePromoted = (others: readonly string[]): Finding =>
  finding(
    `No node runs as the primary (${others.join(', ')} all run as standbys), so that nothing can be written and the address of the primary is stopped. The agent promotes the node with the highest score, and no node has one: before the first start of the cluster, the standbys and then the primary must have been shut down cleanly. See the scores with crm_mon -A1; do not remove recovery.conf or standby.signal by hand.`,
  );
