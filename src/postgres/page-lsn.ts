import { lsn } from './lsn.ts';
import type { Lsn } from './lsn.ts';

/** No WAL begins before its second segment (xlog.c, BootStrapXLOG), and none is smaller than 1 MB. */
export const firstOfAll = 0x100000n;

/** bufpage.h, PageHeaderData: a page begins with the LSN of its last change, in two words. In hexadecimal, little-endian. */
export function pageLsn(hex: string): Lsn | undefined {
  if (!/^[0-9a-f]{16}$/u.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  return lsn((BigInt(bytes.readUInt32LE(0)) << 32n) | BigInt(bytes.readUInt32LE(4)));
}
