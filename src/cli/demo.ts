import { findReleases } from '../demo/releases.ts';
import type { Release } from '../demo/releases.ts';
import { installCommand } from '../demo/install-command.ts';
import { leaveRoot } from '../demo/leave-root.ts';
import type { CommandSurroundings } from './command.ts';
import { parseWords } from './getopt.ts';
import { oneOf } from './own-options.ts';
import { Screen } from './screen.ts';
import { UsageError } from './usage-error.ts';

const help = `Usage:
  standbylint demo [--color=auto|always|never]

Makes a throw-away primary in a temporary folder, breaks it three times, has each
fault named and mended, copies it, proves that the copy streams, and leaves nothing
behind. It takes less than a minute and touches no other server.
`;

/** The tour: a primary of its own, three faults, their remedies as printed, a copy, and a standby that streams. */
export async function demo(words: readonly string[], { print, signal }: CommandSurroundings): Promise<number> {
  const { options, operands } = parseWords(words, [
    { long: 'help', short: '?' },
    { long: 'color', value: 'auto|always|never' },
  ]);
  const [operand] = operands;
  if (operand !== undefined)
    throw new UsageError(`"demo" takes no name, and "${operand}" is one.`, 'Write standbylint demo.');
  if (options.some(({ spec }) => spec.long === 'help')) {
    await print(help);
    return 0;
  }
  const color = oneOf('color', options.at(-1)?.value ?? 'auto', ['auto', 'always', 'never']);
  const release = await newestRelease();
  // everything is loaded before root is left: the user who goes on may not read this program's folder
  const [{ tour }] = await Promise.all([import('./demo-tour.ts'), import('../report/stylish.ts'), import('pg')]);
  const user = await leaveRoot();
  await tour({ release, user, screen: new Screen({ format: 'stylish', color }), color, print, signal });
  return 0;
}

const oldestMajor = 13;

async function newestRelease(): Promise<Release> {
  const release = (await findReleases()).find(({ major }) => major >= oldestMajor);
  if (release !== undefined) return release;
  const command = await installCommand();
  throw new UsageError(
    `The demo makes a PostgreSQL server of its own, and no release (${oldestMajor} or later) is installed here.`,
    command === undefined
      ? 'See https://www.postgresql.org/download/ for this platform.'
      : `Install one with "${command}", then run this again.`,
  );
}
