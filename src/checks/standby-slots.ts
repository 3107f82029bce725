import { posix } from 'node:path';

import { ifSeen, seen, unseen } from '../facts/observed.ts';
import { parseSlotFile } from '../postgres/slot-file.ts';
import { defineCheck } from './check.ts';

/** The replication slots in the standby's own data directory, whether a server runs on it or not: a running one writes them at each restart point. */
export const standbySlotsCheck = defineCheck({
  brings: ['standbySlots'],
  after: ['dataDirectory', 'controlFile'],
  async look({ dataDirectory, controlFile }, { host }) {
    if (dataDirectory.status !== 'seen') return { standbySlots: dataDirectory };
    const control = ifSeen(controlFile);
    const byteOrder = control?.ok === true ? control.value.byteOrder : 'little';
    const directory = posix.join(dataDirectory.value.path, 'pg_replslot');
    const listing = await host.list(directory);
    if (!listing.ok)
      return listing.problem.code === 'ENOENT'
        ? { standbySlots: seen([], directory) }
        : { standbySlots: unseen('permission', `${directory}: ${listing.problem.message}`) };
    const slots = await Promise.all(
      listing.value.entries.map(async ({ name }) => {
        const file = await host.read(posix.join(directory, name, 'state'), { maxBytes: 512 });
        return file.ok ? parseSlotFile(file.value.bytes, byteOrder) : undefined;
      }),
    );
    return {
      standbySlots: seen(
        slots.filter((slot) => slot !== undefined),
        directory,
      ),
    };
  },
});
