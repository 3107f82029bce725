import { judgeUsers } from './hba-match-names.ts';
import type { HbaToken } from './hba-line.ts';
import { compileHbaRegex } from './hba-regex.ts';
import { tokenizeHbaFile } from './hba-tokens.ts';
import type { HbaFileSource } from './hba-tokens.ts';

/** One line of pg_ident.conf (manual: User Name Maps). */
export interface UserMapLine {
  readonly file: string;
  readonly line: number;
  readonly map: string;
  /** A name, or a regular expression behind a slash. */
  readonly systemUser: string;
  /** A role; in 16 and later also `all`, `+group` and a regular expression behind a slash. */
  readonly role: HbaToken;
}

export interface UserMapFile {
  readonly file: string;
  readonly text: string;
  /** PostgreSQL's major version: includes, and keywords for roles, came with 16. */
  readonly serverVersion: number;
  readonly source?: HbaFileSource;
}

/** The lines of pg_ident.conf and of what it includes, as hba.c (load_ident, parse_ident_line) reads them; broken ones are passed over. */
export function parseUserMaps({ file, text, serverVersion, source = { read: () => undefined } }: UserMapFile): {
  readonly lines: readonly UserMapLine[];
  /** Files and directories that it names. */
  readonly asked: readonly string[];
} {
  const asked = new Set<string>();
  const tokenizer = {
    serverVersion,
    left: 5_000_000,
    source: {
      read: (path: string) => {
        asked.add(path);
        return source.read(path);
      },
      list: (directory: string) => {
        asked.add(directory);
        return source.list?.(directory);
      },
    },
  };
  const lines = tokenizeHbaFile(tokenizer, file, text, 0).flatMap((line): readonly UserMapLine[] => {
    const [maps, users, roles] = line.fields;
    const [map, systemUser, role] = [maps?.[0], users?.[0], roles?.[0]];
    if (line.error !== undefined || map === undefined || systemUser === undefined || role === undefined) return [];
    return [{ file: line.file, line: line.line, map: map.text, systemUser: systemUser.text, role }];
  });
  return { lines, asked: [...asked] };
}

/** Who asks to be let in as which role. */
export interface UserMapQuestion {
  readonly map: string;
  /** What the method found out: the CN of a certificate, an operating system's user. */
  readonly systemUser: string;
  readonly role: string;
  readonly roleGroups: ReadonlySet<string> | undefined;
  readonly serverVersion: number;
}

export interface UserMapAnswer {
  readonly verdict: 'matches' | 'does not match' | 'unknown';
  /** Lines of this map, and those of them whose system user is the one that asks. */
  readonly ofMap: readonly UserMapLine[];
  readonly ofUser: readonly UserMapLine[];
}

/** hba.c, check_ident_usermap: one line that lets this system user be this role is enough. */
export function judgeUserMap(lines: readonly UserMapLine[], question: UserMapQuestion): UserMapAnswer {
  const ofMap = lines.filter(({ map }) => map === question.map);
  const ofUser = ofMap.filter(({ systemUser }) => isSystemUser(systemUser, question.systemUser) === true);
  const verdicts = new Set(ofMap.map((line) => judgeLine(line, question)));
  const verdict = verdicts.has('matches') ? 'matches' : verdicts.has('unknown') ? 'unknown' : 'does not match';
  return { verdict, ofMap, ofUser };
}

function judgeLine({ systemUser, role }: UserMapLine, question: UserMapQuestion): UserMapAnswer['verdict'] {
  const isUser = isSystemUser(systemUser, question.systemUser);
  if (isUser === false) return 'does not match';
  const isRegex = systemUser.startsWith('/');
  const named =
    isRegex && role.text.includes(reference) && !(question.serverVersion >= 16 && role.text.startsWith('/'))
      ? captured(systemUser.slice(1), role.text, question)
      : roleVerdict(role, question);
  return isUser === undefined && named === 'matches' ? 'unknown' : named;
}

const reference = String.raw`\1`;

/** Undefined: this program does not understand the regular expression. */
function isSystemUser(pattern: string, systemUser: string): boolean | undefined {
  if (!pattern.startsWith('/')) return pattern === systemUser;
  const regex = compileHbaRegex(pattern.slice(1));
  if (regex.kind === 'unsupported') return undefined;
  return regex.kind === 'compiled' && regex.matches(systemUser);
}

/** Only 16 and later know more than a name here. */
function roleVerdict(token: HbaToken, { role, roleGroups, serverVersion }: UserMapQuestion): UserMapAnswer['verdict'] {
  if (serverVersion < 16) return token.text === role ? 'matches' : 'does not match';
  return judgeUsers([token], {
    kind: 'database',
    database: '',
    user: role,
    address: undefined,
    encryption: 'tls',
    userRoles: roleGroups,
    serverInterfaces: undefined,
    hostNames: undefined,
    serverVersion,
  }).verdict;
}

/**
 * `\1` stands for what the first pair of parentheses matched. Whether that can be what the role's name has in that place
 * is asked of the same expression with that name in the place of the parentheses.
 */
function captured(pattern: string, template: string, { systemUser, role }: UserMapQuestion): UserMapAnswer['verdict'] {
  const at = template.indexOf(reference);
  const [before, after] = [template.slice(0, at), template.slice(at + reference.length)];
  if (!role.startsWith(before) || !role.endsWith(after) || role.length < before.length + after.length)
    return 'does not match';
  const wanted = role.slice(before.length, role.length - after.length);
  const group = firstGroup(pattern);
  if (group === undefined) return 'unknown';
  const inGroup = compileHbaRegex(`^(?:${pattern.slice(group.start + 1, group.end)})$`);
  const escaped = wanted.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
  const whole = compileHbaRegex(`${pattern.slice(0, group.start)}(?:${escaped})${pattern.slice(group.end + 1)}`);
  if (inGroup.kind !== 'compiled' || whole.kind !== 'compiled') return 'unknown';
  return inGroup.matches(wanted) && whole.matches(systemUser) ? 'matches' : 'does not match';
}

/** Where the first capturing parentheses stand, outside of brackets and behind no backslash. */
function firstGroup(pattern: string): { readonly start: number; readonly end: number } | undefined {
  let start: number | undefined;
  let depth = 0;
  let inBrackets = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === '\\') at += 1;
    else if (inBrackets) inBrackets = character !== ']';
    else if (character === '[') inBrackets = true;
    else if (character === '(') {
      if (start === undefined && pattern.charAt(at + 1) !== '?') start = at;
      if (start !== undefined) depth += 1;
    } else if (character === ')' && start !== undefined) {
      depth -= 1;
      if (depth === 0) return { start, end: at };
    }
  }
  return undefined;
}

/** A line of pg_ident.conf that lets this system user be this role, and nobody else. */
export const formatUserMapLine = ({ map, systemUser, role }: Pick<UserMapQuestion, 'map' | 'systemUser' | 'role'>) =>
  [map, systemUser, role].map(quoted).join(' ');

/** Quotes do not keep a leading slash from meaning a regular expression; `+`, `all` and `@` lose their meaning in them. */
const quoted = (name: string): string =>
  /^[\w.$-]+$/u.test(name) && name !== 'all' ? name : `"${name.replaceAll('"', '""')}"`;
