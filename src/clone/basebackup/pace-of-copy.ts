import type { Waits } from '../../checks/primary/sender-waits.ts';
import { requestOf } from '../../derived/option-conflicts.ts';
import type { BaseBackupCommand } from '../../facts/base-backup.ts';

export interface Pace {
  /** What the copy waited for most, and how often it was seen. */
  readonly slowedBy: string;
  /** The option that would make it faster, and why; undefined where none would. */
  readonly faster: string | undefined;
}

/** Undefined for a copy that was over soon, and for one that no single thing held up. */
export function paceOfCopy(
  { seen, methods }: Waits,
  command: BaseBackupCommand,
  { major, place }: { readonly major: number; readonly place: string },
): Pace | undefined {
  const counted = (['throttle', 'network', 'reading', 'working', 'writing'] as const).map((wait) => ({
    wait,
    times: seen.filter((one) => one === wait).length,
  }));
  const most = counted.reduce((left, right) => (right.times > left.times ? right : left));
  if (seen.length < fewest || most.times < seen.length * share) return undefined;
  const often = `${most.times} of ${seen.length} looks`;
  const packing = packingOf(command, major);
  const packsThere = packing?.where === 'server';
  switch (most.wait) {
    case 'throttle': {
      const rate = command.options.find(({ name }) => name === 'max-rate')?.words.join(' ') ?? '-r';
      return { slowedBy: `${rate}, in ${often}`, faster: 'a higher -r, or none' };
    }
    case 'network':
      return {
        slowedBy: `the network, which the primary waited for in ${often}`,
        faster: packsThere ? undefined : packed(methods, major),
      };
    case 'reading':
      return { slowedBy: `the disk of the primary, in ${often}`, faster: undefined };
    case 'writing':
      return { slowedBy: `the disk of ${place}, in ${often}`, faster: undefined };
    case 'working':
      return packsThere && packing.algorithm !== 'lz4' && methods.includes('lz4')
        ? {
            slowedBy: `the compression on the primary, in ${often}`,
            faster: '--compress=server-lz4, which takes less work',
          }
        : {
            slowedBy: `the one process of the primary that reads the files and sends them, in ${often}`,
            faster:
              'a tool that copies with several processes: pgBackRest (process-max) or Barman with backup_method = rsync (--jobs)',
          };
  }
}

const fewest = 8;
const share = 0.6;

function packed(methods: readonly string[], major: number): string | undefined {
  if (major < 15) return undefined;
  const method = methods.includes('lz4') ? 'lz4' : 'gzip';
  return `--compress=server-${method}: the primary compresses what it sends`;
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
