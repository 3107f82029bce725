import type { IpAddress } from '../postgres/ip-address.ts';
import type { WrittenLines } from '../postgres/written-lines.ts';
import { OtherAddresses } from './addresses.ts';
import { withoutComment } from './comments.ts';
import { isOfTheCatalogue, namesIn } from './names.ts';
import type { NameKind } from './name-kind.ts';
import { otherPath, pathsInText } from './paths.ts';
import type { Recording } from './recording.ts';

/** What stands for what, for whoever collected it. */
export type Tokens = ReadonlyMap<string, string>;

/**
 * Names of hosts, roles, databases, slots and the like, addresses, and the parts of paths, each replaced by a token: the
 * same by the same, everywhere. Which addresses are in which network, and which path is inside of which, stays. `key` is
 * random: it keeps anybody from trying which address a token stands for. `others` are texts that go with the recording.
 */
export function redact<Others = undefined>(
  recording: Recording,
  key: Uint8Array,
  others?: Others,
): { readonly recording: Recording; readonly others: Others; readonly tokens: Tokens } {
  const addresses = new OtherAddresses(key);
  const tokens = new Map<string, string>();
  const counts = new Map<NameKind, number>();

  const tokenOf = (kind: NameKind, name: string): string => {
    const known = tokens.get(name);
    if (known !== undefined) return known;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    const token = tokenLike(name, kind, number);
    tokens.set(name, token);
    return token;
  };

  const names = namesIn({ ...recording, beside: others });
  const [parts, words] = [true, false].map((isPart) =>
    wholeWords([...names].flatMap(([name, kind]) => ((kind === 'dir') === isPart ? [name] : []))),
  );
  const ofName = (name: string): string => {
    const kind = names.get(name) ?? 'name';
    return kind === 'dir' ? ofPath(name) : tokenOf(kind, name);
  };
  const ofPath = (path: string): string => otherPath(path, (part) => tokenOf(names.get(part) ?? 'dir', part));
  const replaced = (text: string, pattern: RegExp | undefined): string =>
    pattern === undefined ? text : text.replaceAll(pattern, ofName);

  const inText = (given: string): string => {
    const text = replaced(given, parts);
    let at = 0;
    const pieces: string[] = [];
    for (const { index, 0: path } of text.matchAll(pathsInText)) {
      pieces.push(inWords(text.slice(at, index)), ofPath(path));
      at = index + path.length;
    }
    return pieces.join('') + inWords(text.slice(at));
  };

  const inWords = (text: string): string => addresses.inText(replaced(text, words));

  const inner = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(inner);
    if (value instanceof Map) return new Map([...value].map(([name, one]) => [inner(name), inner(one)]));
    if (value instanceof Set) return new Set([...value].map(inner));
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    if (isOfTheCatalogue(value)) return value;
    return isAddress(value) ? addresses.of(value) : object(value);
  };

  const object = (given: object): unknown => {
    const value = isWritten(given) ? { ...given, lines: given.lines.map(withoutComment) } : given;
    const { address, netmask }: { readonly address?: unknown; readonly netmask?: unknown } = value;
    // an id names a message of the catalogue, and not a server
    const changed = Object.entries(value).map(([name, one]) => [name, name === 'id' ? one : inner(one)] as const);
    return isAddress(address) && isAddress(netmask)
      ? { ...Object.fromEntries(changed), address: addresses.ofNetwork(address, netmask), netmask }
      : Object.fromEntries(changed);
  };

  const same = <T>(value: T): T =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts are replaced by texts, and addresses by addresses
    inner(value) as T;
  const redacted = { ...same({ ...recording, tool: '' }), tool: recording.tool, redacted: true };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- where none are given, there are none
  const redactedOthers = same(others) as Others;
  return { recording: redacted, others: redactedOthers, tokens: new Map([...tokens, ...addresses.pairs]) };
}

/** The lines of a configuration file. */
const isWritten = (value: object): value is WrittenLines => 'crlf' in value && 'lines' in value;

const isAddress = (value: unknown): value is IpAddress =>
  typeof value === 'object' &&
  value !== null &&
  'family' in value &&
  'value' in value &&
  typeof value.value === 'bigint';

/**
 * A role, a database and a slot stay what can be written without quotes, and a host what a host may be called. What no slot
 * may be called stays so: it has another character, or is too long.
 */
function tokenLike(name: string, kind: NameKind, number: number): string {
  if (kind === 'host' || kind === 'dir') return `${kind}-${number}`;
  if (kind === 'name' && !/^[a-z\d_]+$/u.test(name)) return `name-${number}`;
  return `${kind}_${number}`.padEnd(name.length > longestName ? name.length : 0, '_');
}

/** Bytes of an identifier (NAMEDATALEN - 1). */
const longestName = 63;

/** Whole words, the longest first. */
function wholeWords(names: readonly string[]): RegExp | undefined {
  if (names.length === 0) return undefined;
  const longestFirst = names.toSorted((a, b) => b.length - a.length);
  const alternatives = longestFirst.map((name) => name.replaceAll(/[$()*+.?[\\\]^{|}/]/gu, String.raw`\$&`));
  return new RegExp(`(?<![\\w])(?:${alternatives.join('|')})(?![\\w])`, 'gu');
}
