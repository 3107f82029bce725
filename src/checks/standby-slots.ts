import { posix } from 'node:path';

import { ifSeen, seen, unseen } from '../facts/observed.ts';
import type { DamagedSlot } from '../facts/data-directory.ts';
import { damageOfSlotFile, parseSlotFile } from '../postgres/slot-file.ts';
import type { SlotFile } from '../postgres/slot-file.ts';
import { defineCheck } from './check.ts';

/** The replication slots in the standby's own data directory, whether a server runs on it or not: a running one writes them at each restart point. */
export const standbySlotsCheck = defineCheck({
  brings: ['standbySlots', 'damagedSlots'],
  after: ['dataDirectory', 'controlFile'],
  async look({ dataDirectory, controlFile }, { host }) {
    if (dataDirectory.status !== 'seen') return { standbySlots: dataDirectory, damagedSlots: dataDirectory };
    const control = ifSeen(controlFile);
    const byteOrder = control?.ok === true ? control.value.byteOrder : 'little';
    const directory = posix.join(dataDirectory.value.path, 'pg_replslot');
    const listing = await host.list(directory);
    if (!listing.ok && listing.problem.code !== 'ENOENT') {
      const closed = unseen('permission', `${directory}: ${listing.problem.message}`);
      return { standbySlots: closed, damagedSlots: closed };
    }
    // what is no directory the server passes by, and what it was about to make or drop it removes
    const entries = (listing.ok ? listing.value.entries : []).filter(
      ({ name, kind }) => kind === 'directory' && !name.endsWith('.tmp'),
    );
    const looked = await Promise.all(
      entries.map(async ({ name }): Promise<SlotFile | DamagedSlot | undefined> => {
        const file = await host.read(posix.join(directory, name, 'state'), { maxBytes: 1_024 });
        if (!file.ok) return file.problem.code === 'ENOENT' ? { name, because: 'it does not exist' } : undefined;
        const because = damageOfSlotFile(file.value.bytes, byteOrder);
        return because === undefined ? parseSlotFile(file.value.bytes, byteOrder) : { name, because };
      }),
    );
    const slots = looked.filter((one) => one !== undefined);
    return {
      standbySlots: seen(
        slots.filter((slot) => 'type' in slot),
        directory,
      ),
      damagedSlots: seen(
        slots.filter((slot) => 'because' in slot),
        directory,
      ),
    };
  },
});
