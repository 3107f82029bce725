import type { ConnectionPlan } from '../facts/connection.ts';
import type { PassfileEntry } from './passfile-line.ts';

/** What the line of a password file has to name: the first of the hosts. */
export const passfileEntry = ({ hosts, user }: Pick<ConnectionPlan, 'hosts' | 'user'>): PassfileEntry => ({
  ...(hosts[0] ?? { host: '', port: 5432 }),
  user,
});
