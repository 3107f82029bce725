import { describe, expect, it } from 'vitest';

import { crc32c } from '../../src/postgres/crc32c.ts';
import { damageOfSlotFile, parseSlotFile } from '../../src/postgres/slot-file.ts';

/** As slot.c writes it: magic, checksum, version, length; then the name, and what is read of the rest. */
function slotFile(order: 'little' | 'big', change: { readonly database?: number; readonly restart?: bigint } = {}) {
  const bytes = new Uint8Array(200);
  const view = new DataView(bytes.buffer);
  const little = order === 'little';
  view.setUint32(0, 0x1051ca1, little);
  view.setUint32(8, 5, little);
  view.setUint32(12, bytes.length - 16, little);
  bytes.set(new TextEncoder().encode('standby1'), 16);
  view.setUint32(80, change.database ?? 0, little);
  view.setBigUint64(96, change.restart ?? 0x3000060n, little);
  view.setUint32(4, crc32c(bytes.subarray(8)), little);
  return bytes;
}

describe.each(['little', 'big'] as const)('the state of a slot, %s-endian', (order) => {
  it('tells its name, its type and from where it keeps WAL', () => {
    expect(parseSlotFile(slotFile(order), order)).toMatchObject({ name: 'standby1', type: 'physical' });
    expect(String(parseSlotFile(slotFile(order), order)?.restartLsn)).toBe('50331744');
    expect(parseSlotFile(slotFile(order, { database: 5, restart: 0n }), order)).toMatchObject({
      type: 'logical',
      restartLsn: undefined,
    });
    expect(damageOfSlotFile(slotFile(order), order)).toBeUndefined();
  });

  it.each<readonly [string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['is empty', () => new Uint8Array(0), 'it has 0 bytes'],
    ['is zeroes', (bytes) => bytes.fill(0), 'it does not begin as the state of a slot does'],
    ['is cut', (bytes) => bytes.subarray(0, 120), 'it has 120 of 200 bytes'],
    ['has another byte', (bytes) => bytes.fill(9, 150, 151), 'its checksum is wrong'],
  ])('that %s is damaged', (_, spoil, because) => {
    expect(damageOfSlotFile(spoil(slotFile(order)), order)).toBe(because);
  });

  it('is not read of anything else', () => {
    expect(parseSlotFile(new Uint8Array(40), order)).toBeUndefined();
    expect(parseSlotFile(slotFile(order).fill(0), order)).toBeUndefined();
  });
});
