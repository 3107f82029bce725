import type { HbaLine } from '../postgres/hba-line.ts';
import type { Written } from '../postgres/written-lines.ts';
import type { SettingSource } from '../postgres/configuration.ts';
import type { OtherCluster } from './shared-storage.ts';

/**
 * What a server that does not run will ask of this machine when it is started, as its settings say: settings are copied
 * with the data directory, and what they name stays behind.
 */
export interface StartNeeds {
  /** What is not as the server needs it. */
  readonly missing: readonly MissingPath[];
  /** The settings whose paths are there. */
  readonly there: readonly string[];
  /** A certificate or key of TLS is missing, and openssl(1), which could make one, is not there either. */
  readonly withoutOpenssl?: true | undefined;
  readonly port: number;
  /** Where it will listen, in the order of listen_addresses. */
  readonly addresses: readonly ListenAddress[];
  readonly listenAddresses: NeededSetting;
  /** The server of PostgreSQL on this machine that has its port, where that is shown. */
  readonly portHolder?: OtherCluster | undefined;
  /** Standbys of the same cluster that run on this machine, on other directories. */
  readonly otherStandbys?: readonly OtherCluster[];
  /** Another port, where this one is taken. */
  readonly freePort: number | undefined;
  /** Addresses of this machine's own, without the loopback ones. */
  readonly ownAddresses: readonly string[];
  /** lc_messages and its like that name a locale which is not installed here; undefined: they could not be listed. */
  readonly missingLocales: readonly NeededSetting[] | undefined;
  /** The pg_hba.conf that the server looks for, where it is not there: the server does not start without it. */
  readonly hbaMissing?: string | undefined;
  /** A directory in the place of its pg_hba.conf: the server finds no entry in it. */
  readonly hbaDirectory?: { readonly file: string; readonly mounted: boolean } | undefined;
  /** Its own pg_hba.conf; undefined: it is not there, or could not be read whole. */
  readonly hba: { readonly file: string; readonly lines: readonly HbaLine[]; readonly written: Written } | undefined;
}

export interface NeededSetting {
  readonly name: string;
  readonly value: string;
  /** Undefined: no file says it, it is the server's default. */
  readonly source: SettingSource | undefined;
}

export interface MissingPath extends NeededSetting {
  readonly path: string;
  readonly wanted: 'file' | 'directory';
  /** too-long: of each socket, the path is longer than the system allows; too-open: the private key of TLS, which others may read; elsewhere: data_directory is another one than the examined. */
  readonly state: 'elsewhere' | 'missing' | 'no-way' | 'not-a-directory' | 'not-permitted' | 'too-long' | 'too-open';
  /** no-way: the directory above it that the server's user cannot enter. */
  readonly closedAbove?: string;
  /** The private key is root's, and a group may read it. */
  readonly ofRoot?: true;
}

export interface ListenAddress {
  /** As it stands in listen_addresses. */
  readonly name: string;
  /** taken: another program listens at that address and port. */
  readonly state: 'free' | 'taken' | 'not-of-this-machine' | 'unknown-name' | 'not-tried';
}
