import { shownWord } from '../shown-word.ts';
import { UsageError } from '../usage-error.ts';

export type FleetFormat = 'stylish' | 'json' | 'ndjson';

const mostJobs = 100;
const longestSeconds = 3600;

export function jobs(text: string): number {
  const number = /^\d+$/u.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= mostJobs) return number;
  throw new UsageError(
    `--jobs takes a number from 1 to ${mostJobs}, not "${shownWord(text)}".`,
    'For example: --jobs 8',
  );
}

/** Reads the seconds of an option. */
export const longTime =
  (option: '--target-timeout' | '--call-timeout') =>
  (text: string): number => {
    const seconds = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : 0;
    if (seconds > 0 && seconds <= longestSeconds) return Math.ceil(seconds * 1000);
    throw new UsageError(
      `${option} takes seconds, more than 0 and at most ${longestSeconds}, not "${shownWord(text)}".`,
      `For example: ${option} 60`,
    );
  };

export function fleetFormat(text: string): FleetFormat {
  if (text === 'stylish' || text === 'json' || text === 'ndjson') return text;
  throw new UsageError(
    `--format takes stylish, json or ndjson, not "${shownWord(text)}".`,
    'A target alone has more formats: standbylint postmortem --target NAME --format sarif',
  );
}
