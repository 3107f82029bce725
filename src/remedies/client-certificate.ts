import type { ClientIdentity } from '../facts/connection.ts';
import type { Side, Step } from '../findings/report.ts';
import { manual } from './remedy.ts';

/** Gives the client a certificate of this role: only who has the authority's key can issue one. */
export function giveCertificate(side: Side, identity: ClientIdentity | undefined, commonName: string): Step {
  const places =
    identity?.kind === 'none'
      ? `into ${identity.file}, and its private key (mode 0600) into ${identity.keyFile}`
      : identity === undefined
        ? 'and its private key (mode 0600) into the files given by sslcert and sslkey'
        : `into ${identity.file} in place of the current one, with its private key (mode 0600)`;
  return manual(
    side,
    `Put a client certificate with CN=${commonName}, issued by an authority in the primary's ssl_ca_file, ${places}.`,
  );
}
