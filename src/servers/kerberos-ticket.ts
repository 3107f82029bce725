import type { AttemptOutcome } from '../facts/connection.ts';
import type { Destination, Host } from '../hosts/host.ts';
import { fileText } from '../postgres/file-text.ts';

/**
 * gssencmode=require: what libpq makes of it before it sends anything (fe-connect.c, select_next_encryption_method). It is
 * impossible over a socket, and without credentials. Whether a ticket that is there serves, only libpq and Kerberos can tell.
 */
export async function gssapiRequired(host: Host, { kind }: Pick<Destination, 'kind'>): Promise<AttemptOutcome> {
  if (kind === 'socket')
    return impossible('gssencmode=require asks for GSSAPI encryption, which no server offers over a local socket');
  const lacks = await withoutTicket(host);
  return lacks === undefined
    ? onlyLibpqCanTell
    : impossible(`gssencmode=require needs a Kerberos ticket, and ${lacks}`);
}

/** The line of pg_hba.conf asks for GSSAPI: libpq can answer where there is a ticket, and standbylint never can. */
export async function gssapiAsked(host: Host, outcome: AttemptOutcome): Promise<AttemptOutcome> {
  if (outcome.kind !== 'client-stopped' || outcome.why !== 'method' || outcome.asks !== 'gss') return outcome;
  const lacks = await withoutTicket(host);
  return lacks === undefined
    ? outcome
    : { ...outcome, message: `the server asks for a Kerberos ticket (GSSAPI), and ${lacks}`, impossible: true };
}

/** `anna has none: FILE does not exist`; undefined where there may be one. */
async function withoutTicket(host: Host): Promise<string | undefined> {
  const cache = await credentialCache(host);
  const status = cache === undefined ? undefined : await host.status(cache, { followLinks: true });
  if (cache === undefined || status?.ok !== false || status.problem.code !== 'ENOENT') return undefined;
  return `${host.account.name} has none: ${cache} does not exist`;
}

const impossible = (message: string): AttemptOutcome => ({
  kind: 'client-stopped',
  why: 'gssencmode',
  message,
  impossible: true,
});

const onlyLibpqCanTell: AttemptOutcome = {
  kind: 'client-stopped',
  why: 'gssencmode',
  message: 'gssencmode=require asks for GSSAPI encryption, which standbylint cannot use',
};

/**
 * The file in which Kerberos looks for the ticket (MIT krb5, cc_default_name and FILE: caches); undefined where it may take
 * one from elsewhere: another kind of cache, a client keytab, gssproxy, or what krb5.conf and its parts say.
 */
async function credentialCache(host: Host): Promise<string | undefined> {
  const { environment, platform, account } = host;
  if (platform !== 'linux' || elsewhere.some((name) => environment[name])) return undefined;
  const named = environment['KRB5CCNAME'];
  if (named) return /^(?:FILE:)?(\/.*)$/u.exec(named)?.[1];
  const configured = await host.read('/etc/krb5.conf');
  if (!configured.ok && configured.problem.code !== 'ENOENT') return undefined;
  const isPlain =
    !configured.ok || !/default_(?:ccache|client_keytab)_name|^include/mu.test(fileText(configured.value.bytes));
  return isPlain ? `/tmp/krb5cc_${account.uid}` : undefined;
}

const elsewhere = ['KRB5_CONFIG', 'KRB5_CLIENT_KTNAME', 'GSS_USE_PROXY'];
