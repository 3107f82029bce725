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
  if (name === undefined || body === undefined) return alone.length === 0 ? undefined : attributes(alone);
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
              `The server does not run on ${stopped.join(', ')}: its own log, and "Failed Resource Actions" below, say why. When that is gone: pcs resource cleanup ${name}`,
              'standby/not-running',
            ),
          ]),
      ...alone,
    ],
    where: 'on the node that is not well',
    command: postmortem,
  });
}

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
