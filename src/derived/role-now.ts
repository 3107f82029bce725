import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ControlFileRead, DataDirectory } from '../facts/data-directory.ts';
import type { RunningStandby } from '../facts/running-standby.ts';

export interface RoleSeen {
  readonly dataDirectory: DataDirectory;
  readonly controlFile: ControlFileRead;
  readonly runningStandby: Observed<RunningStandby>;
}

/** What the server that runs on this directory is. */
export type RoleNow = 'primary' | 'in recovery' | 'unknown' | 'not running';

/**
 * By its own word; where it lets no session in, by its files. pg_control of a base backup has the state that its primary had
 * at the checkpoint, until recovery has found that checkpoint (xlog.c, StartupXLOG): as long as backup_label is there,
 * it says nothing of this server. A promotion removes standby.signal.
 */
export function roleNow({ dataDirectory, controlFile, runningStandby }: RoleSeen): RoleNow {
  const asked = ifSeen(runningStandby);
  if (asked !== undefined) return asked.inRecovery ? 'in recovery' : 'primary';
  if (dataDirectory.postmaster?.process !== 'running') return 'not running';
  const { backupLabel, signals } = dataDirectory;
  const isToRecover = signals.standby || signals.recovery;
  if (backupLabel !== undefined && isToRecover) return 'in recovery';
  if (!controlFile.ok) return 'unknown';
  if (controlFile.value.state !== 'in production') return 'in recovery';
  return backupLabel !== undefined || isToRecover ? 'unknown' : 'primary';
}
