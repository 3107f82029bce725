import { posix } from 'node:path';

import type { InstalledTools, Tool } from '../facts/machine.ts';
import { derive, ifSeen, seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';

/**
 * Which of the programs here is to be run: the one that the user named with its path; else the one on PATH, when it is
 * not older than the primary; else the oldest that serves, which is nearest to the primary's release; else what there is.
 */
export const clientToolsCheck = defineCheck({
  brings: ['clientTools'],
  after: ['installedTools', 'primary'],
  async look({ installedTools, primary }, { subject, host }) {
    const program = subject.command === 'postmortem' ? undefined : subject.baseBackup.program;
    const named = program === undefined ? undefined : posix.resolve(host.workingDirectory, program);
    const major = ifSeen(primary)?.major;
    return {
      clientTools: derive(installedTools, (tools, source) =>
        seen({ ...tools, chosen: chosenOf(tools, named, major) }, source),
      ),
    };
  },
});

function chosenOf(tools: InstalledTools, named: string | undefined, major: number | undefined): Tool | undefined {
  if (named !== undefined) return tools.basebackups.find(({ path }) => path === named);
  const serves = (tool: Tool | undefined): boolean =>
    tool !== undefined && (major === undefined || tool.major >= major);
  if (serves(tools.onPath)) return tools.onPath;
  const nearest = tools.basebackups.filter(serves).toSorted((a, b) => a.major - b.major)[0];
  return nearest ?? tools.onPath ?? tools.basebackups.toSorted((a, b) => b.major - a.major)[0];
}
