import type { Command, Option } from 'commander';

import { valueOf } from '../options/commander-errors.ts';
import type { DeclaredCommand } from '../commands/declared.ts';
import { commands } from '../commands/table.ts';
import type { HelpPage } from './help-page.ts';
import type { OwnOption } from '../options/own-options.ts';

/** The help of the program, or of a command that commander reads, in the form of all of them; undefined for one that has no page here. */
export function pageOf(command: Command): HelpPage | undefined {
  const isProgram = command.parent === null;
  const words = isProgram ? programPage(command) : pageOfDeclared(command.name());
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

function pageOfDeclared(name: string): DeclaredCommand['page'] | undefined {
  const entry = commands.find((one) => one.name === name);
  return entry === undefined || 'load' in entry ? undefined : entry.page;
}

const programPage = (program: Command): DeclaredCommand['page'] => ({
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
