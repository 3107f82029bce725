import type { DeclaredCommand } from './declared.ts';

export const initCommand: DeclaredCommand = {
  name: 'init',
  does: 'writes a first configuration, with a target for each standby on this machine',
  page: {
    does: [
      'standbylint init writes a first configuration, with a target for each standby on this machine.',
      'It replaces no file.',
    ],
    operands: ['files'],
    usage: '[FILE]',
    status: [[0, 'the file was written']],
    examples: [
      ['', 'write standbylint.config.json into this directory'],
      ['/etc/standbylint.config.json', 'write another file, for --config'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .argument('[file]', 'where to write it (default standbylint.config.json)')
      .action(async (file: string | undefined) => {
        const { init } = await import('../configuration/init.ts');
        answer(await init(file, surroundings));
      }),
};
