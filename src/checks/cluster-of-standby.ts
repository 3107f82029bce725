import { ifSeen } from '../facts/observed.ts';
import type { SystemIdentifier } from '../postgres/lsn.ts';
import type { Surroundings } from './check.ts';
import { controlFileIn } from './control-file.ts';
import { standbySettings } from './standby-settings.ts';

/** The cluster that -D is of; undefined where no standby is examined, or its control file cannot be read. */
export async function clusterOfStandby(surroundings: Surroundings): Promise<SystemIdentifier | undefined> {
  const settings = await standbySettings(surroundings);
  if (settings === undefined) return undefined;
  const control = ifSeen(await controlFileIn(settings.dataDirectory, surroundings.host));
  return control?.ok === true ? control.value.systemIdentifier : undefined;
}
