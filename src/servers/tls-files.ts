import type { AttemptOutcome, ClientIdentity } from '../facts/connection.ts';
import type { Host } from '../hosts/host.ts';
import { isPrivateKeyOpen } from '../postgres/private-key.ts';
import { clientCertificate } from './client-certificate.ts';
import type { ResolvedConnection } from './connection.ts';
import { modeText } from '../postgres/file-mode.ts';

/** What libpq reads from files for TLS. */
export interface TlsFiles {
  /** Undefined: no root certificate is there, and the server's certificate is not looked at. */
  readonly roots: readonly string[] | undefined;
  /** Where they came from, for a message. */
  readonly rootsFrom: string;
  /** Certificate revocation lists, each of its own, and where they came from. */
  readonly revocationLists: readonly string[];
  readonly revocationsFrom: string;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Undefined: the certificate could not be read as one. */
  readonly identity: ClientIdentity | undefined;
}

export type ReadTlsFiles =
  | { readonly ok: true; readonly value: TlsFiles }
  | { readonly ok: false; readonly outcome: AttemptOutcome };

/**
 * Reads what libpq's initialize_SSL (fe-secure-openssl.c) reads, and refuses what it refuses. A root certificate that is
 * there is used whatever sslmode says: `require`, and even `prefer`, then verify like verify-ca.
 */
export async function readTlsFiles(host: Host, connection: ResolvedConnection): Promise<ReadTlsFiles> {
  const { values } = connection.parameters;
  const home = connection.home ?? '';
  const place = (given: string | undefined, name: string): string => given || `${home}/.postgresql/${name}`;

  const roots = await readRoots(host, connection, place(values.sslrootcert, 'root.crt'));
  if (!roots.ok) return roots;
  const revocations = await readRevocations(host, values, place);
  const identity = await readIdentity(
    host,
    place(values.sslcert, 'postgresql.crt'),
    place(values.sslkey, 'postgresql.key'),
    values.sslcertmode,
  );
  if (!identity.ok) return identity;
  return {
    ok: true,
    value: {
      roots: roots.value,
      rootsFrom: roots.from,
      ...(roots.value === undefined
        ? { revocationLists: [], revocationsFrom: revocations.revocationsFrom }
        : revocations),
      ...identity.value,
    },
  };
}

/**
 * fe-secure-openssl.c, initialize_SSL: sslcrl, the directory sslcrldir (14 and later, with names made by openssl rehash), or
 * the default file. What cannot be read is left aside.
 */
async function readRevocations(
  host: Host,
  { sslcrl, sslcrldir }: { readonly sslcrl?: string | undefined; readonly sslcrldir?: string | undefined },
  place: (given: string | undefined, name: string) => string,
): Promise<Pick<TlsFiles, 'revocationLists' | 'revocationsFrom'>> {
  const files: string[] = [];
  if (sslcrldir) {
    const listed = await host.list(sslcrldir);
    if (listed.ok)
      files.push(
        ...listed.value.entries
          .map(({ name }) => name)
          .filter((name) => /^[0-9a-f]{8}\.r\d+$/u.test(name))
          .map((name) => `${sslcrldir}/${name}`),
      );
  }
  if (sslcrl || !sslcrldir) files.unshift(place(sslcrl, 'root.crl'));
  const read = await Promise.all(files.map(async (file) => readText(host, file)));
  const lists = read.flatMap((one) => (one.ok ? (one.text.match(revocationList) ?? []) : []));
  return { revocationLists: lists, revocationsFrom: sslcrl || !sslcrldir ? place(sslcrl, 'root.crl') : sslcrldir };
}

/** Node takes only the first of several in one text. */
const revocationList = /-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/gu;

type Failed = Extract<ReadTlsFiles, { readonly ok: false }>;
type Roots = { readonly ok: true; readonly value: readonly string[] | undefined; readonly from: string };

async function readRoots(host: Host, { plan }: ResolvedConnection, path: string): Promise<Roots | Failed> {
  if (plan.sslrootcert === 'system') return { ok: true, value: await systemRoots(host), from: 'the system' };
  const read = await readText(host, path);
  if (read.ok) return { ok: true, value: [read.text], from: path };
  if (!read.absent)
    return failed({ kind: 'tls-other', message: `the root certificate file ${path} cannot be read: ${read.message}` });
  if (!plan.sslmode.startsWith('verify')) return { ok: true, value: undefined, from: path };
  return failed({
    kind: 'tls-refused-certificate',
    why: 'no-root-certificate',
    message: `sslmode=${plan.sslmode} needs a root certificate, and the file ${path} does not exist`,
    roots: path,
  });
}

type Identity = { readonly ok: true; readonly value: Pick<TlsFiles, 'certificate' | 'key' | 'identity'> };

async function readIdentity(
  host: Host,
  certificatePath: string,
  keyPath: string,
  mode: string | undefined,
): Promise<Identity | Failed> {
  const none = (because: 'absent' | 'disabled'): Identity => ({
    ok: true,
    value: {
      certificate: undefined,
      key: undefined,
      identity: { kind: 'none', because, file: certificatePath, keyFile: keyPath },
    },
  });
  if (mode === 'disable') return none('disabled');
  const certificate = await readText(host, certificatePath);
  if (!certificate.ok) {
    if (certificate.absent) return none('absent');
    return stopped(certificatePath, `the certificate file ${certificatePath} cannot be read: ${certificate.message}`);
  }
  const status = await host.status(keyPath, { followLinks: true });
  if (!status.ok)
    return stopped(keyPath, `the certificate ${certificatePath} is there, and its private key file ${keyPath} is not`);
  if (status.value.kind !== 'file') return stopped(keyPath, `the private key file ${keyPath} is not a plain file`);
  if (isPrivateKeyOpen(status.value)) {
    const shown = modeText(status.value.mode);
    return stopped(
      keyPath,
      `the private key file ${keyPath} has mode ${shown}: libpq uses it only if no one but its owner can read it (0600), or its owner is root and its mode at most 0640`,
    );
  }
  const key = await readText(host, keyPath);
  if (!key.ok) return stopped(keyPath, `the private key file ${keyPath} cannot be read: ${key.message}`);
  const identity = clientCertificate(certificatePath, certificate.text);
  return { ok: true, value: { certificate: certificate.text, key: key.text, identity } };
}

/** Where OpenSSL of the usual systems has its store (sslrootcert=system, SSL_CTX_set_default_verify_paths). */
const systemStores = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
  '/usr/lib/ssl/cert.pem',
  '/opt/homebrew/etc/openssl@3/cert.pem',
  '/usr/local/etc/openssl@3/cert.pem',
];

async function systemRoots(host: Host): Promise<readonly string[]> {
  const named = host.environment['SSL_CERT_FILE'];
  for (const path of named === undefined ? systemStores : [named]) {
    const read = await readText(host, path);
    if (read.ok) return [read.text];
  }
  return [];
}

type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly absent: boolean; readonly message: string };

async function readText(host: Host, path: string): Promise<ReadText> {
  const read = await host.read(path);
  if (read.ok) return { ok: true, text: new TextDecoder('latin1').decode(read.value.bytes) };
  const { code, message } = read.problem;
  return { ok: false, absent: code === 'ENOENT' || code === 'ENOTDIR', message };
}

const failed = (outcome: AttemptOutcome): Failed => ({ ok: false, outcome });
const stopped = (file: string, message: string): Failed =>
  failed({ kind: 'client-stopped', why: 'client-key', message, file });
