import type { FactTypes } from '../facts/facts.ts';
import type { Observed } from '../facts/observed.ts';
import type { RefusedParameter } from '../facts/standby-configuration.ts';
import type { FileInTree } from '../hosts/file-tree.ts';
import type { Host } from '../hosts/host.ts';
import type { ConfigurationRead } from '../postgres/configuration.ts';
import type { CommandLineSetting } from '../postgres/postmaster-files.ts';
import type { ResolvedConnection } from '../servers/connection.ts';
import type { LocalEnd } from './local-history.ts';
import type { ClustersHere } from './other-clusters.ts';
import type { LookBySql } from './primary/look-by-sql.ts';

/** The settings of the standby's server with the secrets in them. */
export interface StandbySettings {
  /** Absolute, links resolved. */
  readonly dataDirectory: string;
  readonly configFile: string;
  /** The configuration lies outside of the data directory (Debian: /etc/postgresql/N/NAME). */
  readonly outside: boolean;
  readonly configuration: ConfigurationRead;
  /** What the command line sets: the running server's, or the last one's. */
  readonly commandLine: readonly CommandLineSetting[];
  /** The number of the server's process, while it runs. */
  readonly pid: number | undefined;
}

/** The replication connection that is examined: the one of pg_basebackup, or that of a standby's WAL receiver. */
export interface Upstream {
  readonly connection: ResolvedConnection;
  /** The machine as who connects has it: in a post-mortem the user of the standby's server. */
  readonly host: Host;
  /** The slot that it will use, unless it makes it itself. */
  readonly slot: string | undefined;
  /** `-X stream` takes a second connection beside the first. */
  readonly second: boolean;
  /** Where the connection stands, for a report. */
  readonly from: string;
  /** Who would see what this process may not read: files of the server's user, where we are neither it nor root. */
  readonly hiddenFrom: { readonly user: string } | undefined;
}

/** A file of a relation in the standby's data directory. */
export interface RelationFile {
  readonly path: string;
  readonly bytes: number;
  /** Its first page has no LSN: it was made by replay, or holds nothing. */
  readonly firstIsZero: boolean;
}

export interface RelationFiles {
  readonly files: readonly RelationFile[];
  /** There are no others; else number or time did not allow to see all, or some may not be seen. */
  readonly areAll: boolean;
}

/** A file that a server reads and writes, of a data directory. */
export interface DataFile extends Omit<FileInTree, 'path' | 'beginning'> {
  /** In the data directory. */
  readonly path: string;
  /** Of the main fork of a relation that is not empty: whether it begins with zeros; undefined where nobody has read it. */
  readonly beginsWithZeros: boolean | undefined;
}

/** What checks tell one another and nobody else: secrets are in it. The engine keeps it to itself. */
export interface InternalFactTypes {
  /** Not applicable: nobody looks at a standby that exists. */
  readonly standbySettings: StandbySettings;
  readonly upstream: Upstream;
  /** What keeps the WAL receiver's libpq from making a connection at all, wherever it is set. */
  readonly refusedParameter: RefusedParameter;
  /** What --admin shows of the server that it leads to. */
  readonly overAdmin: LookBySql;
  /** Where the WAL ends that is here. */
  readonly localEnd: LocalEnd;
  readonly clustersHere: ClustersHere;
  /** Of a standby that streams, looked at after it said how far it has replayed. */
  readonly relationFiles: RelationFiles;
  /** All at once, and looked at after the standby said how far it has replayed; not applicable where find(1) has to be asked. */
  readonly dataFiles: readonly DataFile[];
}

const internal: Readonly<Record<keyof InternalFactTypes, true>> = {
  standbySettings: true,
  upstream: true,
  refusedParameter: true,
  overAdmin: true,
  localEnd: true,
  clustersHere: true,
  relationFiles: true,
  dataFiles: true,
};

export const isInternal = (name: string): boolean => name in internal;

/** All that a check can bring back and wait for. */
export type CheckedTypes = FactTypes & InternalFactTypes;
export type CheckedName = keyof CheckedTypes;
export type Checked = { readonly [Name in CheckedName]: Observed<CheckedTypes[Name]> };
