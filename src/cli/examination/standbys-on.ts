import { posix } from 'node:path';

import { runningClusters } from '../../checks/other-clusters.ts';
import type { Host } from '../../hosts/host.ts';
import { shellWord } from '../../remedies/quoting.ts';

/** The standbys of a machine, those that run first, as words for -D: their path is what most who leave it out look for. */
export async function standbysOn(host: Host, machine: string, prefix: string): Promise<string> {
  const running = host.platform === 'win32' ? [] : await runningClusters(host);
  const inUse = new Set(running.map(({ cluster: { dataDirectory } }) => dataDirectory));
  const standbys = await Promise.all(
    running.map(async ({ isStandby, cluster: { dataDirectory } }) =>
      // the path of a container is none of this machine's
      isStandby && (await host.status(`${dataDirectory}/standby.signal`)).ok ? [dataDirectory] : [],
    ),
  );
  const signals = host.platform === 'win32' ? undefined : await host.glob([...ofPackages]);
  const stopped = (signals?.ok === true ? signals.value : [])
    .map((file) => posix.dirname(file))
    .filter((directory) => !inUse.has(directory));
  const listed = (word: string, all: readonly string[]): string => {
    const found = all.slice(0, mostNamed).map((directory) => `-D ${shellWord(`${prefix}${directory}`)}`);
    const others = all.length - mostNamed;
    return found.length === 0
      ? ''
      : ` ${word} on ${machine}: ${found.join(', ')}${others > 0 ? `, and ${others} more` : ''}`;
  };
  const [ofRunning, ofStopped] = [listed('Running', standbys.flat()), listed('Not running', stopped)];
  return `${ofRunning}${ofRunning !== '' && ofStopped !== '' ? '.' : ''}${ofStopped}`;
}

/** Where Debian's and PGDG's packages have data directories. */
const ofPackages = ['/var/lib/postgresql/*/*/standby.signal', '/var/lib/pgsql/*/data/standby.signal'] as const;

const mostNamed = 8;
