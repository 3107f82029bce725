import { connect } from '../servers/connect.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import type { OpenSession } from '../servers/session.ts';
import type { Surroundings } from './check.ts';

/** A session over --admin for one more question: the one that is open, or a login. Undefined where there is none to be had. */
export async function askedOverAdmin<T>(
  admin: ResolvedConnection,
  surroundings: Surroundings,
  ask: (session: OpenSession) => Promise<T>,
): Promise<T | undefined> {
  const { kept } = surroundings;
  const session = kept?.take() ?? (await connect(admin, surroundings)).session;
  if (session === undefined) return undefined;
  try {
    return await ask(session);
  } finally {
    if (kept === undefined) void session.close();
    else kept.keep(session);
  }
}
