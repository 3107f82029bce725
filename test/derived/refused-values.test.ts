import { describe, expect, it } from 'vitest';

import { refusedValues } from '../../src/derived/refused-values.ts';
import type { Conflict } from '../../src/derived/refused-values.ts';
import type { BaseBackupCommand, GivenOption } from '../../src/facts/base-backup.ts';
import { aBaseBackup } from '../rules/world.ts';

const option = (name: string, ...words: readonly string[]): GivenOption => ({ name, words, written: words.join(' ') });
const command = (change: Partial<BaseBackupCommand>): BaseBackupCommand => aBaseBackup(change);
const says = (given: BaseBackupCommand, major: number): readonly string[] =>
  refusedValues(given, major).map((one) => one.says);

it('a command without such options has none', () => {
  for (const major of [13, 14, 15, 16, 17, 18]) expect(refusedValues(command({}), major)).toEqual([]);
});

describe('what is said of each', () => {
  const wrong = [
    option('sync-method', '--sync-method=fast'),
    option('manifest-checksums', '--manifest-checksums', 'md5'),
    option('label', '-l', 'é'.repeat(513)),
  ];
  const sync: Conflict = {
    options: ['--sync-method=fast'],
    says: 'unrecognized sync method: fast',
    because: 'The methods are fsync, the default, and syncfs.',
    instead: 'Remove --sync-method=fast.',
    change: { without: ['sync-method'] },
  };
  const checksums: Conflict = {
    options: ['--manifest-checksums md5'],
    says: 'unrecognized checksum algorithm: "md5"',
    refusedBy: 'server',
    because: 'The algorithms are SHA224, SHA256, SHA384, SHA512, CRC32C and NONE.',
    instead: 'Remove --manifest-checksums md5: the default is CRC32C.',
    change: { without: ['manifest-checksums'] },
  };
  const label: Conflict = {
    options: ['--label (1026 bytes)'],
    says: 'backup label too long (max 1024 bytes)',
    refusedBy: 'server',
    because: 'A label has at most 1024 bytes.',
    instead: 'Use a shorter label.',
    change: { without: ['label'] },
  };

  it.each([
    [13, [checksums]],
    [14, [checksums]],
    [15, [checksums, label]],
    [16, [checksums, label]],
    [17, [sync, checksums, label]],
    [18, [sync, checksums, label]],
  ])('by release %i', (major, all) => expect(refusedValues(command({ options: wrong }), major)).toEqual(all));

  it('a target', () => {
    const given = command({ options: [option('target', '-t', 'tape')], target: 'tape', directory: undefined });
    expect(refusedValues(given, 15)).toEqual([
      {
        options: ['-t tape'],
        says: 'unrecognized target: "tape"',
        refusedBy: 'server',
        because: 'A target is server:DIRECTORY, with an absolute path on the server, or blackhole.',
        instead: 'For a standby on this machine use -D DIRECTORY instead of -t tape.',
        change: undefined,
      },
    ]);
    expect(refusedValues(given, 14)).toEqual([]);
  });
});

describe('the algorithm of the manifest', () => {
  it.each<readonly [string, readonly GivenOption[], string | undefined]>([
    ['as the manual has it', [option('manifest-checksums', '--manifest-checksums=SHA256')], undefined],
    ['in small letters', [option('manifest-checksums', '--manifest-checksums', 'crc32c')], undefined],
    ['none', [option('manifest-checksums', '--manifest-checksums', 'None')], undefined],
    ['a word that is none', [option('manifest-checksums', '--manifest-checksums=MD5')], 'MD5'],
    ['abbreviated', [option('manifest-checksums', '--manifest-c=sha1')], 'sha1'],
    ['empty', [option('manifest-checksums', '--manifest-checksums=')], ''],
    ['with an equals sign of its own', [option('manifest-checksums', '--manifest-checksums=a=b')], 'a=b'],
    [
      'the last one counts',
      [
        option('manifest-checksums', '--manifest-checksums=md5'),
        option('manifest-checksums', '--manifest-checksums=none'),
      ],
      undefined,
    ],
    [
      'the last one counts, and is wrong',
      [
        option('manifest-checksums', '--manifest-checksums=none'),
        option('manifest-checksums', '--manifest-checksums=md5'),
      ],
      'md5',
    ],
  ])('%s', (_, options, value) =>
    expect(says(command({ options }), 15)).toEqual(
      value === undefined ? [] : [`unrecognized checksum algorithm: "${value}"`],
    ),
  );

  it('does not matter without a manifest', () => {
    const options = [option('manifest-checksums', '--manifest-checksums=md5'), option('no-manifest', '--no-manifest')];
    expect(says(command({ options, noManifest: true }), 15)).toEqual([]);
  });
});

describe('the method to sync', () => {
  it.each<readonly [string, readonly string[], string | undefined]>([
    ['fsync', ['fsync'], undefined],
    ['syncfs', ['syncfs'], undefined],
    ['in capital letters', ['FSYNC'], 'FSYNC'],
    ['each is looked at as it comes', ['fast', 'fsync'], 'fast'],
    ['the first that is wrong is named', ['fsync', 'one', 'two'], 'one'],
  ])('%s', (_, values, value) => {
    const options = values.map((one) => option('sync-method', '--sync-method', one));
    expect(says(command({ options }), 17)).toEqual(value === undefined ? [] : [`unrecognized sync method: ${value}`]);
  });
});

describe('a target', () => {
  it.each<readonly [string, string | undefined]>([
    ['blackhole', undefined],
    ['blackhole:', 'target "blackhole" does not accept a target detail'],
    ['blackhole:x', 'target "blackhole" does not accept a target detail'],
    ['server', 'target "server" requires a target detail'],
    ['server:', 'relative path not allowed for backup stored on server'],
    ['server:backup', 'relative path not allowed for backup stored on server'],
    ['server:/backup', undefined],
    ['server:/backup:2', undefined],
    ['shell', undefined],
    ['shell:x', undefined],
    ['Server:/backup', 'unrecognized target: "Server"'],
    ['tape:x', 'unrecognized target: "tape"'],
    ['', 'unrecognized target: ""'],
  ])('%s', (target, words) => {
    const given = command({ options: [option('target', `--target=${target}`)], target, directory: undefined });
    expect(says(given, 15)).toEqual(words === undefined ? [] : [words]);
  });

  it('client is the same as none, and beside -D it is a conflict', () => {
    const options = [option('target', '-t', 'client')];
    expect(says(command({ options, target: undefined, directory: undefined }), 15)).toEqual([]);
    expect(says(command({ options: [option('target', '-t', 'tape')], target: 'tape' }), 15)).toEqual([]);
  });
});

describe('a label', () => {
  it.each<readonly [string, GivenOption, readonly string[]]>([
    ['as long as it may be', option('label', '-l', 'a'.repeat(1024)), []],
    ['a byte longer', option('label', '-l', 'a'.repeat(1025)), ['--label (1025 bytes)']],
    ['in one word', option('label', `-l${'a'.repeat(1024)}`), []],
    ['in one word, a byte longer', option('label', `-l${'a'.repeat(1025)}`), ['--label (1025 bytes)']],
    ['after an equals sign', option('label', `--label=${'a'.repeat(1024)}`), []],
    ['after an equals sign, a byte longer', option('label', `--lab=${'a'.repeat(1025)}`), ['--label (1025 bytes)']],
    ['bytes count, not letters', option('label', '-l', 'é'.repeat(512)), []],
    ['of letters of several bytes', option('label', '-l', '€'.repeat(342)), ['--label (1026 bytes)']],
  ])('%s', (_, given, options) =>
    expect(refusedValues(command({ options: [given] }), 15).flatMap((one) => one.options)).toEqual(options),
  );
});
