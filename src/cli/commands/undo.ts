import type { UndoCall } from '../fix/undo.ts';
import { timeoutOption, colorOption } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

/** The options of undo as commander gives them: a flag that was not given is not there. */
type UndoWords = Pick<UndoCall, 'admin' | 'standby' | 'color'> &
  Partial<Pick<UndoCall, 'yes' | 'dryRun'>> & { readonly timeout: number };

export const undoCommand: DeclaredCommand = {
  name: 'undo',
  does: 'undoes what --fix did, using its journal',
  page: {
    does: [
      'standbylint undo undoes what --fix did, using its journal.',
      'The last step is undone first, and it asks before each one. A file is restored from its copy if it has not changed since. What cannot be undone (a password, a restart) is listed.',
    ],
    operands: ['files'],
    usage: 'JOURNAL [OPTION]...',
    status: [
      [0, 'everything that can be undone was undone'],
      [1, 'a step could not be undone, or was declined'],
    ],
    examples: [
      ['standbylint-fix-TIME.jsonl --dry-run', 'show what would be undone'],
      ['standbylint-fix-TIME.jsonl --admin "host=db1 user=postgres"', 'undo it, asking before each step'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .argument('<journal>', 'the file that --fix wrote: standbylint-fix-TIME.jsonl')
      .option('--admin <conninfo>', 'the connection to the primary, as for --fix')
      .option('--standby <conninfo>', 'the connection to the standby, as for --fix')
      .option('--yes', 'run the steps without asking')
      .option('--dry-run', 'print what would be undone, and do nothing')
      .addOption(timeoutOption())
      .addOption(colorOption())
      .action(async (journal: string, { yes = false, dryRun = false, timeout, ...options }: UndoWords) => {
        const { undo } = await import('../fix/undo.ts');
        const { admin, standby, color } = options;
        answer(await undo({ journal, admin, standby, color, yes, dryRun, timeoutMs: timeout }, surroundings));
      }),
};
