import { dataFilesCheck } from '../../src/checks/data-files.ts';
import type { DataFile } from '../../src/checks/internal-facts.ts';
import { ifSeen, seen } from '../../src/facts/observed.ts';
import { localHost } from '../../src/hosts/local.ts';
import { aDataDirectory, aRunningStandby } from '../rules/standby-world.ts';

/** What the check for all others sees of a directory on this machine. */
export async function dataFilesOf(path: string): Promise<readonly DataFile[] | undefined> {
  const facts = { dataDirectory: seen(aDataDirectory({ path }), ''), runningStandby: seen(aRunningStandby(), '') };
  const surroundings = { host: localHost(), subject: { command: 'postmortem', admin: {} } } as never;
  return ifSeen((await dataFilesCheck.look(facts, surroundings)).dataFiles);
}
