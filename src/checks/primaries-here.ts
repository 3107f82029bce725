import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { noStandbyYet } from './subject.ts';

/** Running primaries of the standby's own cluster on this machine: after a failover, the one that was promoted. */
export const primariesHereCheck = defineCheck({
  brings: ['primariesHere'],
  after: ['controlFile', 'dataDirectory', 'clustersHere'],
  async look({ controlFile, dataDirectory, clustersHere }, { subject }) {
    if (subject.command !== 'postmortem') return { primariesHere: noStandbyYet };
    if (clustersHere.status !== 'seen') return { primariesHere: clustersHere };
    const control = ifSeen(controlFile);
    if (control?.ok !== true) return { primariesHere: notApplicable('the cluster of the standby is not known') };
    const own = ifSeen(dataDirectory)?.postmaster?.pid;
    const found = clustersHere.value.running.flatMap(
      ({ cluster, systemIdentifier, isStandby, state, timeline, holdsLock }) =>
        systemIdentifier === control.value.systemIdentifier &&
        !isStandby &&
        holdsLock &&
        state === 'in production' &&
        timeline !== undefined &&
        cluster.pid !== own
          ? [{ cluster, timeline }]
          : [],
    );
    return { primariesHere: seen(found, '/proc, pg_control') };
  },
});
