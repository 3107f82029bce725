import type { SystemIdentifier } from '../postgres/lsn.ts';

/** The server that has refused the replication login before it told who it is, where its files can be read all the same. */
export interface RefusingServer {
  readonly systemIdentifier: SystemIdentifier;
  /** `the container db9`, or `the server on /srv/pg (process 17, port 5433)`. */
  readonly called: string;
}
