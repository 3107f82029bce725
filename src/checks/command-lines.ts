import { ofMachine } from '../hosts/of-machine.ts';
import { textFile } from './text-file.ts';

/** Of all processes that the machine shows, as the kernel keeps it: a NUL behind each word; undefined where nobody may see it. */
export const commandLines = ofMachine(async (host): Promise<ReadonlyMap<number, string | undefined>> => {
  const listing = await host.list('/proc', { limit: 50_000 });
  const numbers = (listing.ok ? listing.value.entries : []).map(({ name }) => Number(name)).filter((pid) => pid > 0);
  return new Map(
    await Promise.all(
      numbers.map(async (pid) => {
        const text = await textFile(host, `/proc/${pid}/cmdline`, 64 * 1024);
        return [pid, text.ok ? text.value : undefined] as const;
      }),
    ),
  );
});
