import { lsn } from './lsn.ts';
import type { Lsn } from './lsn.ts';

/** A replication slot as pg_replslot/NAME/state has it (replication/slot.c, ReplicationSlotOnDisk; the same from 13 to 18). */
export interface SlotFile {
  readonly name: string;
  readonly type: 'physical' | 'logical';
  readonly restartLsn: Lsn | undefined;
}

/** slot.c, SLOT_MAGIC */
const magic = 0x1051ca1;

/** Undefined: this is no such file. */
export function parseSlotFile(bytes: Uint8Array, byteOrder: 'little' | 'big'): SlotFile | undefined {
  if (bytes.length < 104) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = byteOrder === 'little';
  if (view.getUint32(0, little) !== magic) return undefined;
  // 16 bytes of header; name 16 (64 bytes), database 80, persistency 84, xmin 88, catalog_xmin 92, restart_lsn 96
  const name = new TextDecoder().decode(bytes.subarray(16, 80)).replace(/\0.*$/su, '');
  const restart = view.getBigUint64(96, little);
  return {
    name,
    type: view.getUint32(80, little) === 0 ? 'physical' : 'logical',
    restartLsn: restart === 0n ? undefined : lsn(restart),
  };
}
