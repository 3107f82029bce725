import type { Format } from '../options/own-options.ts';
import { textOrJson } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

export const explainCommand: DeclaredCommand = {
  name: 'explain',
  does: 'prints the page of a rule, or what a PostgreSQL message means',
  page: {
    does: [
      'standbylint explain prints the page of a rule, or what a message of PostgreSQL means.',
      'It also reads whole logs and the output of other programs: files, globs and .gz, or standard input (-, or nothing at all).',
    ],
    operands: ['rules', 'files'],
    usage: "RULE | 'MESSAGE' | FILE... | - [--format=stylish|json]",
    status: [
      [0, 'a rule or a message was found'],
      [1, 'nothing is known about the text'],
    ],
    examples: [
      ['hba/no-replication-entry', 'the page of a rule'],
      ['- < /var/log/postgresql/postgresql-15-main.log', 'what the messages of a log mean'],
      ['', 'asks for a message to be pasted'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .argument('[text...]', 'a rule, a message in quotes, files (globs, .gz), or - for standard input')
      .addOption(textOrJson('text, or one JSON object'))
      .action(async (text: readonly string[], options: { readonly format: Format }) => {
        const { explain } = await import('../explain.ts');
        answer(await explain(text, options, surroundings));
      }),
};
