import { ifSeen } from '../../facts/observed.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { RunningCommand } from '../../facts/machine.ts';
import type { Remedy } from '../../findings/report.ts';
import { inForce } from '../../derived/in-force.ts';
import { formatDuration } from '../../postgres/durations.ts';
import { disruptive, manual, safe, shell } from '../../remedies/remedy.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';

const wanted = [
  'standbyConfiguration',
  'runningStandby',
  'standbyControl',
  'dataDirectory',
  'standbyConninfo',
  'archive',
] as const;
type Facts = JudgedFacts<'now' | 'ownProcesses', (typeof wanted)[number]>;

export const commandHangs = defineRule({
  id: 'recovery/command-hangs',
  title: 'A shell command of the standby does not end',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['ownProcesses', 'now'],
  wants: wanted,
  explains: [...notStreaming, ...replayStands, 'wal/disk-full', 'standby/archiving-fails'],
  docs: {
    what: 'While the server runs, checks how long the child processes of the startup process, the checkpointer and the archiver have been running: `restore_command`, `recovery_end_command`, `archive_cleanup_command` and `archive_command`.',
    why: 'PostgreSQL waits for these commands without a time limit. Until `restore_command` ends, the standby receives and replays nothing. Until `archive_cleanup_command` ends, no restartpoint completes. Until `archive_command` ends, nothing is archived. The usual reasons are an NFS server that does not answer, and ssh or scp waiting for a password.',
    notes:
      'A command of the startup process is an error after 30 seconds and a warning after 3 seconds; the others are a warning after 30 seconds. Slow archives exist: if the number of the process changes from one run to the next, the commands end. Do not kill `restore_command`: its end by a signal stops the server.',
    references: [
      'src/backend/access/transam/xlogarchive.c: RestoreArchivedFile(), ExecuteRecoveryCommand()',
      'src/backend/archive/shell_archive.c: shell_archive_file()',
    ],
  },
  judge(facts) {
    const { ownProcesses } = facts;
    const [longest] = ownProcesses.commands
      .filter(({ of, ageSeconds = 0 }) => ageSeconds >= (of === 'startup' ? briefSeconds : hangsSeconds))
      .toSorted((a, b) => rank(a) - rank(b));
    if (longest === undefined) return pass('no shell command of the server has been running for long (/proc)');
    const { pid, of, parent, ageSeconds = 0 } = longest;
    const name = settingOf(longest, facts);
    const set = inForce(name, facts);
    const command = name === 'restore_command' ? ifSeen(facts.archive)?.command : undefined;
    const age = formatDuration(Math.floor(ageSeconds));
    const hangs = ageSeconds >= hangsSeconds;
    return fail({
      title: `${name} has been running for ${age}`,
      severity: of === 'startup' && hangs ? 'error' : 'warning',
      message: `The ${processes[of]} (process ${parent}) waits for ${name} (process ${pid}), which has been running for ${age}. PostgreSQL sets it no time limit. ${effects[of]}`,
      where: set?.where ?? at('standby'),
      evidence: [
        evidence(`process ${pid}`, `child of process ${parent} (${of}), running for ${age}`, '/proc'),
        ...(command === undefined ? [] : [evidence(name, command, set?.source ?? 'the configuration files')]),
      ],
      ...(hangs ? { remedy: remedyOf(longest, name, facts) } : {}),
    });
  },
});

/** A file from an archive that is far away can take so long. */
const briefSeconds = 3;
const hangsSeconds = 30;

const rank = ({ of }: RunningCommand): number => (of === 'startup' ? 0 : 1);

const processes = {
  startup: 'startup process',
  checkpointer: 'checkpointer',
  archiver: 'archiver',
} as const;

const effects = {
  startup: 'Until it ends, the standby receives and replays no WAL.',
  checkpointer: 'Until it ends, no restartpoint completes, and pg_wal grows.',
  archiver: 'Until it ends, the standby archives nothing, and pg_wal grows.',
} as const;

/** The startup process runs two: what comes before the first placeholder tells which. */
function settingOf({ of, text }: RunningCommand, facts: Facts): string {
  if (of === 'checkpointer') return 'archive_cleanup_command';
  if (of === 'archiver') return 'archive_command';
  const [end = ''] = (inForce('recovery_end_command', facts)?.value ?? '').split('%');
  const [restore = ''] = (inForce('restore_command', facts)?.value ?? '').split('%');
  const isEnd = end !== '' && text.startsWith(end) && !(restore !== '' && text.startsWith(restore));
  return isEnd ? 'recovery_end_command' : 'restore_command';
}

const mustEnd = (name: string): string =>
  `Find out what ${name} waits for and fix it. It must end by itself: put "timeout 60" before it, and give ssh the option BatchMode=yes.`;

function remedyOf({ of, pid }: RunningCommand, name: string, facts: Facts): Remedy {
  if (of !== 'startup')
    return safe(
      'Fix the command, then end this run of it. The server runs it again.',
      manual('standby', mustEnd(name)),
      shell('standby', `kill ${pid}`, 'end-process'),
    );
  const canStream = name === 'restore_command' && (ifSeen(facts.standbyConninfo)?.text ?? '') !== '';
  return canStream
    ? disruptive(
        `Unset restore_command, because the standby can stream, and restart the server. (If it needs the archive, fix the command instead, so that it ends by itself.)`,
        ...changeOnStandby(facts, { restore_command: '' }, 'restart'),
      )
    : disruptive(
        'Fix the command, and restart the server.',
        manual('standby', mustEnd(name)),
        ...changeOnStandby(facts, {}, 'restart'),
      );
}
