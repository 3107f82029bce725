import type { ConnectionPlan } from '../facts/connection.ts';
import type { Settings } from '../facts/primary.ts';
import { textOf } from '../facts/settings.ts';

/** Which protocol versions of TLS one side accepts. */
interface Range {
  readonly min: number;
  readonly max: number;
}

/** Why no version of TLS serves both sides, and whose bound is to be moved. */
export interface TlsVersionGap {
  /** `the client accepts TLSv1.3 and later, and the server TLSv1.2 and earlier` */
  readonly words: string;
  readonly change:
    | {
        readonly side: 'client';
        readonly keyword: 'ssl_min_protocol_version' | 'ssl_max_protocol_version';
        /** Empty: no bound. */
        readonly value: string;
      }
    | {
        readonly side: 'server';
        readonly setting: 'ssl_min_protocol_version' | 'ssl_max_protocol_version';
        readonly value: string;
      };
}

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
/** The oldest that is still secure (RFC 8996), and the default of both sides. */
const secure = versions.indexOf('TLSv1.2');

/**
 * Compares ssl_min_protocol_version and ssl_max_protocol_version of both sides. Without the server's settings only a bound
 * that the client was given can be told of: `refused` says that the handshake ended over the version.
 */
export function tlsVersionGap(
  { tlsVersions = {} }: Pick<ConnectionPlan, 'tlsVersions'>,
  settings: Settings | undefined,
  refused: boolean,
): TlsVersionGap | undefined {
  const client = rangeOf(tlsVersions.min, tlsVersions.max);
  if (settings === undefined) {
    if (!refused) return undefined;
    if (client.max < versions.length - 1) return withoutMaximum(client, undefined);
    return client.min > secure ? lowerMinimum(client, undefined, secure) : undefined;
  }
  const server = rangeOf(textOf(settings, 'ssl_min_protocol_version'), textOf(settings, 'ssl_max_protocol_version'));
  // what is older than TLS 1.2 is not turned on again: the other side is to speak what is secure
  if (client.max < server.min) return withoutMaximum(client, server);
  if (server.max >= client.min) return undefined;
  return client.min > secure && server.max >= secure
    ? lowerMinimum(client, server, server.max)
    : {
        words: wordsFor(client, server),
        change: { side: 'server', setting: 'ssl_max_protocol_version', value: '' },
      };
}

const withoutMaximum = (client: Range, server: Range | undefined): TlsVersionGap => ({
  words: wordsFor(client, server),
  change: { side: 'client', keyword: 'ssl_max_protocol_version', value: '' },
});

const lowerMinimum = (client: Range, server: Range | undefined, to: number): TlsVersionGap => ({
  words: wordsFor(client, server),
  change: { side: 'client', keyword: 'ssl_min_protocol_version', value: versions[to] ?? 'TLSv1.2' },
});

function rangeOf(min: string | undefined, max: string | undefined): Range {
  const at = (value: string | undefined, otherwise: number): number => {
    const found = versions.findIndex((version) => version.toLowerCase() === value?.toLowerCase());
    return found === -1 ? otherwise : found;
  };
  return { min: at(min, secure), max: at(max, versions.length - 1) };
}

const wordsFor = (client: Range, server: Range | undefined): string =>
  server === undefined
    ? `the client accepts ${shown(client)}, and the server does not`
    : `the client accepts ${shown(client)}, and the server ${shown(server)}`;

function shown({ min, max }: Range): string {
  const [oldest = '', newest = ''] = [versions[min], versions[max]];
  if (min === max) return `only ${oldest}`;
  return max === versions.length - 1 ? `${oldest} and later` : `${oldest} to ${newest}`;
}
