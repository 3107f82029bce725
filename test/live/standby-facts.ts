import type { Surroundings } from '../../src/checks/check.ts';
import { controlFileCheck } from '../../src/checks/control-file.ts';
import { dataDirectoryCheck } from '../../src/checks/data-directory.ts';
import { runningStandbyCheck } from '../../src/checks/running-standby.ts';
import type { ThrowawayServer } from '../../src/demo/throwaway-server.ts';
import type { Observed } from '../../src/facts/observed.ts';
import type { RunningStandby } from '../../src/facts/standby.ts';
import { localHost } from '../../src/hosts/local.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import type { ResolvedConnection } from '../../src/servers/connection.ts';

/** What a post-mortem sees of the standby's server: over its socket, or over the --standby that is given. */
export async function lookAtRunning(
  standby: ThrowawayServer,
  conninfo?: string,
): Promise<Observed<RunningStandby>> {
  const host = localHost();
  const surroundings: Surroundings = {
    subject: {
      command: 'postmortem',
      dataDirectory: standby.dataDirectory,
      standby: conninfo === undefined ? undefined : await session(conninfo),
      admin: undefined,
      logs: [],
      logBytes: 'all',
    },
    host,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    now: () => new Date(),
  };
  const directory = await dataDirectoryCheck.look({}, surroundings);
  const control = await controlFileCheck.look(directory, surroundings);
  const { runningStandby } = await runningStandbyCheck.look({ ...directory, ...control }, surroundings);
  return runningStandby;
}

async function session(conninfo: string): Promise<ResolvedConnection> {
  const resolved = await resolveConnection(
    localHost(),
    { conninfo, host: undefined, port: undefined, user: undefined },
    { replication: false },
  );
  if (!resolved.ok) throw new Error(resolved.message);
  return resolved.connection;
}

export function value<T>(fact: Observed<T>): T {
  if (fact.status !== 'seen') throw new Error(`it was not seen: ${JSON.stringify(fact)}`);
  return fact.value;
}
