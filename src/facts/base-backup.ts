import type { ManifestFrame } from '../postgres/backup-manifest.ts';
import type { GivenConnection } from './connection.ts';

/** The pg_basebackup command line that is linted, as the user gave it: PostgreSQL manual, pg_basebackup. */
export interface BaseBackupCommand {
  /** The pg_basebackup that the user named with its path; undefined when the name alone, or nothing, was written. */
  readonly program: string | undefined;
  /** The whole command line, `pg_basebackup` before its options, quoted for a shell, secrets masked. */
  readonly printable: string;
  /** Exactly what pg_basebackup is run with. A password in `-d` is taken out and goes through the environment; so is `-W`. */
  readonly args: readonly string[];
  /** `-D` as given; undefined when the backup goes to a target (`-t`) alone. */
  readonly directory: string | undefined;
  readonly format: 'plain' | 'tar';
  readonly walMethod: 'none' | 'fetch' | 'stream';
  /** `-R` */
  readonly writesRecoveryConf: boolean;
  readonly checkpoint: 'fast' | 'spread';
  readonly slot: string | undefined;
  readonly createsSlot: boolean;
  /** `--no-slot` */
  readonly noSlot: boolean;
  readonly compression: Compression | undefined;
  readonly tablespaceMappings: readonly TablespaceMapping[];
  readonly walDirectory: string | undefined;
  /** `-r`, bytes a second. */
  readonly maxRate: number | undefined;
  /** `-t`: a backup target other than `client`, which is the same as none. */
  readonly target: string | undefined;
  readonly incremental: string | undefined;
  readonly noSync: boolean;
  readonly noManifest: boolean;
  readonly noClean: boolean;
  readonly progress: boolean;
  readonly noPassword: boolean;
  readonly forcePassword: boolean;
  /** `-d` holds a password. */
  readonly passwordInConnectionString: boolean;
  /** The words of standbylint's own options that a printed command line keeps (`--admin …`); secrets masked. */
  readonly own: readonly string[];
  /** Where the directory is, as it is written before it: `docker:pg-standby`; undefined: on this machine. */
  readonly place?: string;
  /** Every option that was given: how it was written, its long name. */
  readonly options: readonly GivenOption[];
  readonly connection: GivenConnection;
}

export type SettableKeyword =
  | 'passfile'
  | 'sslmode'
  | 'sslcertmode'
  | 'sslnegotiation'
  | 'sslrootcert'
  | 'sslcert'
  | 'sslkey'
  | 'sslcrl'
  | 'ssl_min_protocol_version'
  | 'ssl_max_protocol_version'
  | 'gssencmode'
  | 'channel_binding'
  | 'target_session_attrs'
  | 'require_auth'
  | 'client_encoding'
  | 'options';

/** A change to a pg_basebackup command line: options go by their long names, words come as they are typed. */
export interface CommandLineChange {
  readonly without?: readonly string[];
  readonly with?: readonly string[];
  /** Another pg_basebackup than the one that the command line names, by its path. */
  readonly program?: string;
  /** Who runs it, where that is another user: only root can type that. */
  readonly user?: string;
  /** Set for this one command. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Parameters of the connection that `-d` gets. */
  readonly conninfo?: Readonly<Partial<Record<SettableKeyword | 'hostaddr', string>>>;
}

export interface GivenOption {
  /** The long name without dashes, for example `create-slot`. */
  readonly name: string;
  /** As written, for example `-C` or `--compress=server-gzip`; secrets masked. */
  readonly written: string;
  /** The same, a word of the command line each: `-h`, `db1`. */
  readonly words: readonly string[];
}

/** `-z` or the last `-Z`. What it asks for depends on the release of pg_basebackup that reads it. */
export interface Compression {
  /** The value as written, for example `server-gzip:9`; undefined for `-z`. */
  readonly value: string | undefined;
  /** The option as written, for example `-z` or `--compress=server-gzip`. */
  readonly written: string;
}

export interface TablespaceMapping {
  readonly written: string;
  /** Undefined when it is not of the form OLDDIR=NEWDIR with two absolute paths. */
  readonly mapping: { readonly from: string; readonly to: string } | undefined;
}

/** What `--incremental` names. */
export interface EarlierManifest {
  readonly path: string;
  /** Why it cannot be read, in the system's words. */
  readonly problem?: string;
  /** Undefined of a file that is no manifest, too. */
  readonly frame?: ManifestFrame | undefined;
}
