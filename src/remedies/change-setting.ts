import type { Observed } from '../facts/observed.ts';
import { ifSeen } from '../facts/observed.ts';
import type { FileSetting, ServerControl, Settings } from '../facts/primary.ts';
import type { Step } from '../findings/report.ts';
import { argumentsIn, readServerArguments } from '../postgres/postmaster-files.ts';
import { createdAgain } from './container-again.ts';
import { literal } from './quoting.ts';
import { manual, reload } from './remedy.ts';
import { systemAltered } from './reversible.ts';
import { restart } from './server-control.ts';

/** What is known of the server whose settings are to be changed. */
export interface SettingsSeen {
  readonly primarySettings: Observed<Settings>;
  readonly fileSettings: Observed<readonly FileSetting[]>;
  readonly primaryControl: Observed<ServerControl>;
}

/** Settings by name, with the value as it is written in a file. */
export type Changes = Readonly<Record<string, string>>;

/** Changes settings that take effect at a reload. */
export const changeAndReload = (seen: SettingsSeen, changes: Changes): readonly Step[] =>
  comingIntoForce(seen, changes, reload('primary'));

/**
 * Changes settings that take effect at a restart. What a file already says is not changed again: only the restart is
 * missing. A combination that the server would refuse at its start is completed.
 */
export const changeAndRestart = (seen: SettingsSeen, changes: Changes): readonly Step[] =>
  comingIntoForce(
    seen,
    withWhatTheyNeed(seen, changes),
    restart('primary', ifSeen(seen.primaryControl) ?? { kind: 'unknown' }),
  );

/** What the command of a container sets is changed by creating it again, which starts the server on all other changes. */
function comingIntoForce(seen: SettingsSeen, changes: Changes, otherwise: Step): readonly Step[] {
  const control = ifSeen(seen.primaryControl);
  const commanded = settingsOfCommand(control);
  const [given, free] = [true, false].map((isGiven) =>
    Object.entries(changes).filter(([name]) => commanded.has(name) === isGiven),
  );
  const words = (given ?? []).map(([name, value]) => `-c ${name}=${value}`).join(' ');
  const again =
    words === ''
      ? undefined
      : createdAgain(control, `${words} in its command`, { on: 'primary', settings: new Map(given) });
  return again === undefined
    ? [...changeSteps(seen, changes), otherwise]
    : [...changeSteps(seen, Object.fromEntries(free ?? [])), ...again];
}

/** The names of the settings that a container's command gives its server, at each start. */
function settingsOfCommand(control: ServerControl | undefined): ReadonlySet<string> {
  const made = control?.kind === 'container' ? argumentsIn(control.made?.command ?? []) : undefined;
  return new Set(readServerArguments('postgres', made ?? []).settings.map(({ name }) => name));
}

/** The value that the server will take from its files at the next restart or reload; undefined where that is not seen. */
function valueInFiles(fileSettings: Observed<readonly FileSetting[]>, name: string): string | undefined {
  return ifSeen(fileSettings)?.findLast((setting) => setting.name === name)?.value;
}

/** The same of a restart, which takes no file's value where the server's command or environment gives one. */
export const valueAtRestart = (
  fileSettings: Observed<readonly FileSetting[]>,
  settings: Settings | undefined,
  name: string,
): string | undefined =>
  aboveFiles.has(settings?.get(name)?.source ?? '') ? undefined : valueInFiles(fileSettings, name);

/** What postgresql.auto.conf has of it, which is what ALTER SYSTEM changes; null: nothing; undefined where that is not seen. */
function inAutoConf(fileSettings: Observed<readonly FileSetting[]>, name: string): string | null | undefined {
  const rows = ifSeen(fileSettings);
  if (rows === undefined) return undefined;
  return rows.findLast((row) => row.name === name && row.file.endsWith('/postgresql.auto.conf'))?.value ?? null;
}

/** guc.h, GucSource: these beat every file, so that ALTER SYSTEM would change nothing. */
const aboveFiles: ReadonlySet<string> = new Set(['command line', 'environment variable']);

function changeSteps(seen: SettingsSeen, changes: Changes): readonly Step[] {
  const settings = ifSeen(seen.primarySettings);
  const beatsFiles = (name: string): boolean => aboveFiles.has(settings?.get(name)?.source ?? '');
  // what a file already says is in force after the restart, unless something beats the file
  const open = Object.entries(changes).filter(
    ([name, value]) => beatsFiles(name) || valueInFiles(seen.fileSettings, name) !== value,
  );
  const mayAlter = settings?.get('allow_alter_system')?.value !== 'off';
  return open.map(([name, value]) => {
    const source = settings?.get(name)?.source;
    if (beatsFiles(name)) {
      const where = source === 'command line' ? 'the command that starts the server' : "the server's environment";
      // pg_ctl.c, do_restart(): without -o the words of postmaster.opts are used again
      const again = source === 'command line' ? ' pg_ctl restart without -o keeps the old options.' : '';
      return manual(
        'primary',
        `Set ${name} to ${literal(value)} in ${where}, which overrides all configuration files.${again}`,
      );
    }
    if (!mayAlter)
      return manual(
        'primary',
        `Set ${name} = ${literal(value)} in postgresql.conf, because allow_alter_system is off.`,
      );
    return systemAltered('primary', name, value, inAutoConf(seen.fileSettings, name));
  });
}

/**
 * The changes, and what has to be changed with them: with `wal_level = minimal` a server that has WAL senders, archives, or
 * summarizes WAL ends at its start (postmaster.c, PostmasterMain). It goes by what the files say, which a restart takes.
 */
function withWhatTheyNeed(seen: SettingsSeen, changes: Changes): Changes {
  const settings = ifSeen(seen.primarySettings);
  const after = (name: string): string | undefined =>
    changes[name] ?? valueAtRestart(seen.fileSettings, settings, name) ?? settings?.get(name)?.value;
  if (after('wal_level') !== 'minimal') return changes;
  const needed =
    Number(after('max_wal_senders') ?? 0) > 0 || isOn(after('archive_mode')) || isOn(after('summarize_wal'));
  return needed ? { wal_level: 'replica', ...changes } : changes;
}

const isOn = (value: string | undefined): boolean =>
  value !== undefined && !/^(?:off|of|f|fa|fal|fals|false|n|no|0)$/iu.test(value);
