import type { ConnectionAttempt } from '../facts/connection.ts';
import { notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { RefusingServer } from '../facts/refusing-server.ts';
import { clusterText } from '../facts/shared-storage.ts';
import type { Host } from '../hosts/host.ts';
import { readControlFile } from '../postgres/control-file.ts';
import { defineCheck } from './check.ts';
import { runningClusters } from './other-clusters.ts';
import { isOwnAddress } from './own-address.ts';
import { isOnThisSystem } from './served-here.ts';
import { noStandbyYet } from './subject.ts';

/**
 * A server tells its system identifier only to whom it lets in. One that refuses may be of another cluster, and what it
 * lacks is then no fault of it: where it is a container of the same engine, or a process of this machine, its files tell.
 */
export const refusingServerCheck = defineCheck({
  brings: ['refusingServer'],
  after: ['replicationLogin'],
  async look({ replicationLogin }, { host, subject }) {
    if (subject.command !== 'postmortem') return { refusingServer: noStandbyYet };
    if (replicationLogin.status !== 'seen') return { refusingServer: replicationLogin };
    const { outcome } = replicationLogin.value;
    if (outcome.accepted || outcome.decisive.outcome.kind !== 'server-refused')
      return { refusingServer: notApplicable('no server has refused the replication login') };
    const { decisive } = outcome;
    return { refusingServer: (await inContainer(host, decisive)) ?? (await onThisMachine(host, decisive)) ?? notFound };
  },
});

const notFound = unseen('not-asked', 'the files of the server that refuses the login are not on this machine');

async function inContainer(host: Host, { address }: ConnectionAttempt): Promise<Observed<RefusingServer> | undefined> {
  if (host.containers === undefined || address === undefined) return undefined;
  const near = await host.containers();
  if (!near.ok) return undefined;
  const { engine, others } = near.value;
  const found = others.find(({ networks }) => networks.some(({ addresses }) => addresses.includes(address)));
  const control = found?.controlFile === undefined ? undefined : readControlFile(found.controlFile);
  if (found === undefined || control?.ok !== true) return undefined;
  const { systemIdentifier } = control.value;
  return seen({ systemIdentifier, called: `the container ${found.name}` }, `${engine} inspect ${found.name}`);
}

/** The only one of that port which has this machine's network: an address can lead through a tunnel, but not past a socket that is taken. */
async function onThisMachine(host: Host, attempt: ConnectionAttempt): Promise<Observed<RefusingServer> | undefined> {
  if (!isOwnAddress(attempt, host)) return undefined;
  const [one, ...more] = (await runningClusters(host)).filter(({ cluster }) => cluster.port === attempt.port);
  if (one?.systemIdentifier === undefined || more.length > 0) return undefined;
  if (!(await isOnThisSystem(host, one.cluster.pid))) return undefined;
  return seen(
    { systemIdentifier: one.systemIdentifier, called: clusterText(one.cluster) },
    `${one.cluster.dataDirectory}/global/pg_control`,
  );
}
