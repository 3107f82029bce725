import type { ContainerNear, Containers } from './containers.ts';
import type { TimelineId } from '../postgres/lsn.ts';

/** Directories of this cluster, or of the copy that is to be made, that belong to another cluster on this machine too. */
export interface SharedStorage {
  readonly shared: readonly SharedDirectory[];
  /** The clusters that were compared. */
  readonly others: readonly OtherCluster[];
}

/** Two directories that are one, or of which one is in the other, once every link and every mount is resolved. */
export interface SharedDirectory {
  readonly ours: StoragePart;
  readonly theirs: StoragePart;
  /** `within`: ours is somewhere below theirs; `around`: theirs is somewhere below ours. */
  readonly relation: 'same' | 'within' | 'around';
  /** Both servers write the same files there. A directory for tablespaces has a folder for each release (catalog.c). */
  readonly sameFiles: boolean;
  readonly cluster: OtherCluster;
}

export interface StoragePart {
  readonly part: 'data-directory' | 'pg_wal' | 'tablespace';
  /** As its cluster names it. */
  readonly path: string;
  /** Every link resolved; `path` where it does not exist, or where it is in another mount namespace. */
  readonly realPath: string;
  /** Of a tablespace. */
  readonly oid?: number;
}

export interface OtherCluster {
  readonly dataDirectory: string;
  /** Its postmaster; undefined: no server runs on it. */
  readonly pid: number | undefined;
  readonly port: number | undefined;
  /** The directory was removed while the server ran, which goes on with the removed files. */
  readonly removed?: true;
}

/** One that runs as a primary on this machine, or in a container of the engine of the examined one: there also a stopped one, of a later timeline. */
export type PrimaryHere = { readonly timeline: TimelineId } & (
  | { readonly cluster: OtherCluster; readonly container?: undefined }
  | { readonly container: ContainerNear; readonly engine: Containers['engine'] }
);

/** What this cluster would write, or writes, together with another one. */
export const writtenByBoth = ({ shared }: SharedStorage): readonly SharedDirectory[] =>
  shared.filter(({ sameFiles }) => sameFiles);

/** A cluster as {@link clusterText} says it, or `the server in the container b`. */
export const primaryText = (primary: PrimaryHere): string =>
  primary.container === undefined
    ? clusterText(primary.cluster)
    : `the ${primary.container.state === 'running' ? '' : 'stopped '}server in the container ${primary.container.name}`;

/** `the server on /srv/a (process 17, port 5432)` */
export function clusterText({ dataDirectory, pid, port }: OtherCluster): string {
  if (pid === undefined) return `the stopped server on ${dataDirectory}`;
  return `the server on ${dataDirectory} (process ${pid}${port === undefined ? '' : `, port ${port}`})`;
}
