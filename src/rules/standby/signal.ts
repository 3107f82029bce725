import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Step } from '../../facts/report.ts';
import type {
  DataDirectory,
  RunningStandby,
  StandbyConfiguration,
  StandbyConninfo,
  StandbyControl,
} from '../../facts/standby.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { fileMade, moved } from '../../remedies/reversible.ts';
import { restart, start } from '../../remedies/server-control.ts';

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

/** The server that runs now is a primary of its own. */
export const runsAsPrimary = (running: Observed<RunningStandby>): boolean => ifSeen(running)?.inRecovery === false;

/** Takes what was changed in the directory into use: a server that is down is started, one that runs is restarted. */
export function intoUse(seen: Observed<StandbyControl>, { postmaster }: DataDirectory): Step {
  const { control, running } = ifSeen(seen) ?? {
    control: { kind: 'unknown' } as const,
    running: postmaster?.process === 'running',
  };
  return running ? restart('standby', control) : start('standby', control);
}

/** Makes a signal file. A link of that name that leads nowhere goes aside first: the file would be made where it leads to. */
export function signalMade({ path, signals }: DataDirectory, name: string, now: Date): readonly Step[] {
  const file = `${path}/${name}`;
  const aside = signals.deadLinks?.includes(name) === true ? [moved('standby', file, backupName(file, now))] : [];
  return [...aside, fileMade('standby', file)];
}
