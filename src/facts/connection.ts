import type { Misreading } from '../postgres/password-as-written.ts';
import type { Refusal, ServerError } from '../postgres/login-errors.ts';
import type { Lsn, SystemIdentifier, TimelineId } from '../postgres/lsn.ts';
import type { TimelineHistory } from '../postgres/timeline-history.ts';
import type { WrittenLines } from '../postgres/written-lines.ts';

export type { Refusal, ServerError } from '../postgres/login-errors.ts';

/** What the command line itself says of the connection, before libpq's environment and files are asked. */
export interface GivenConnection {
  readonly conninfo: string | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly user: string | undefined;
}

/** The connection that will be made, resolved as libpq resolves it (manual: libpq, Database Connection Control Functions). */
export interface ConnectionPlan {
  readonly hosts: readonly PlannedHost[];
  readonly user: string;
  readonly sslmode: 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  /** Another home than that of the user's account, where libpq looks for the files that are not named: HOME, which counts from 15 on. */
  readonly home?: string | undefined;
  readonly sslrootcert: string | undefined;
  readonly sslcert: string | undefined;
  readonly sslkey: string | undefined;
  /** Of paths that begin with `~`, which libpq does not expand: the files that a shell would make of them. */
  readonly meantFiles?: Readonly<Partial<Record<'sslrootcert' | 'sslcert' | 'sslkey' | 'sslcrl', string>>>;
  /** ssl_min_protocol_version and ssl_max_protocol_version, where they are given; the empty word: no bound. */
  readonly tlsVersions?: { readonly min?: string | undefined; readonly max?: string | undefined };
  readonly channelBinding: 'disable' | 'prefer' | 'require';
  readonly targetSessionAttrs: string;
  readonly password: PasswordSource;
  /**
   * Where each value came from, for a report: `-h`, `PGHOST`, `service file /etc/pg_service.conf line 3`, `default`. Also of
   * the settings that the environment asks the server for (`TimeZone`: `PGTZ`).
   */
  readonly sources: Readonly<Record<string, string>>;
  /** Values that libpq itself refuses (a port out of range, a weak sslmode with sslrootcert=system), in words. */
  readonly faults: readonly string[];
}

export interface PlannedHost {
  /** A name, an address, or the directory of a Unix socket. */
  readonly host: string;
  readonly hostaddr: string | undefined;
  readonly port: number;
  readonly isSocket: boolean;
}

/** Which source the password comes from; never the password itself. */
export interface PasswordSource {
  readonly from: 'environment' | 'conninfo' | 'passfile' | 'service file' | 'prompt' | 'none';
  /** In words: `PGPASSWORD`, `line 3 of /home/anna/.pgpass`. */
  readonly words: string;
  readonly passfile: Passfile;
}

export interface Passfile {
  readonly path: string;
  readonly state:
    | { readonly kind: 'used'; readonly line: number; readonly misread?: Misreading | undefined }
    | { readonly kind: 'absent' }
    /** A password is given otherwise, and libpq does not look here. */
    | { readonly kind: 'not-asked' }
    /** libpq leaves the file aside, and why: its mode, not a plain file, unreadable. Without a mode not even its directory may be entered. */
    | {
        readonly kind: 'ignored';
        readonly why: 'mode' | 'not a plain file' | 'unreadable';
        readonly mode: number | undefined;
        /** It belongs to another user than the one who would read it, or to a file system that is read-only: its mode is not that one's to set. */
        readonly hasFixedMode?: true;
      }
    /** libpq may use it, and this process may not read it: it belongs to the user of the standby's server. */
    | { readonly kind: 'not-seen'; readonly because: string }
    | { readonly kind: 'no-match'; readonly nearest: readonly NearLine[] };
  /** `-d`, `PGPASSFILE`, or libpq's default place. */
  readonly pathSource: string;
  /** Of a file that is not there: neither is its directory, or this user may not write into it. */
  readonly hasNoPlace?: true;
  /** Of a path that begins with `~`, which libpq does not expand: the file that a shell would make of it, where that was meant. */
  readonly meant?: Pick<Passfile, 'path' | 'state'>;
  /** Its lines without the passwords, where it was read. */
  readonly written?: WrittenLines;
}

/** A line of a password file that nearly serves, and why it does not. */
export interface NearLine {
  readonly line: number;
  readonly because: string;
  /** It is the one that libpq takes, and it has no password: no line behind it is read. */
  readonly matches?: true | undefined;
}

/** One try to connect, in the order in which libpq makes them: each host, each of its addresses, with TLS and without. */
export interface ConnectionAttempt {
  readonly host: string;
  readonly port: number;
  /** The address or the socket's path that was really tried; undefined when the name led to none. */
  readonly address: string | undefined;
  /** The addresses of the name behind it, which are tried only where this one makes no connection. */
  readonly further?: readonly string[];
  readonly encryption: 'tls' | 'none';
  /** Our own end of the connection: the address that the server sees unless something on the way translates it. */
  readonly localAddress: string | undefined;
  readonly certificate: ServerCertificate | undefined;
  /** What the client has to show the server over TLS; absent where its files were not looked at. */
  readonly identity?: ClientIdentity | undefined;
  readonly outcome: AttemptOutcome;
}

/** The client certificate that libpq sends when the server asks for one. */
export type ClientIdentity =
  | ({ readonly kind: 'certificate' } & ClientCertificate)
  | {
      readonly kind: 'none';
      /** `disabled`: sslcertmode=disable; `absent`: the file does not exist. */
      readonly because: 'absent' | 'disabled';
      /** Where libpq looks for the certificate and its key. */
      readonly file: string;
      readonly keyFile: string;
    };

export interface ClientCertificate {
  readonly file: string;
  /** The first CN of the subject; undefined where it has none. */
  readonly commonName: string | undefined;
  /** The subject as the server compares it with clientname=DN (RFC 2253: the last attribute first). */
  readonly distinguishedName: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

export type AttemptOutcome =
  | { readonly kind: 'logged-in' }
  | { readonly kind: 'not-resolved'; readonly code: string; readonly message: string }
  | { readonly kind: 'no-socket'; readonly message: string }
  | {
      readonly kind: 'refused' | 'unreachable' | 'timed-out' | 'closed';
      readonly phase: Phase;
      readonly message: string;
    }
  /** What answered first, with control characters escaped, at most 60 characters. */
  | { readonly kind: 'not-postgresql'; readonly answered: string }
  | { readonly kind: 'tls-not-offered' }
  | {
      readonly kind: 'tls-refused-certificate';
      readonly why: CertificateProblem;
      readonly message: string;
      /** The file with the root certificates, and the one with the revocation list; absent where none is used. */
      readonly roots?: string;
      readonly revocations?: string | undefined;
    }
  /** `alert`: the server's reason in TLS's own words (RFC 8446, section 6): `unknown ca`, `certificate expired`. */
  | {
      readonly kind: 'tls-other';
      readonly message: string;
      readonly alert?: string | undefined;
      /** The server takes TLS after a request for it, and not at once (sslnegotiation=direct). */
      readonly afterRequest?: true;
    }
  | { readonly kind: 'server-refused'; readonly error: ServerError; readonly refusal: Refusal }
  /** The client cannot go on: the server asks for a password and there is none, or for a method that it does not know. */
  | {
      readonly kind: 'client-stopped';
      readonly why: 'no-password' | 'method' | 'gssencmode' | 'channel-binding' | 'client-key' | 'require-auth';
      readonly message: string;
      /** require-auth, and of method GSSAPI alone: the method that the server asks for, as require_auth names it. */
      readonly asks?: string;
      /** client-key: the file that is meant. */
      readonly file?: string;
      /** gssencmode and method: libpq cannot do it either; absent where only libpq can tell. */
      readonly impossible?: true;
    }
  /** It let us in, and target_session_attrs does not want this server. */
  | { readonly kind: 'wrong-session-attributes'; readonly message: string };

export type Phase = 'connect' | 'tls' | 'login';
export type CertificateProblem =
  | 'untrusted'
  | 'hostname-mismatch'
  | 'expired'
  | 'not-yet-valid'
  | 'revoked'
  | 'crl-expired'
  | 'crl-not-yet-valid'
  /** The revocation list is not of the authority that issued the certificate, or is not signed by it. */
  | 'crl-of-another'
  | 'weak-key'
  | 'no-root-certificate';

export interface ServerCertificate {
  readonly subject: string;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly validFrom?: Date;
  readonly validTo: Date;
  /** This client verifies it: it has root certificates. */
  readonly verified?: boolean;
}

/** A server has answered --admin, and did not let it in. */
export interface AdminRefusal {
  readonly attempt: ConnectionAttempt;
  readonly error: ServerError;
  readonly refusal: Refusal;
  /** A socket, or an address of this machine. */
  readonly own: boolean;
}

/** What came of logging in exactly as pg_basebackup does: physical replication, same user, same password, same TLS. */
export interface ReplicationLogin {
  readonly attempts: readonly ConnectionAttempt[];
  readonly outcome:
    | { readonly accepted: true; readonly session: ReplicationSession }
    /** The attempt whose refusal counts: the last one that reached a server, else the last one. */
    | { readonly accepted: false; readonly decisive: ConnectionAttempt };
}

export interface ReplicationSession {
  readonly attempt: ConnectionAttempt;
  readonly serverVersion: string;
  readonly systemIdentifier: SystemIdentifier;
  readonly timeline: TimelineId;
  readonly walPosition: Lsn;
  /** `SHOW all` on the replication connection: what this role may see. */
  readonly settings: ReadonlyMap<string, string>;
  /** For `-X stream`: the second connection beside the first. Undefined when it was not needed. */
  readonly second:
    | { readonly accepted: true }
    | { readonly accepted: false; readonly attempt: ConnectionAttempt }
    | undefined;
  /** READ_REPLICATION_SLOT (15 and later) of the slot that the command line names. */
  readonly slot: NamedSlot | undefined;
  /** TIMELINE_HISTORY of the server's timeline, where that is not the first one and a standby is examined. */
  readonly timelineHistory?: TimelineHistory | undefined;
  /** It was reached over a socket, or at an address of this machine: a tunnel may lead from there to another one. */
  readonly ownAddress: boolean;
  /** The container that it was reached in, where the engine of this machine's own container has it too. */
  readonly neighbor?: string | undefined;
  /** Its postmaster, where it is proven to run on this machine. */
  readonly postmaster: number | undefined;
  /** It is proven to run on this machine, with its files and its network: not in a container or another namespace. */
  readonly sameMachine: boolean;
}

export type NamedSlot =
  | { readonly exists: false }
  | { readonly exists: true; readonly reserved: boolean }
  | { readonly exists: 'logical' };
