import { crc32c } from './crc32c.ts';
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

/** Why a server does not start on such a file (slot.c, RestoreSlotFromDisk); undefined: it can read it. */
export function damageOfSlotFile(bytes: Uint8Array, byteOrder: 'little' | 'big'): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = byteOrder === 'little';
  if (bytes.length < 16) return `it has ${bytes.length} bytes`;
  if (view.getUint32(0, little) !== magic) return 'it does not begin as the state of a slot does';
  const end = 16 + view.getUint32(12, little);
  if (bytes.length < end) return `it has ${bytes.length} of ${end} bytes`;
  return crc32c(bytes.subarray(8, end)) === view.getUint32(4, little) ? undefined : 'its checksum is wrong';
}

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
