import { ifSeen, seen } from '../facts/observed.ts';
import { connect } from '../servers/connect.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { Limit } from '../servers/time-limit.ts';
import { defineCheck, whyStopped } from './check.ts';
import type { Surroundings } from './check.ts';
import { lookOverAdmin } from './primary/admin-session.ts';
import type { AdminLook } from './primary/admin-session.ts';
import type { LookBySql } from './primary/look-by-sql.ts';
import { logIn } from './replication-login.ts';

/**
 * The replication login and that of --admin, side by side: while the first is open, the server of the second is asked
 * whether it sees its process. If it does, it is the same server, whatever stands between (tunnels, forwarded ports, names
 * with two addresses).
 */
export const loginsCheck = defineCheck({
  brings: ['replicationLogin', 'overAdmin'],
  after: ['upstream', 'standbySettings'],
  asksServer: true,
  async look({ upstream, standbySettings }, surroundings) {
    const settings = ifSeen(standbySettings);
    if (upstream.status !== 'seen') {
      const over = await bounded({ role: '', settings, replication: Promise.resolve(undefined) }, surroundings);
      return { replicationLogin: upstream, overAdmin: seen(over, source) };
    }
    const { connection, host } = upstream.value;
    const turn = await turnAt(connection, surroundings);
    const since = surroundings.now();
    const ends: Promise<void>[] = [];
    const afterwards = (end: Promise<void>): void => void ends.push(end);
    const connecting = connect(connection, { ...surroundings, host, afterwards });
    void connecting.then(turn.hasSender, turn.end);
    const replication = connecting.then(
      ({ session }) => session?.backendPid,
      () => undefined,
    );
    const over = bounded({ role: connection.plan.user, settings, replication }, surroundings);
    const login = { upstream: upstream.value, connecting, since, settings, over };
    try {
      const replicationLogin = await logIn(login, { ...surroundings, afterwards });
      return { replicationLogin, overAdmin: seen(await over, source) };
    } finally {
      // whoever has the next turn may take the WAL sender that is the last one
      const free = Promise.all(ends).then(turn.end, turn.end);
      if (surroundings.afterwards === undefined) await free;
      else surroundings.afterwards(free);
    }
  },
});

/**
 * One look of this process at a time has WAL senders of a server, which has few of them: the looks of a fleet must not take
 * them from each other, nor from a standby. A server that is silent for half of its time is no longer waited for.
 */
async function turnAt({ plan }: ResolvedConnection, { timeoutMs, signal }: Surroundings): Promise<Turn> {
  const server = plan.hosts.map(({ host, port }) => `${host}:${port}`).join();
  const before = turns.get(server) ?? Promise.resolve();
  let turn: Turn = { hasSender: () => undefined, end: () => undefined };
  const hasSender = new Promise<void>((resolve) => (turn = { ...turn, hasSender: resolve }));
  const ended = new Promise<void>((resolve) => (turn = { ...turn, end: resolve }));
  const over = before
    .then(async () => new Limit(timeoutMs / 2, signal).race(hasSender))
    .then(
      async () => ended,
      () => undefined,
    );
  turns.set(server, over);
  void over.then(() => turns.get(server) === over && turns.delete(server));
  await before;
  return turn;
}

interface Turn {
  readonly hasSender: () => void;
  readonly end: () => void;
}

/** By server, the end of the last turn there. */
const turns = new Map<string, Promise<void>>();

const source = 'the --admin login';

/** Whatever becomes of it, the replication login has its own result. */
async function bounded(look: AdminLook, surroundings: Surroundings): Promise<LookBySql> {
  try {
    const limit = new Limit(surroundings.timeoutMs * adminLooks, surroundings.signal);
    return await limit.race(lookOverAdmin(look, surroundings));
  } catch (error) {
    return { seen: false, why: whyStopped(error, ['overAdmin']) };
  }
}

/** Several addresses are tried in turn, and each question has a time-out of its own. */
const adminLooks = 5;
