import type { Configuration } from '../postgres/configuration.ts';
import type { Misreading } from '../postgres/password-as-written.ts';
import type { Written } from '../postgres/written-lines.ts';
import type { Place } from './machine.ts';
import type { ServerControl } from './primary.ts';

/** The settings as the standby's server would resolve them, and where each stands. Secrets in them are masked. */
export interface StandbyConfiguration {
  readonly configFile: string;
  /** A directory is in its place; mounted: Docker makes one where the file that is to be mounted does not exist on its host. */
  readonly isDirectory?: 'mounted' | 'not-mounted' | undefined;
  readonly files: Configuration;
  /** Of the files that were read, by path: secrets are masked. */
  readonly written?: Written;
  /** The file of it that was changed last, and when; absent in recordings of before. */
  readonly changed?: { readonly file: string; readonly at: Date } | undefined;
  /** Where the configuration lies outside of the data directory (Debian: /etc/postgresql/N/NAME). */
  readonly outside: boolean;
  /**
   * The files within the data directory that are this standby's own and not the primary's: its configuration with all that
   * it includes, and its TLS files. A new copy, and pg_rewind, put the primary's in their place. Relative paths.
   */
  readonly ownFiles: readonly string[];
  /** A standby's settings in files that its server does not read. */
  readonly strays: readonly StraySetting[];
}

/** A setting that has no effect where it was written; secrets in the value are masked. */
export interface StraySetting {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** What -D leads to. */
export interface NamedPlace extends Place {
  /** The postgresql.conf whose data_directory it is, where -D names the directory of that file. */
  readonly configFile?: string;
}

/** primary_conninfo, parsed; the password in it is masked everywhere. */
export interface StandbyConninfo {
  /** Masked. Undefined: the setting is absent or empty. */
  readonly text: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly problem:
    | {
        readonly kind: string;
        readonly message: string;
        /** A parameter that newer releases of libpq do know: from this major on. */
        readonly knownSince: number | undefined;
        /** The word that is meant, where it can be shown. */
        readonly name: string | undefined;
        readonly suggestion: string | undefined;
        /** Further parameters that libpq refuses. */
        readonly others?: readonly { readonly name: string; readonly suggestion: string | undefined }[];
      }
    | undefined;
  /** What libpq makes no connection with: of primary_conninfo, of the environment of the server, or of a service file. */
  readonly refused?: RefusedParameter | undefined;
  /** Values that begin with a quotation mark that libpq takes for a letter: a typographic one, or a double one. */
  readonly foreignQuotes: readonly { readonly keyword: string; readonly quote: string }[];
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string | undefined;
  /** application_name as it stands in primary_conninfo. */
  readonly applicationName: string | undefined;
  /** How the primary lists this standby: application_name (PGAPPNAME), else cluster_name, else `walreceiver`, as a server keeps a name. */
  readonly reportsAs: string;
  /** What the primary compares with synchronous_standby_names; as `reportsAs` where it is absent, which shows 63 bytes of it. */
  readonly comparedAs?: string;
  readonly hasPassword: boolean;
  /** The password is probably not the one that was meant. */
  readonly passwordMisread?: Misreading | undefined;
  readonly passfile: string | undefined;
  readonly targetSessionAttrs: string | undefined;
  /** When the file that it stands in was changed last. */
  readonly writtenAt?: Date | undefined;
  /** Other assignments of primary_conninfo that this one beats: masked. */
  readonly overridden: readonly { readonly text: string; readonly file: string; readonly line: number }[];
  /** The files that it stands in, by path: secrets are masked. */
  readonly written?: Written;
}

/** A connection parameter with a value that libpq does not accept. */
export interface RefusedParameter {
  readonly keyword: string;
  /** Masked. Undefined: it is not set. */
  readonly value: string | undefined;
  /** One sentence: what it is, and what libpq accepts. */
  readonly message: string;
  /** What was probably meant; undefined where a person has to choose. */
  readonly instead: string | undefined;
  /** The words that libpq accepts, where it accepts only some. */
  readonly accepted: readonly string[] | undefined;
  /** The parameter beside which it is not accepted. */
  readonly beside: string | undefined;
  /** The newest libpq accepts it: packages of one distribution share one, which can be newer than the server. */
  readonly newerAccepts: boolean;
  /** It comes from the environment of the server. */
  readonly variable: string | undefined;
  /** It comes from a service file. Where neither is given it is in primary_conninfo itself. */
  readonly service: { readonly file: string; readonly line: number } | undefined;
}

/** The user that the standby's server runs as (the owner of the data directory), and the home whose password file counts. */
export interface StandbyServerUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string | undefined;
  /** What is put there beside its container, which does not run, is in no volume. */
  readonly homeIsLost?: true;
  /** We are that user, or root: what only that user may read can be read. */
  readonly canActAs: boolean;
  /** Its container starts it as this user, whoever owns the data directory. */
  readonly given?: true;
}

/** How the standby's own server is started, stopped and reloaded. */
export interface StandbyControl {
  readonly control: ServerControl;
  readonly running: boolean;
}
