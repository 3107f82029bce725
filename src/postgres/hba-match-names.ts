import type { HbaToken } from './hba-line.ts';
import { compileHbaRegex } from './hba-regex.ts';
import { differs } from './hba-connection.ts';
import type { HbaConnection, HbaJudgement } from './hba-connection.ts';

/** hba.c, check_db. */
export function judgeDatabases(tokens: readonly HbaToken[], connection: HbaConnection): HbaJudgement {
  if (connection.kind === 'physical-replication') return judgeForReplication(tokens);
  return firstOf(
    tokens.map((token) => judgeDatabase(token, connection)),
    () => otherNames('database', tokens, connection.database),
  );
}

/** hba.c, check_role. */
export function judgeUsers(tokens: readonly HbaToken[], connection: HbaConnection): HbaJudgement {
  return firstOf(
    tokens.map((token) => judgeUser(token, connection)),
    () => otherNames('role', tokens, connection.user),
  );
}

/** A physical WAL sender matches the keyword `replication` and nothing else. */
function judgeForReplication(tokens: readonly HbaToken[]): HbaJudgement {
  const keyword = tokens.find((token) => isKeyword(token, 'replication'));
  if (keyword !== undefined) return { verdict: 'matches', because: '"replication"', ...assumption(keyword) };
  if (tokens.some(({ text }) => text === 'replication'))
    return differs('"replication" in quotes is a database of that name');
  const covering = ['all', 'sameuser', 'samerole', 'samegroup'].find((word) =>
    tokens.some((token) => isKeyword(token, word)),
  );
  if (covering !== undefined) return differs(`"${covering}" does not cover replication`);
  const regex = tokens.find(({ text }) => text.startsWith('/'));
  return differs(
    regex === undefined
      ? `for ${list('database', tokens)}, not for replication`
      : `a regular expression does not cover replication`,
  );
}

/** Undefined: the name simply is another one. */
function judgeDatabase(token: HbaToken, connection: HbaConnection): HbaJudgement | undefined {
  const { database, user } = connection;
  if (isKeyword(token, 'all')) return { verdict: 'matches', because: '"all" databases', ...assumption(token) };
  if (isKeyword(token, 'sameuser')) {
    if (database === user)
      return { verdict: 'matches', because: `database "${database}" is named like the role`, ...assumption(token) };
    return differs(`database "${database}" is not named like role "${user}"`);
  }
  if (isKeyword(token, 'samerole') || isKeyword(token, 'samegroup'))
    return judgeMembership(database, token, connection);
  if (isKeyword(token, 'replication')) return differs('"replication" covers physical replication only');
  return judgeName(token, database, connection.serverVersion);
}

function judgeUser(token: HbaToken, connection: HbaConnection): HbaJudgement | undefined {
  const { user } = connection;
  if (token.quoted !== true && token.text.startsWith('+'))
    return judgeMembership(token.text.slice(1), token, connection);
  if (isKeyword(token, 'all')) return { verdict: 'matches', because: 'every role', ...assumption(token) };
  if (token.quoted === true && (token.text === 'all' || token.text.startsWith('+'))) {
    return token.text === user
      ? { verdict: 'matches', because: `role "${user}"` }
      : differs(`"${token.text}" in quotes is a role of that name`);
  }
  return judgeName(token, user, connection.serverVersion);
}

/** hba.c, is_member: direct or indirect, each role is a member of itself, and a superuser is not a member of everything. */
function judgeMembership(group: string, token: HbaToken, { user, userRoles, userExists }: HbaConnection): HbaJudgement {
  if (userExists === false) return differs(`role "${user}" does not exist, so it is not a member of "${group}"`);
  if (user === group || userRoles?.has(group) === true) {
    return { verdict: 'matches', because: `role "${user}" belongs to "${group}"`, ...assumption(token) };
  }
  if (userRoles === undefined)
    return { verdict: 'unknown', because: `whether role "${user}" belongs to "${group}" is not known` };
  return differs(`role "${user}" is not a member of "${group}"`);
}

function judgeName({ text }: HbaToken, name: string, serverVersion: number): HbaJudgement | undefined {
  if (serverVersion >= 16 && text.startsWith('/')) {
    const regex = compileHbaRegex(text.slice(1));
    if (regex.kind === 'unsupported')
      return { verdict: 'unknown', because: `whether "${name}" matches ${text} is not known: ${regex.because}` };
    const matches = regex.kind === 'compiled' && regex.matches(name);
    return matches
      ? { verdict: 'matches', because: `"${name}" matches ${text}` }
      : differs(`"${name}" does not match ${text}`);
  }
  return text === name ? { verdict: 'matches', because: `"${name}"` } : undefined;
}

/** One name that matches is enough; else one that could; else the reason of the first that has one of its own. */
function firstOf(judgements: readonly (HbaJudgement | undefined)[], otherwise: () => HbaJudgement): HbaJudgement {
  const with_ = (verdict: HbaJudgement['verdict']): HbaJudgement | undefined =>
    judgements.find((judgement) => judgement?.verdict === verdict);
  return with_('matches') ?? with_('unknown') ?? (judgements.length === 1 ? judgements[0] : undefined) ?? otherwise();
}

function otherNames(what: 'database' | 'role', tokens: readonly HbaToken[], wanted: string): HbaJudgement {
  const otherCase = tokens.find(({ text }) => text.toLowerCase() === wanted.toLowerCase());
  const hint = otherCase === undefined ? '' : ' (upper and lower case differ)';
  return differs(`for ${list(what, tokens)}, not "${wanted}"${hint}`);
}

function list(what: 'database' | 'role', tokens: readonly HbaToken[]): string {
  if (tokens.length > 3) return `${tokens.length} other ${what}s`;
  return `${what}${tokens.length === 1 ? '' : 's'} ${tokens.map(({ text }) => `"${text}"`).join(', ')}`;
}

function isKeyword({ text, quoted }: HbaToken, keyword: string): boolean {
  return quoted !== true && text === keyword;
}

function assumption({ text, quoted }: HbaToken): { readonly assumes?: string } {
  return quoted === 'unknown' ? { assumes: `"${text}" is not in quotes in the file` } : {};
}
