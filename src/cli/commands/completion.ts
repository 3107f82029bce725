import { Argument } from 'commander';
import type { Shell } from '../completion/scripts.ts';
import type { DeclaredCommand } from './declared.ts';

export const completionCommand: DeclaredCommand = {
  name: 'completion',
  does: 'prints the script by which a shell completes commands, options and values',
  page: {
    does: [
      'standbylint completion prints a script that lets a shell complete commands, options and their values.',
      'The script asks this program for the words, so that it fits every later version.',
    ],
    operands: [['bash', 'zsh', 'fish'], []],
    usage: 'bash|zsh|fish',
    status: [[0, 'the script was printed']],
    examples: [
      ['bash > /etc/bash_completion.d/standbylint', 'bash, with the package bash-completion'],
      ['zsh > /usr/local/share/zsh/site-functions/_standbylint', 'zsh: a directory of its fpath'],
      ['fish > ~/.config/fish/completions/standbylint.fish', 'fish'],
    ],
  },
  declare: (command, { surroundings, answer }) =>
    command
      .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
      .action(async (shell: Shell) => {
        const { completionScript } = await import('../completion/scripts.ts');
        await surroundings.print(completionScript(shell));
        answer(0);
      }),
};
