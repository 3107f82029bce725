import { columns, padEnd } from './layout.ts';
import type { Paint } from './paint.ts';
import { formatBytes } from '../postgres/bytes.ts';
import { formatDuration } from '../postgres/durations.ts';

/** How far a copy is; bytes and seconds. */
export interface CopyProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly percent: number;
  /** Undefined in the first moments. */
  readonly bytesPerSecond: number | undefined;
  /** Undefined while nothing moved yet, or past the estimate. */
  readonly secondsLeft: number | undefined;
}

/** One line for a terminal: a bar, and in numbers what was copied, how fast, and how long it still takes. */
export function progressBar(progress: CopyProgress, width: number, paint: Paint): string {
  const numbers = ` ${String(Math.min(progress.percent, 100)).padStart(3)} %  ${inNumbers(progress)}`;
  const room = Math.min(mostBlocks, width - indentation - columns(numbers) - 1);
  if (room < fewestBlocks) return padEnd('', indentation) + numbers.trimStart();
  const filled = Math.round((room * Math.min(progress.percent, 100)) / 100);
  const bar = `${paint.good('█'.repeat(filled))}${paint.quiet('░'.repeat(room - filled))}`;
  return `${padEnd('', indentation)}${bar}${numbers}`;
}

const indentation = 2;
const mostBlocks = 30;
const fewestBlocks = 8;

/** The same where there is no terminal: a line of its own. */
export const progressLine = (progress: CopyProgress): string =>
  `  ${String(progress.percent).padStart(3)} %  ${inNumbers(progress)}`;

function inNumbers({ doneBytes, totalBytes, bytesPerSecond, secondsLeft }: CopyProgress): string {
  const parts = [
    `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
    ...(bytesPerSecond === undefined ? [] : [`${formatBytes(bytesPerSecond)}/s`]),
    ...(secondsLeft === undefined ? [] : [`${formatDuration(Math.max(1, Math.round(secondsLeft)))} left`]),
  ];
  return parts.join(', ');
}
