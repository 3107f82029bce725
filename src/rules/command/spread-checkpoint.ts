import { integerOf, textOf } from '../../facts/settings.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { at, safe } from '../../remedies/remedy.ts';
import { formatSeconds } from '../primary/retention.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const spreadCheckpoint = defineRule({
  id: 'command/spread-checkpoint',
  title: 'The copy waits for a spread checkpoint before it begins',
  severity: 'info',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['primarySettings'],
  docs: {
    what: 'Notes when `-c fast` is not given, and how long the wait before the first byte can be.',
    why: 'A base backup begins with a checkpoint. With `-c spread`, the default, the server takes its time for it, so as not to disturb others: pg_basebackup seems to hang meanwhile.',
    notes: 'An idle primary is through at once, whatever the option. `-c fast` writes everything out at full speed.',
    references: [
      'https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-CHECKPOINT-COMPLETION-TARGET',
    ],
  },
  judge({ baseBackup, primarySettings }) {
    if (baseBackup.checkpoint === 'fast') return pass('the checkpoint is done at once (-c fast)');
    if (primarySettings.status === 'unseen') return unexamined(primarySettings.why);
    if (primarySettings.status === 'not-applicable') return notApplicable(primarySettings.why);
    const timeout = integerOf(primarySettings.value, 'checkpoint_timeout');
    const target = Number(textOf(primarySettings.value, 'checkpoint_completion_target'));
    if (timeout === undefined || !Number.isFinite(target))
      return unexamined({ kind: 'permission', because: 'checkpoint_timeout: the server does not show this setting' });
    const wait = formatSeconds(timeout * target);
    return fail({
      title: `The copy waits for a spread checkpoint, up to ${wait}, before it begins`,
      message: `With -c spread, the default, the primary spreads the checkpoint over up to ${wait} (checkpoint_timeout ${formatSeconds(timeout)} × checkpoint_completion_target ${target}). pg_basebackup copies nothing until then.`,
      where: at('client'),
      evidence: [
        evidence('checkpoint_timeout', `${timeout} s`, primarySettings.source),
        evidence('checkpoint_completion_target', String(target), primarySettings.source),
      ],
      remedy: safe(
        'Ask for a checkpoint at once (-c fast), where the primary can bear the writes.',
        checkAgain(baseBackup, { without: ['checkpoint'], with: ['-c', 'fast'] }),
      ),
    });
  },
});
