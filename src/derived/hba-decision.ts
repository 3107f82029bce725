import type { ConnectionAttempt, ConnectionPlan, ReplicationLogin } from '../facts/connection.ts';
import { addressSeenByServer } from '../facts/login.ts';
import type { HbaRules, Primary, ReplicationRole } from '../facts/primary.ts';
import type { Frame } from '../findings/report.ts';
import type { HbaLine, HbaMethod, HbaRule } from '../postgres/hba-line.ts';
import { judgeHbaRule, matchHba, type HbaMatch } from '../postgres/hba-match.ts';
import type { HbaConnection } from '../postgres/hba-connection.ts';

/** What pg_hba.conf, as it stands in the file now, says of the connection that was tried. */
export interface HbaDecision {
  readonly connection: HbaConnection;
  readonly match: HbaMatch;
  readonly broken: readonly Extract<HbaLine, { kind: 'broken' }>[];
}

/** The line of pg_hba.conf that decides on this attempt, and the connection as the server sees it. */
export function decide(
  rules: HbaRules,
  attempt: ConnectionAttempt,
  plan: Pick<ConnectionPlan, 'user'>,
  role: ReplicationRole | undefined,
  primary: Primary | undefined,
): HbaDecision {
  const connection: HbaConnection = {
    kind: 'physical-replication',
    database: 'replication',
    user: plan.user,
    address: addressSeenByServer(attempt),
    encryption: attempt.encryption,
    userRoles: role?.exists === true && role.memberOf !== undefined ? new Set(role.memberOf) : undefined,
    userExists: role?.exists,
    serverInterfaces: undefined,
    hostNames: undefined,
    serverVersion: primary?.major ?? newestMajor,
  };
  return {
    connection,
    match: matchHba(rules.lines, connection),
    broken: rules.lines.filter((line) => line.kind === 'broken'),
  };
}

const newestMajor = 18;

/** The attempt that a new entry should be written for: over TLS where the server offers it. */
export const attemptToLetIn = (login: ReplicationLogin, decisive: ConnectionAttempt): ConnectionAttempt =>
  login.attempts.find(
    (attempt) =>
      attempt.encryption === 'tls' && attempt.outcome.kind === 'server-refused' && attempt.host === decisive.host,
  ) ?? decisive;

/** Methods that a client satisfies with a password, or with nothing. */
export const isUsable = (method: HbaMethod): boolean =>
  method === 'trust' || method === 'scram-sha-256' || method === 'md5' || method === 'password';

/** A line below the one that decided which would let the same connection in. */
export const laterUsable = (rules: HbaRules, decision: HbaDecision): HbaRule | undefined => {
  const { matched } = decision.match;
  const from = matched === undefined ? 0 : rules.lines.indexOf(matched) + 1;
  return rules.lines
    .slice(from)
    .filter((line) => line.kind === 'rule')
    .find((line) => isUsable(line.method) && judgeHbaRule(line, decision.connection).verdict === 'matches');
};

/** The lines nearest to what is wanted, each with what keeps it from matching; in the order of the file. */
export function nearestLines(rules: HbaRules, { match }: HbaDecision, most = 4): Frame | undefined {
  const nearest = match.considered
    .filter(({ line }) => line.file === rules.file)
    .toSorted((a, b) => a.differs.length - b.differs.length)
    .slice(0, most)
    .toSorted((a, b) => a.line.line - b.line.line);
  if (nearest.length === 0) return undefined;
  return {
    side: 'primary',
    file: rules.file,
    lines: nearest.map(({ line, because }) => ({ number: line.line, text: line.text, remark: because })),
  };
}

/** One line of pg_hba.conf, as a finding shows it. */
export const frameOf = (line: HbaRule, remark: string): Frame => ({
  side: 'primary',
  file: line.file,
  lines: [{ number: line.line, text: line.text, remark }],
});

/** How a report names the connection that pg_hba.conf was asked about. */
export const inWords = ({ user, address, encryption }: HbaConnection): string =>
  `database replication, user ${user}, ${address === 'local' ? 'Unix socket' : `address ${address ?? 'unknown'}`}, ${
    encryption === 'none' ? 'no encryption' : 'TLS'
  }`;
