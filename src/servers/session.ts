import type { ConnectionAttempt, ServerError } from '../facts/connection.ts';

/** A session that is open, for one command after another. */
export interface OpenSession {
  /** How it came about: address, encryption, our own end. */
  readonly attempt: ConnectionAttempt;
  /** What the server reported at login (ParameterStatus), for example `server_version`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The process that serves it, as the server itself numbers it (BackendKeyData); a pooler makes a number up. */
  readonly backendPid: number | undefined;
  /** Sends one command, or several with semicolons, in one round trip; ends within the time-out, and never throws. */
  simpleQuery(text: string): Promise<QueryAnswer>;
  /** Neither side has ended it: a command that was not answered in time does. */
  isOpen(): boolean;
  /** Says good-bye and waits (a second at most) until the server has closed, unless somebody else does (`afterwards`). */
  close(): Promise<void>;
}

export type QueryAnswer =
  /** One for each statement. */
  | { readonly ok: true; readonly results: readonly ResultRows[] }
  | { readonly ok: false; readonly kind: 'server'; readonly error: ServerError }
  /** The session is over. */
  | { readonly ok: false; readonly kind: 'lost' | 'timed-out'; readonly message: string };

/** Values as the server prints them; null is null. */
export interface ResultRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}
