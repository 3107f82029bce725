import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import { isOfRecovery } from '../postgres/control-file.ts';
import type { ControlFileRead, DataDirectory } from '../facts/data-directory.ts';
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

/**
 * What a directory without the settings of a standby is all the same: a base backup that no server has run on, as
 * `pg_basebackup` makes it without `-R`, or a standby whose settings were lost. Started as it is, it would be a primary. The
 * label of the exclusive mode (before 15) is in the directory of a running primary, too.
 */
export function standbyByItsFiles(
  { backupLabel, postmaster }: DataDirectory,
  control: ControlFileRead | undefined,
): string | undefined {
  if (postmaster?.process === 'running') return undefined;
  if (backupLabel?.label?.method === 'streamed') return 'is a base backup';
  return control?.ok === true && isOfRecovery(control.value) ? 'was a standby when its server last ran' : undefined;
}
