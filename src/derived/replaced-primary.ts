import type { ConnectionAttempt } from '../facts/connection.ts';
import type { JudgedFacts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import { primaryText } from '../facts/shared-storage.ts';
import type { PrimaryHere } from '../facts/shared-storage.ts';
import { hasAddress, isCalled } from './container-of-primary.ts';
import type { TimelineId } from '../postgres/lsn.ts';

/** What {@link replacedBy} looks at, for a rule's `wants`. */
export const replacedFacts = ['adminServer', 'controlFile', 'timelines', 'primariesHere'] as const;

type Facts = JudgedFacts<never, (typeof replacedFacts)[number]>;

export interface Successor {
  /** `10.0.0.2:5432`, or `the server on /srv/b (process 17, port 5433)`. */
  readonly place: string;
  readonly timeline: TimelineId;
  /** Of the examined server; a promotion begins a timeline of its own (xlog.c, StartupXLOG). */
  readonly followed: TimelineId;
  /** --admin names it. One that was only found on this machine may be a copy for a test, recovered to some point in time. */
  readonly named: boolean;
}

/**
 * A primary of the same cluster that was promoted since the examined server followed one, or was one itself: what was the
 * primary until then must not run as one again. Undefined where nothing shows that, or the attempt leads to that server.
 */
export function replacedBy(facts: Facts, attempt?: ConnectionAttempt): Successor | undefined {
  const [admin, control] = [ifSeen(facts.adminServer), ifSeen(facts.controlFile)];
  if (control?.ok !== true) return undefined;
  const { systemIdentifier, checkpoint, minimumRecoveryPoint } = control.value;
  const reached = [minimumRecoveryPoint?.timeline, ifSeen(facts.timelines)?.local.timeline];
  const followed = reached.reduce<TimelineId>(
    (last, one) => (one !== undefined && one > last ? one : last),
    checkpoint.timeline,
  );
  if (admin?.inRecovery === false && admin.systemIdentifier === systemIdentifier && admin.timeline > followed) {
    const { address, host, port, timeline } = admin;
    if (attempt?.address === address && attempt.port === port) return undefined;
    const place = address.startsWith('/')
      ? `port ${port} in ${host}`
      : `${address.includes(':') ? `[${address}]` : address}:${port}`;
    return { place, timeline, followed, named: true };
  }
  const [here] = (ifSeen(facts.primariesHere) ?? [])
    .filter((one) => one.timeline > followed && !(attempt !== undefined && leadsTo(one, attempt)))
    .toSorted((a, b) => b.timeline - a.timeline);
  return here && { place: primaryText(here), timeline: here.timeline, followed, named: false };
}

const leadsTo = (primary: PrimaryHere, { host, address = host, port }: ConnectionAttempt): boolean =>
  primary.container === undefined
    ? primary.cluster.port === port
    : isCalled(primary.container, host) || hasAddress(primary.container, address);
