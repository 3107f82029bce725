import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { StandbyConfiguration, StandbyConninfo } from '../facts/standby-configuration.ts';

/** Why this directory is to be a standby's; undefined: nothing in its settings says so. */
export function meantAsStandby(
  conninfo: Observed<StandbyConninfo>,
  configuration: Observed<StandbyConfiguration>,
): string | undefined {
  const set = ifSeen(conninfo);
  if (set?.text !== undefined)
    return `primary_conninfo is set${set.file === undefined ? '' : ` (${set.file}, line ${set.line ?? 1})`}`;
  const command = ifSeen(configuration)?.files.settings.get('restore_command');
  return command === undefined || command.value === '' ? undefined : 'restore_command is set';
}
