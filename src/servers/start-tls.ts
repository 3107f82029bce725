import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, SecureVersion, TLSSocket } from 'node:tls';

import { errorCode } from '../hosts/local-answers.ts';
import type { AttemptOutcome, CertificateProblem, PlannedHost, ServerCertificate } from '../facts/connection.ts';
import { isNamedIn, namesIn } from './certificate-name.ts';
import type { ResolvedConnection } from './connection.ts';
import { shownText } from './foreign-text.ts';
import { Interrupted, TimedOut } from './time-limit.ts';
import type { Limit } from './time-limit.ts';
import { alertIn, opensslWords } from './openssl-words.ts';
import { ConnectionClosed, socketOutcome } from './socket.ts';
import type { TlsFiles } from './tls-files.ts';

export type StartedTls =
  | { readonly ok: true; readonly secured: Secured; readonly certificate: ServerCertificate | undefined }
  | { readonly ok: false; readonly outcome: AttemptOutcome; readonly certificate: ServerCertificate | undefined };

/** A TLS connection, and the certificate that the server showed on it. */
export interface Secured {
  readonly socket: TLSSocket;
  readonly peer: X509Certificate | undefined;
}

/**
 * Makes the connection a TLS one and verifies the server as libpq does (fe-secure-openssl.c): the chain whenever a root
 * certificate is there, the name for verify-full. Node's own verification is switched off: its meaning is another one.
 */
export async function startTls(
  socket: Duplex,
  host: PlannedHost,
  connection: ResolvedConnection,
  files: TlsFiles,
  limit: Limit,
): Promise<StartedTls> {
  const { plan } = connection;
  let secured: TLSSocket;
  try {
    secured = connectTls(optionsOf(socket, host, connection, files));
  } catch (error) {
    return { ok: false, outcome: unusableFiles(error, files), certificate: undefined };
  }
  secured.on('error', () => undefined);
  try {
    await limit.race(secureConnection(secured));
  } catch (error) {
    secured.destroy();
    return { ok: false, outcome: handshakeOutcome(error), certificate: undefined };
  }

  const peer = secured.getPeerX509Certificate();
  const certificate = peer === undefined ? undefined : described(peer, files.roots !== undefined);
  const refused = refusal(secured, peer, host, plan.sslmode, files);
  if (refused === undefined) return { ok: true, secured: { socket: secured, peer }, certificate };
  secured.destroy();
  return { ok: false, outcome: refused, certificate };
}

function optionsOf(
  socket: Duplex,
  host: PlannedHost,
  { parameters: { values }, keyPassword }: ResolvedConnection,
  files: TlsFiles,
): ConnectionOptions {
  const direct = values.sslnegotiation === 'direct';
  // SNI is for names (RFC 6066); sslsni=0 switches it off
  const sendsName = isIP(host.host) === 0 && host.host !== '' && values.sslsni !== '0';
  const minVersion = tlsVersion(values.ssl_min_protocol_version);
  const maxVersion = tlsVersion(values.ssl_max_protocol_version);
  return {
    socket,
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(files.roots === undefined ? {} : { ca: [...files.roots] }),
    ...(files.revocationLists.length === 0 ? {} : { crl: [...files.revocationLists] }),
    ...(files.certificate === undefined ? {} : { cert: files.certificate }),
    ...(files.key === undefined ? {} : { key: files.key }),
    ...(keyPassword === undefined ? {} : { passphrase: keyPassword.reveal() }),
    ...(sendsName ? { servername: host.host } : {}),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(direct ? { ALPNProtocols: ['postgresql'] } : {}),
  };
}

const tlsVersion = (value: string | undefined): SecureVersion | undefined =>
  (['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const).find(
    (version) => version.toLowerCase() === (value ?? '').toLowerCase(),
  );

async function secureConnection(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new ConnectionClosed('it closed the connection during the TLS handshake')));
  });
}

function handshakeOutcome(error: unknown): AttemptOutcome {
  if (error instanceof TimedOut || error instanceof Interrupted || error instanceof ConnectionClosed) {
    return socketOutcome(error, 'tls', false);
  }
  const code = errorCode(error) ?? '';
  if (code === 'ECONNRESET' || code === 'EPIPE') return socketOutcome(error, 'tls', false);
  const message = opensslWords(error);
  return { kind: 'tls-other', message, alert: alertIn(message) };
}

/** The certificates and the key are read by OpenSSL before it says a word to the server. */
function unusableFiles(error: unknown, files: TlsFiles): AttemptOutcome {
  const words = opensslWords(error);
  if (files.key !== undefined)
    return {
      kind: 'client-stopped',
      why: 'client-key',
      message: `the client's certificate or key cannot be used: ${words}`,
    };
  return { kind: 'tls-other', message: `the certificates in ${files.rootsFrom} cannot be used: ${words}` };
}

function refusal(
  socket: TLSSocket,
  peer: X509Certificate | undefined,
  host: PlannedHost,
  sslmode: string,
  files: TlsFiles,
): AttemptOutcome | undefined {
  if (files.roots === undefined) return undefined;
  // Node's type says Error, and it is the code as a string
  const problem: unknown = socket.authorizationError;
  if (!socket.authorized && problem !== undefined && problem !== null) {
    const code = typeof problem === 'string' ? problem : (errorCode(problem) ?? '');
    const words = code.toLowerCase().replaceAll('_', ' ');
    return {
      kind: 'tls-refused-certificate',
      why: whyOf(code),
      message: code.includes('CRL')
        ? `the revocation list ${files.revocationsFrom} does not serve to verify the server's certificate: ${words}`
        : `the server's certificate does not verify against ${files.rootsFrom}: ${words}`,
      roots: files.rootsFrom,
      ...(files.revocationLists.length === 0 ? {} : { revocations: files.revocationsFrom }),
    };
  }
  if (sslmode !== 'verify-full' || peer === undefined || isNamedIn(peer, host.host)) return undefined;
  const names = namesIn(peer);
  return {
    kind: 'tls-refused-certificate',
    why: 'hostname-mismatch',
    message: `the server's certificate is for ${names.length === 0 ? 'no host at all' : names.map((name) => shownText(name, 100)).join(', ')}, not for ${host.host}`,
  };
}

function whyOf(code: string): CertificateProblem {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'expired';
    case 'CERT_NOT_YET_VALID':
      return 'not-yet-valid';
    case 'CERT_REVOKED':
      return 'revoked';
    case 'CRL_HAS_EXPIRED':
      return 'crl-expired';
    case 'CRL_NOT_YET_VALID':
      return 'crl-not-yet-valid';
    case 'UNABLE_TO_GET_CRL':
    case 'UNABLE_TO_GET_CRL_ISSUER':
    case 'CRL_SIGNATURE_FAILURE':
    case 'UNABLE_TO_DECRYPT_CRL_SIGNATURE':
    case 'DIFFERENT_CRL_SCOPE':
      return 'crl-of-another';
    case 'EE_KEY_TOO_SMALL':
    case 'CA_KEY_TOO_SMALL':
    case 'CA_MD_TOO_WEAK':
      return 'weak-key';
    default:
      return 'untrusted';
  }
}

const described = (certificate: X509Certificate, verified: boolean): ServerCertificate => ({
  subject: oneLine(certificate.subject),
  names: namesIn(certificate).map((name) => shownText(name, 200)),
  issuer: oneLine(certificate.issuer),
  validFrom: new Date(certificate.validFrom),
  validTo: new Date(certificate.validTo),
  verified,
});

const oneLine = (name: string | undefined): string => shownText((name ?? '').replaceAll('\n', ', '), 300);
