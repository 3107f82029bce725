import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { ClientTools, Tool } from '../facts/machine.ts';

/** The pg_basebackup that will run: the one that the user named with its path, else the one that was chosen. */
export function usedTool({ program }: BaseBackupCommand, tools: ClientTools | undefined): Tool | undefined {
  const all = [tools?.onPath, ...(tools?.basebackups ?? [])].filter((tool) => tool !== undefined);
  return all.find(({ path }) => path === program) ?? tools?.chosen;
}
