import type { LogPlace } from './log-place.ts';

/**
 * How much of which file is read: the newest first until the limit is reached, and in the order of their age, the oldest
 * first. A log that is written to now is the newest, whatever its name.
 */
export function newestPart(
  places: readonly LogPlace[],
  limit: number | 'all',
): readonly { readonly place: LogPlace; readonly bytes: number }[] {
  let left = limit === 'all' ? Infinity : limit;
  const parts: { readonly place: LogPlace; readonly bytes: number }[] = [];
  for (const place of places.toSorted((a, b) => timeOf(b) - timeOf(a))) {
    if (left <= 0) break;
    parts.unshift({ place, bytes: left });
    left -= (place.sizeBytes ?? 0) * (place.packed ? usualRatio : 1);
  }
  return parts;
}

/** What gzip makes of a log, roughly: how much a packed file will be is known only at its end. */
const usualRatio = 10;

const timeOf = ({ modifiedAt }: LogPlace): number => modifiedAt?.getTime() ?? Infinity;
