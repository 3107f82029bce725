import type { ReportCall } from '../report.ts';
import { outputNotes } from '../options/outputs.ts';
import { statusOfReport } from '../help/help-page.ts';
import { formatOption, failOnOption, fullOption, colorOption } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

export const reportCommand: DeclaredCommand = {
  name: 'report',
  does: 'shows a report that was saved with --format json=FILE, in any format',
  page: {
    does: [
      'standbylint report shows a report that was saved with --format json=FILE, in any format.',
      'It looks at no server and no file but this one.',
    ],
    operands: ['files'],
    usage: 'FILE [OPTION]...',
    notes: outputNotes,
    status: statusOfReport,
    examples: [
      ['report.json', 'what the run would have printed'],
      ['report.json --format markdown', 'the same for a ticket'],
      ['- --format sarif=out.sarif < report.json', 'a file for code scanning'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .argument('<file>', 'the saved report, or - for standard input')
      .addOption(formatOption())
      .addOption(failOnOption())
      .addOption(fullOption())
      .addOption(colorOption())
      .action(async (file: string, options: Omit<ReportCall, 'file'>) => {
        const { report } = await import('../report.ts');
        answer(await report({ file, ...options }, surroundings));
      }),
};
