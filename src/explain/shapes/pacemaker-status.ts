import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** pcs status, crm status, crm_mon: a promotable resource of PostgreSQL. Before Pacemaker 2.1 its roles are Masters and Slaves. */
export function pacemakerStatus(text: string): Explanation | undefined {
  const [, name, body] =
    /^[ *]*(?:Master\/Slave Set|Clone Set): (\S*) \[\S+\].*\n((?:[ *]*(?:Masters|Slaves|Promoted|Unpromoted|Stopped): \[.*\n?)+)/mu.exec(
      `${text}\n`,
    ) ?? [];
  if (name === undefined || body === undefined || !ofPostgres.test(text)) return undefined;
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
    ],
    where: 'on the node that is not well',
    command: postmortem,
  });
}

const ofPostgres = /\b(?:pgsql|postgres)/iu;

const nonePromoted = (others: readonly string[]): Finding =>
  finding(
    `No node runs as the primary (${others.join(', ')} all run as standbys), so that nothing can be written and the address of the primary is stopped. The agent promotes the node with the highest score, and no node has one: before the first start of the cluster, the standbys and then the primary must have been shut down cleanly. See the scores with crm_mon -A1; do not remove recovery.conf or standby.signal by hand.`,
  );
