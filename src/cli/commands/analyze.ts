import { Option } from 'commander';
import type { AnalyzeCall } from '../recording/judged-recording.ts';
import { ruleIds } from '../options/own-options.ts';
import { outputNotes } from '../options/outputs.ts';
import { statusOfReport } from '../help/help-page.ts';
import { sinceOption, formatOption, failOnOption, fullOption, colorOption, configOption } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

export const analyzeCommand: DeclaredCommand = {
  name: 'analyze',
  does: 'judges the facts that collect or bundle wrote, without a connection',
  page: {
    does: [
      'standbylint analyze judges the facts that "standbylint collect" or "standbylint bundle" wrote, on any machine and without a connection.',
      'The report is the one that preflight or postmortem would have printed at that time. Several files are reported as a fleet, each root cause once.',
    ],
    operands: ['files'],
    usage: 'FACTS... [OPTION]...',
    notes: outputNotes,
    status: statusOfReport,
    examples: [
      ['standby.facts', 'what is wrong with the standby that was looked at'],
      ['standby.facts --full --format markdown', 'the same with all details, for a ticket'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .argument('<facts...>', 'the file, or - for standard input; several files are reported as a fleet')
      .addOption(configOption())
      .option('--target <name>', 'the target of the configuration that was looked at')
      .addOption(sinceOption())
      .addOption(formatOption())
      .addOption(failOnOption())
      .addOption(
        new Option('--accept-unexamined <rule,...>', 'rules that may remain unchecked without exit status 3')
          .argParser((value: string, before: readonly string[]) => [...before, ...ruleIds(value)])
          .default([], ''),
      )
      .addOption(fullOption())
      .addOption(colorOption())
      .action(async (files: readonly string[], options: Omit<AnalyzeCall, 'files'>) => {
        const { analyze } = await import('../recording/analyze.ts');
        answer(await analyze({ files, ...options }, surroundings));
      }),
};
