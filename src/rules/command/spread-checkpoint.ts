import { integerOf, textOf } from '../../facts/settings.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { formatDuration } from '../../postgres/durations.ts';

export const spreadCheckpoint = defineRule({
  id: 'command/spread-checkpoint',
  title: 'The base backup first waits for a spread checkpoint',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['primarySettings'],
  docs: {
    what: 'Notes if `-c fast` is not given, and shows how long the wait can be.',
    why: 'A base backup begins with a checkpoint. With `-c spread`, the default, the server spreads the writes over a longer time to reduce the I/O load, and pg_basebackup seems to hang.',
    notes:
      'On an idle primary the checkpoint finishes at once in both modes. `-c fast` writes all dirty buffers at full speed.',
    references: [
      'pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'checkpoint_completion_target: https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-CHECKPOINT-COMPLETION-TARGET',
    ],
  },
  judge({ baseBackup, primarySettings }) {
    if (baseBackup.checkpoint === 'fast') return pass('the checkpoint runs immediately (-c fast)');
    if (primarySettings.status === 'unseen') return unexamined(primarySettings.why);
    if (primarySettings.status === 'not-applicable') return notApplicable(primarySettings.why);
    const timeout = integerOf(primarySettings.value, 'checkpoint_timeout');
    const target = Number(textOf(primarySettings.value, 'checkpoint_completion_target'));
    if (timeout === undefined || !Number.isFinite(target))
      return unexamined({ kind: 'permission', because: 'checkpoint_timeout: the server does not show this setting' });
    const wait = formatDuration(timeout * target);
    return fail({
      title: `The base backup waits up to ${wait} for a spread checkpoint`,
      message: `With -c spread, the default, the primary spreads the checkpoint over up to ${wait} (checkpoint_timeout ${formatDuration(timeout)} × checkpoint_completion_target ${target}). pg_basebackup copies nothing until then.`,
      where: at('client'),
      evidence: [
        evidence('checkpoint_timeout', formatDuration(timeout), primarySettings.source),
        evidence('checkpoint_completion_target', String(target), primarySettings.source),
      ],
      remedy: safe(
        'Use -c fast for an immediate checkpoint, if the primary can handle the additional writes.',
        checkAgain(baseBackup, { without: ['checkpoint'], with: ['-c', 'fast'] }),
      ),
    });
  },
});
