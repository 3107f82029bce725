import { ifSeen } from '../../facts/observed.ts';
import { at, disruptive, manual, safe, shell } from '../../remedies/remedy.ts';
import { shellWord } from '../../remedies/quoting.ts';
import { changeOnStandby } from '../../remedies/standby-setting.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { defineRule, evidence, fail } from '../rule.ts';
import { inForce, majorOf } from './in-force.ts';
import { restoreRunFacts, whenRun } from './restore-when-run.ts';

export const restoreCommandFails = defineRule({
  id: 'recovery/restore-command-fails',
  title: 'restore_command does not work',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now', 'archive'],
  wants: restoreRunFacts,
  explains: [...notStreaming, 'wal/segment-removed', 'wal/gap', 'standby/not-running'],
  says: ['could not restore file "%s" from archive: %s'],
  docs: {
    what: 'Fails when the program that `restore_command` starts with does not exist or cannot be executed by the server’s user, and when the log shows that the command ended with a status above 125, or with status 0 but without creating the file.',
    why: 'The server stops at every status above 125: it does not start, or stops at the next segment that it requests from the archive. It treats status 0 without a file, and every other failure, as a file that is not in the archive.',
    notes:
      'A restore_command that ends with status 1 for a file that is not in the archive is correct and not reported. The log no longer applies after the program, or the file that sets restore_command, was changed.',
    references: ['src/backend/access/transam/xlogarchive.c: RestoreArchivedFile()'],
  },
  judge(facts) {
    const { archive, standbyConninfo } = facts;
    const { program, command } = archive;
    const set = inForce('restore_command', facts);
    const where = set?.where ?? at('standby');
    if (program.found && program.executable) return whenRun(facts, set?.source ?? 'the configuration files', where);
    const shown = [evidence('restore_command', command, set?.source ?? 'the configuration files')];
    const status = program.found ? '126' : '127';
    const message = `restore_command starts with ${program.name}, which ${program.found ? 'the user that runs the server cannot execute' : 'does not exist'}. The shell ends with status ${status}, and the server stops at that.`;
    if (program.found)
      return fail({
        severity: 'error',
        title: `restore_command: ${program.name} cannot be executed`,
        message,
        where,
        evidence: shown,
        remedy: safe(
          'Let the user that runs the server execute it, and start the standby.',
          program.name.startsWith('/')
            ? shell('standby', `chmod u+x ${shellWord(program.name)}`, 'change-mode', program.name)
            : manual('standby', `Let the user that runs the server execute ${program.name}.`),
          ...changeOnStandby(facts, {}, 'reload'),
        ),
      });
    const streams = ifSeen(standbyConninfo)?.text !== undefined;
    const from14 = (majorOf(facts) ?? 13) >= 14;
    return fail({
      severity: 'error',
      title: `restore_command: program ${program.name} does not exist`,
      message,
      where,
      evidence: shown,
      remedy: streams
        ? disruptive(
            `Unset restore_command, because the standby can stream. (If it needs the archive, install ${program.name}, or correct its path in restore_command.)`,
            ...changeOnStandby(facts, { restore_command: '' }, from14 ? 'reload' : 'restart'),
          )
        : disruptive(
            'Install the program or correct restore_command, and start the standby.',
            manual('standby', `Install ${program.name}, or correct its path in restore_command.`),
            ...changeOnStandby(facts, {}, from14 ? 'reload' : 'restart'),
          ),
    });
  },
});
