import { ifSeen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import type { SystemIdentifier } from '../postgres/lsn.ts';
import { controlFileIn } from './control-file.ts';
import type { StandbySettings } from './internal-facts.ts';

/** The cluster that -D is of; undefined where no standby is examined, or its control file cannot be read. */
export async function clusterOfStandby(
  settings: StandbySettings | undefined,
  host: Host,
): Promise<SystemIdentifier | undefined> {
  const control = settings && ifSeen(await controlFileIn(settings.dataDirectory, host));
  return control?.ok === true ? control.value.systemIdentifier : undefined;
}
