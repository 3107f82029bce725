import { spawnSync } from 'node:child_process';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseWords } from '../../src/cli/options/getopt.ts';
import type { OptionSpec } from '../../src/cli/options/getopt.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { baseBackupOptions } from '../../src/postgres/basebackup-options.ts';

const specs: readonly OptionSpec[] = baseBackupOptions;

const read = (...words: readonly string[]) => {
  const { options, operands } = parseWords(words, specs, [{ long: 'color', value: 'WHEN' }]);
  return {
    options: options.map(({ spec, value }) => (value === undefined ? spec.long : `${spec.long}=${value}`)),
    operands,
  };
};

describe('parseWords', () => {
  it.each([
    [['-vPR'], ['verbose', 'progress', 'write-recovery-conf']],
    [['-Xstream'], ['wal-method=stream']],
    [['-X', 'stream'], ['wal-method=stream']],
    [
      ['-RXstream', '-D-'],
      ['write-recovery-conf', 'wal-method=stream', 'pgdata=-'],
    ],
    [['--wal-method=stream'], ['wal-method=stream']],
    [['--wal-method', 'stream'], ['wal-method=stream']],
    [['--wal-m', 'stream'], ['wal-method=stream']],
    [['--slot='], ['slot=']],
    [['-l', '--help'], ['label=--help']],
    // --color is ours: it makes no abbreviation of pg_basebackup ambiguous
    [['--co', 'gzip'], ['compress=gzip']],
    [['--col', 'never'], ['color=never']],
  ])('%j', (words, options) => {
    expect(read(...words)).toEqual({ options, operands: [] });
  });

  it('takes options after operands, and none after --', () => {
    expect(read('one', '-v', '--', '-P', '--', 'two')).toEqual({
      options: ['verbose'],
      operands: ['one', '-P', '--', 'two'],
    });
  });

  it.each([
    [['--nonsense'], 'Option --nonsense does not exist.'],
    [['--progres5'], 'Option --progres5 does not exist.'],
    [['-v1'], 'Option -1 does not exist.'],
    [['--no'], 'is ambiguous: it matches --no-clean'],
    [['--create-slot=x'], '--create-slot takes no value.'],
    [['-D'], '-D needs a value: DIRECTORY.'],
    [['--pgdata'], '--pgdata needs a value: DIRECTORY.'],
  ])('%j is refused', (words, message) => {
    expect(() => read(...words)).toThrow(UsageError);
    expect(() => read(...words)).toThrow(message);
  });

  it('names the option that was probably meant', () => {
    expect(() => read('--progess')).toThrow(expect.objectContaining({ hint: 'Did you mean --progress?' }));
  });
});

// util-linux's getopt(1) hands its words to glibc's getopt_long() and prints what came of them.
const hasGetopt = process.env['CI'] === 'true' || spawnSync('getopt', ['--test']).status === 4;

describe.runIf(hasGetopt)('beside glibc getopt_long()', () => {
  const words = fc.array(
    fc.oneof(
      fc.constantFrom(...specs.flatMap(({ short }) => (short === undefined ? [] : [`-${short}`]))),
      fc.constantFrom(...specs.map(({ long }) => `--${long}`)),
      fc
        .tuple(fc.constantFrom(...specs), fc.nat({ max: 12 }), fc.constantFrom('', '=', '=x', '=-v'))
        .map(([{ long }, length, value]) => `--${long.slice(0, length + 1)}${value}`),
      fc
        .array(fc.constantFrom('v', 'P', 'R', 'X', 'z', 'D', 'C', '?', '=', '-'), { minLength: 1, maxLength: 5 })
        .map((letters) => `-${letters.join('')}`),
      fc.constantFrom('-', '--', '', 'operand', '-Xstream', 'a b'),
    ),
    { maxLength: 8 },
  );

  it('reads every command line as it does', () => {
    fc.assert(
      fc.property(words, (given) => {
        expect(outcome(given)).toEqual(byGetopt(given));
      }),
      { numRuns: 400 },
    );
  });
});

function outcome(given: readonly string[]): readonly string[] | 'refused' {
  try {
    const { options, operands } = parseWords(given, specs);
    return [
      ...options.flatMap(({ spec, value, written }) => {
        const name = written[0]?.startsWith('--') === true ? `--${spec.long}` : `-${spec.short ?? ''}`;
        return value === undefined ? [name] : [name, value];
      }),
      '--',
      ...operands,
    ];
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return 'refused';
  }
}

function byGetopt(given: readonly string[]): readonly string[] | 'refused' {
  const letters = specs.flatMap(({ short, value }) =>
    short === undefined ? [] : [value === undefined ? short : `${short}:`],
  );
  const names = specs.map(({ long, value }) => (value === undefined ? long : `${long}:`));
  const { status, stdout } = spawnSync(
    'getopt',
    ['-q', '-s', 'sh', '-o', letters.join(''), '-l', names.join(','), '--', ...given],
    { encoding: 'utf8', env: { PATH: process.env['PATH'] } },
  );
  return status === 0 ? unquoted(stdout) : 'refused';
}

/** getopt(1) quotes every value and operand: ` -v -X 'stream' -- 'operand'`. */
const unquoted = (line: string): readonly string[] =>
  [...line.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/gu)].map(
    ([, quoted, bare]) => quoted?.replaceAll("'\\''", "'") ?? bare ?? '',
  );
