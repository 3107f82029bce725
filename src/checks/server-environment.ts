import type { Host } from '../hosts/host.ts';
import { textFile } from './text-file.ts';

/** The environment that the running server was started with; of one that is down nothing is known, and nothing is ours. */
export async function environmentOf(host: Host, pid: number | undefined): Promise<Readonly<Record<string, string>>> {
  if (pid === undefined) return {};
  const environment = await textFile(host, `/proc/${pid}/environ`);
  if (!environment.ok) return {};
  return Object.fromEntries(
    environment.value.split('\0').flatMap((entry) => {
      const equals = entry.indexOf('=');
      return equals < 1 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)] as const];
    }),
  );
}
