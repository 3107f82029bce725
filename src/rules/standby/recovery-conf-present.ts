import { ifSeen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { Step } from '../../findings/report.ts';
import type { SignalFiles } from '../../facts/data-directory.ts';
import type { StandbyConfiguration } from '../../facts/standby-configuration.ts';
import type { Written } from '../../postgres/written-lines.ts';
import { backupName, editFile } from '../../remedies/edit-file.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { disruptive, safe, shell } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { notStreaming } from '../consequences.ts';
import { intoUse, signalMade } from '../../remedies/signal-file.ts';

type Line = NonNullable<SignalFiles['recoveryConf']>['settings'][number];

export const recoveryConfPresent = defineRule({
  id: 'standby/recovery-conf-present',
  title: 'recovery.conf exists: the server refuses to start',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'now'],
  wants: ['standbyConfiguration', 'standbyControl'],
  explains: [...notStreaming, 'standby/signal-missing', 'conninfo/missing'],
  messages: ['recovery-conf-not-supported'],
  docs: {
    what: 'Fails when the data directory contains recovery.conf, the configuration file of standbys before PostgreSQL 12.',
    why: 'PostgreSQL 12 and later do not read it, and do not start while it exists.',
    notes:
      'Its settings now belong in postgresql.conf or postgresql.auto.conf. standby_mode became standby.signal; trigger_file became promote_trigger_file, which was removed in 16 (use `pg_ctl promote`). Recovery targets are not copied: on a standby they stop replay.',
    references: [
      'recovery.conf file merged into postgresql.conf: https://www.postgresql.org/docs/current/recovery-config.html',
    ],
  },
  judge({ dataDirectory, now, standbyConfiguration, standbyControl }) {
    const { path, signals, major, postmaster } = dataDirectory;
    const conf = signals.recoveryConf;
    if (conf === undefined) return pass(`${path}/recovery.conf does not exist`);
    const runs = postmaster?.process === 'running';
    const lines = conf.settings.map((line) => ({
      line,
      becomes: translated(line, conf.written?.lines[line.line - 1], major ?? 18, standbyConfiguration),
    }));
    const carried = lines.flatMap(({ becomes }) => becomes.carry ?? []);
    const standbyMode = conf.settings.find(({ name }) => name === 'standby_mode')?.value;
    const isStandby = standbyMode === undefined || !/^(?:off|false|no|0)$/iu.test(standbyMode);
    const signal = isStandby ? 'standby.signal' : 'recovery.signal';
    const steps: readonly Step[] = [
      ...(carried.length === 0
        ? []
        : [carryOver(path, conf.path, carried, ifSeen(standbyConfiguration)?.written, now)]),
      moved('standby', conf.path, backupName(conf.path, now)),
      ...(signals.standby ? [] : signalMade(dataDirectory, signal, now)),
    ];
    return fail({
      message: `${conf.path} is a file for releases before PostgreSQL 12. ${runs ? 'The running server was started before the file appeared, and would not start again' : 'The server does not start while it exists'}.`,
      where: at('standby', undefined, conf.path),
      evidence:
        lines.length === 0
          ? [evidence('recovery.conf', 'exists, but sets nothing', path)]
          : lines.map(({ line, becomes }) => evidence(`line ${line.line}: ${line.name}`, becomes.words, conf.path)),
      remedy: runs
        ? disruptive(
            'Copy its settings to where the server reads them, and move the file aside.',
            ...steps,
            intoUse(standbyControl, dataDirectory),
          )
        : safe(
            'Copy its settings to where the server reads them, move the file aside, and start the server.',
            ...steps,
            intoUse(standbyControl, dataDirectory),
          ),
    });
  },
});

interface Translation {
  readonly words: string;
  /** The line as it is to stand in the new file, masked, and a command of sed that prints it. */
  readonly carry?: { readonly sed: string; readonly text: string | undefined };
}

/** appendix O.1: what became of each setting. */
function translated(
  { name, line }: Line,
  text: string | undefined,
  major: number,
  configuration: Observed<StandbyConfiguration>,
): Translation {
  if (name === 'standby_mode') return { words: 'the file standby.signal' };
  if (name === 'trigger_file')
    return major >= 16
      ? { words: 'nothing: promote_trigger_file was removed in 16; use `pg_ctl promote`' }
      : {
          words: 'promote_trigger_file in postgresql.auto.conf',
          carry: {
            sed: `'${line}s/^[[:space:]]*[Tt][Rr][Ii][Gg][Gg][Ee][Rr]_[Ff][Ii][Ll][Ee]/promote_trigger_file/p'`,
            text: text?.replace(/^\s*trigger_file/iu, 'promote_trigger_file'),
          },
        };
  if (name.startsWith('recovery_target') && name !== 'recovery_target_timeline')
    return { words: 'not copied: on a standby it would stop replay' };
  const set = ifSeen(configuration)?.files.settings.get(name)?.source;
  if (set?.kind === 'file') return { words: `nothing: ${name} is set already (${set.file}, line ${set.line})` };
  return known.has(name)
    ? { words: `${name} in postgresql.auto.conf`, carry: { sed: `${line}p`, text } }
    : { words: `not copied: PostgreSQL ${major} has no setting of this name` };
}

const known: ReadonlySet<string> = new Set([
  'primary_conninfo',
  'primary_slot_name',
  'restore_command',
  'archive_cleanup_command',
  'recovery_end_command',
  'recovery_min_apply_delay',
  'recovery_target_timeline',
]);

/** The lines go over as they stand; with the passwords in them, which nobody needs to see for that, by the shell alone. */
function carryOver(
  path: string,
  conf: string,
  carried: readonly NonNullable<Translation['carry']>[],
  written: Written | undefined,
  now: Date,
): Step {
  const file = `${path}/postgresql.auto.conf`;
  const lines = carried.flatMap(({ text }) => (text === undefined || /\*\*\*|\uFFFD/u.test(text) ? [] : [text]));
  if (lines.length === carried.length)
    return editFile('standby', { file, now, written: written?.get(file) }, { act: 'append', lines });
  const auto = shellWord(file);
  const commands = carried.map(({ sed }) => `-e ${sed}`).join(' ');
  return shell(
    'standby',
    `cp -p ${auto} ${shellWord(backupName(file, now))} &&\n{ echo; sed -n ${commands} ${shellWord(conf)}; } >> ${auto}`,
    'edit-file',
    file,
  );
}
