import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Manager } from '../facts/manager.ts';
import { primaryText } from '../facts/shared-storage.ts';
import type { PrimaryHere } from '../facts/shared-storage.ts';
import type { Step } from '../findings/report.ts';
import type { Refusal } from './refusal.ts';
import { shellWord } from './quoting.ts';
import { noneWasPromoted } from './unread-containers.ts';

/** What {@link startsSecondPrimary} goes by. */
export const secondPrimaryFacts = [
  'primariesHere',
  'dataDirectory',
  'adminServer',
  'containers',
  'controlFile',
  'manager',
] as const;

/**
 * A server that is down and has no standby.signal starts as a primary: beside another primary of its cluster, which may have
 * been promoted in its place, it is not started before a person has said which of the two it is.
 */
export function startsSecondPrimary(steps: readonly Step[], facts: Partial<Facts>): Refusal | undefined {
  const directory = ifSeen(facts.dataDirectory);
  if (directory === undefined || directory.signals.standby || directory.postmaster?.process === 'running')
    return undefined;
  if (!steps.some(startsServer) || steps.some(makesStandby)) return undefined;
  if (decidesRole.has(ifSeen(facts.manager)?.kind)) return undefined;
  // the rules of the role judge by its history
  if (ifSeen(facts.adminServer)?.inRecovery === false) return undefined;
  const [primary] = ifSeen(facts.primariesHere) ?? [];
  if (primary !== undefined)
    return {
      on: 'standby',
      summary: 'Find out which of the two is the primary before this one is started.',
      text: `If ${primaryText(primary)} was promoted in place of this server, do not start this one as it is: there would be two primaries. Run this again with --admin${adminWord(primary)}, a superuser connection to the promoted server, for how to make this one a standby. If the other one is no more than a copy for a test, start this one.`,
    };
  const near = ifSeen(facts.containers);
  const unread = near?.others.filter((one) => one.isUnread === true).map(({ name }) => name) ?? [];
  if (near === undefined || unread.length === 0) return undefined;
  const command = steps
    .filter(({ on, does }) => on === 'standby' && does === 'start')
    .map(({ text }) => text.replace(/\.$/u, ''))
    .join('; ');
  return {
    on: 'standby',
    summary: 'Find out whether another server of this cluster was promoted before this one is started.',
    text: `${noneWasPromoted(unread, near.engine)} If one with the system identifier of this server is a primary, do not start this one as it is. Only if none is: ${command}`,
  };
}

/** A restart starts what is down, and so does a container that is created again. */
const startsServer = ({ on, does, again }: Step): boolean =>
  (on === 'standby' && (does === 'start' || does === 'restart')) || (on === 'client' && again === true);

/** These make a standby of a former primary as they start it. */
const decidesRole: ReadonlySet<Manager['kind'] | undefined> = new Set([
  'patroni',
  'pg_auto_failover',
  'cloudnative-pg',
  'stolon',
]);

const makesStandby = ({ does, paths = [] }: Step): boolean =>
  does === 'copy' ||
  does === 'rewind' ||
  (does === 'make-file' && paths.some((path) => path.endsWith('/standby.signal')));

/** A stopped one lets no session in. */
const adminWord = (primary: PrimaryHere): string =>
  primary.container !== undefined && primary.container.state === 'running'
    ? ` ${primary.engine}:${shellWord(primary.container.name)}`
    : '';
