import type { ReplicationSession } from '../facts/connection.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { UpstreamStandby } from '../facts/upstream-standby.ts';
import { isCopy } from './our-sender.ts';

/**
 * What shows that the upstream is one of the examined standby's own standbys: they follow each other. An address alone
 * shows it only of another machine: on this one, any other server may have it. Undefined: nothing shows it.
 */
export function followsBack(
  standby: RunningStandby,
  session: ReplicationSession,
  upstream: UpstreamStandby | undefined,
): string | undefined {
  const { attempt, ownAddress, settings } = session;
  const receiver = upstream?.receiver;
  if (receiver?.runs === false) return undefined;
  const name = settings.get('cluster_name') ?? '';
  const from = standby.senders.filter(
    (sender) => !isCopy(sender) && sender.address !== undefined && sender.address === attempt.address,
  );
  const [one] = from;
  if (one === undefined) return undefined;
  const port = receiver?.port;
  if (port !== undefined) {
    const leadsHere =
      port === standby.port && (!ownAddress || receiver?.host === attempt.address || isLocal(receiver?.host));
    return leadsHere ? `it is connected to port ${port} (pg_stat_wal_receiver there)` : undefined;
  }
  if (name !== '' && from.some(({ applicationName }) => applicationName === name))
    return `${name} from ${one.address} is a standby of this one (pg_stat_replication)`;
  return ownAddress ? undefined : `a standby at ${one.address} follows this one (pg_stat_replication)`;
}

const isLocal = (host: string | undefined): boolean => host !== undefined && /^(?:localhost|127\.|::1$|\/)/u.test(host);
