import { UsageError } from '../usage-error.ts';

/**
 * `-r`: bytes a second from a number in kB/s, or with the suffix `k` or `M` (pg_basebackup.c, parse_max_rate). Throws a
 * {@link UsageError} outside of 32 kB/s to 1 GB/s.
 */
export function parseMaxRate(text: string): number {
  const [, number, suffix] = /^\s*\+?(\d+(?:\.\d*)?|\.\d+)\s*([kM]?)\s*$/u.exec(text) ?? [];
  const kilobytes = Number(number) * (suffix === 'M' ? 1024 : 1);
  if (number !== undefined && kilobytes >= slowest && kilobytes <= fastest) return Math.trunc(kilobytes) * 1024;
  throw new UsageError(
    `-r/--max-rate takes 32 kB/s to 1 GB/s, as kB/s or with the suffix k or M, not "${text}".`,
    'For example: -r 50M',
  );
}

/** In kB/s: MAX_RATE_LOWER and MAX_RATE_UPPER in backup/basebackup.h. */
const slowest = 32;
const fastest = 1_048_576;
