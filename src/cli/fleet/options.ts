import { fleetFormatNames } from '../../report/fleet/formats.ts';
import type { FleetFormatName } from '../../report/fleet/formats.ts';
import { outputsAmong } from '../options/outputs.ts';
import type { Output } from '../options/outputs.ts';
import { shownWord } from '../options/shown-word.ts';
import { UsageError } from '../usage-error.ts';

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

/** The outputs of `--format NAME[=FILE]`, each of which was given. */
export const fleetOutputs = (values: readonly string[]): readonly Output<FleetFormatName>[] =>
  values.length === 0 ? [{ format: 'stylish', file: undefined }] : outputsAmong(values, fleetFormatNames);
