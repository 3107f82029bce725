import './fix/new-password.ts';
import { commandsAsTyped } from './commands/as-typed.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/**
 * Each command is a chunk that is read when it runs. The commands that read their words themselves do not need the command
 * tree, which takes a third of an empty Node's time to load.
 */
async function run(words: readonly string[], signal: AbortSignal): Promise<number> {
  const [name, ...rest] = words;
  if (rest.length === 0 && (name === '--version' || name === '-V')) {
    await print(`standbylint ${version}\n`);
    return 0;
  }
  const asTyped = commandsAsTyped.find((command) => command.name === name);
  if (asTyped !== undefined) return (await asTyped.load())(rest, { print, signal, endsByInterrupt });
  const { runProgram } = await import('./program.ts');
  // without a word it is a usage error, and its help is what says so
  return runProgram(words, { print: words.length === 0 ? printError : print, signal, endsByInterrupt });
}

const print = async (text: string): Promise<void> => write(process.stdout, text);
const printError = async (text: string): Promise<void> => write(process.stderr, text);

/** Waits until the stream has taken the text: a pipe takes more than its buffer only in pieces. */
async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}

/** Gives the exit status. A plugin says on standard output why it knows nothing: Nagios shows nothing else. */
async function explainFailure(error: unknown, words: readonly string[]): Promise<number> {
  await sayFailure(error);
  const isPlugin = words.some(
    (word, at) => word === '--format=nagios' || (word === '--format' && words[at + 1] === 'nagios'),
  );
  if (!isPlugin) return 2;
  const { inPlugin, pluginLine } = await import('../report/nagios.ts');
  await print(pluginLine(3, inPlugin(error instanceof UsageError ? error.message : 'internal error of standbylint')));
  return 3;
}

/** A relative path leads nowhere when the directory that the shell is in was removed. */
const withoutDirectory = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd'
    ? new UsageError(
        'the current directory does not exist any more.',
        'Change to another one (cd /), and run this again.',
      )
    : error;

async function sayFailure(error: unknown): Promise<void> {
  if (error instanceof UsageError) {
    const { printable } = await import('../report/printable.ts');
    const lines = [
      `standbylint: ${error.message}`,
      ...(error.hint === undefined ? [] : [`             ${error.hint}`]),
    ];
    await write(process.stderr, `${lines.map(printable).join('\n')}\n`);
    return;
  }
  const { bugReport } = await import('./bug-report.ts');
  await write(process.stderr, bugReport(error, version));
}

const interruption = new AbortController();
const interrupted = 130;
let isOrdinaryEnd = false;
const endsByInterrupt = (): void => {
  isOrdinaryEnd = true;
};
// SIGHUP: the terminal was closed, and what runs for us must not stay behind
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    process.exitCode = interrupted;
    interruption.abort(new Error(signal));
  });
}
// a reader that goes away early (`| head`) is no fault of ours
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

async function main(): Promise<never> {
  try {
    const status = await run(process.argv.slice(2), interruption.signal);
    process.exitCode = interruption.signal.aborted && !isOrdinaryEnd ? interrupted : status;
  } catch (error) {
    if (interruption.signal.aborted) {
      process.exitCode = interrupted;
    } else {
      process.exitCode = await explainFailure(withoutDirectory(error), process.argv.slice(2));
    }
  }
  // everything is written; what may still be open (a connection that never answered) is not waited for
  process.exit();
}

void main();
