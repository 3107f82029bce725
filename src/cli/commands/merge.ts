import type { MergeCall } from '../fleet/merge.ts';
import { sinceOption, fleetFormatOption, colorOption } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

export const mergeCommand: DeclaredCommand = {
  name: 'merge',
  does: 'reports the shards of a fleet as one run',
  page: {
    does: [
      'standbylint merge reports the shards of a fleet as one run: the report is that of a run without --shard.',
      'All shards must be there, made by this release and of the same list of targets.',
    ],
    operands: ['files'],
    usage: 'FILE... [OPTION]...',
    status: [
      [0, 'no problem found on any target'],
      [1, 'a problem was found on a target'],
      [3, 'no problem found, but a target could not be examined completely'],
    ],
    examples: [
      ['shard-*.json', 'the table of all targets'],
      ['shard-*.json --format json > today.json', 'the same for a program'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .argument('<file...>', 'the reports of all shards (fleet --shard i/n --format json)')
      .addOption(sinceOption())
      .addOption(fleetFormatOption())
      .addOption(colorOption())
      .action(async (files: readonly string[], options: Omit<MergeCall, 'files'>) => {
        const { merge } = await import('../fleet/merge.ts');
        answer(await merge({ files, ...options }, surroundings));
      }),
};
