import { Option } from 'commander';
import type { FleetCall } from '../fleet/fleet.ts';
import { shardOf } from '../fleet/shard.ts';
import { jobs } from '../fleet/options.ts';
import { longTime } from '../fleet/options.ts';
import { inventoryKinds } from '../fleet/inventory/kinds.ts';
import { sinceOption, fleetFormatOption, colorOption, repeated, configOption } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

export const fleetCommand: DeclaredCommand = {
  name: 'fleet',
  does: 'examines all targets of the configuration at once, and reports each root cause once',
  page: {
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
  },
  declare: (command, { surroundings, answer }) =>
    command
      .argument('[target...]', 'only these targets')
      .addOption(configOption())
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
        const { fleet } = await import('../fleet/fleet.ts');
        answer(await fleet({ names, ...options }, surroundings));
      }),
};
