import { text } from 'node:stream/consumers';

import { Command, CommanderError } from 'commander';

import type { CommandSurroundings } from './command.ts';
import { usageErrorOf } from './commander-errors.ts';
import { pageOf } from './command-help.ts';
import { addCommands } from './commands.ts';
import type { Answer } from './commands.ts';
import { helpPage } from './help-page.ts';
import type { ProgramHelp } from './help-page.ts';
import { version } from './version.ts';

/**
 * Runs the command that the words name and gives its exit status. A call that nobody could follow throws a
 * {@link UsageError}. `preflight` and `clone` take the words of a pg_basebackup command line, which getopt_long() reads
 * otherwise than commander: these two receive them as they were typed.
 */
export async function runProgram(words: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  let status = 0;
  const printed: string[] = [];
  const program = commandTree(
    surroundings,
    (given) => (status = given),
    (text) => printed.push(text),
  );
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

function commandTree(surroundings: CommandSurroundings, answer: Answer, print: (text: string) => void): Command {
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

  for (const { name, does, load } of ofTheirOwnWords)
    program
      .command(name)
      .description(does)
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .argument('[words...]')
      .action(async (words: readonly string[]) => answer(await (await load())(words, surroundings)));

  const declared = addCommands(program, surroundings, answer);
  for (const command of declared) command.version(...showsVersion);

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
  const silent = { print: async () => undefined, signal: new AbortController().signal };
  const program = commandTree(silent, ignored, ignored);
  const commands = await Promise.all(
    program
      .createHelp()
      .visibleCommands(program)
      .map(async (command) => {
        const page = (await ofTheirOwnWords.find(({ name }) => name === command.name())?.page()) ?? pageOf(command);
        return page === undefined ? [] : [{ does: command.description(), page }];
      }),
  );
  return { does: program.description(), commands: commands.flat() };
}

const ignored = (): void => undefined;

/** Their words are read as they were typed, with the habits of getopt_long(). */
const ofTheirOwnWords = [
  {
    name: 'preflight',
    does: 'checks whether pg_basebackup would succeed and the standby would stream',
    load: async () => (await import('./preflight.ts')).preflight,
    page: async () => (await import('./base-backup-help.ts')).baseBackupPage('preflight'),
  },
  {
    name: 'clone',
    does: 'does the same, runs pg_basebackup, verifies the copy; --start starts it',
    load: async () => (await import('./clone/clone.ts')).clone,
    page: async () => (await import('./base-backup-help.ts')).baseBackupPage('clone'),
  },
  {
    name: 'postmortem',
    does: 'finds what is wrong with an existing standby, and how to recover it',
    load: async () => (await import('./postmortem.ts')).postmortem,
    page: async () => (await import('./postmortem-help.ts')).postmortemPage,
  },
  {
    name: 'serve',
    does: 'looks at a standby again and again: /metrics, /healthz and the report over HTTP',
    load: async () => (await import('./serve/serve.ts')).serve,
    page: async () => (await import('./serve/options.ts')).servePage,
  },
  {
    name: 'collect',
    does: 'writes what preflight or postmortem would look at to a file',
    load: async () => (await import('./collect.ts')).collect,
    page: async () => (await import('./recording-help.ts')).collectPage,
  },
  {
    name: 'bundle',
    does: 'writes the same with logs and configuration files, for a support engineer',
    load: async () => (await import('./bundle/bundle.ts')).bundle,
    page: async () => (await import('./recording-help.ts')).bundlePage,
  },
] as const;
