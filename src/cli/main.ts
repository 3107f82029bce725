#!/usr/bin/env node
import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

// each command is a chunk of its own that is read only when it runs
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  preflight: async () => (await import('./preflight.ts')).preflight,
  clone: async () => (await import('./clone.ts')).clone,
  explain: async () => (await import('./explain.ts')).explain,
  rules: async () => (await import('./rules.ts')).rules,
  demo: async () => (await import('./demo.ts')).demo,
};

const help = `standbylint finds what keeps a PostgreSQL standby from being made or from streaming,
and prints the exact commands that mend it.

Usage:
  standbylint preflight [pg_basebackup's options] [--admin CONNINFO]
  standbylint clone     [pg_basebackup's options] [--admin CONNINFO] [--start] [--dry-run]
  standbylint explain   RULE | 'MESSAGE' | -
  standbylint rules     [--format json]
  standbylint demo

Commands:
  preflight  says whether pg_basebackup would succeed and its copy would stream
  clone      does the same, runs pg_basebackup, verifies the copy; --start starts it
  explain    prints the page of a rule, or what a message of PostgreSQL means
  rules      lists every rule
  demo       breaks and mends a throw-away primary on this machine, step by step

Put "standbylint preflight" before your own command line to check it:
  standbylint preflight pg_basebackup -h db1 -U replicator -D /data -X stream -R

Options:
  -V, --version  the version, then exit
  -?, --help     this help, then exit; "standbylint COMMAND --help" for a command's

Exit status: 0 nothing stands in the way, 1 something does, 3 nobody can say yes
(a rule of severity error could not be examined), 2 the call is at fault,
130 interrupted.
`;

async function run(words: readonly string[], signal: AbortSignal): Promise<number> {
  const [name, ...rest] = words;
  if (name === '--version' || name === '-V') {
    await print(`standbylint ${version}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-?' || name === 'help') {
    await print(help);
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) throw await unknownCommand(name);
  const command = await load();
  return command(rest, { print, signal });
}

async function unknownCommand(name: string): Promise<UsageError> {
  const { didYouMean } = await import('./did-you-mean.ts');
  const hint = /(^|\/)pg_basebackup$/u.test(name)
    ? 'Write "standbylint preflight pg_basebackup …", or "standbylint clone pg_basebackup …".'
    : (didYouMean(name, Object.keys(commands)) ?? `The commands are ${Object.keys(commands).join(', ')}.`);
  return new UsageError(`There is no command "${name}".`, hint);
}

const print = async (text: string): Promise<void> => write(process.stdout, text);

/** Waits until the stream has taken the text: a pipe takes more than its buffer only in pieces. */
async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}

async function explainFailure(error: unknown): Promise<void> {
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
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.exitCode = interrupted;
    interruption.abort(new Error(signal));
  });
}
// a reader that goes away early (`| head`) is no fault of ours
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  const status = await run(process.argv.slice(2), interruption.signal);
  process.exitCode = interruption.signal.aborted ? interrupted : status;
} catch (error) {
  if (interruption.signal.aborted) {
    process.exitCode = interrupted;
  } else {
    await explainFailure(error);
    process.exitCode = 2;
  }
}
// everything is written; what may still be open (a connection that never answered) is not waited for
process.exit();
