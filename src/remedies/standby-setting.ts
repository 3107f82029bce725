import { posix } from 'node:path';

import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Step } from '../findings/report.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { RunningStandby } from '../facts/running-standby.ts';
import type { StandbyConfiguration, StandbyControl } from '../facts/standby-configuration.ts';
import type { Archive } from '../facts/standby-wal.ts';
import { majorOf } from '../derived/in-force.ts';
import { configurationValue } from '../postgres/conninfo-format.ts';
import type { Changes } from './change-setting.ts';
import { editFile } from './edit-file.ts';
import { literal } from './quoting.ts';
import { manual, reload } from './remedy.ts';
import { systemAltered } from './reversible.ts';
import { restart, start } from './server-control.ts';
import { commandWithout, createdAgain } from './container-again.ts';
import { startedWith } from './started-with.ts';

/** What is known of the standby whose settings are to be changed. */
export interface StandbySeen {
  readonly now: Date;
  readonly dataDirectory: Observed<DataDirectory>;
  readonly standbyConfiguration: Observed<StandbyConfiguration>;
  readonly standbyControl: Observed<StandbyControl>;
  readonly runningStandby: Observed<RunningStandby>;
}

/**
 * Changes settings of the standby: by ALTER SYSTEM where its server lets sessions in (which works in recovery), else in
 * postgresql.auto.conf, which is read last and so wins. `restart` also starts a server that is down. What the files
 * already say is not changed again: only the reload or the restart is missing.
 */
export function changeOnStandby(
  seen: StandbySeen,
  changes: Changes,
  takesEffectAt: 'restart' | 'reload',
): readonly Step[] {
  const files = ifSeen(seen.standbyConfiguration)?.files.settings;
  const open = Object.entries(changes).filter(([name, value]) => files?.get(name)?.value !== value);
  const fromCommandLine = open.filter(([name]) => files?.get(name)?.source.kind === 'command line');
  const inFiles = open.filter(([name]) => files?.get(name)?.source.kind !== 'command line');
  // a reload does not read the command line again
  const needsRestart = takesEffectAt === 'restart' || fromCommandLine.length > 0;
  const control = ifSeen(seen.standbyControl);
  const other = control && startedWith(control.control, new Map(fromCommandLine));
  const byHand = other === undefined ? fromCommandLine : [];
  const again =
    byHand.length === 0
      ? undefined
      : createdAgain(
          control?.control,
          `${byHand.map(([name, value]) => `${name}=${value}`).join(' and ')} in its command`,
          { settings: new Map(byHand) },
        );
  if (again !== undefined) return [...(inFiles.length === 0 ? [] : write(seen, inFiles)), ...again];
  return [
    ...byHand.map(([name, value]) =>
      manual(
        'standby',
        `Set ${name} to ${literal(value)} in the command that starts the server: it is set there, which overrides every file, and each start reads it again.`,
      ),
    ),
    ...(inFiles.length === 0 ? [] : write(seen, inFiles)),
    needsRestart || running(seen) === undefined
      ? restartStandby(
          other === undefined || control === undefined || fromCommandLine.length === 0
            ? seen.standbyControl
            : { status: 'seen', value: { ...control, control: other }, source: 'its command line' },
        )
      : reload('standby'),
  ];
}

/** Restarts the standby's server as it runs; one that is down is started. */
export function restartStandby(seen: Observed<StandbyControl>): Step {
  const { control, running: runs } = ifSeen(seen) ?? { control: { kind: 'unknown' } as const, running: true };
  return runs ? restart('standby', control) : start('standby', control);
}

/** Starts the server again without a setting on its command line, which overrides every file and is read again at each start. */
export function startWithout(name: string, standbyControl: Observed<StandbyControl>): readonly Step[] {
  const control = ifSeen(standbyControl);
  const without = control && startedWith(control.control, new Map([[name, undefined]]));
  return control === undefined || without === undefined
    ? commandWithout(
        control?.control,
        [name],
        [
          manual('standby', `Remove ${name} from the command that starts the server: each start reads it again.`),
          restartStandby(standbyControl),
        ],
      )
    : [restartStandby({ status: 'seen', value: { ...control, control: without }, source: 'its command line' })];
}

/** Whether statements can be run on the standby: hot_standby lets sessions in. */
const running = (seen: StandbySeen): RunningStandby | undefined => ifSeen(seen.runningStandby);

/** What postgresql.auto.conf has of it, which is what ALTER SYSTEM changes; null: nothing; undefined where that is not seen. */
function inAutoConf(seen: StandbySeen, name: string): string | null | undefined {
  const assignments = ifSeen(seen.standbyConfiguration)?.files.assignments;
  if (assignments === undefined) return undefined;
  const last = assignments.findLast(
    (one) => one.name === name && one.source.kind === 'file' && one.source.file.endsWith('/postgresql.auto.conf'),
  );
  return last?.value ?? null;
}

function write(seen: StandbySeen, changes: readonly (readonly [string, string])[]): readonly Step[] {
  const server = running(seen);
  if (server !== undefined && server.settings.get('allow_alter_system')?.value !== 'off')
    return changes.map(([name, value]) => systemAltered('standby', name, value, inAutoConf(seen, name)));
  const lines = changes.map(([name, value]) => `${name} = ${configurationValue(value)}`);
  const directory = ifSeen(seen.dataDirectory)?.path;
  if (directory === undefined)
    return [manual('standby', `Add at the end of the standby's postgresql.auto.conf: ${lines.join(' and ')}.`)];
  const file = posix.join(directory, 'postgresql.auto.conf');
  const configuration = ifSeen(seen.standbyConfiguration);
  const absent = configuration?.files.filesRead.includes(file) === false;
  return [
    editFile(
      'standby',
      { file, now: seen.now, written: configuration?.written?.get(file), absent },
      { act: 'append', lines },
    ),
  ];
}

/** The standby reads the directory that its primary archives to; 14 and later take a new restore_command without a restart. */
export const readArchive = (seen: StandbySeen, { command }: Archive): readonly Step[] =>
  changeOnStandby(seen, { restore_command: command }, (majorOf(seen) ?? 13) >= 14 ? 'reload' : 'restart');
