import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Step } from '../findings/report.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { StandbyControl } from '../facts/standby-configuration.ts';
import { backupName } from './edit-file.ts';
import { fileMade, moved } from './reversible.ts';
import { restart, start } from './server-control.ts';

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
