import type { CommandSurroundings } from './command.ts';
import { UsageError } from './usage-error.ts';

export async function clone(_words: readonly string[], _surroundings: CommandSurroundings): Promise<number> {
  return Promise.reject(new UsageError('"standbylint clone" is not there yet.'));
}
