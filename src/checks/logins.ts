import { ifSeen, seen } from '../facts/observed.ts';
import { connect } from '../servers/connect.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import { Limit } from '../servers/time-limit.ts';
import { defineCheck, whyStopped } from './check.ts';
import type { Surroundings } from './check.ts';
import { lastCheckpoint, lookOverAdmin } from './primary/admin-session.ts';
import type { AdminLook } from './primary/admin-session.ts';
import type { LookBySql } from './primary/look-by-sql.ts';
import { logIn } from './replication-login.ts';
import type { StandbySettings, Upstream } from './internal-facts.ts';
import { clusterOfStandby } from './cluster-of-standby.ts';
import { likenessOf } from '../servers/likeness.ts';

/**
 * The replication login and that of --admin, side by side: while the first is open, the server of the second is asked
 * whether it sees its process. If it does, it is the same server, whatever stands between (tunnels, forwarded ports, names
 * with two addresses).
 */
export const loginsCheck = defineCheck({
  brings: ['replicationLogin', 'overAdmin'],
  after: ['upstream', 'standbySettings'],
  asksServer: true,
  goesBy: async ({ upstream, standbySettings }, surroundings) =>
    loginsGoBy(ifSeen(upstream), ifSeen(standbySettings), surroundings),
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

/** Two standbys of one primary that come to it alike, and stand at the same checkpoint of it, have one answer. */
async function loginsGoBy(
  upstream: Upstream | undefined,
  settings: StandbySettings | undefined,
  { subject: { command, admin }, host, timeoutMs }: Surroundings,
): Promise<readonly unknown[] | undefined> {
  if (upstream === undefined) return undefined;
  const { connection, slot, second, hiddenFrom } = upstream;
  const [replication, over] = [likenessOf(connection), admin === undefined ? '' : likenessOf(admin)];
  if (replication === undefined || over === undefined) return undefined;
  const [walAt, cluster] = await Promise.all([lastCheckpoint(settings, host), clusterOfStandby(settings, host)]);
  const { timeline, position, bytes, segmentSize } = walAt ?? {};
  return [
    ...[command === 'postmortem', replication, over, slot, second, hiddenFrom?.user, timeoutMs],
    ...[timeline, position, bytes, segmentSize, cluster],
  ];
}

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
