import { conninfoOption, isKnownTo, isSecretKeyword, nearestKeyword } from './conninfo-options.ts';
import type { ConninfoKeyword, PlainKeyword, SecretKeyword } from './conninfo-options.ts';
import { secret } from './secret.ts';
import type { Secret } from './secret.ts';

/** A connection string as libpq understands it, before any default is added. */
export interface Conninfo {
  readonly form: 'keyword/value' | 'uri';
  readonly values: ConninfoValues;
  /** Every assignment in the order of the text. A keyword can occur twice: libpq takes the last one. */
  readonly settings: readonly ConninfoSetting[];
  /** What libpq accepts and hardly anybody means. */
  readonly oddities: readonly ConninfoOddity[];
}

/** Values by keyword, as libpq has them after unquoting and decoding; what was not given is absent. */
export type ConninfoValues = { readonly [K in PlainKeyword]?: string } & { readonly [K in SecretKeyword]?: Secret };

/** One assignment, and where it stands: offsets into the text (UTF-16 code units from 0), `end` exclusive. */
export interface ConninfoSetting {
  readonly keyword: ConninfoKeyword;
  /** The keyword as written, for example `requiressl` or `ssl`; empty for a part of a URI that needs none. */
  readonly written: string;
  readonly at: number;
  readonly end: number;
}

export type ConninfoOddity =
  /** The value begins with a quotation mark that libpq takes for a letter: `"`, `“`, `‘`, a backtick. */
  | { readonly kind: 'foreign-quote'; readonly keyword: ConninfoKeyword; readonly quote: string; readonly at: number }
  | { readonly kind: 'given-twice'; readonly keyword: ConninfoKeyword; readonly at: number };

export type ParsedConninfo =
  | { readonly ok: true; readonly value: Conninfo }
  | { readonly ok: false; readonly problem: ConninfoProblem };

/** Why libpq refuses a connection string, and the part of it that is meant (offsets as in {@link ConninfoSetting}). */
export type ConninfoProblem = ConninfoFault & {
  readonly at: number;
  readonly end: number;
  /** One sentence for a report. It quotes nothing that can be a part of a password. */
  readonly message: string;
};

export interface UnknownParameter {
  readonly name: string;
  readonly suggestion: ConninfoKeyword | undefined;
}

export type ConninfoFault =
  /** `name` is undefined where the word can be a part of a password; so too below. */
  | { readonly kind: 'missing-equals'; readonly name: string | undefined }
  | { readonly kind: 'unterminated-quote'; readonly keyword: string | undefined }
  | {
      readonly kind: 'unknown-keyword';
      readonly name: string | undefined;
      /** What was probably meant. */
      readonly suggestion: ConninfoKeyword | undefined;
      /** The releases of libpq that do know it: from this major version, up to that one (undefined: still). */
      readonly known: { readonly since: number; readonly until: number | undefined } | undefined;
      /** Those after it that libpq would refuse next. */
      readonly others?: readonly UnknownParameter[];
    }
  | { readonly kind: 'unclosed-bracket' | 'empty-bracket' | 'after-bracket' }
  | { readonly kind: 'percent-token' | 'percent-zero' | 'space-in-uri' }
  | { readonly kind: 'parameter-without-equals' | 'parameter-with-two-equals'; readonly name: string | undefined }
  /** libpq would go on with a piece of the password as host or port, and fail there. */
  | { readonly kind: 'unencoded-credentials'; readonly character: '@' | '/' };

/** One `keyword = value` as a grammar found it, before anybody asked whether libpq knows the keyword. */
export interface Assignment {
  readonly keyword: string;
  readonly value: string;
  readonly at: number;
  readonly end: number;
  /** Where the keyword ends and where the value begins. */
  readonly keywordEnd: number;
  readonly valueAt: number;
  /** The keyword stands for another one's position in a URI and was not written. */
  readonly implied?: true;
}

/** What a grammar read until the end, or until the problem that ended it. */
export interface ReadAssignments {
  readonly assignments: readonly Assignment[];
  readonly problem?: ConninfoProblem;
}

/** Makes a conninfo of assignments, as conninfo_storeval (fe-connect.c) stores them one after another. */
export function assembleConninfo(form: Conninfo['form'], read: ReadAssignments, libpqVersion: number): ParsedConninfo {
  const values: { -readonly [K in keyof ConninfoValues]: ConninfoValues[K] } = {};
  const settings: ConninfoSetting[] = [];
  const oddities: ConninfoOddity[] = [];
  const given = new Set<ConninfoKeyword>();
  let afterSecret = false;
  for (const [index, assignment] of read.assignments.entries()) {
    const { keyword: name, value } = translated(assignment, form);
    const option = conninfoOption(name);
    if (option === undefined || !isKnownTo(option, libpqVersion)) {
      const hidden = afterSecret ? restOfPassword[form] : undefined;
      const problem = unknownKeyword(assignment, hidden, libpqVersion);
      const others = unknownAmong(read.assignments.slice(index), form, libpqVersion).slice(1);
      return { ok: false, problem: hidden !== undefined || others.length === 0 ? problem : { ...problem, others } };
    }
    const { keyword } = option;
    if (isSecretKeyword(keyword)) values[keyword] = secret(value);
    else values[keyword] = value;
    const { at, end, valueAt } = assignment;
    settings.push({ keyword, written: assignment.implied === true ? '' : assignment.keyword, at, end });
    const quote = form === 'keyword/value' ? /^["`´“”„‘’‚«»]/u.exec(assignment.value)?.[0] : undefined;
    if (quote !== undefined) oddities.push({ kind: 'foreign-quote', keyword, quote, at: valueAt });
    if (given.has(keyword)) oddities.push({ kind: 'given-twice', keyword, at });
    given.add(keyword);
    afterSecret = isSecretKeyword(keyword) && assignment.implied !== true;
  }
  if (read.problem !== undefined) return { ok: false, problem: read.problem };
  return { ok: true, value: { form, values, settings, oddities } };
}

/** The two names that libpq translates: its own old one, and JDBC's in a URI. */
function translated({ keyword, value }: Assignment, form: Conninfo['form']): { keyword: string; value: string } {
  if (keyword === 'requiressl') return { keyword: 'sslmode', value: value.startsWith('1') ? 'require' : 'prefer' };
  if (form === 'uri' && keyword === 'ssl' && value === 'true') return { keyword: 'sslmode', value: 'require' };
  return { keyword, value };
}

/** Up to a word that can be a part of a password. */
function unknownAmong(
  assignments: readonly Assignment[],
  form: Conninfo['form'],
  libpqVersion: number,
): readonly UnknownParameter[] {
  const found: UnknownParameter[] = [];
  let afterSecret = false;
  for (const assignment of assignments) {
    const option = conninfoOption(translated(assignment, form).keyword);
    const isKnown = option !== undefined && isKnownTo(option, libpqVersion);
    const suggestion = option === undefined ? nearestKeyword(assignment.keyword, libpqVersion) : undefined;
    const meant = option?.keyword ?? suggestion;
    const name = isKnown ? undefined : showableName(assignment.keyword);
    if (!isKnown && (afterSecret || name === undefined)) break;
    if (name !== undefined) found.push({ name, suggestion });
    afterSecret = meant !== undefined && isSecretKeyword(meant);
  }
  return found;
}

function unknownKeyword(
  assignment: Assignment,
  hidden: string | undefined,
  libpqVersion: number,
): Extract<ConninfoProblem, { kind: 'unknown-keyword' }> {
  const option = conninfoOption(assignment.keyword);
  const name = hidden === undefined ? showableName(assignment.keyword) : undefined;
  const suggestion = option === undefined ? nearestKeyword(assignment.keyword, libpqVersion) : undefined;
  const where = { at: assignment.at, end: assignment.keywordEnd };
  if (option !== undefined) {
    const until = option.until;
    const span = until === undefined ? `${option.since} and later` : `up to ${until}`;
    return {
      kind: 'unknown-keyword',
      name: option.keyword,
      suggestion,
      known: { since: option.since, until },
      ...where,
      message: `"${option.keyword}" is a connection parameter of libpq ${span}; libpq ${libpqVersion} refuses it.`,
    };
  }
  const what = name === undefined ? (hidden ?? 'A word') : `"${name}"`;
  const hint = suggestion === undefined ? '' : ` Probably "${suggestion}" is meant.`;
  return {
    kind: 'unknown-keyword',
    name,
    suggestion,
    known: undefined,
    ...where,
    message: `${what} is not a libpq connection parameter.${hint}`,
  };
}

/**
 * How a word is called that follows a password: it can be the rest of one that holds a space, a quotation mark or an
 * ampersand, and is not quoted.
 */
export const restOfPassword = {
  'keyword/value': 'The word after the password (a value that holds a space must be in single quotes)',
  uri: 'The parameter after the password (an "&" in a value is written as %26)',
} as const;

/** A name as far as it can be shown: only what looks like a keyword is; `pw:geheim`, `password0geheim` or a whole URI is not. */
export const showableName = (name: string): string | undefined =>
  /^[A-Za-z][A-Za-z0-9_-]{0,39}$/u.test(name) && !/^(?:ssl)?password./iu.test(name) ? name : undefined;
