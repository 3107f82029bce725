import type { ControlFile } from '../postgres/control-file.ts';

/**
 * The traces of pg_resetwal in pg_control (pg_resetwal.c, RewriteControlFile): wal_level is minimal, and the last checkpoint
 * is the first record of a segment. A server can come to the same by itself: only with WAL that its primary does not have
 * they prove anything.
 */
export const looksReset = ({ walLevel, walSegmentSize, checkpoint: { location, redo } }: ControlFile): boolean =>
  walLevel === 'minimal' && location === redo && location % BigInt(walSegmentSize) === firstRecord;

/** SizeOfXLogLongPHD: the header of a segment's first page. */
const firstRecord = 40n;
