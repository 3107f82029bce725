import { Command, CommanderError, Option } from 'commander';

import { usageErrorOf } from './commander-errors.ts';
import type { OptionSpec, ParsedOption, ParsedWords } from './getopt.ts';

/**
 * Reads the words behind a command that has no options of pg_basebackup. The options are kept in the order in which they
 * were given: the configuration is merged with them. Throws a {@link UsageError}.
 */
export function ownWords<Spec extends OptionSpec>(words: readonly string[], specs: readonly Spec[]): ParsedWords<Spec> {
  const options: ParsedOption<Spec>[] = [];
  const command = new Command()
    .argument('[words...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  for (const spec of specs) {
    command.addOption(new Option(flagsOf(spec)));
    command.on(`option:${spec.long}`, (value?: string | null) => {
      const given = value ?? undefined;
      options.push({
        spec,
        value: given,
        written: [given === undefined ? `--${spec.long}` : `--${spec.long}=${given}`],
      });
    });
  }
  try {
    command.parse(words, { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? usageErrorOf(error, command) : error;
  }
  return { options, operands: command.args };
}

function flagsOf({ short, long, value, takesMore }: OptionSpec): string {
  const placeholder =
    value === undefined ? '' : ` <${value.replace(/\.\.\.$/u, '')}${takesMore === true ? '...' : ''}>`;
  return `${short === undefined ? '' : `-${short}, `}--${long}${placeholder}`;
}
