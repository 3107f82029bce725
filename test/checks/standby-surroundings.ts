import type { Facts, FactName } from '../../src/facts/facts.ts';
import type { Checked, CheckedName } from '../../src/checks/internal-facts.ts';
import type { AnyCheck, Surroundings } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/registry.ts';
import type { ResolvedConnection } from '../../src/servers/connection.ts';
import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';

/** A post-mortem of the standby on a data directory, without --standby and --log. */
export const postmortemOf = (
  dataDirectory: string,
  host: Host = localHost(),
  admin?: ResolvedConnection,
): Surroundings => ({
  subject: {
    command: 'postmortem',
    dataDirectory,
    standby: undefined,
    admin,
    logs: [],
    logBytes: 'all',
  },
  host,
  timeoutMs: 5_000,
  signal: new AbortController().signal,
  now: () => new Date('2026-11-21T20:00:00Z'),
});

/** Brings these facts and those that they wait for: each check looks once, in the order of what it waits for. */
export async function factsOf(surroundings: Surroundings, names: readonly FactName[]): Promise<Partial<Facts>> {
  const looks = new Map<AnyCheck, Promise<Partial<Checked>>>();
  const bring = async (name: CheckedName): Promise<Partial<Checked>> => {
    const check = checks.find(({ brings }) => brings.includes(name));
    if (check === undefined) throw new Error(`no check brings ${name}`);
    const running = looks.get(check) ?? look(check);
    looks.set(check, running);
    return running;
  };
  const look = async (check: AnyCheck): Promise<Partial<Checked>> =>
    check.look(Object.assign({}, ...(await Promise.all(check.after.map(bring)))), surroundings);
  return Object.assign({}, ...(await Promise.all(names.map(bring))));
}
