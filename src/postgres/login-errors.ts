/** An ErrorResponse of the server (manual: Error and Notice Message Fields). */
export interface ServerError {
  readonly sqlstate: string;
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly routine: string | undefined;
}

/** What a refused login means. */
export type Refusal =
  | 'no-hba-entry'
  | 'hba-rejected'
  | 'password-refused'
  /** peer, ident, cert, ldap, gss, … said no: `method` of the matched line is in the message */
  | 'other-method-refused'
  | 'role-missing'
  | 'role-no-login'
  | 'role-no-replication'
  | 'role-connection-limit'
  | 'wal-senders-exhausted'
  | 'connections-exhausted'
  | 'starting-up'
  | 'shutting-down'
  | 'not-accepting-connections'
  | 'database-missing'
  | 'pooler'
  /** It cannot read its own data directory: a file is gone, cut off or damaged. */
  | 'server-files-missing'
  | 'unknown';
