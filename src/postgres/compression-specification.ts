/** What `[{client|server}-]METHOD[:DETAIL]` asks for. */
export interface CompressionRequest {
  /** undefined: where the backup goes. */
  readonly where: 'client' | 'server' | undefined;
  /** `none`, `gzip`, `lz4`, `zstd`, or whatever was written. */
  readonly algorithm: string;
  /** What follows the algorithm: `9`, `level=9,workers=4`; undefined when nothing does. */
  readonly detail: string | undefined;
}

/**
 * The value of -Z as pg_basebackup of a release from 15 on reads it. A number is a level of gzip; since 16 also behind
 * `server-` or `client-`, and 0 (or nothing) means none (pg_basebackup.c, backup_parse_compress_options; common/compression.c,
 * parse_compress_options).
 */
export function compressionRequest(value: string, major: number): CompressionRequest {
  const [, where, method = ''] = /^(?:(client|server)-)?(.*)$/su.exec(value) ?? [];
  const place = where === 'client' || where === 'server' ? where : undefined;
  const number = major >= 16 ? method : value;
  // strtol() takes blanks and a sign before the digits, and an empty text to its end
  if (/^(?:\s*[+-]?\d+)?$/u.test(number)) {
    if (major >= 16 && Number(number) === 0) return { where: place, algorithm: 'none', detail: undefined };
    return { where: major >= 16 ? place : undefined, algorithm: 'gzip', detail: number };
  }
  const colon = method.indexOf(':');
  return colon === -1
    ? { where: place, algorithm: method, detail: undefined }
    : { where: place, algorithm: method.slice(0, colon), detail: method.slice(colon + 1) };
}

/**
 * Why PostgreSQL 15 and later refuses `METHOD[:DETAIL]` of pg_basebackup -Z, in its own words; undefined when it takes
 * it (common/compression.c, parse_compress_specification and validate_compress_specification). `major` is the release
 * of the program that reads it.
 */
export function compressionProblem(algorithm: string, detail: string | undefined, major: number): string | undefined {
  const limits = algorithms.get(algorithm);
  if (limits === undefined) return `unrecognized compression algorithm: "${algorithm}"`;
  const problem = detail === undefined ? undefined : detailProblem(algorithm, limits, detail, major);
  return problem === undefined ? undefined : `invalid compression specification: ${problem}`;
}

function detailProblem(algorithm: string, { levels }: Limits, detail: string, major: number): string | undefined {
  const parsed = parseDetail(detail, major);
  if (typeof parsed === 'string') return parsed;
  const { level, workers, long } = parsed;
  const method = `compression algorithm "${algorithm}"`;
  if (level !== undefined && levels === undefined && level !== 0)
    return `${method} does not accept a compression level`;
  if (
    level !== undefined &&
    levels !== undefined &&
    (level < levels.from || level > levels.to) &&
    level !== levels.usual
  )
    return `${method} expects a compression level between ${levels.from} and ${levels.to} (default at ${levels.usual})`;
  if (workers && algorithm !== 'zstd') return `${method} does not accept a worker count`;
  if (long && algorithm !== 'zstd') return `${method} does not support long-distance mode`;
  return undefined;
}

interface Limits {
  readonly levels: { readonly from: number; readonly to: number; readonly usual: number } | undefined;
}

// zstd: ZSTD_minCLevel() and ZSTD_maxCLevel()
const algorithms: ReadonlyMap<string, Limits> = new Map<string, Limits>([
  ['none', { levels: undefined }],
  ['gzip', { levels: { from: 1, to: 9, usual: -1 } }],
  ['lz4', { levels: { from: 1, to: 12, usual: 0 } }],
  ['zstd', { levels: { from: -131_072, to: 22, usual: 3 } }],
]);

interface Detail {
  readonly level: number | undefined;
  readonly workers: boolean;
  readonly long: boolean;
}

/** A bare level, or `keyword` and `keyword=value` between commas; a text is the reason of a refusal. */
function parseDetail(detail: string, major: number): Detail | string {
  const bare = integer(detail);
  if (bare !== undefined) return { level: bare, workers: false, long: false };
  let parsed: Detail = { level: undefined, workers: false, long: false };
  for (const entry of detail.split(',')) {
    const equals = entry.indexOf('=');
    const keyword = equals === -1 ? entry : entry.slice(0, equals);
    const value = equals === -1 ? undefined : entry.slice(equals + 1);
    if (keyword === '') return 'found empty string where a compression option was expected';
    switch (keyword) {
      case 'level':
      case 'workers': {
        if (value === undefined) return `compression option "${keyword}" requires a value`;
        const number = integer(value);
        if (number === undefined) return `value for compression option "${keyword}" must be an integer`;
        parsed = keyword === 'level' ? { ...parsed, level: number } : { ...parsed, workers: true };
        break;
      }
      case 'long':
        // since 16
        if (major < 16) return `unrecognized compression option: "${keyword}"`;
        if (value !== undefined && !booleans.has(value.toLowerCase()))
          return `value for compression option "${keyword}" must be a Boolean value`;
        parsed = { ...parsed, long: true };
        break;
      default:
        return `unrecognized compression option: "${keyword}"`;
    }
  }
  return parsed;
}

const booleans: ReadonlySet<string> = new Set(['yes', 'on', '1', 'no', 'off', '0']);

const integer = (text: string): number | undefined => (/^\s*[+-]?\d+$/u.test(text) ? Number(text) : undefined);
