import type { ConnectionPlan, PlannedHost } from '../facts/connection.ts';
import type { Host } from '../hosts/host.ts';
import type { ConnectionParameters } from '../postgres/connection-parameters.ts';
import type { Secret } from '../postgres/secret.ts';

/** A connection resolved as libpq resolves it, with the secrets that a plan (a fact, which is printed) must not hold. */
export interface ResolvedConnection {
  readonly plan: ConnectionPlan;
  readonly database: string;
  /** Physical replication (`replication=true`), or an ordinary session. */
  readonly replication: boolean;
  /** Each host has its own line in the password file. */
  passwordFor(host: PlannedHost): Secret | undefined;
  /** sslpassword: what opens the client's private key. */
  readonly keyPassword: Secret | undefined;
  /** The directory that holds libpq's `.postgresql` folder; undefined: there is none to look in. */
  readonly home: string | undefined;
  /** Whose files are meant: those of the user who connects, as that user may read them. */
  readonly files: Host;
  /** The machine that it is dialled from, where that is not the examined one. */
  readonly from?: Host;
  /** Every parameter as libpq has it, defaults included. */
  readonly parameters: ConnectionParameters;
}

export interface ConnectOptions {
  /** Its account is who connects to a Unix socket, as far as we can be that user: we are it, or root. */
  readonly host: Host;
  /** For each address, and for each command afterwards; a smaller connect_timeout wins for the former. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** A session that is closed waits for no good-bye then: this is given those that free a WAL sender. */
  readonly afterwards?: (farewell: Promise<void>) => void;
}
