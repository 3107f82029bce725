import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ClientTools, Tool } from '../facts/machine.ts';
import type { Primary } from '../facts/primary.ts';

/**
 * The server program here that will run on the copy: it must be of the primary's own major release. Where there is none
 * (which client/server-binaries-missing tells), there is nothing of it to be looked at.
 */
export function standbyServer(clientTools: Observed<ClientTools>, primary: Observed<Primary>): Observed<Tool> {
  if (primary.status === 'not-applicable') return unseen('connection', primary.why);
  if (primary.status === 'unseen') return primary;
  const { major } = primary.value;
  const server = ifSeen(clientTools)?.servers.find((tool) => tool.major === major);
  return server === undefined
    ? notApplicable(`no server of PostgreSQL ${major} is installed on this host`)
    : seen(server, server.path);
}
