import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readBaseBackupCall } from '../../src/cli/options/base-backup-options.ts';
import type { BaseBackupCommand } from '../../src/facts/base-backup.ts';
import { baseBackupOptions } from '../../src/postgres/basebackup-options.ts';
import type { Release } from '../../src/throwaway/releases.ts';
import { conflicts } from '../../src/derived/option-conflicts.ts';
import { onReleasesInTurn } from '../lab/releases.ts';

/** pg_basebackup judges its options before it connects, and here there is nothing to connect to. */
const nowhere = ['-w', '-h', '/nonexistent'];

const commandOf = (words: readonly string[]): BaseBackupCommand => {
  const call = readBaseBackupCall('preflight', words);
  if (call.command === undefined) throw new Error('no command');
  return call.command;
};

interface Case {
  readonly words: readonly string[];
  /** Major releases, both included. */
  readonly from?: number;
  readonly to?: number;
}

const concerns = ({ from = 0, to = Infinity }: Case, { major }: Release): boolean => major >= from && major <= to;

/** What the real program says of its options: undefined when it takes them and goes on to connect. */
function refusal(release: Release, words: readonly string[]): string | undefined {
  const { stderr } = spawnSync(join(release.bin, 'pg_basebackup'), [...nowhere, ...words], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  });
  if (/could not connect to server|connection to server/u.test(stderr)) return undefined;
  return stderr.split('\n')[0]?.replace(/^.*pg_basebackup: (?:error: )?/u, '');
}

onReleasesInTurn((release) => {
  describe('the table of options', () => {
    const help = spawnSync(join(release.bin, 'pg_basebackup'), ['--help'], { encoding: 'utf8' }).stdout;
    const inHelp = new Map(
      [...help.matchAll(/^ +(?:-(\S), +|)--([a-z-]+)(=?)/gmu)].map(([, short, long, equals]) => [
        long,
        { short, equals },
      ]),
    );

    it('has exactly the options of this release, with their letters and values', () => {
      const expected = baseBackupOptions
        .filter(({ since }) => since <= release.major)
        .map((option) => [
          option.long,
          { short: 'short' in option ? option.short : undefined, equals: 'value' in option ? '=' : '' },
        ]);
      inHelp.delete('help');
      inHelp.delete('version');
      expect(Object.fromEntries(inHelp)).toEqual(Object.fromEntries(expected));
    });
  });

  describe('conflicts', () => {
    const known: readonly Case[] = [
      { words: ['-D', 'x', '-z'] },
      { words: ['-D', 'x', '-Z', '5'] },
      { words: ['-D', 'x', '--compress=gzip'], from: 15 },
      { words: ['-D', 'x', '--compress=client-zstd'], from: 15 },
      { words: ['-D', 'x', '-Z', 'gzip:0', '-Ft'], from: 15 },
      { words: ['-D', 'x', '-Z', 'lz4:workers=2', '-Ft'], from: 15 },
      { words: ['-D', 'x', '-Z', 'none:3'], from: 15 },
      { words: ['-D', 'x', '-Z', 'gzip:level', '-Ft'], from: 15 },
      { words: ['-D', 'x', '-Z', 'gzip:', '-Ft'], from: 15 },
      { words: ['-D', 'x', '-Z', 'brotli', '-Ft'], from: 15 },
      { words: ['-D', 'x', '-Z', '0'], from: 15, to: 15 },
      { words: ['-D', 'x', '-Z', '99'] },
      { words: ['-D', 'x', '-C'] },
      { words: ['-D', 'x', '-C', '--no-slot'] },
      { words: ['-D', 'x', '-S', 'a', '-X', 'none'] },
      { words: ['-D', 'x', '-S', 'a', '-Xfetch'] },
      { words: ['-D', 'x', '-S', 'a', '--no-slot'] },
      { words: ['-D', 'x', '--waldir=/w', '-Ft'] },
      { words: ['-D', 'x', '-T', 'foo'] },
      { words: ['-D', 'x', '-T', 'a=/b'] },
      { words: ['-D', 'x', '-T', '/a=b'] },
      { words: ['-D', 'x', '-T', '/a=/b=/c'] },
      { words: ['-D', 'x', '-T', '/a='] },
      { words: ['-D', '-', '-Ft'] },
      { words: ['-D', 'x', '-P', '--no-estimate-size'] },
      { words: ['-D', 'x', '--no-manifest', '--manifest-checksums=NONE'] },
      { words: ['-D', 'x', '--no-manifest', '--manifest-force-encode'] },
      { words: ['-t', 'blackhole'], from: 15 },
      { words: ['-t', 'blackhole', '-Xfetch', '-Fp'], from: 15 },
      { words: ['-t', 'blackhole', '-Xfetch', '-D', 'x'], from: 15 },
      { words: ['-t', 'blackhole', '-Xfetch', '--waldir=/w'], from: 15 },
      { words: ['-t', 'blackhole', '-Xfetch', '-Z', 'client-gzip'], from: 15 },
      { words: ['-t', 'blackhole', '-Xfetch', '-S', 'a'], from: 15 },
    ];

    it.each(known.filter((one) => concerns(one, release)))(
      '$words: the first is what pg_basebackup says',
      ({ words }) => {
        const [first] = conflicts(commandOf(words), release.major);
        expect(first?.says).toBe(refusal(release, words));
        expect(first?.options.length).toBeGreaterThan(0);
      },
    );

    const taken: readonly Case[] = [
      { words: ['-D', 'x', '-Z', '0'], from: 16 },
      { words: ['-D', 'x', '--compress=none'], from: 15 },
      { words: ['-D', 'x', '--compress=server-gzip'], from: 15 },
      { words: ['-D', 'x', '--compress=server-zstd:workers=4,level=3'], from: 15 },
      { words: ['-D', 'x', '-Z', 'zstd:long,level=22', '-Ft'], from: 16 },
      { words: ['-D', 'x', '-Z', '0', '-Z', '9', '-Ft'] },
      { words: ['-D', '-', '-Ft', '-Xfetch'] },
      { words: ['-D', 'x', '-T', String.raw`/a\=b=/c`] },
      { words: ['-D', 'x', '-S', 'a', '-C', '-RPv'] },
      { words: ['-t', 'client', '-D', 'x', '-Ft'], from: 15 },
      { words: ['-t', 'blackhole', '-Xfetch', '-z', '-R', '-T', '/a=/b'], from: 15 },
    ];
    it.each(taken.filter((one) => concerns(one, release)))('$words: no conflict', ({ words }) => {
      expect(refusal(release, words)).toBeUndefined();
      expect(conflicts(commandOf(words), release.major)).toEqual([]);
    });

    it('refuses a generated command line exactly when pg_basebackup does', { timeout: 60_000 }, () => {
      fc.assert(
        fc.property(commandLines(release.major), (words) => {
          const said = refusal(release, words);
          const found = conflicts(commandOf(words), release.major).flatMap(({ says, refusedBy }) =>
            refusedBy === 'server' ? [] : [says],
          );
          if (said === undefined) expect(found, words.join(' ')).toEqual([]);
          else expect(found, words.join(' ')).toContain(said);
        }),
        { numRuns: 250 },
      );
    });
  });
});

/** None of them, or one. */
const some = (...choices: readonly (readonly string[])[]) => fc.constantFrom([], [], ...choices);

/** Command lines that hold only what this release knows, and that pg_basebackup can refuse for contradictions alone. */
function commandLines(major: number): fc.Arbitrary<readonly string[]> {
  const compressions =
    major < 15
      ? [['-z'], ['-Z', '0'], ['-Z', '4'], ['-Z', '12']]
      : [
          ...['gzip', 'none', 'lz4:3', 'zstd:workers=1', 'gzip:10', 'gzip:level=2', 'none:0', 'bzip2', 'lz4:long'].map(
            (value) => ['-Z', value],
          ),
          ...['client-gzip', 'client-none', 'server-gzip', 'server-zstd:5'].map((value) => [`--compress=${value}`]),
          ['-z'],
          ['-Z', '0'],
          ['-Z', '4'],
        ];
  return fc
    .tuple(
      major >= 15
        ? fc.constantFrom(
            ['-D', 'x'],
            ['-D', '-'],
            ['-t', 'blackhole'],
            ['-D', 'x', '-t', 'server:/x'],
            ['-D', 'x', '-t', 'client'],
          )
        : fc.constantFrom(['-D', 'x'], ['-D', '-']),
      some(['-Fp'], ['-F', 'tar'], ['--format=t']),
      some(['-Xnone'], ['-X', 'f'], ['--wal-method=stream']),
      some(['-S', 'a'], ['--slot=b']),
      some(['-C']),
      some(['--no-slot']),
      some(...compressions),
      some(...compressions),
      some(['--waldir=/w']),
      some(['-T', '/a=/b'], ['-T', '/a=b'], ['-T', '=']),
      some(['-P'], ['--no-estimate-size'], ['-P', '--no-estimate-size']),
      some(['--no-manifest'], ['--manifest-checksums=SHA256'], ['--no-manifest', '--manifest-force-encode']),
      some(['-R']),
    )
    .map((parts) => parts.flat());
}
