import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  compareVersions,
  endOfLife,
  formatVersion,
  majorOfCatalogVersion,
  newestMinor,
  parseVersion,
  releasesOfControlFormat,
  supportedMajors,
} from '../../src/postgres/versions.ts';
import { present } from '../present.ts';

describe('a version', () => {
  it.each([
    ['150018', 15, 18, null],
    ['90624', 9.6, 24, null],
    ['100000', 10, 0, null],
    ['15.18 (Debian 15.18-0+deb12u1)', 15, 18, null],
    ['18beta1', 18, 0, 'beta1'],
    ['19devel', 19, 0, 'devel'],
    ['postgres (PostgreSQL) 17.4', 17, 4, null],
    ['pg_basebackup (PostgreSQL) 13.16 (Debian 13.16-0+deb11u1)\n', 13, 16, null],
    ['pg_basebackup (PostgreSQL) 18rc1', 18, 0, 'rc1'],
    [
      'PostgreSQL 13.16 on x86_64-pc-linux-gnu, compiled by gcc (Debian 10.2.1-6) 10.2.1 20210110, 64-bit',
      13,
      16,
      null,
    ],
    ['15', 15, 0, null],
    ['9.6', 9.6, 0, null],
    ['9.6.24', 9.6, 24, null],
    ['9.4beta3', 9.4, 0, 'beta3'],
  ])('%j is %d, minor %d, %s', (text, major, minor, prerelease) => {
    expect(parseVersion(text)).toMatchObject({ major, minor, prerelease });
  });

  it.each(['', 'PostgreSQL', '15.', '15.18.2', 'psql', '15x', 'v15', '-15', 'PgBouncer 1.21.0', '9'])(
    '%j is none',
    (text) => {
      expect(parseVersion(text)).toBeUndefined();
    },
  );

  it('has the number that server_version_num has', () => {
    expect(parseVersion('15.18')?.number).toBe(150018);
    expect(parseVersion('9.6.24')?.number).toBe(90624);
  });

  it('is ordered', () => {
    const inOrder = [
      '9.6.24',
      '10',
      '10.1',
      '13.16',
      '15.2',
      '15.18',
      '18devel',
      '18beta1',
      '18beta2',
      '18rc1',
      '18',
      '18.1',
    ];
    const shuffled = inOrder.toReversed().map((text) => present(parseVersion(text)));
    const sorted = shuffled.toSorted(compareVersions).map((version) => formatVersion(version));
    expect(sorted).toEqual(inOrder.map((text) => formatVersion(present(parseVersion(text)))));
  });

  it('is read from any text without an exception', () => {
    fc.assert(fc.property(fc.string(), (text) => !Number.isNaN(parseVersion(text)?.number)));
  });
});

describe('what is known of the releases', () => {
  it('covers every major that is supported here', () => {
    for (const major of supportedMajors) {
      expect(endOfLife(major)).toMatch(/^20\d\d-11-\d\d$/u);
      expect(newestMinor(major)?.asOf).toMatch(/^20\d\d-\d\d-\d\d$/u);
    }
    expect(endOfLife(13)).toBe('2025-11-13');
    expect(newestMinor(13)).toEqual({ minor: 23, asOf: '2025-11-13', last: true });
    expect(endOfLife(42)).toBeUndefined();
  });

  it('names the release of a catalog version and of a pg_control format', () => {
    expect(majorOfCatalogVersion(202_209_061)).toBe(15);
    expect(majorOfCatalogVersion(202_209_062)).toBeUndefined();
    expect(releasesOfControlFormat(1201)).toBe('12');
    expect(releasesOfControlFormat(1)).toBeUndefined();
  });
});
