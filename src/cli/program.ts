import { text } from 'node:stream/consumers';

import { Command, CommanderError } from 'commander';

import type { CommandSurroundings } from './command.ts';
import { usageErrorOf } from './options/commander-errors.ts';
import { pageOf } from './help/command-help.ts';
import type { Run } from './commands/declared.ts';
import { commands } from './commands/table.ts';
import { helpPage } from './help/help-page.ts';
import type { ProgramHelp } from './help/help-page.ts';
import { version } from './version.ts';

/**
 * Runs the command that the words name and gives its exit status. A call that nobody could follow throws a
 * {@link UsageError}. `preflight` and `clone` take the words of a pg_basebackup command line, which getopt_long() reads
 * otherwise than commander: these two receive them as they were typed.
 */
export async function runProgram(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  let status = 0;
  const printed: string[] = [];
  const answer = (given: number): void => {
    status = given;
  };
  const program = commandTree({ surroundings, answer }, (text) => printed.push(text));
  try {
    if (words.length === 0) program.help();
    await program.parseAsync(words[0] === 'explain' ? words.map(asText) : words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    status = words.length === 0 ? 2 : 0;
  }
  if (printed.length > 0) await surroundings.print(printed.join(''));
  return status;
}

/** `-bash: …`, psql's `-[ RECORD 1 ]`: no option has blanks in its name. */
const asText = (word: string): string => (/^-[^=]*\s/u.test(word) ? ` ${word}` : word);

const showsVersion = [`standbylint ${version}`, '-V, --version', 'show the version of standbylint, then exit'] as const;

function commandTree({ surroundings, answer }: Run, print: (text: string) => void): Command {
  const program = new Command('standbylint')
    .description(
      'Finds what keeps a PostgreSQL standby from being created or from streaming, and prints the exact commands that fix it.',
    )
    .version(...showsVersion)
    .helpOption('-?, --help', 'show this help, or that of a command, then exit')
    .helpCommand(false)
    // -h is the host of preflight and clone, and none of the words behind a command is the program's own
    .enablePositionalOptions()
    .configureOutput({ writeOut: print, writeErr: () => undefined });

  for (const entry of commands) {
    const command = program.command(entry.name).description(entry.does);
    if ('load' in entry)
      command
        .helpOption(false)
        .allowUnknownOption()
        .passThroughOptions()
        .argument('[words...]')
        .action(async (words: readonly string[]) => answer(await (await entry.load())(words, surroundings)));
    else entry.declare(command, { surroundings, answer }).version(...showsVersion);
  }

  // what the scripts ask, each word ended by a NUL
  program.command('complete', { hidden: true }).action(async () => {
    const { completed } = await import('./completion/complete.ts');
    await surroundings.print(
      await completed((await text(process.stdin)).split('\0').slice(0, -1), await programHelp()),
    );
    answer(0);
  });

  program
    .command('help', { hidden: true })
    .argument('[command]')
    .action(async (name: string | undefined) => {
      await program.parseAsync(name === undefined ? ['--help'] : [name, '--help'], { from: 'user' });
    });
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageErrorOf(error, command);
    });
    const page = pageOf(command);
    if (page !== undefined) command.configureHelp({ formatHelp: () => helpPage(page) });
  }
  return program;
}

/** Every command with its help, in the order of --help. */
export async function programHelp(): Promise<ProgramHelp> {
  const surroundings = { print: async () => undefined, signal: new AbortController().signal };
  const program = commandTree({ surroundings, answer: ignored }, ignored);
  const pages = await Promise.all(
    commands.map(async (entry) => {
      const page = 'load' in entry ? await entry.page() : pageOf(commandOf(program, entry.name));
      return page === undefined ? [] : [{ does: entry.does, page }];
    }),
  );
  return { does: program.description(), commands: pages.flat() };
}

const commandOf = (program: Command, name: string): Command =>
  program.commands.find((command) => command.name() === name) ?? program;

const ignored = (): void => undefined;
