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
    what: 'Fails when the program that `restore_command` begins with does not exist, or may not be executed by the server’s user; and when the log shows that the command ended with a status above 125, or with 0 without making the file.',
    why: 'The server takes every status above 125 as a reason to stop: it does not start, or stops at the next segment that it asks the archive for. A status of 0 without a file is taken as a file that the archive does not have. Other failures only mean that the archive does not have the file.',
    notes:
      'A restore_command that ends with 1 for a file that is not in the archive is right, and not a finding. What the log says does not apply any more once the program, or the file that sets restore_command, has been changed.',
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
    const message = `restore_command begins with ${program.name}, which ${program.found ? 'the user of the server may not execute' : 'is not there'}. The shell ends with status ${status}, and the server stops at that.`;
    if (program.found)
      return fail({
        severity: 'error',
        title: `restore_command: ${program.name} may not be executed`,
        message,
        where,
        evidence: shown,
        remedy: safe(
          'Let the user of the server execute it, and start the standby.',
          program.name.startsWith('/')
            ? shell('standby', `chmod u+x ${shellWord(program.name)}`, 'change-mode', program.name)
            : manual('standby', `Let the user of the server execute ${program.name}.`),
          ...changeOnStandby(facts, {}, 'reload'),
        ),
      });
    const streams = ifSeen(standbyConninfo)?.text !== undefined;
    const from14 = (majorOf(facts) ?? 13) >= 14;
    return fail({
      severity: 'error',
      title: `restore_command: there is no program ${program.name}`,
      message,
      where,
      evidence: shown,
      remedy: streams
        ? disruptive(
            `Go without the archive, as the standby can stream. (If it needs the archive: install ${program.name}, or write its right path into restore_command.)`,
            ...changeOnStandby(facts, { restore_command: '' }, from14 ? 'reload' : 'restart'),
          )
        : disruptive(
            'Give restore_command a program that is there, and start the standby.',
            manual('standby', `Install ${program.name}, or write the right path into restore_command.`),
            ...changeOnStandby(facts, {}, from14 ? 'reload' : 'restart'),
          ),
    });
  },
});
