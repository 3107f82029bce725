import { parseConfigurationText, quotedParts } from '../../postgres/configuration-file.ts';
import { maskConninfo } from '../../postgres/conninfo-mask.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { namesIn } from '../../postgres/listen-addresses.ts';
import { finding } from './shape.ts';
import type { Finding } from './shape.ts';

/** What else a server with this primary_conninfo has. */
export interface OwnSettings {
  readonly port: string | undefined;
  readonly listenAddresses: string | undefined;
}

/**
 * What can be said of primary_conninfo. `shown`: its value where secrets are hidden. `raw`: the text as it was given: a
 * wrong quote behind a password is seen there only. Nothing of it is repeated but a host of this machine.
 */
export function judgedUpstream(shown: string, raw: string, own: OwnSettings): readonly Finding[] {
  const line = /^[ \t]*primary_conninfo\b[^\n]*/imu.exec(raw)?.[0];
  if (line === undefined) return judgedConninfo(shown, own);
  const { lines, faults } = parseConfigurationText(line);
  const value = lines.find(({ name }) => name === 'primary_conninfo')?.value;
  if (value !== undefined) return judgedConninfo(value, own);
  return faults.length === 0 || /^[ \t]*primary_conninfo\s*:/iu.test(line)
    ? judgedConninfo(shown, own)
    : [finding(`The line of primary_conninfo is not valid: ${quoting(line)} ${refused}`, 'standby/config-file-error')];
}

const refused = 'The server refuses a file with such a line: a reload applies nothing of it, and a start fails.';

function quoting(line: string): string {
  const value = line.replace(/^[ \t]*primary_conninfo\s*=?\s*/iu, '');
  if (/^["“”„‘’]/u.test(value)) return 'its value is in other quotes than straight single ones.';
  if (!value.startsWith("'")) return 'its value must be in single quotes.';
  return quotedParts(value) === undefined
    ? 'the closing quote is missing.'
    : "a single quote within the value ends it too early. Within the value, a quote is written twice: password=''…''.";
}

function judgedConninfo(value: string, own: OwnSettings): readonly Finding[] {
  const text = value.replaceAll("''", "'");
  if (text.trim() === '')
    return [
      finding(
        'primary_conninfo is empty: a standby starts no WAL receiver then, and has only what restore_command and pg_wal give it.',
        'conninfo/missing',
      ),
    ];
  const parsed = parseConninfo(text);
  if (!parsed.ok)
    return [finding(`primary_conninfo is not a valid connection string: ${maskConninfo(text)}`, 'conninfo/malformed')];
  const { host, hostaddr, port, user, passfile, password } = parsed.value.values;
  // what stands behind a password may be hidden with it
  const isWhole = !text.endsWith('***');
  const there = host ?? hostaddr ?? '';
  return [
    ...(isWhole && host === undefined && hostaddr === undefined
      ? [finding('primary_conninfo names no host: the standby would look for its primary on a local socket.')]
      : []),
    ...ofItself(there, port ?? '5432', own),
    ...(isWhole && user === undefined
      ? [finding('primary_conninfo names no user: the operating system user of the server is taken.')]
      : []),
    ...(isWhole && password === undefined && passfile === undefined
      ? [
          finding(
            'primary_conninfo has no password and no passfile: if the primary asks for one, it comes from ~/.pgpass of the user of the server (database column: replication or *).',
            'conninfo/no-password',
          ),
        ]
      : []),
  ];
}

/** A standby can follow itself: it then receives nothing new and reports no error. */
function ofItself(host: string, port: string, own: OwnSettings): readonly Finding[] {
  const isLoopback = /^(?:localhost|127\.0\.0\.1|::1)$/u.test(host);
  const isListed = host !== '' && namesIn(own.listenAddresses ?? '').includes(host) && !isLoopback;
  if ((isListed && port === (own.port ?? '5432')) || (isLoopback && port === own.port))
    return [
      finding(
        `If these settings are those of one server, primary_conninfo leads to that server itself (${isLoopback ? host : 'an address in listen_addresses'}, port ${port}): it follows itself, receives nothing new, and reports no error. Name the host of the primary.`,
      ),
    ];
  return isLoopback
    ? [
        finding(
          `The host in primary_conninfo is ${host}: in a container or on another machine than the primary, that is the standby itself.`,
        ),
      ]
    : [];
}
