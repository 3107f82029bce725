import { posix } from 'node:path';

import type { Facts } from '../facts/facts.ts';
import type { Step, StepAction } from '../findings/report.ts';
import { clusterText, writtenByBoth } from '../facts/shared-storage.ts';
import type { SharedDirectory, SharedStorage } from '../facts/shared-storage.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Refusal } from './refusal.ts';

/**
 * Storage that another cluster uses is not moved, given away or written to; and no server is started on a directory of
 * which another server writes a part.
 */
export function isOfOthers(steps: readonly Step[], facts: Partial<Facts>): Refusal | undefined {
  const storage = ifSeen(facts.sharedStorage);
  const here = steps.filter(({ on, does }) => on !== 'primary' && (touching.has(does) || starting.has(does)));
  if (here.length === 0) return undefined;
  const refusal = storage === undefined ? undefined : ofAnother(here, storage);
  return refusal ?? ofThePrimary(here, facts);
}

const touching: ReadonlySet<StepAction> = new Set<StepAction>([
  'move-aside',
  'make-directory',
  'change-mode',
  'change-owner',
  'put-back',
  'copy',
  'rewind',
]);
const starting: ReadonlySet<StepAction> = new Set<StepAction>(['start', 'restart']);

function ofAnother(steps: readonly Step[], storage: SharedStorage): Refusal | undefined {
  const both = writtenByBoth(storage);
  for (const { on, does, paths = [] } of steps) {
    // whatever starts the server, it starts it on all of its storage; where no path is known, the copy goes there, too
    const whole = starting.has(does) || (paths.length === 0 && does !== 'put-back');
    const shared = (whole ? both : storage.shared).find((one) => whole || paths.some((path) => touches(path, one)));
    if (shared === undefined) continue;
    const { ours, cluster } = shared;
    return on === 'client'
      ? {
          on,
          summary: 'Choose another directory.',
          text: `${ours.path} is storage of ${clusterText(cluster)}, so it is not changed. Give the command a directory outside that cluster.`,
        }
      : {
          on,
          summary: 'Keep this server stopped: it shares storage with another one.',
          text: `Do not start, move or overwrite anything in this directory: ${ours.path} is storage of ${clusterText(cluster)}.`,
        };
  }
  return undefined;
}

/** A path, what is in it, and what it is in. */
function touches(path: string, { ours }: SharedDirectory): boolean {
  return [ours.path, ours.realPath].some((shared) => isWithin(path, shared) || isWithin(shared, path));
}

function isWithin(path: string, directory: string): boolean {
  const [one, other] = [posix.resolve('/', path), posix.resolve('/', directory)];
  return one === other || one.startsWith(other === '/' ? '/' : `${other}/`);
}

/** The server on the directory that is examined is the very one that --admin reaches as the primary. */
function ofThePrimary(steps: readonly Step[], facts: Partial<Facts>): Refusal | undefined {
  const admin = ifSeen(facts.adminServer);
  const directory = ifSeen(facts.dataDirectory);
  const { identity } = admin ?? {};
  if (directory === undefined || admin === undefined || admin.inRecovery) return undefined;
  if (identity?.is !== 'another-server' || identity.which !== 'the standby itself') return undefined;
  const moves = steps.some(({ does }) => does === 'move-aside' || does === 'copy' || does === 'rewind');
  return moves
    ? {
        on: 'standby',
        summary: 'Give the standby with -D, and its primary with --admin.',
        text: `${directory.path} is the data directory of the server that --admin reaches, which is a primary, so it is not changed. Give the data directory of the standby with -D, and its primary with --admin.`,
      }
    : undefined;
}
