import { describe, test } from 'vitest';

import { findReleases } from '../../src/throwaway/releases.ts';
import type { Release } from '../../src/throwaway/releases.ts';
import { turn } from './turn.ts';

/** The releases that a complete run covers: the oldest that is supported, the newest, and two between. */
export const complete: readonly number[] = [13, 15, 17, 18];
const supported = { oldest: 13, newest: 18 };

const asked = process.env['STANDBYLINT_TEST_RELEASES'];
const installed = (await findReleases(['/opt/postgresql/*/usr/lib/postgresql/*/bin'])).filter(
  ({ major }) => major >= supported.oldest && major <= supported.newest,
);
const wanted = asked === undefined ? complete : asked.split(',').map(Number);
const missing = wanted.filter((major) => installed.every((release) => release.major !== major));

if (missing.length > 0 && (asked !== undefined || process.env['CI'] === 'true')) {
  throw new Error(
    `PostgreSQL ${missing.join(', ')} is not installed here; scripts/install-postgres ${missing.join(' ')} installs it.`,
  );
}

/**
 * The releases that live tests run on, newest first: those that STANDBYLINT_TEST_RELEASES names (`15,17`), or all that are installed.
 * In CI (CI=true) 13, 15, 17 and 18 must be there; elsewhere the absent ones are shown as skipped tests.
 */
export const releases: readonly Release[] =
  asked === undefined ? installed : installed.filter(({ major }) => wanted.includes(major));

/** The newest release here, for what does not depend on the release. */
export const newestRelease: Release = newest();

interface Range {
  readonly from?: number;
  readonly to?: number;
}

/** A group of tests for each release; `from` and `to` are major versions, both included. */
export const onEachRelease = (body: (release: Release) => void, range: Range = {}): void =>
  onReleases(body, range, () => true);

/** A group of tests for every other release, and for the others at the next turn (turn.ts). */
export const onReleasesInTurn = (body: (release: Release) => void, range: Range = {}): void =>
  onReleases(
    body,
    range,
    (major) => turn === 'whole' || !complete.includes(major) || (complete.indexOf(major) + turn) % 2 === 0,
  );

function onReleases(
  body: (release: Release) => void,
  { from = 0, to = Infinity }: Range,
  isPlayed: (major: number) => boolean,
): void {
  const isIncluded = (major: number): boolean => major >= from && major <= to && isPlayed(major);
  for (const release of releases) {
    if (isIncluded(release.major)) describe(`PostgreSQL ${release.major}`, () => body(release));
  }
  for (const major of missing) {
    if (isIncluded(major)) test.skip(`PostgreSQL ${major} is not installed here`, () => undefined);
  }
}

function newest(): Release {
  const [release] = releases;
  if (release !== undefined) return release;
  // the page of the scenarios is written where none is, too: nothing is played there
  if (process.env['VITEST'] !== 'true') return { major: 0, version: 'none', bin: '' };
  throw new Error('No PostgreSQL server (13 to 18) is installed here: "npm test" says how to get one.');
}
