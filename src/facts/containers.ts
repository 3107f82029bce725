import type { ContainerNear as NearOnHost } from '../hosts/engine-containers.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import type { TimelineId } from '../postgres/lsn.ts';

/** The container of the examined server, and the others of its engine, one of which may have the primary. */
export interface Containers {
  readonly engine: 'docker' | 'podman';
  readonly own: ContainerNear;
  readonly others: readonly ContainerNear[];
}

export interface ContainerNear extends Omit<NearOnHost, 'controlFile' | 'command' | 'environmentPort' | 'lockFile'> {
  /** That its command gives to the server, its postmaster.pid names, or its environment; undefined: the default, or not seen. */
  readonly serverPort?: number;
  /** Of the cluster in its PGDATA; undefined: there is none, or it was not read. */
  readonly cluster: (Pick<ControlFile, 'systemIdentifier' | 'state'> & { readonly timeline?: TimelineId }) | undefined;
}

/** As the control file tells; a stopped one has been one as well. */
export const wasPrimary = ({ cluster }: ContainerNear): boolean =>
  cluster?.state === 'in production' || cluster?.state === 'shut down' || cluster?.state === 'shutting down';
