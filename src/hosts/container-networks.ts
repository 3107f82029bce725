import { startsServer } from './container-inspect.ts';
import type { Container, Engine } from './container-inspect.ts';
import { run } from './local-programs.ts';

/** One that is made has one network; a name of another one would not resolve there. */
export async function inAllItsNetworks(
  engine: Engine,
  beside: string,
  { network, networks, pod, inNetworkOf }: Container,
  timeoutMs: number,
): Promise<void> {
  if (pod !== undefined || inNetworkOf !== undefined) return;
  for (const { name } of networks.filter((one) => one.name !== network))
    await run(engine, ['network', 'connect', name, beside], { timeoutMs });
}

/** Of several networks the one that other servers are in: a command that is printed is run in one. */
export function networkOfServers(
  { id, network, networks, inNetworkOf }: Container,
  all: readonly Container[],
): string | undefined {
  if (networks.length < 2 || inNetworkOf !== undefined) return network;
  const others = all.filter((one) => one.id !== id && ('PGDATA' in one.environment || startsServer(one.command)));
  const hasOther = (name: string | undefined): boolean =>
    others.some((one) => one.networks.some((its) => its.name === name));
  return hasOther(network) ? network : (networks.find(({ name }) => hasOther(name))?.name ?? network);
}
