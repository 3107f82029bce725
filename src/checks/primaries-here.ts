import { wasPrimary } from '../facts/containers.ts';
import type { ContainerNear, Containers } from '../facts/containers.ts';
import type { PrimaryHere } from '../facts/shared-storage.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { ifSeen, notApplicable, seen } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { noStandbyYet } from './subject.ts';

/**
 * Primaries of the standby's own cluster on this machine, and in other containers of its engine: after a failover, the one
 * that was promoted.
 */
export const primariesHereCheck = defineCheck({
  brings: ['primariesHere'],
  after: ['controlFile', 'dataDirectory', 'clustersHere', 'containers'],
  async look({ controlFile, dataDirectory, clustersHere, containers }, { subject }) {
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
    const near = ifSeen(containers);
    const inContainers = near === undefined ? [] : primariesIn(near, control.value);
    return { primariesHere: seen([...inContainers, ...found], '/proc, pg_control') };
  },
});

/** Those that run, and of those that do not the ones that have come to a later timeline: the latest first, and what runs before the rest. */
const primariesIn = ({ engine, others }: Containers, own: ControlFile): readonly PrimaryHere[] =>
  others
    .filter((one) => one.cluster?.systemIdentifier === own.systemIdentifier && wasPrimary(one))
    .flatMap((container) => {
      const { timeline } = container.cluster ?? {};
      return timeline !== undefined && (runsNow(container) || timeline > own.checkpoint.timeline)
        ? [{ container, engine, timeline }]
        : [];
    })
    .toSorted((a, b) => b.timeline - a.timeline || Number(runsNow(b.container)) - Number(runsNow(a.container)));

const runsNow = ({ state, cluster }: ContainerNear): boolean =>
  state === 'running' && cluster?.state === 'in production';
