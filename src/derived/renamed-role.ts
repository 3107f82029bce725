import type { JudgedFacts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';

/** The only role that is meant for replication, and that no WAL sender of another standby or tool has logged in as. */
export function renamedRole(
  user: string,
  { adminServer, walSenders }: JudgedFacts<never, 'adminServer' | 'walSenders'>,
): string | undefined {
  const roles = (ifSeen(adminServer)?.replicationRoles ?? []).filter((one) => !one.superuser);
  const [only] = roles;
  if (only === undefined || roles.length > 1 || only.name === user) return undefined;
  return ifSeen(walSenders)?.some((sender) => sender.user === only.name) === false ? only.name : undefined;
}
