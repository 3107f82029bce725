import type { Facts } from '../facts/facts.ts';
import type { ExaminedPlace } from '../facts/machine.ts';
import { ifSeen } from '../facts/observed.ts';
import type { Report } from '../findings/report.ts';
import { reportOnContainer } from '../remedies/in-container.ts';

/** A report for whoever reads it, who may be on another machine than the one that was examined. */
export function placed(report: Report, facts: Partial<Facts>, place: ExaminedPlace | undefined): Report {
  if (place?.kind !== 'container') return report;
  const owner = facts.dataDirectory && ifSeen(facts.dataDirectory)?.owner;
  const user = place.made?.user;
  if (user !== undefined) return reportOnContainer(report, place, user);
  // a directory that belongs to root is what is wrong: its server never runs as root
  return reportOnContainer(report, place, owner === undefined || owner.uid === 0 ? 'postgres' : owner.name);
}
