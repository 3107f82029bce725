import { ifSeen } from '../facts/observed.ts';
import type { Observed, UnseenFact } from '../facts/observed.ts';
import { unseen } from '../facts/observed.ts';
import type { ClientTools, Tool } from '../facts/machine.ts';
import type { Primary } from '../facts/primary.ts';

/** The server program here that will run on the copy: it must be of the primary's own major release. */
export function standbyServer(
  clientTools: Observed<ClientTools>,
  primary: Observed<Primary>,
): { readonly ok: true; readonly server: Tool } | { readonly ok: false; readonly why: UnseenFact } {
  const from = ifSeen(primary);
  if (from === undefined)
    return {
      ok: false,
      why: primary.status === 'unseen' ? primary : unseen('connection', "the primary's release is not known"),
    };
  const server = ifSeen(clientTools)?.servers.find(({ major }) => major === from.major);
  return server === undefined
    ? { ok: false, why: unseen('tool', `no server of PostgreSQL ${from.major} was found on this host`) }
    : { ok: true, server };
}
