import type { SpoiledSegment } from '../facts/standby-wal.ts';
import { formatBytes } from '../postgres/bytes.ts';

/** What is wrong with a file under a segment's name, for `FILE …`. */
export function contentOf({ content, bytes: size }: SpoiledSegment, segmentSize: number | undefined): string {
  switch (content) {
    case 'empty':
      return 'is empty';
    case 'short':
    case 'long':
      return `has ${formatBytes(size)}${segmentSize === undefined ? '' : ` instead of ${formatBytes(segmentSize)}`}`;
    case 'of-another-cluster':
      return 'has the system identifier of another cluster';
    case 'of-another-timeline':
      return 'has pages of a later timeline than in its name';
    case 'not-wal':
      return 'does not start with the page of that segment';
  }
}
