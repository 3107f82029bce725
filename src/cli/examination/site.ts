import type { Step } from '../../findings/report.ts';
import { PlaceLost } from '../../fixes/apply-plan.ts';
import type { Examined } from '../../fixes/apply-plan.ts';
import type { Purpose, Reached } from '../../hosts/reached.ts';
import type { Host } from '../../hosts/host.ts';
import type { WrittenPlace } from '../../hosts/place.ts';
import { primaryOf } from '../../remedies/in-container.ts';
import { goTo } from './places.ts';
import { UsageError } from '../usage-error.ts';

/** A place that steps are taken at, between looks at it; and that of its primary, where that is another one. */
export interface Site {
  /** It stays the same one, however often the place is reached again. */
  readonly host: Host;
  readonly dataDirectory: string;
  /** One examination. The place is reached again for each: a container may run by now, or not any more. */
  look(examine: () => Promise<Omit<Examined, 'primaryHost'>>): Promise<Examined>;
  reopen(): Promise<void>;
  close(): void;
}

/** Throws a {@link UsageError} where there is no such place, or it lets nobody in. */
export async function openSite(
  place: WrittenPlace,
  options: { readonly timeoutMs: number },
  purpose: Purpose,
  signal: AbortSignal,
): Promise<Site> {
  const own = await reachable(place, options, purpose, signal);
  let primary: (Reachable & { readonly name: string }) | undefined;
  const primaryHost = async ({ there, surroundings }: Omit<Examined, 'primaryHost'>): Promise<Host | undefined> => {
    const at = surroundings.host.place;
    const name = at?.kind === 'container' ? primaryOf(there, at)?.name : undefined;
    const steps = there.findings.flatMap(({ remedy }) => remedy?.steps ?? []);
    if (at?.kind !== 'container' || name === undefined || name === at.name || !steps.some(isTypedOnPrimary))
      return undefined;
    if (primary?.name === name) await primary.reopen();
    else {
      primary?.close();
      // a directory is asked for only where one is looked at
      const further = { kind: at.engine, name, path: '/' } as const;
      primary = { name, ...(await reachable(further, options, 'fix', signal)) };
    }
    return primary.host;
  };
  let looks = 0;
  return {
    host: own.host,
    dataDirectory: own.dataDirectory,
    reopen: () => own.reopen(),
    close: () => {
      own.close();
      primary?.close();
    },
    look: async (examine) => {
      for (let tries = 1; ; tries += 1) {
        if (looks > 0) await orLost(own.reopen());
        looks += 1;
        const looked = await examine();
        const lost = own.lost();
        if (lost === undefined) return { ...looked, primaryHost: await orNone(primaryHost(looked)) };
        if (tries === mostTries)
          throw new PlaceLost(`${own.host.label} broke off while it was looked at: ${lost.message}.`);
      }
    },
  };
}

const mostTries = 3;

const isTypedOnPrimary = ({ on, kind }: Step): boolean => on === 'primary' && kind === 'shell';

interface Reachable {
  readonly host: Host;
  readonly dataDirectory: string;
  lost(): ReturnType<Reached['lost']>;
  reopen(): Promise<void>;
  close(): void;
}

async function reachable(...[place, ...how]: Parameters<typeof goTo>): Promise<Reachable> {
  let reached = await goTo(place, ...how);
  /** What is planned is for that container, whatever its name leads to by now; one that was made again has its name. */
  const again = async (): Promise<Reached> => {
    const { containerId } = reached;
    if (containerId === undefined) return goTo(place, ...how);
    const kind = place.kind === 'podman' ? 'podman' : 'docker';
    return goTo({ ...place, kind, name: containerId }, ...how).catch(async () => goTo(place, ...how));
  };
  return {
    host: new Proxy(reached.host, { get: (_, key) => Reflect.get(reached.host, key) }),
    dataDirectory: reached.dataDirectory,
    lost: () => reached.lost(),
    reopen: async () => {
      reached.close();
      reached = await again();
    },
    close: () => reached.close(),
  };
}

/** That of the primary: what is done there is then typed by whoever reads the report. */
async function orNone(work: Promise<Host | undefined>): Promise<Host | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

async function orLost<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof UsageError ? new PlaceLost(error.message) : error;
  }
}

/** Before anything was done: there is nothing to tell of but that. */
export async function orUsageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PlaceLost)
      throw new UsageError(
        error.message,
        'What was seen until then is not reported, because it may be incomplete. Run this again.',
      );
    throw error;
  }
}
