import { findReleases } from '../../throwaway/releases.ts';
import type { Release } from '../../throwaway/releases.ts';
import type { PostgresImage } from '../../throwaway/throwaway-containers.ts';
import { installCommand } from '../../throwaway/install-command.ts';
import { againAsServerUser, leaveRoot, mayLeaveRoot } from '../../throwaway/leave-root.ts';
import type { CommandSurroundings } from '../command.ts';
import type { ColorChoice } from '../options/own-options.ts';
import { readOutputs } from '../options/outputs.ts';
import { Screen } from '../terminal/screen.ts';
import { UsageError } from '../usage-error.ts';

export interface DemoCall {
  readonly color: ColorChoice;
  /** In containers: of that image, or of the one that is here (true). */
  readonly docker?: string | true;
}

/** The tour: a primary of its own, its faults, their remedies as printed, a copy, and a standby that streams. */
export async function demo({ color, docker }: DemoCall, { print, signal }: CommandSurroundings): Promise<number> {
  if (docker !== undefined) {
    const image = await imageFor(docker === true ? undefined : docker);
    const { containerTour } = await import('./container-tour.ts');
    const screen = await Screen.of({ outputs: readOutputs([]), color });
    endsInOrder();
    await containerTour({ image, screen, print, signal });
    return 0;
  }
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
  endsInOrder();
  await tour({ release, user, screen, print, signal });
  return 0;
}

/** The servers are gone at once (last-resort.ts), and the tour still ends in order, with the status of an interrupt. */
function endsInOrder(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
}

async function imageFor(name: string | undefined): Promise<PostgresImage> {
  const { findImage, NoContainers } = await import('../../throwaway/throwaway-containers.ts');
  try {
    return await findImage(name, oldestMajor);
  } catch (error) {
    if (!(error instanceof NoContainers)) throw error;
    if (error.code === 'no-image')
      throw new UsageError(
        `demo --docker needs an image of PostgreSQL (${oldestMajor} or later) on this machine, and no image ${error.message} is here. It pulls nothing by itself.`,
        `"docker pull ${name ?? 'postgres:17'}" gets it from the registry. Then run this again, or name another image: demo --docker=IMAGE.`,
      );
    throw new UsageError(
      `demo --docker needs a Docker daemon: ${error.message}.`.replace(/\.\.$/u, '.'),
      error.code === 'no-docker'
        ? 'Install Docker (https://docs.docker.com/engine/install/), or leave --docker out: the demo then runs on this machine.'
        : 'Start it ("systemctl start docker" as root), or run this as a user who may talk to it. Without --docker the demo runs on this machine.',
    );
  }
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
