import { Option } from 'commander';
import { longTime } from '../fleet/options.ts';
import type { Terms } from '../mcp/tools.ts';
import { configOption } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

/** The options of mcp as commander gives them. */
type McpWords = Omit<Terms, 'targetsOnly'> & Partial<Pick<Terms, 'targetsOnly'>>;

export const mcpCommand: DeclaredCommand = {
  name: 'mcp',
  does: 'serves preflight, postmortem, explain and rules to an assistant (Model Context Protocol)',
  page: {
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
  },
  declare: (command, { surroundings, answer }) =>
    command
      .addOption(configOption())
      .option('--targets-only', 'examine only the targets of the configuration')
      .addOption(
        new Option('--call-timeout <seconds>', 'the longest time for each call')
          .argParser(longTime('--call-timeout'))
          .default(60_000, '60'),
      )
      .action(async ({ targetsOnly = false, ...options }: McpWords) => {
        const { mcp } = await import('../mcp/mcp.ts');
        answer(await mcp({ targetsOnly, config: options.config, callTimeout: options.callTimeout }, surroundings));
      }),
};
