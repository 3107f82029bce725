import { basename } from 'node:path';

import type { Command, CommanderError, Option } from 'commander';

import { didYouMean } from './did-you-mean.ts';
import { shownWord } from './shown-word.ts';
import { UsageError } from '../usage-error.ts';

/** What commander refuses, in the words with which options of pg_basebackup are refused (getopt.ts). */
export function usageErrorOf({ code, message }: CommanderError, command: Command): UsageError {
  const said = message.replace(/^error: /u, '');
  const [, quoted = ''] = /'([^]*?)'/u.exec(said) ?? [];
  switch (code) {
    case 'commander.unknownOption': {
      const written = quoted.replace(/=.*$/su, '');
      const names = command.createHelp().visibleOptions(command).map(longOf);
      if (names.includes(written)) return new UsageError(`${written} takes no value.`, `Use ${written} alone.`);
      const begun = written.length > 3 ? names.filter((name) => name.startsWith(written)) : [];
      const otherCase = command.options.find(
        ({ short }) => short !== written && short?.toLowerCase() === written.toLowerCase(),
      )?.short;
      return new UsageError(
        `Option ${shownWord(written)} does not exist.`,
        otherCase !== undefined
          ? `Did you mean ${otherCase}?`
          : (didYouMean(written, begun.length > 0 ? begun : names) ??
              (begun.length > 0 ? `Did you mean ${begun.join(' or ')}?` : 'See --help for the options.')),
      );
    }
    case 'commander.optionMissingArgument': {
      const option = command.options.find(({ flags }) => flags === quoted);
      const value = valueOf(quoted)?.toUpperCase() ?? 'VALUE';
      const written = option === undefined ? quoted : (option.short ?? longOf(option));
      return new UsageError(`${written} needs a value: ${value}.`, `Use ${written} ${value}.`);
    }
    case 'commander.missingArgument':
      return new UsageError(`${command.name()} needs ${quoted.toUpperCase()}.`, `See ${called(command)} --help.`);
    case 'commander.excessArguments':
      return new UsageError(
        `${command.name()} does not take "${shownWord(command.args[command.registeredArguments.length] ?? '')}".`,
        `See ${called(command)} --help.`,
      );
    case 'commander.invalidArgument': {
      const [, , allowed = ''] = /argument '(.*?)'\. Allowed choices are (.*)\.$/su.exec(said) ?? [];
      const choices = allowed.replace(/, ([^,]*)$/u, ' or $1');
      return new UsageError(
        `${command.name()} takes ${choices}, not "${shownWord(quoted)}".`,
        `See ${called(command)} --help.`,
      );
    }
    case 'commander.unknownCommand':
      return new UsageError(`Command ${shownWord(quoted)} does not exist.`, hintFor(quoted, command));
    default:
      return new UsageError(shownWord(`${said.replace(/\.$/u, '')}.`), `See ${called(command)} --help.`);
  }
}

function hintFor(word: string, program: Command): string {
  if (/^pg_basebackup(\.exe)?$/u.test(basename(word)))
    return 'Use "standbylint preflight pg_basebackup …" or "standbylint clone pg_basebackup …".';
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((one) => one.name());
  return (
    didYouMean(word, names) ?? '"standbylint --help" shows the commands, "standbylint COMMAND --help" their options.'
  );
}

const longOf = ({ long, short }: Option): string => long ?? short ?? '';

/** What stands for the value in `--jobs <number>` and `--docker [image]`; undefined for an option that takes none. */
export function valueOf(flags: string): string | undefined {
  const [, required, optional] = /(?:<(.+)>|\[([^<]+)\])$/u.exec(flags) ?? [];
  return (required ?? optional)?.replace(/(?<!,)\.\.\.$/u, '');
}

const called = (command: Command): string =>
  command.parent === null ? 'standbylint' : `standbylint ${command.name()}`;
