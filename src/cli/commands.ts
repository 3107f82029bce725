import { Argument, Option } from 'commander';
import type { Command } from 'commander';

import type { AnalyzeCall } from './judged-recording.ts';
import type { CommandSurroundings } from './command.ts';
import type { Shell } from './completion/scripts.ts';
import type { ConfigCall } from './configuration/show.ts';
import type { DemoCall } from './demo/demo.ts';
import type { FleetCall } from './fleet/fleet.ts';
import type { MergeCall } from './fleet/merge.ts';
import { shardOf } from './fleet/shard.ts';
import { jobs, longTime } from './fleet/options.ts';
import { inventoryKinds } from './fleet/inventory/kinds.ts';
import { fleetFormatNames } from '../report/fleet/formats.ts';
import { outputOption } from './outputs.ts';
import { colorChoice, failOnChoice, formatChoice, milliseconds, ruleIds } from './own-options.ts';
import type { Format } from './own-options.ts';
import type { Terms } from './mcp/tools.ts';
import type { ReportCall } from './report.ts';
import type { UndoCall } from './undo.ts';

/** The options of undo as commander gives them: a flag that was not given is not there. */
type UndoWords = Pick<UndoCall, 'admin' | 'standby' | 'color'> &
  Partial<Pick<UndoCall, 'yes' | 'dryRun'>> & { readonly timeout: number };

/** The options of mcp as commander gives them. */
type McpWords = Omit<Terms, 'targetsOnly'> & Partial<Pick<Terms, 'targetsOnly'>>;

/** What ends a run: its exit status. */
export type Answer = (status: number) => void;

/** The commands whose words commander reads: those without options of pg_basebackup. */
export function addCommands(program: Command, surroundings: CommandSurroundings, answer: Answer): readonly Command[] {
  const before = program.commands.length;
  program
    .command('undo')
    .description('undoes what --fix did, using its journal')
    .argument('<journal>', 'the file that --fix wrote: standbylint-fix-TIME.jsonl')
    .option('--admin <conninfo>', 'the connection to the primary, as for --fix')
    .option('--standby <conninfo>', 'the connection to the standby, as for --fix')
    .option('--yes', 'run the steps without asking')
    .option('--dry-run', 'print what would be undone, and do nothing')
    .addOption(timeoutOption())
    .addOption(colorOption())
    .action(async (journal: string, { yes = false, dryRun = false, timeout, ...options }: UndoWords) => {
      const { undo } = await import('./undo.ts');
      const { admin, standby, color } = options;
      answer(await undo({ journal, admin, standby, color, yes, dryRun, timeoutMs: timeout }, surroundings));
    });

  program
    .command('explain')
    .description('prints the page of a rule, or what a PostgreSQL message means')
    .argument('[text...]', 'a rule, a message in quotes, files (globs, .gz), or - for standard input')
    .addOption(
      new Option('--format <stylish|json>', 'text, or one JSON object')
        .argParser(formatChoice)
        .default('stylish', 'stylish'),
    )
    .action(async (text: readonly string[], options: { readonly format: Format }) => {
      const { explain } = await import('./explain.ts');
      answer(await explain(text, options, surroundings));
    });

  program
    .command('analyze')
    .description('judges the facts that collect or bundle wrote, without a connection')
    .argument('<facts...>', 'the file, or - for standard input; several files are reported as a fleet')
    .option('--config <file>', 'the configuration (default: standbylint.config.json here or in a parent directory)')
    .option('--target <name>', 'the target of the configuration that was looked at')
    .addOption(sinceOption())
    .addOption(formatOption())
    .addOption(failOnOption())
    .addOption(
      new Option('--accept-unexamined <rule,...>', 'rules that may remain unchecked without exit status 3')
        .argParser((value: string, before: readonly string[]) => [...before, ...ruleIds(value)])
        .default([], ''),
    )
    .addOption(fullOption())
    .addOption(colorOption())
    .action(async (files: readonly string[], options: Omit<AnalyzeCall, 'files'>) => {
      const { analyze } = await import('./analyze.ts');
      answer(await analyze({ files, ...options }, surroundings));
    });

  program
    .command('report')
    .description('shows a report that was saved with --format json=FILE, in any format')
    .argument('<file>', 'the saved report, or - for standard input')
    .addOption(formatOption())
    .addOption(failOnOption())
    .addOption(fullOption())
    .addOption(colorOption())
    .action(async (file: string, options: Omit<ReportCall, 'file'>) => {
      const { report } = await import('./report.ts');
      answer(await report({ file, ...options }, surroundings));
    });

  program
    .command('rules')
    .description('lists every rule')
    .addOption(
      new Option('--format <stylish|json>', 'a table, or one JSON object')
        .argParser(formatChoice)
        .default('stylish', 'stylish'),
    )
    .argument('[rule]')
    .action(async (rule: string | undefined, options: { readonly format: 'stylish' | 'json' }) => {
      const { rules } = await import('./rules.ts');
      answer(await rules(rule, options, surroundings));
    });

  program
    .command('fleet')
    .description('examines all targets of the configuration at once, and reports each root cause once')
    .argument('[target...]', 'only these targets')
    .option('--config <file>', 'the configuration (default: standbylint.config.json here or in a parent directory)')
    .addOption(
      new Option('--inventory <kind:value>', `targets from somewhere else; may be repeated: ${inventoryKinds}`)
        .argParser(repeated)
        .default([], ''),
    )
    .addOption(
      new Option(
        '--each <key=value>',
        'an option of every target of the inventory; it may contain {host}, {port}, {name} and other values of the inventory',
      )
        .argParser(repeated)
        .default([], ''),
    )
    .addOption(new Option('--shard <i/n>', 'only the i-th of n parts of the targets: see merge').argParser(shardOf))
    .addOption(new Option('--jobs <number>', 'how many targets at the same time').argParser(jobs).default(8, '8'))
    .addOption(
      new Option('--target-timeout <seconds>', 'the longest time for each target')
        .argParser(longTime('--target-timeout'))
        .default(60_000, '60'),
    )
    .addOption(sinceOption())
    .addOption(fleetFormatOption())
    .addOption(colorOption())
    .action(async (names: readonly string[], options: Omit<FleetCall, 'names'>) => {
      const { fleet } = await import('./fleet/fleet.ts');
      answer(await fleet({ names, ...options }, surroundings));
    });

  program
    .command('merge')
    .description('reports the shards of a fleet as one run')
    .argument('<file...>', 'the reports of all shards (fleet --shard i/n --format json)')
    .addOption(sinceOption())
    .addOption(fleetFormatOption())
    .addOption(colorOption())
    .action(async (files: readonly string[], options: Omit<MergeCall, 'files'>) => {
      const { merge } = await import('./fleet/merge.ts');
      answer(await merge({ files, ...options }, surroundings));
    });

  program
    .command('mcp')
    .description('serves preflight, postmortem, explain and rules to an assistant (Model Context Protocol)')
    .option('--config <file>', 'the configuration (default: standbylint.config.json here or in a parent directory)')
    .option('--targets-only', 'examine only the targets of the configuration')
    .addOption(
      new Option('--call-timeout <seconds>', 'the longest time for each call')
        .argParser(longTime('--call-timeout'))
        .default(60_000, '60'),
    )
    .action(async ({ targetsOnly = false, ...options }: McpWords) => {
      const { mcp } = await import('./mcp/mcp.ts');
      answer(await mcp({ targetsOnly, config: options.config, callTimeout: options.callTimeout }, surroundings));
    });

  program
    .command('config')
    .description('shows the configuration that is in force, and where each value comes from')
    .option('--config <file>', 'the configuration (default: standbylint.config.json here or in a parent directory)')
    .option('--target <name>', 'with the values of this target')
    .addOption(
      new Option('--format <stylish|json>', 'a table, or one JSON object')
        .argParser(formatChoice)
        .default('stylish', 'stylish'),
    )
    .action(async (options: ConfigCall) => {
      const { config } = await import('./configuration/show.ts');
      answer(await config(options, surroundings));
    });

  program
    .command('init')
    .description('writes a first configuration, with a target for each standby on this machine')
    .argument('[file]', 'where to write it (default standbylint.config.json)')
    .action(async (file: string | undefined) => {
      const { init } = await import('./configuration/init.ts');
      answer(await init(file, surroundings));
    });

  program
    .command('completion')
    .description('prints the script by which a shell completes commands, options and values')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion/scripts.ts');
      await surroundings.print(completionScript(shell));
      answer(0);
    });

  program
    .command('demo')
    .description('breaks and fixes a throwaway primary on this machine, step by step')
    .option('--docker [image]', 'in two containers of an image that is on this machine (default: postgres)')
    .addOption(colorOption())
    .action(async (options: DemoCall) => {
      const { demo } = await import('./demo/demo.ts');
      answer(await demo(options, surroundings));
    });
  return program.commands.slice(before);
}

const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const timeoutOption = (): Option =>
  new Option('--timeout <seconds>', 'the longest wait for each external check')
    .argParser(milliseconds)
    .default(5000, '5');

const sinceOption = (): Option =>
  new Option('--since <report>', 'a report of an earlier run (--format json): what is new, gone, and the same');

const formatOption = (): Option =>
  new Option(`--format <${outputOption.value}>`, outputOption.help).argParser(repeated).default([], '');

const fleetFormatOption = (): Option =>
  new Option(
    `--format <${outputOption.value}>`,
    `the format, on standard output or in FILE; may be repeated, each with its own FILE: ${fleetFormatNames.join(', ')}; ndjson is one object for each target as it comes (default stylish)`,
  )
    .argParser(repeated)
    .default([], '');

const failOnOption = (): Option =>
  new Option('--fail-on <error|warning|info>', 'the lowest severity that gives exit status 1')
    .argParser(failOnChoice)
    .default('error', 'error');

const fullOption = (): Option =>
  new Option('--full', 'show every finding, all evidence and all passed checks').default(false, '');

const colorOption = (): Option =>
  new Option('--color <auto|always|never>', 'use color').argParser(colorChoice).default('auto', 'auto');
