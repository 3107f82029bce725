import { parseHbaFile } from '../../postgres/hba-file.ts';
import type { HbaRule } from '../../postgres/hba-line.ts';
import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

export function hbaLines(text: string): Explanation | undefined {
  const own = text
    .split('\n')
    .map((line) => line.trim())
    // the second line of a broken message is `host "…", user "…"`
    .filter(
      (line) =>
        /^(?:local|host(?:ssl|nossl|gssenc|nogssenc)?)\s+\S+\s+\S+/u.test(line) && !/^host "[^"]*", user "/u.test(line),
    );
  const words = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
  if (own.length === 0 || own.length * 2 < words) return undefined;
  const parsed = (serverVersion: number) =>
    parseHbaFile({ file: 'pg_hba.conf', text: own.join('\n'), serverVersion }).lines;
  const lines = parsed(18);
  const older = parsed(13);
  const rules = lines.filter((line): line is HbaRule => line.kind === 'rule');
  const forReplication = rules.filter(({ databases }) => databases.some((token) => token.text === 'replication'));
  // a sentence may begin with "host", too
  if (
    rules.length === 0 &&
    !/\b(?:trust|md5|scram-sha-256|peer|ident|reject|cert|password|replication|all)\b/u.test(text)
  )
    return undefined;
  return shape({
    text: own[0] ?? '',
    means:
      own.length === 1
        ? 'This is a line of pg_hba.conf.'
        : 'These are lines of pg_hba.conf; the first that matches a connection decides.',
    candidates: [
      ...lines.flatMap((line, index) =>
        line.kind === 'broken'
          ? [
              finding(
                `${older[index]?.kind === 'broken' ? 'The server' : 'A server of release 14 or later'} cannot read "${line.text}": ${line.error}. It keeps its old rules, and does not start with such a file.`,
                'hba/invalid-line',
              ),
            ]
          : [],
      ),
      ...(rules.length > 0 && forReplication.length === 0
        ? [
            finding(
              'It lets no replication connection in: "all" does not include the keyword replication in the database column.',
              'hba/no-replication-entry',
            ),
          ]
        : []),
      ...forReplication.flatMap((line) => judgedHba(line)),
    ],
    advice: 'After a change: SELECT pg_reload_conf(); then look at pg_hba_file_rules for errors.',
    where: 'to see whether it lets a standby in',
    command: 'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
  });
}

function judgedHba({ text, method, type, users, address }: HbaRule): readonly Finding[] {
  const who = users.map((token) => token.text).join(',');
  if (method === 'reject') return [finding(`"${text}" refuses replication connections of ${who}.`, 'hba/rejected')];
  if (type !== 'local' && method === 'ident')
    return [
      finding(
        `"${text}" asks an ident server on the client, which hardly ever runs: use scram-sha-256.`,
        'hba/shadowed',
      ),
    ];
  if (method === 'trust' && type !== 'local')
    return [
      finding(
        `"${text}" lets ${who} replicate without a password, ${address.kind === 'all' ? 'from everywhere' : 'from these addresses'}: use scram-sha-256.`,
      ),
    ];
  return [
    finding(
      `"${text}" lets ${who === 'all' ? 'every role with REPLICATION' : who} in for replication${type === 'hostssl' ? ', encrypted only' : ''}, if no earlier line matches.`,
    ),
  ];
}
