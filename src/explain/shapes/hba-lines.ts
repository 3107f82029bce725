import { parseHbaFile } from '../../postgres/hba-file.ts';
import type { HbaConnection } from '../../postgres/hba-connection.ts';
import { judgeHbaRule } from '../../postgres/hba-match.ts';
import type { ConsideredHbaLine, HbaColumn } from '../../postgres/hba-match.ts';
import type { HbaAddress, HbaRule, HbaToken } from '../../postgres/hba-line.ts';
import { isInNetwork, prefixLength } from '../../postgres/ip-address.ts';
import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

export function hbaLines(text: string): Explanation | undefined {
  const own = [...text.split('\n'), ...withinSentences(text)]
    .map((line) => line.trim().replaceAll(/[ \t]+/gu, ' '))
    // the second line of a broken message is `host "…", user "…"`
    .filter(
      (line) =>
        /^(?:local|host(?:ssl|nossl|gssenc|nogssenc)?)\s+\S+\s+\S+/u.test(line) && !/^host "[^"]*", user "/u.test(line),
    );
  const words = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
  // among sentences, a line is told by its method
  if (own.length === 0 || (own.length * 2 < words && !own.every((line) => withMethod.test(line)))) return undefined;
  const parsed = (serverVersion: number) =>
    parseHbaFile({ file: 'pg_hba.conf', text: own.join('\n'), serverVersion }).lines;
  const lines = parsed(18);
  const older = parsed(13);
  const rules = lines.filter((line): line is HbaRule => line.kind === 'rule');
  const forReplication = rules.filter(({ databases }) => databases.some(isKeyword));
  const refused = refusedConnection(text);
  const role = forReplication
    .flatMap(({ users }) => users.map(({ text: name }) => name))
    .find((name) => /^[a-z_]\w*$/u.test(name) && name !== 'all');
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
      ...(refused === undefined ? forStandbys(rules, forReplication) : judgedFor(refused, rules)),
    ],
    advice: 'After a change: SELECT pg_reload_conf(); then look at pg_hba_file_rules for errors.',
    where: 'to see whether it lets a standby in',
    command: `standbylint preflight pg_basebackup -h <primary> -U ${role ?? '<role>'} -D <data directory> -X stream -R`,
  });
}

/** 'I added "host replication …" to …': the server itself quotes the line that it has used. */
const withinSentences = (text: string): readonly string[] => [
  ...[...text.matchAll(/\b(?:line|entry|rule)(?: is| was)?: +((?:local|host)[^"'`\n,;()]{8,150})/giu)].flatMap(
    ([, line = '']) => methodEnds.exec(line)?.[0] ?? [],
  ),
  ...[...text.matchAll(/(?<!line \d+: )["'`\u201C]((?:local|host)[^"'`\u201D\n]{8,150})["'`\u201D]/gu)].flatMap(
    ([, line]) => (line !== undefined && withMethod.test(line) ? [line] : []),
  ),
];

/** Up to its method. */
const methodEnds =
  /^(?:local|host\w*)[ \t]+\S+[ \t]+\S+[ \t]+(?:\S+[ \t]+){0,2}(?:trust|reject|md5|password|scram-sha-256|peer|ident|cert|ldap|gss)\b/u;

const forStandbys = (rules: readonly HbaRule[], forReplication: readonly HbaRule[]): readonly Finding[] => [
  ...rules.flatMap((line, index) => {
    const before = rules.slice(0, index).find((earlier) => coversDatabases(earlier, line) && covers(earlier, line));
    return before === undefined || before.method === line.method || forReplication.includes(line)
      ? []
      : [
          finding(
            `"${line.text}" has no effect: "${before.text}" is above it and matches first. To have an effect, it must be moved above that line.`,
            'hba/shadowed',
          ),
        ];
  }),
  ...(rules.length > 0 && forReplication.length === 0
    ? [
        finding(
          `${rules.length === 1 ? 'This line does' : 'These lines do'} not let a replication connection in: ${whyNot(rules)}`,
          'hba/no-replication-entry',
        ),
      ]
    : []),
  ...forReplication.flatMap((line, index) => {
    const before = forReplication.slice(0, index).find((earlier) => covers(earlier, line));
    return before === undefined
      ? judgedHba(line)
      : [
          finding(
            `"${line.text}" has no effect: "${before.text}" is above it and matches first.`,
            before.method === 'reject' ? 'hba/rejected' : 'hba/shadowed',
          ),
        ];
  }),
];

/** The connection that a message in the same text says was refused for want of a line. */
function refusedConnection(text: string): HbaConnection | undefined {
  const [, replication, address, user, database, encryption] =
    /no pg_hba\.conf entry for (replication connection from )?host "([^"\n]+)",\s+user "([^"\n]+)"(?:,\s+database "([^"\n]+)")?(?:,\s+(SSL (?:on|off|encryption)|no encryption))?/iu.exec(
      text,
    ) ?? [];
  if (address === undefined || user === undefined || (replication === undefined && database === undefined))
    return undefined;
  return {
    kind: replication === undefined ? 'database' : 'physical-replication',
    database: database ?? '',
    user,
    address: address === '[local]' ? 'local' : address,
    encryption: /SSL (?:on|encryption)/iu.test(encryption ?? '') ? 'tls' : 'none',
    userRoles: undefined,
    serverInterfaces: undefined,
    hostNames: undefined,
    serverVersion: 18,
  };
}

/** `because` names the first of them. */
const alsoOther = ([, ...others]: readonly HbaColumn[]): string =>
  others.length === 0 ? '' : ` Its ${others.join(' and its ')} ${others.length === 1 ? 'does' : 'do'} not fit, either.`;

function judgedFor(refused: HbaConnection, rules: readonly HbaRule[]): readonly Finding[] {
  const judged = rules.map((rule) => judgeHbaRule(rule, refused));
  const matching = judged.find(({ verdict }) => verdict === 'matches');
  if (matching !== undefined)
    return [
      finding(
        `"${matching.line.text}" matches the connection that was refused: the server has not reloaded the file, or reads another one.`,
        'hba/not-reloaded',
      ),
    ];
  const byName = judged.find(
    ({ verdict, differs, line: { address } }) =>
      verdict === 'unknown' && differs.length === 0 && address.kind === 'host-name',
  );
  if (byName !== undefined)
    return [
      finding(
        `"${byName.line.text}" names the client by its host name. The server asks the DNS for the name of ${refused.address} and for the address of that name, and both must agree: without a PTR record, or with another name in it, the line does not match. An address in place of the name does without that.`,
        'hba/no-replication-entry',
      ),
    ];
  const [nearest] = judged
    .filter(({ verdict }) => verdict === 'does not match')
    .toSorted((a, b) => farness(a) - farness(b));
  return nearest === undefined || judged.some(({ verdict }) => verdict === 'unknown')
    ? []
    : [
        finding(
          `no line here matches the connection that was refused. Nearest is "${nearest.line.text}": ${nearest.because}.${alsoOther(nearest.differs)}`,
          'hba/no-replication-entry',
        ),
      ];
}

/** Of two that miss by one column, the one for that database is meant. */
const farness = ({ differs }: ConsideredHbaLine): number => differs.length * 2 + (differs.includes('database') ? 1 : 0);

const withMethod =
  /^local(?:\s+\S+){2}\s+(?:trust|reject|md5|peer|ident|scram-sha-256|password|pam|ldap|cert|gss)\b|^host\S*(?:\s+\S+){3,4}\s+(?:trust|reject|md5|ident|scram-sha-256|password|pam|ldap|radius|cert|gss|sspi)\b/u;

/** In quotes it is the name of a database. */
const isKeyword = ({ text, quoted }: HbaToken): boolean => text === 'replication' && quoted !== true;

function whyNot(rules: readonly HbaRule[]): string {
  if (rules.some(({ databases }) => databases.some(({ text }) => text === 'replication')))
    return '"replication" in quotes is the name of a database. Write the keyword replication without quotes.';
  if (rules.some(({ users }) => users.some(({ text }) => text === 'replication')))
    return 'the keyword replication belongs in the database column (the second), the role in the third.';
  const databases = new Set(rules.flatMap((rule) => rule.databases.map(({ text }) => text)));
  return databases.has('all')
    ? '"all" does not include the keyword replication in the database column.'
    : `the database column says ${[...databases].map((name) => `"${name}"`).join(', ')}. A base backup and a standby need the keyword replication there.`;
}

/** Every connection that the second line is for is decided by the first, as far as the lines themselves say. */
function covers(first: HbaRule, second: HbaRule): boolean {
  const roles = new Set(first.users.map(({ text }) => text));
  return (
    (first.type === second.type || (first.type === 'host' && second.type.startsWith('host'))) &&
    (roles.has('all') || second.users.every(({ text }) => roles.has(text))) &&
    coversAddress(first.address, second.address)
  );
}

/** "all" is every database, and not the keyword replication. */
const coversDatabases = (first: HbaRule, second: HbaRule): boolean =>
  second.databases.every((name) =>
    first.databases.some(
      ({ text, quoted }) =>
        (text === name.text && quoted === name.quoted) || (text === 'all' && quoted !== true && !isKeyword(name)),
    ),
  );

function coversAddress(first: HbaAddress, second: HbaAddress): boolean {
  if (first.kind === 'local' || first.kind === 'all') return true;
  return (
    first.kind === 'network' &&
    second.kind === 'network' &&
    (prefixLength(first.netmask) ?? Infinity) <= (prefixLength(second.netmask) ?? -1) &&
    isInNetwork(second.address, first.address, first.netmask)
  );
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
