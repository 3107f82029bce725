import type { DemoCall } from '../demo/demo.ts';
import { colorOption } from './options.ts';
import type { DeclaredCommand } from './declared.ts';

export const demoCommand: DeclaredCommand = {
  name: 'demo',
  does: 'breaks and fixes a throwaway primary on this machine, step by step',
  page: {
    does: [
      'standbylint demo breaks and fixes a throwaway primary on this machine, step by step.',
      'It creates the primary in a temporary directory, breaks it three times, finds and fixes each fault, creates a standby, proves that it streams, and leaves nothing behind. It takes less than a minute and touches no other server.',
      'With --docker it does so in two containers on a network of their own, postgres-primary and postgres-standby. The image has to be on this machine: nothing is pulled.',
    ],
    usage: '[--docker[=IMAGE]] [--color=auto|always|never]',
    status: [[0, 'the tour is complete']],
    examples: [
      ['', 'the tour'],
      ['--docker', 'the tour in containers'],
      ['--color never', 'the same without color, for a file'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .option('--docker [image]', 'in two containers of an image that is on this machine (default: postgres)')
      .addOption(colorOption())
      .action(async (options: DemoCall) => {
        const { demo } = await import('../demo/demo.ts');
        answer(await demo(options, surroundings));
      }),
};
