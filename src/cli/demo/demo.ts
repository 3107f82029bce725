import { findReleases } from '../../demo/releases.ts';
import type { Release } from '../../demo/releases.ts';
import { installCommand } from '../../demo/install-command.ts';
import { againAsServerUser, leaveRoot, mayLeaveRoot } from '../../demo/leave-root.ts';
import type { CommandSurroundings } from '../command.ts';
import type { ColorChoice } from '../own-options.ts';
import { readOutputs } from '../outputs.ts';
import { Screen } from '../screen.ts';
import { UsageError } from '../usage-error.ts';

/** The tour: a primary of its own, three faults, their remedies as printed, a copy, and a standby that streams. */
export async function demo(
  { color }: { readonly color: ColorChoice },
  { print, signal }: CommandSurroundings,
): Promise<number> {
  if (!mayLeaveRoot())
    return againAsServerUser(signal, async (user) =>
      print(`\n  PostgreSQL refuses to run as root, so all of this runs as ${user}.\n`),
    );
  const release = await newestRelease();
  // everything is loaded before root is left
  const [{ tour }, screen] = await Promise.all([
    import('./tour.ts'),
    Screen.of({ outputs: readOutputs([]), color }),
    import('../../report/stylish.ts'),
  ]);
  const user = await leaveRoot();
  // the servers are gone at once (last-resort.ts), and the tour still ends in order, with the status of an interrupt
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
  await tour({ release, user, screen, print, signal });
  return 0;
}

const oldestMajor = 13;

async function newestRelease(): Promise<Release> {
  const release = (await findReleases()).find(({ major }) => major >= oldestMajor);
  if (release !== undefined) return release;
  const command = await installCommand();
  throw new UsageError(
    `The demo creates its own PostgreSQL server, but no release (${oldestMajor} or later) is installed on this machine.`,
    command === undefined
      ? 'See https://www.postgresql.org/download/ for this platform.'
      : `Install one with "${command}", then run this again.`,
  );
}
