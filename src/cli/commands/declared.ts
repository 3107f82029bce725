import type { Command } from 'commander';

import type { CommandSurroundings } from '../command.ts';
import type { HelpPage } from '../help/help-page.ts';

/** A command whose options commander knows, and of which it makes the help. */
export interface DeclaredCommand {
  readonly name: string;
  /** In the list of the commands. */
  readonly does: string;
  /** What its help has beside the options. */
  readonly page: Omit<HelpPage, 'command' | 'options' | 'commands'>;
  readonly declare: (command: Command, run: Run) => Command;
}

export interface Run {
  readonly surroundings: CommandSurroundings;
  /** What ends it: its exit status. */
  readonly answer: (status: number) => void;
}
