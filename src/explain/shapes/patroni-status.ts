import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** What the REST API of Patroni answers on /, /patroni, /replica and the like (patroni/api.py, get_postgresql_status). */
export function patroniStatus(text: string): Explanation | undefined {
  if (!/"patroni": ?\{/u.test(text) || !/"state": ?"/u.test(text)) return undefined;
  const value = (key: string): string | undefined =>
    new RegExp(`"${key}": ?(?:"([^"\\n]*)"|([\\d.]+|true|false|null))`, 'u').exec(text)?.slice(1).find(Boolean);
  const state = value('state') ?? '';
  const role = value('role') ?? '';
  const name = /"patroni": ?\{[^{}]*"name": ?"([^"\n]*)"/u.exec(text)?.[1] ?? 'this member';
  return shape({
    text: 'status of Patroni',
    means: `This is what the REST API of Patroni says of ${name}: ${state}${role === '' ? '' : ` as ${role}`}.`,
    candidates: judged(name, state, value),
    where: 'on this member',
    command: postmortem,
  });
}

function judged(name: string, state: string, value: (key: string) => string | undefined): readonly Finding[] {
  const [received, replayed] = [Number(value('received_location')), Number(value('replayed_location'))];
  const stopped = /^(?:stopped|start failed|crashed|stopping|initdb failed|restart failed)/u.test(state);
  return [
    ...(stopped
      ? [
          finding(
            `The PostgreSQL server of ${name} is not running (${state}): its own log, not that of Patroni, says why.`,
            'standby/not-running',
          ),
        ]
      : []),
    ...(state === 'starting'
      ? [
          finding(
            `The server of ${name} is starting: it replays WAL, or waits for WAL that does not come. Its own log says which.`,
            'network/server-starting',
          ),
        ]
      : []),
    ...(state === 'creating replica'
      ? [
          finding(
            `${name} is being copied from the leader. If it stays so, the copy fails: the log of Patroni there says why.`,
          ),
        ]
      : []),
    ...(value('cluster_unlocked') === 'true'
      ? [
          finding(
            'No member has the leader lock, as this one sees it: there is no primary, or Patroni cannot reach its DCS.',
          ),
        ]
      : []),
    ...(value('replication_state') !== undefined && value('replication_state') !== 'streaming'
      ? [
          finding(
            `${name} does not stream (${value('replication_state') ?? ''}): it takes WAL from the archive, or waits. Its PostgreSQL log says why the leader is not reached.`,
            'streaming/not-connected',
          ),
        ]
      : []),
    ...(value('paused') === 'true' ? [finding(`Replay is paused on ${name}.`, 'recovery/replay-paused')] : []),
    ...(received - replayed > muchWal
      ? [
          finding(
            `${Math.round((received - replayed) / 1_048_576)} MB have been received and not replayed on ${name}: a query, a pause or a slow disk holds replay back.`,
            'streaming/replay-stuck',
          ),
        ]
      : []),
    ...(value('pending_restart') === 'true'
      ? [finding(`Some settings count only after a restart: patronictl restart <cluster> ${name}.`)]
      : []),
  ];
}

const muchWal = 64 * 1_048_576;
