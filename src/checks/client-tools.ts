import { posix } from 'node:path';

import type { ClientTools, InstalledTools, Tool } from '../facts/machine.ts';
import { ifSeen, seen } from '../facts/observed.ts';
import type { Host } from '../hosts/host.ts';
import { defineCheck } from './check.ts';
import { versionOf } from './installed-tools.ts';

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
    if (installedTools.status !== 'seen') return { clientTools: installedTools };
    const { value: tools, source } = installedTools;
    if (subject.command === 'postmortem') return { clientTools: seen(withChosen(tools, named, major), source) };
    return { clientTools: seen(await withOneThatRuns(host, tools, named, major), source) };
  },
});

const withChosen = (tools: InstalledTools, named: string | undefined, major: number | undefined): ClientTools => ({
  ...tools,
  chosen: chosenOf(tools, named, major),
});

/** Of a program that was not asked only the release is known, by its folder: it is asked now, and another is chosen where it does not run. */
async function withOneThatRuns(
  host: Host,
  tools: InstalledTools,
  named: string | undefined,
  major: number | undefined,
): Promise<ClientTools> {
  const { chosen } = withChosen(tools, named, major);
  if (chosen === undefined || chosen.version !== String(chosen.major)) return { ...tools, chosen };
  const version = await versionOf(host, chosen.path);
  if (version !== undefined) return { ...tools, chosen: { ...chosen, ...version } };
  const others = tools.basebackups.filter((tool) => tool !== chosen);
  return withOneThatRuns(host, { ...tools, basebackups: others }, named, major);
}

function chosenOf(tools: InstalledTools, named: string | undefined, major: number | undefined): Tool | undefined {
  if (named !== undefined) return tools.basebackups.find(({ path }) => path === named);
  const serves = (tool: Tool | undefined): boolean =>
    tool !== undefined && (major === undefined || tool.major >= major);
  if (serves(tools.onPath)) return tools.onPath;
  const nearest = tools.basebackups.filter(serves).toSorted((a, b) => a.major - b.major)[0];
  return nearest ?? tools.onPath ?? tools.basebackups.toSorted((a, b) => b.major - a.major)[0];
}
