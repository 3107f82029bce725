import { X509Certificate } from 'node:crypto';

import type { ClientIdentity } from '../facts/connection.ts';
import { commonNameOf } from './certificate-name.ts';
import { shownText } from './foreign-text.ts';

/** What the server will see of this client certificate (PEM); undefined where the text holds none. */
export function clientCertificate(file: string, text: string): ClientIdentity | undefined {
  try {
    const certificate = new X509Certificate(text);
    return {
      kind: 'certificate',
      file,
      commonName: commonNameOf(certificate),
      distinguishedName: distinguishedName(certificate.subject ?? ''),
      issuer: shownText((certificate.issuer ?? '').replaceAll('\n', ', '), 300),
      validFrom: new Date(certificate.validFrom),
      validTo: new Date(certificate.validTo),
    };
  } catch {
    return undefined;
  }
}

/**
 * be-secure-openssl.c, be_tls_open_server (14 and later): X509_NAME_print_ex with XN_FLAG_RFC2253, which begins with the
 * last attribute. Node's text has one attribute a line, in the order of the certificate, with the same escapes but for
 * what is not ASCII.
 */
function distinguishedName(subject: string): string {
  return subject
    .split('\n')
    .toReversed()
    .join(',')
    .replaceAll(/[^\0-\u007F]/gu, (character) =>
      [...Buffer.from(character, 'utf8')]
        .map((byte) => `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''),
    );
}
