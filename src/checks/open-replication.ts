import type { OpenSession } from '../servers/session.ts';
import type { Surroundings } from './check.ts';

/** The process that serves the replication session; undefined where there is no session. */
type Backend = Promise<number | undefined>;

const sessions = new WeakMap<Surroundings, Backend>();

/**
 * Lets another session ask its own server for the process of the replication session while that is open: whoever sees it is
 * on the same server, whatever stands between (tunnels, forwarded ports, names with two addresses).
 */
export function announceReplication(
  surroundings: Surroundings,
  connecting: Promise<{ readonly session: OpenSession | undefined }>,
): void {
  sessions.set(
    surroundings,
    connecting.then(
      ({ session }) => session?.backendPid,
      () => undefined,
    ),
  );
}

/** At once where no replication login is made. */
export const replicationBackend = async (surroundings: Surroundings): Backend => sessions.get(surroundings);
