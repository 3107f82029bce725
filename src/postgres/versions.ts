/** A version of PostgreSQL. */
export interface PostgresVersion {
  /** 10 and later: the first number. Before: 9.6 has major 9.6, so that majors compare as numbers. */
  readonly major: number;
  /** The bug-fix release; 0 for the first, and for a version that is not released yet. */
  readonly minor: number;
  /** `beta2`, `rc1`, `devel`, `alpha1`; null for a release. */
  readonly prerelease: string | null;
  /** As `server_version_num`: 150018, 90624. */
  readonly number: number;
}

/**
 * Reads a version in any form that PostgreSQL and its packagers print: `150018` (server_version_num), `15.18`,
 * `15.18 (Debian 15.18-0+deb12u1)` (server_version), `18beta1`, `postgres (PostgreSQL) 17.4`,
 * `PostgreSQL 13.16 on x86_64-…` (version()), and `15` (PG_VERSION). Undefined when no version stands there.
 */
export function parseVersion(text: string): PostgresVersion | undefined {
  const trimmed = text.trim();
  if (/^\d{5,6}$/u.test(trimmed)) return fromNumber(Number(trimmed));
  const [, first, second, third, prerelease] =
    /^(?:[^()]*\(PostgreSQL\)\s+|PostgreSQL\s+)?(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?(devel|alpha\d+|beta\d+|rc\d+)?(?![\w.])/u.exec(
      trimmed,
    ) ?? [];
  if (first === undefined) return undefined;
  if (Number(first) >= 10) {
    return third === undefined ? version(Number(first), Number(second ?? 0), prerelease ?? null) : undefined;
  }
  // Before 10 the first two numbers together named the major release.
  return second === undefined
    ? undefined
    : version(Number(`${first}.${second}`), Number(third ?? 0), prerelease ?? null);
}

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`; a beta is older than its release. */
export function compareVersions(a: PostgresVersion, b: PostgresVersion): number {
  if (a.number !== b.number) return a.number - b.number;
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === null) return 1;
  if (b.prerelease === null) return -1;
  return prereleaseRank(a.prerelease) - prereleaseRank(b.prerelease);
}

/** As a user writes it: `15.18`, `9.6.24`, `18beta1`. */
export const formatVersion = ({ major, minor, prerelease }: PostgresVersion): string =>
  prerelease === null ? `${major}.${minor}` : `${major}${prerelease}`;

/** The majors that this program knows as primary and standby. */
export const supportedMajors = [13, 14, 15, 16, 17, 18] as const;

/** Where the dates of endOfLife stand. */
export const endOfLifeSource = 'https://www.postgresql.org/support/versioning/';

/** The day (UTC, `YYYY-MM-DD`) of a major's last release, after which it gets no fix; undefined for a major that is not in the table. */
export const endOfLife = (major: number): string | undefined => finalReleases.get(major);

/** The newest bug-fix release of a major that this program knows, and the day on which that was known. There may be newer ones. */
export interface NewestMinor {
  readonly minor: number;
  readonly asOf: string;
  /** It is the major's last: nothing newer will come. */
  readonly last: boolean;
}

export const newestMinor = (major: number): NewestMinor | undefined => newestMinors.get(major);

/** The major release of a catalog version (catalog/catversion.h); undefined for one of development or of an old release. */
export const majorOfCatalogVersion = (catalogVersion: number): number | undefined =>
  catalogVersions.get(catalogVersion);

/** The releases whose pg_control has this PG_CONTROL_VERSION, in words: `13 to 16`; undefined when there are none. */
export const releasesOfControlFormat = (controlVersion: number): string | undefined =>
  controlFormats.get(controlVersion);

const finalReleases: ReadonlyMap<number, string> = new Map([
  [9.6, '2021-11-11'],
  [10, '2022-11-10'],
  [11, '2023-11-09'],
  [12, '2024-11-21'],
  [13, '2025-11-13'],
  [14, '2026-11-12'],
  [15, '2027-11-11'],
  [16, '2028-11-09'],
  [17, '2029-11-08'],
  [18, '2030-11-14'],
]);

const newestMinors: ReadonlyMap<number, NewestMinor> = new Map([
  [9.6, { minor: 24, asOf: '2021-11-11', last: true }],
  [10, { minor: 23, asOf: '2022-11-10', last: true }],
  [11, { minor: 22, asOf: '2023-11-09', last: true }],
  [12, { minor: 22, asOf: '2024-11-21', last: true }],
  [13, { minor: 23, asOf: '2025-11-13', last: true }],
  [14, { minor: 23, asOf: '2026-05-14', last: false }],
  [15, { minor: 20, asOf: '2026-11-21', last: false }],
  [16, { minor: 14, asOf: '2026-05-14', last: false }],
  [17, { minor: 11, asOf: '2026-08-13', last: false }],
  [18, { minor: 6, asOf: '2026-08-13', last: false }],
]);

const catalogVersions: ReadonlyMap<number, number> = new Map([
  [202_007_201, 13],
  [202_107_181, 14],
  [202_209_061, 15],
  [202_307_071, 16],
  [202_406_281, 17],
  [202_506_291, 18],
]);

const controlFormats: ReadonlyMap<number, string> = new Map([
  [942, '9.4 or 9.5'],
  [960, '9.6'],
  [1002, '10'],
  [1100, '11'],
  [1201, '12'],
  [1300, '13 to 16'],
  [1700, '17'],
  [1800, '18'],
]);

function fromNumber(number: number): PostgresVersion | undefined {
  const major = Math.floor(number / 10_000);
  if (major >= 10) return version(major, number % 10_000, null);
  return version(Number(`${major}.${Math.floor((number % 10_000) / 100)}`), number % 100, null);
}

function version(major: number, minor: number, prerelease: string | null): PostgresVersion {
  const number =
    major >= 10
      ? major * 10_000 + minor
      : Math.floor(major) * 10_000 + Math.round((major - Math.floor(major)) * 10) * 100 + minor;
  return { major, minor, prerelease, number };
}

/** devel, alpha, beta, rc, in the order in which they come. */
function prereleaseRank(name: string): number {
  const kinds = ['devel', 'alpha', 'beta', 'rc'];
  const [, kind = '', count = '0'] = /^([a-z]+)(\d*)$/u.exec(name) ?? [];
  return kinds.indexOf(kind) * 1000 + Number(count);
}
