import type { ControlFile } from './control-file.ts';

/** clog.c: two bits a transaction; slru.h: 32 pages a file. */
const transactionsPerByte = 4;
const pagesPerFile = 32;
/** So many in a row without a status are no crash's: each of them was committed or aborted. */
const shownBy = 256;

/** A file of pg_xact, and what of it a checkpoint has left on disk. */
export interface StatusFile {
  /** `pg_xact/0000` */
  readonly path: string;
  /** The least that it holds, in bytes. */
  readonly bytes: number;
  /** The first transaction whose status it holds, without the epoch. */
  readonly first: number;
  /** All transactions before this one have ended, without the epoch. */
  readonly ended: number;
  readonly blockSize: number;
}

/** The newest file of pg_xact that the checkpoint of pg_control has written (clog.c, CheckPointCLOG). */
export function newestStatusFile({ checkpoint, blockSize }: ControlFile): StatusFile {
  const perPage = blockSize * transactionsPerByte;
  const next = Number(checkpoint.nextXid & 0xffff_ffffn);
  const last = Math.max(next - 1, 0);
  const page = Math.floor(last / perPage);
  const file = Math.floor(page / pagesPerFile);
  const active = checkpoint.oldestActiveXid;
  return {
    path: `pg_xact/${nameOf(file)}`,
    bytes: ((page % pagesPerFile) + 1) * blockSize,
    first: file * pagesPerFile * perPage,
    // none in a checkpoint at shutdown, and after a wraparound it can be the greater number
    ended: active === 0 ? next : Math.min(active, next),
    blockSize,
  };
}

/** A file that a checkpoint has left on disk, and the least that it holds, in bytes. */
export type LeastFile = Pick<StatusFile, 'path' | 'bytes'>;

/** multixact.c: an offset of four bytes each; groups of four members, with four bytes of flags before them. */
const bytesPerOffset = 4;
const membersPerGroup = 4;
const bytesPerGroup = membersPerGroup * 5;

/**
 * The newest files of pg_multixact (multixact.c, CheckPointMultiXact). Both are made with the cluster, and a truncation
 * leaves the newest of each; of the members it may not, where nothing was written to it yet.
 */
export function newestMultiXactFiles({ checkpoint, blockSize }: ControlFile): readonly LeastFile[] {
  const offsets = Math.max(checkpoint.nextMultiXact - 1, 1);
  const perMemberPage = Math.floor(blockSize / bytesPerGroup) * membersPerGroup;
  const next = checkpoint.nextMultiXactOffset;
  const isBegun = next <= 1 || next % (perMemberPage * pagesPerFile) !== 0;
  return [
    leastFile('pg_multixact/offsets', Math.floor(offsets / (blockSize / bytesPerOffset)), blockSize),
    ...(isBegun
      ? [leastFile('pg_multixact/members', Math.floor(Math.max(next - 1, 0) / perMemberPage), blockSize)]
      : []),
  ];
}

const leastFile = (directory: string, page: number, blockSize: number): LeastFile => ({
  path: `${directory}/${nameOf(Math.floor(page / pagesPerFile))}`,
  bytes: ((page % pagesPerFile) + 1) * blockSize,
});

/** slru.c, SlruFileName */
const nameOf = (file: number): string => file.toString(16).toUpperCase().padStart(4, '0');

/** What its bytes show to be lost; undefined: nothing. */
export function lossOf(file: StatusFile, bytes: Uint8Array): string | undefined {
  if (bytes.length < file.bytes) return `it has ${bytes.length} bytes, and ${file.bytes} are needed`;
  for (let at = 0; at < file.bytes; at += file.blockSize) {
    const first = file.first + at * transactionsPerByte;
    if (first + shownBy > file.ended) return undefined;
    if (bytes.subarray(at, at + shownBy / transactionsPerByte).every((byte) => byte === 0))
      return `it holds no status of transactions ${Math.max(first, 3)} to ${first + shownBy - 1}, which have ended`;
  }
  return undefined;
}
