/** A connection as the server sees it when it asks pg_hba.conf. `undefined` everywhere means: not known. */
export interface HbaConnection {
  /** `physical-replication` is replication=true: what pg_basebackup and the WAL receiver ask for. replication=database counts as `database`. */
  readonly kind: 'physical-replication' | 'database';
  /** Ignored for physical replication. */
  readonly database: string;
  readonly user: string;
  /** The client's address as the server sees it, or `local` for a Unix socket. */
  readonly address: string | undefined;
  readonly encryption: 'none' | 'tls' | 'gss';
  /** The roles that the user is a member of, directly or through others, whether or not it inherits from them. The user itself need not be among them. */
  readonly userRoles: ReadonlySet<string> | undefined;
  /** `false` where no such role exists: then no `+group` matches, not even the group of that name. */
  readonly userExists?: boolean | undefined;
  /** The addresses of the server's network interfaces. */
  readonly serverInterfaces: readonly HbaInterface[] | undefined;
  /** The names that the address resolves to on the server and that resolve back to it; empty where there is none. */
  readonly hostNames: readonly string[] | undefined;
  /** PostgreSQL's major version. */
  readonly serverVersion: number;
}

export interface HbaInterface {
  readonly address: string;
  readonly netmask: string;
}

/** What one column says of a connection. */
export interface HbaJudgement {
  readonly verdict: 'matches' | 'does not match' | 'unknown';
  readonly because: string;
  readonly assumes?: string;
}

export const differs = (because: string): HbaJudgement => ({ verdict: 'does not match', because });
