import type { Facts } from '../facts/facts.ts';
import type { ExaminedPlace } from '../facts/machine.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Report, Step } from '../findings/report.ts';
import {
  named,
  namedAs,
  primaryOf,
  reportFromOutside,
  reportOnContainer,
  stepsFromOutside,
  throughItsNetwork,
} from '../remedies/in-container.ts';
import { namedInPod, stepsFromPod } from '../remedies/in-pod.ts';

/** A report for whoever reads it, who may be on another machine than the one that was examined. */
export function placed(report: Report, facts: Partial<Facts>, place: ExaminedPlace | undefined): Report {
  if (place?.kind === 'container')
    return reportOnContainer(report, withRoles(place, report, facts), ownerOf(facts, place));
  if (place === undefined) return report;
  const { text, steps } = placing(report, facts, place);
  return reportFromOutside(report, text, steps);
}

/** What is done there, as it lasts in that place. */
export const lastingThere = (report: Report, place: ExaminedPlace | undefined): Report =>
  place?.kind === 'container' ? throughItsNetwork(report, place) : report;

/** How what is said of the examined machine, and what is done there, is put where the report is read. */
export interface Placing {
  readonly text: (text: string) => string;
  /** Steps are typed outside of it. */
  readonly outside: boolean;
  /** All that is done, in its order; what comes before it stands at the beginning. */
  readonly steps: (steps: readonly Step[]) => readonly Step[];
}

export function placing(report: Report, facts: Partial<Facts>, place: ExaminedPlace | undefined): Placing {
  if (place?.kind === 'pod') {
    const pod = { ...place, superuser: superuserOf(place, facts) };
    const owner = ownerOf(facts);
    return {
      text: (text) => namedInPod(text, place),
      outside: true,
      steps: (steps) => stepsFromPod(steps, pod, owner),
    };
  }
  if (place?.kind === 'ssh') {
    const text = (one: string): string => namedAs(one, place.destination.replace(/^.*@/u, ''), 'on');
    // they are typed on that machine
    const steps = (list: readonly Step[]): readonly Step[] =>
      list.map((step) => (step.kind === 'manual' ? { ...step, text: text(step.text) } : step));
    return { text, outside: false, steps };
  }
  if (place === undefined) return { text: (text) => text, outside: false, steps: (steps) => steps };
  const container = withRoles(place, report, facts);
  const [owner, primary] = [ownerOf(facts, place), primaryOf(report, container)];
  return {
    text: (text) => named(text, place),
    outside: true,
    steps: (steps) => stepsFromOutside(steps, container, owner, primary),
  };
}

type Container = Extract<ExaminedPlace, { readonly kind: 'container' }>;

/** Superusers as sessions have shown them: POSTGRES_USER counts on an empty volume only. */
function withRoles(place: Container, report: Report, facts: Partial<Facts>): Container {
  const admin = facts.adminLogin && ifSeen(facts.adminLogin);
  const name = primaryOf(report, place)?.name;
  const others =
    place.others &&
    new Map(
      [...place.others].map(([address, other]) => [
        address,
        other.name === name && admin?.superuser === true ? { ...other, superuser: admin.user } : other,
      ]),
    );
  return {
    ...place,
    superuser: superuserOf(place, facts),
    ...(others === undefined ? {} : { others }),
  };
}

function superuserOf({ superuser }: { readonly superuser: string }, { runningStandby }: Partial<Facts>): string {
  const own = runningStandby && ifSeen(runningStandby)?.login;
  return own?.superuser === true ? own.user : superuser;
}

function ownerOf(facts: Partial<Facts>, { made }: Partial<Pick<Container, 'made'>> = {}): string {
  if (made?.user !== undefined) return made.user;
  const owner = facts.dataDirectory && ifSeen(facts.dataDirectory)?.owner;
  // a directory that belongs to root is what is wrong: its server never runs as root
  return owner === undefined || owner.uid === 0 ? 'postgres' : owner.name;
}
