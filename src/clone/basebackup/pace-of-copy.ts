import type { Waits } from '../../checks/primary/sender-waits.ts';
import { requestOf } from '../../derived/option-conflicts.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';
import { formatBytes } from '../../postgres/bytes.ts';

export interface Pace {
  /** What the copy waited for most, how often it was seen, and how much came through. */
  readonly slowedBy: string;
  /** What the rest of the way managed meanwhile. */
  readonly without: string | undefined;
  /** The option that would make it faster, and why; undefined where none would. */
  readonly faster: string | undefined;
}

/** Undefined for a copy that was over soon, and for one that no single thing held up. */
export function paceOfCopy({ seen, methods }: Waits, command: BaseBackupCommand, copy: MeasuredCopy): Pace | undefined {
  const { major, place } = copy;
  const counted = (['throttle', 'network', 'reading', 'working', 'writing'] as const).map((wait) => ({
    wait,
    times: seen.filter((one) => one === wait).length,
  }));
  const most = counted.reduce((left, right) => (right.times > left.times ? right : left));
  if (seen.length < fewest || most.times < seen.length * share) return undefined;
  const often = `${most.times} of ${seen.length} looks: ${rateOf(copy, 1)}`;
  const rest = withoutIt(copy, seen.length, most.times);
  const packing = packingOf(command, major);
  const packsThere = packing?.where === 'server';
  switch (most.wait) {
    case 'throttle': {
      const rate = command.options.find(({ name }) => name === 'max-rate')?.words.join(' ') ?? '-r';
      return { slowedBy: `${rate}, in ${often}`, without: rest, faster: 'a higher -r, or none' };
    }
    case 'network':
      return {
        slowedBy: `the network, which the primary waited for in ${often}`,
        without: rest,
        faster: packsThere ? undefined : packed(methods, major, command.format === 'plain' ? copy.unpacks : undefined),
      };
    case 'reading':
      return { slowedBy: `the disk of the primary, in ${often}`, without: rest, faster: undefined };
    case 'writing':
      return { slowedBy: `the disk of ${place}, in ${often}`, without: rest, faster: undefined };
    case 'working':
      return packsThere && packing.algorithm !== 'lz4' && methods.includes('lz4') && canUnpack(copy, command, 'lz4')
        ? {
            slowedBy: `the compression on the primary, in ${often}`,
            without: undefined,
            faster: '--compress=server-lz4, which takes less work',
          }
        : {
            slowedBy: `the one process of the primary that reads the files and sends them, in ${often}`,
            without: undefined,
            faster:
              'a tool that copies with several processes: pgBackRest (process-max) or Barman with backup_method = rsync (--jobs)',
          };
  }
}

const fewest = 8;
const share = 0.6;

/** What was copied, by which programs, and in what time. */
export interface MeasuredCopy {
  readonly major: number;
  readonly place: string;
  readonly copiedBytes: number;
  readonly elapsedMs: number;
  /** What this pg_basebackup can unpack; undefined where that is not known. */
  readonly unpacks: ReadonlySet<string> | undefined;
}

/** Of all that was copied, in this share of the time. */
const rateOf = ({ copiedBytes, elapsedMs }: MeasuredCopy, part: number): string =>
  `${formatBytes((copiedBytes * 1000) / Math.max(elapsedMs * part, 1))}/s`;

/**
 * One process of the primary reads, packs and sends, and waits in between: all of the copy passed through the rest of its way
 * in the rest of the time. Where it was never seen there, no more than three looks of all were likely to be (the rule of three).
 */
function withoutIt(copy: MeasuredCopy, looks: number, times: number): string | undefined {
  const others = looks - times;
  const rate = rateOf(copy, Math.max(others, 3) / looks);
  return others < 3 ? `more than ${rate}` : `about ${rate}`;
}

const canUnpack = ({ unpacks }: MeasuredCopy, { format }: BaseBackupCommand, method: string): boolean =>
  format !== 'plain' || unpacks === undefined || unpacks.has(method);

/** The primary has to be built with the method, and so has a pg_basebackup that unpacks what comes. */
function packed(
  methods: readonly string[],
  major: number,
  unpacks: ReadonlySet<string> | undefined,
): string | undefined {
  if (major < 15) return undefined;
  const there = ['lz4', 'zstd'].filter((method) => methods.includes(method));
  const method = [...there, 'gzip'].find((one) => unpacks === undefined || unpacks.has(one));
  return method && `--compress=server-${method}: the primary compresses what it sends`;
}

/** Who packs the bytes, and how; undefined where nobody does. Before 15 only pg_basebackup can. */
function packingOf(
  command: BaseBackupCommand,
  major: number,
): { readonly where: 'client' | 'server'; readonly algorithm: string } | undefined {
  const { compression } = command;
  if (compression === undefined) return undefined;
  if (major < 15) return { where: 'client', algorithm: 'gzip' };
  const asked = requestOf(command, compression, major);
  return asked.algorithm === 'none' ? undefined : asked;
}
