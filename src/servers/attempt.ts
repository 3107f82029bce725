import type {
  AttemptOutcome,
  ClientIdentity,
  ConnectionAttempt,
  PlannedHost,
  ServerCertificate,
} from '../facts/connection.ts';
import type { Destination } from '../hosts/host.ts';
import type { Encryption } from './destinations.ts';

/** What came of one try, and what was seen on the way. */
export interface Tried {
  readonly outcome: AttemptOutcome;
  readonly local?: string | undefined;
  readonly certificate?: ServerCertificate | undefined;
  readonly identity?: ClientIdentity | undefined;
}

/** One try as a fact. */
export const asAttempt = (
  { host, port }: PlannedHost,
  destination: Destination | undefined,
  encryption: Encryption,
  { outcome, local, certificate, identity }: Tried,
): ConnectionAttempt => ({
  host,
  port,
  address: destination?.kind === 'tcp' ? destination.address : destination?.path,
  encryption,
  localAddress: local,
  certificate,
  ...(identity === undefined ? {} : { identity }),
  outcome,
});
