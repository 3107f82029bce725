import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

import { parseIpAddress } from '../postgres/ip-address.ts';

/** The names that a server's certificate is good for, as a report shows them. */
export function namesIn(certificate: X509Certificate): readonly string[] {
  const { dns, ip } = alternativeNames(certificate);
  const all = [...dns, ...ip];
  const commonName = commonNameOf(certificate);
  return all.length > 0 || commonName === undefined ? all : [commonName];
}

/**
 * Whether libpq accepts the certificate for this host with sslmode=verify-full (fe-secure-openssl.c,
 * pgtls_verify_peer_name_matches_certificate_guts; as in 15 and later, which also look at IP addresses). The common name
 * counts only where no alternative name of the host's own kind is there.
 */
export function isNamedIn(certificate: X509Certificate, host: string): boolean {
  const { dns, ip } = alternativeNames(certificate);
  if (dns.some((name) => matchesName(name, host))) return true;
  const address = isIP(host) === 0 ? undefined : parseIpAddress(host);
  if (address !== undefined) {
    const same = ip.some((one) => {
      const other = parseIpAddress(one);
      return other !== undefined && other.family === address.family && other.value === address.value;
    });
    if (same) return true;
  }
  if ((address === undefined ? dns : ip).length > 0) return false;
  const commonName = commonNameOf(certificate);
  return commonName !== undefined && matchesName(commonName, host);
}

/** fe-secure-common.c, pq_verify_peer_name_matches_certificate_name: a `*` stands for one label, and only the first. */
function matchesName(pattern: string, host: string): boolean {
  const name = pattern.toLowerCase();
  const wanted = host.toLowerCase();
  if (name === wanted) return true;
  if (!name.startsWith('*.') || name.length < 3) return false;
  const rest = name.slice(1);
  return wanted.endsWith(rest) && wanted.length > rest.length && !wanted.slice(0, -rest.length).includes('.');
}

/** Node's text of the extension: `DNS:db1, IP Address:10.0.0.5`; a name that holds something odd stands in JSON's quotes. */
function alternativeNames(certificate: X509Certificate): {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
} {
  const text = certificate.subjectAltName ?? '';
  const dns: string[] = [];
  const ip: string[] = [];
  for (const [, kind, quoted, plain] of text.matchAll(/(?:^|, )([A-Za-z ]+):(?:"((?:[^"\\]|\\.)*)"|([^,]*))/gu)) {
    const value = plain ?? quoted ?? '';
    // a quoted name holds a character that no host name has: it matches nothing
    if (kind === 'DNS' && plain !== undefined) dns.push(value);
    if (kind === 'IP Address') ip.push(value);
  }
  return { dns, ip };
}

/** Node's text of the subject: one attribute a line, with `\` before a special character. */
export const commonNameOf = ({ subject }: X509Certificate): string | undefined =>
  subject
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice(3)
    .replaceAll(/\\(.)/gu, '$1');
