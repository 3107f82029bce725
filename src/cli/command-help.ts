import type { Command, Option } from 'commander';

import { valueOf } from './commander-errors.ts';
import { statusOfReport } from './help-page.ts';
import type { HelpPage } from './help-page.ts';
import { outputNotes } from './outputs.ts';
import type { OwnOption } from './own-options.ts';

type Words = Omit<HelpPage, 'command' | 'options' | 'commands'>;

/** The help of the program, or of a command that commander reads, in the form of all of them; undefined for one that has no page here. */
export function pageOf(command: Command): HelpPage | undefined {
  const isProgram = command.parent === null;
  const words = isProgram ? programPage(command) : pages.get(command.name());
  const help = {
    long: 'help',
    short: '?',
    help: `show this help${isProgram ? ', or that of a command' : ''}, then exit`,
  };
  const isVersion = ({ long }: Option): boolean => long === '--version';
  const own = command.options.filter((option) => !isVersion(option));
  const version = command.options.filter(isVersion);
  return (
    words && {
      command: isProgram ? '' : command.name(),
      ...words,
      options: [{ title: 'Options', options: [...own.map(ownOption), help, ...version.map(ownOption)] }],
      commands: command
        .createHelp()
        .visibleCommands(command)
        .map((one) => ({ name: one.name(), does: one.description() })),
    }
  );
}

const ownOption = ({ long, short, flags, description, defaultValueDescription }: Option): OwnOption => {
  const value = valueOf(flags);
  const byDefault = (defaultValueDescription ?? '') === '' ? '' : ` (default ${defaultValueDescription})`;
  return {
    long: (long ?? '').slice(2),
    ...(short === undefined ? {} : { short: short.slice(1) }),
    ...(value === undefined ? {} : { value: value.includes('|') ? value : value.toUpperCase() }),
    help: `${description}${byDefault}`,
  };
};

const programPage = (program: Command): Words => ({
  does: [program.description()],
  usage: 'COMMAND [OPTION]...',
  status: [
    [0, 'no problem found'],
    [1, 'a problem was found'],
    [3, 'no problem found, but a check that could reveal an error could not run'],
  ],
  examples: [
    [
      'preflight pg_basebackup -h db1 -U replicator -D /data -X stream -R',
      'check your own command line: put "standbylint preflight" before it',
    ],
    ['postmortem -D /var/lib/postgresql/15/main', 'find out why a standby does not follow its primary'],
  ],
});

const undoPage: Words = {
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
};

const explainPage: Words = {
  does: [
    'standbylint explain prints the page of a rule, or what a message of PostgreSQL means.',
    'It also reads whole logs and the output of other programs: files, globs and .gz, or - for standard input.',
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
  ],
};

const reportPage: Words = {
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
};

const analyzePage: Words = {
  does: [
    'standbylint analyze judges the facts that "standbylint collect" or "standbylint bundle" wrote, on any machine and without a connection.',
    'The report is the one that preflight or postmortem would have printed at that time.',
  ],
  operands: ['files'],
  usage: 'FACTS [OPTION]...',
  notes: outputNotes,
  status: statusOfReport,
  examples: [
    ['standby.facts', 'what is wrong with the standby that was looked at'],
    ['standby.facts --full --format markdown', 'the same with all details, for a ticket'],
  ],
};

const rulesPage: Words = {
  does: ['standbylint rules lists every rule with its severity and its title.'],
  usage: '[--format=stylish|json]',
  status: [[0, 'the rules were listed']],
  examples: [
    ['', 'the table'],
    ['--format json', 'with the documentation, the messages and the consequences of each'],
  ],
};

const fleetPage: Words = {
  does: [
    'standbylint fleet examines all targets of the configuration, or of an inventory, at once, in one process, and reports each root cause once.',
    'A target that hangs ends by its own time limit and delays no other. Ctrl-C ends the run with what was examined until then.',
  ],
  operands: ['targets'],
  usage: '[TARGET...] [OPTION]...',
  status: [
    [0, 'no problem found on any target'],
    [1, 'a problem was found on a target'],
    [3, 'no problem found, but a target could not be examined completely'],
  ],
  examples: [
    ['', 'examine all targets'],
    ['--format json > today.json', 'the same for a program, with the report of each target'],
    ['--format html=fleet.html --format sarif=fleet.sarif', 'in two formats, each in its file'],
    ['--since yesterday.json', 'what is new, what is gone, and for how long the rest has been there'],
    ['--inventory ansible:hosts.yml --each pgdata=ssh:{login}:/pg', "the hosts of Ansible's inventory"],
  ],
};

const mergePage: Words = {
  does: [
    'standbylint merge reports the shards of a fleet as one run: the report is that of a run without --shard.',
    'All shards must be there, made by this release and of the same list of targets.',
  ],
  operands: ['files'],
  usage: 'FILE... [OPTION]...',
  status: [
    [0, 'no problem found on any target'],
    [1, 'a problem was found on a target'],
    [3, 'no problem found, but a target could not be examined completely'],
  ],
  examples: [
    ['shard-*.json', 'the table of all targets'],
    ['shard-*.json --format json > today.json', 'the same for a program'],
  ],
};

const mcpPage: Words = {
  does: [
    'standbylint mcp serves the Model Context Protocol on standard input and output, until the input ends: an assistant may call preflight, postmortem, explain and rules, and read the targets of the configuration.',
    'Every tool is read-only. A call with a password is refused, and a container or another machine is examined only as a target of the configuration.',
  ],
  usage: '[OPTION]...',
  status: [[0, 'the input has ended']],
  examples: [
    ['', 'what a client is configured to start'],
    ['--config /etc/standbylint.config.json --targets-only', 'only what you listed'],
  ],
};

const configPage: Words = {
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

const initPage: Words = {
  does: [
    'standbylint init writes a first configuration, with a target for each standby on this machine.',
    'It replaces no file.',
  ],
  operands: ['files'],
  usage: '[FILE]',
  status: [[0, 'the file was written']],
  examples: [
    ['', 'write standbylint.config.json into this directory'],
    ['/etc/standbylint.config.json', 'write another file, for --config'],
  ],
};

const demoPage: Words = {
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

const completionPage: Words = {
  does: [
    'standbylint completion prints a script that lets a shell complete commands, options and their values.',
    'The script asks this program for the words, so that it fits every later version.',
  ],
  operands: [['bash', 'zsh', 'fish'], []],
  usage: 'bash|zsh|fish',
  status: [[0, 'the script was printed']],
  examples: [
    ['bash > /etc/bash_completion.d/standbylint', 'bash, with the package bash-completion'],
    ['zsh > /usr/local/share/zsh/site-functions/_standbylint', 'zsh: a directory of its fpath'],
    ['fish > ~/.config/fish/completions/standbylint.fish', 'fish'],
  ],
};

const pages: ReadonlyMap<string, Words> = new Map([
  ['undo', undoPage],
  ['explain', explainPage],
  ['analyze', analyzePage],
  ['report', reportPage],
  ['rules', rulesPage],
  ['fleet', fleetPage],
  ['merge', mergePage],
  ['mcp', mcpPage],
  ['config', configPage],
  ['init', initPage],
  ['completion', completionPage],
  ['demo', demoPage],
]);
