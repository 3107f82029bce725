import type { Command, Option } from 'commander';

import { helpPage, statusOfReport } from './help-page.ts';
import type { HelpPage } from './help-page.ts';
import { outputNotes } from './outputs.ts';
import type { OwnOption } from './own-options.ts';

type Words = Omit<HelpPage, 'command' | 'options'>;

/** The help of a command that commander reads, in the form of all of them. */
export const pageOf = (words: Words): { readonly formatHelp: (command: Command) => string } => ({
  formatHelp: (command) =>
    helpPage({
      command: command.name(),
      ...words,
      options: [
        {
          title: 'Options',
          options: [...command.options.map(ownOption), { long: 'help', short: '?', help: 'show this help, then exit' }],
        },
      ],
    }),
});

const ownOption = ({ long, short, flags, description, defaultValueDescription }: Option): OwnOption => {
  const [, value] = /<(.+)>/u.exec(flags) ?? [];
  const byDefault = (defaultValueDescription ?? '') === '' ? '' : ` (default ${defaultValueDescription})`;
  return {
    long: (long ?? '').slice(2),
    ...(short === undefined ? {} : { short: short.slice(1) }),
    ...(value === undefined ? {} : { value: /[|=]/u.test(value) ? value : value.toUpperCase() }),
    help: `${description}${byDefault}`,
  };
};

export const undoPage: Words = {
  does: [
    'standbylint undo undoes what --fix did, using its journal.',
    'The last step is undone first, and it asks before each one. A file is restored from its copy if it has not changed since. What cannot be undone (a password, a restart) is listed.',
  ],
  usage: 'JOURNAL [OPTION]...',
  status: [
    [0, 'everything that can be undone was undone'],
    [1, 'a step could not be undone, or was declined'],
  ],
  examples: [
    ['standbylint-fix-TIME.jsonl --dry-run', 'show what would be undone'],
    ['standbylint-fix-TIME.jsonl --admin "host=db1 user=postgres"', 'undo it, asking before each step'],
  ],
};

export const explainPage: Words = {
  does: [
    'standbylint explain prints the page of a rule, or what a message of PostgreSQL means.',
    'It also reads whole logs and the output of other programs: files, globs and .gz, or - for standard input.',
  ],
  usage: "RULE | 'MESSAGE' | FILE... | - [--format=stylish|json]",
  status: [
    [0, 'a rule or a message was found'],
    [1, 'nothing is known about the text'],
  ],
  examples: [
    ['hba/no-replication-entry', 'the page of a rule'],
    ['- < /var/log/postgresql/postgresql-15-main.log', 'what the messages of a log mean'],
  ],
};

export const reportPage: Words = {
  does: [
    'standbylint report shows a report that was saved with --format json=FILE, in any format.',
    'It looks at no server and no file but this one.',
  ],
  usage: 'FILE [OPTION]...',
  notes: outputNotes,
  status: statusOfReport,
  examples: [
    ['report.json', 'what the run would have printed'],
    ['report.json --format markdown', 'the same for a ticket'],
    ['- --format sarif=out.sarif < report.json', 'a file for code scanning'],
  ],
};

export const analyzePage: Words = {
  does: [
    'standbylint analyze judges the facts that "standbylint collect" wrote, on any machine and without a connection.',
    'The report is the one that preflight or postmortem would have printed at that time.',
  ],
  usage: 'FACTS [OPTION]...',
  notes: outputNotes,
  status: statusOfReport,
  examples: [
    ['standby.facts', 'what is wrong with the standby that was looked at'],
    ['standby.facts --full --format markdown', 'the same with all details, for a ticket'],
  ],
};

export const rulesPage: Words = {
  does: ['standbylint rules lists every rule with its severity and its title.'],
  usage: '[--format=stylish|json]',
  status: [[0, 'the rules were listed']],
  examples: [
    ['', 'the table'],
    ['--format json', 'with the documentation, the messages and the consequences of each'],
  ],
};

export const fleetPage: Words = {
  does: [
    'standbylint fleet examines all targets of the configuration at once, in one process, and tells each root cause once.',
    'A target that hangs ends by its own time limit and delays no other. Ctrl-C ends the run with what was examined until then.',
  ],
  usage: '[TARGET...] [OPTION]...',
  status: [
    [0, 'no problem found on any target'],
    [1, 'a problem was found on a target'],
    [3, 'no problem found, but a target could not be examined completely'],
  ],
  examples: [
    ['', 'examine all targets'],
    ['--format json > today.json', 'the same for a program, with the report of each target'],
    ['--since yesterday.json', 'what is new, gone, and the same'],
  ],
};

export const configPage: Words = {
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
};

export const initPage: Words = {
  does: [
    'standbylint init writes a first configuration, with a target for each standby on this machine.',
    'It replaces no file.',
  ],
  usage: '[FILE]',
  status: [[0, 'the file was written']],
  examples: [
    ['', 'write standbylint.config.json into this directory'],
    ['/etc/standbylint.config.json', 'write another file, for --config'],
  ],
};

export const demoPage: Words = {
  does: [
    'standbylint demo breaks and fixes a throwaway primary on this machine, step by step.',
    'It creates the primary in a temporary directory, breaks it three times, finds and fixes each fault, creates a standby, proves that it streams, and leaves nothing behind. It takes less than a minute and touches no other server.',
    'With --docker it does so in two containers on a network of their own, postgres-primary and postgres-standby. The image has to be on this machine: nothing is pulled.',
  ],
  usage: '[--docker[=IMAGE]] [--color=auto|always|never]',
  status: [[0, 'the tour is complete']],
  examples: [
    ['', 'the tour'],
    ['--docker', 'the tour in containers'],
    ['--color never', 'the same without color, for a file'],
  ],
};
