import { posix } from 'node:path';

import { derive, ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ClientTools, Tool } from '../facts/machine.ts';
import type { Primary } from '../facts/primary.ts';
import type { DataDirectory } from '../facts/data-directory.ts';

/**
 * The server program here that runs on the standby's data directory, or will run on the copy: of the release that the
 * directory has, or else of the primary's own. Where there is none (which client/server-binaries-missing tells), there
 * is nothing of it to be looked at.
 */
export function standbyServer(
  clientTools: Observed<ClientTools>,
  primary: Observed<Primary>,
  dataDirectory: Observed<DataDirectory>,
): Observed<Tool> {
  const release = releaseOf(primary, ifSeen(dataDirectory)?.major);
  if (release.status !== 'seen') return release;
  const major = release.value;
  const last = usedLast(dataDirectory);
  const runs = ifSeen(dataDirectory)?.postmaster?.process === 'running';
  const installed = ifSeen(clientTools)?.servers.find((tool) => tool.major === major);
  // a server that runs has its own libraries; of one that is down the program may be gone since
  const server = runs ? (last ?? installed) : (installed ?? last);
  return server === undefined
    ? notApplicable(`no server of PostgreSQL ${major} is installed on this host`)
    : seen(server, server.path);
}

function releaseOf(primary: Observed<Primary>, major: number | undefined): Observed<number> {
  if (major !== undefined) return seen(major, 'PG_VERSION');
  if (primary.status === 'not-applicable') return unseen('connection', primary.why);
  return derive(primary, (server, source) => seen(server.major, source));
}

/** The program of the last start, wherever it lies: it ran on this directory, and so is of its release. */
function usedLast(dataDirectory: Observed<DataDirectory>): Tool | undefined {
  const { lastStart, major } = ifSeen(dataDirectory) ?? {};
  if (lastStart?.here !== true || major === undefined || !posix.isAbsolute(lastStart.program)) return undefined;
  const { program } = lastStart;
  return { path: program, binDirectory: posix.dirname(program), major, version: String(major) };
}
