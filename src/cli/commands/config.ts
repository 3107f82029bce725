import type { ConfigCall } from '../configuration/show.ts';
import { configOption, textOrJson } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

export const configCommand: DeclaredCommand = {
  name: 'config',
  does: 'shows the configuration that is in force, and where each value comes from',
  page: {
    does: [
      'standbylint config shows the configuration that is in force, and where each value comes from.',
      'The command line is stronger than the environment, that is stronger than a target, and that is stronger than "options".',
    ],
    usage: '[OPTION]...',
    status: [[0, 'the configuration was shown']],
    examples: [
      ['', 'what is in force in this directory'],
      ['--target eu-1', 'the same for a target'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .addOption(configOption())
      .option('--target <name>', 'with the values of this target')
      .addOption(textOrJson('a table, or one JSON object'))
      .action(async (options: ConfigCall) => {
        const { config } = await import('../configuration/show.ts');
        answer(await config(options, surroundings));
      }),
};
