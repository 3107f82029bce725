import { ifSeen } from '../facts/observed.ts';
import { derived } from './derived.ts';
import type { SeenBy } from './derived.ts';

const goesBy = { needs: ['dataDirectory', 'controlFile'], wants: ['runningStandby'] } as const;
export type RoleSeen = SeenBy<typeof goesBy>;

/** What the server that runs on this directory is. */
export type RoleNow = 'primary' | 'in recovery' | 'unknown' | 'not running';

/**
 * By its own word; where it lets no session in, by its files. pg_control of a base backup has the state that its primary had
 * at the checkpoint, until recovery has found that checkpoint (xlog.c, StartupXLOG): as long as backup_label is there,
 * it says nothing of this server. A promotion removes standby.signal.
 */
export const roleNow = derived(goesBy, ({ dataDirectory, controlFile, runningStandby }): RoleNow => {
  const asked = ifSeen(runningStandby);
  if (asked !== undefined) return asked.inRecovery ? 'in recovery' : 'primary';
  if (dataDirectory.postmaster?.process !== 'running') return 'not running';
  const { backupLabel, signals } = dataDirectory;
  const isToRecover = signals.standby || signals.recovery;
  if (backupLabel !== undefined && isToRecover) return 'in recovery';
  if (!controlFile.ok) return 'unknown';
  if (controlFile.value.state !== 'in production') return 'in recovery';
  return backupLabel !== undefined || isToRecover ? 'unknown' : 'primary';
});

/** A running server that is no standby any more: standby/already-primary says so. */
export const isPrimaryNow = (runningStandby: RoleSeen['runningStandby']): boolean =>
  ifSeen(runningStandby)?.inRecovery === false;

/** The same in words, for a rule that does not apply to it. */
export const noStandby = 'the running server is not in recovery: it is a primary';
