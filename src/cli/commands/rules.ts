import { textOrJson } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

export const rulesCommand: DeclaredCommand = {
  name: 'rules',
  does: 'lists every rule',
  page: {
    does: ['standbylint rules lists every rule with its severity and its title.'],
    usage: '[--format=stylish|json]',
    status: [[0, 'the rules were listed']],
    examples: [
      ['', 'the table'],
      ['--format json', 'with the documentation, the messages and the consequences of each'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .addOption(textOrJson('a table, or one JSON object'))
      .argument('[rule]')
      .action(async (rule: string | undefined, options: { readonly format: 'stylish' | 'json' }) => {
        const { rules } = await import('../rules.ts');
        answer(await rules(rule, options, surroundings));
      }),
};
