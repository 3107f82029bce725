import { describe, expect, it } from 'vitest';

import { copySeconds, isArchiving, walBytesOf } from '../../src/derived/wal-retention.ts';
import { someSettings } from '../rules/world.ts';

const megabyte = 1024 ** 2;

describe('a setting that counts megabytes', () => {
  it.each<readonly [string | undefined, bigint | undefined]>([
    ['1024', 1_073_741_824n],
    ['1', 1_048_576n],
    ['0', 0n],
    ['-1', -1n],
    // beyond what a number holds exactly in bytes
    ['8796093022207', 9_223_372_036_853_727_232n],
    ['1GB', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (value, bytes) =>
    expect(walBytesOf(someSettings({ max_slot_wal_keep_size: value }), 'max_slot_wal_keep_size')).toBe(bytes),
  );
});

describe('whether WAL is archived', () => {
  it.each<readonly [string, Readonly<Record<string, string | undefined>>, boolean]>([
    ['archive_mode is off', { archive_mode: 'off', archive_command: 'cp %p /archive/%f' }, false],
    ['by a command', { archive_mode: 'on', archive_command: 'cp %p /archive/%f' }, true],
    ['always', { archive_mode: 'always', archive_command: 'cp %p /archive/%f' }, true],
    ['by a library', { archive_mode: 'on', archive_library: 'basic_archive' }, true],
    ['by neither', { archive_mode: 'on' }, false],
    ['the library is empty', { archive_mode: 'on', archive_library: '' }, false],
    [
      'pg_settings shows no command in a server that does not archive',
      { archive_mode: 'on', archive_command: '(disabled)' },
      false,
    ],
    [
      'a library beside a command that is not used',
      { archive_mode: 'on', archive_command: '(disabled)', archive_library: 'basic_archive' },
      true,
    ],
    ['archive_mode is not shown', { archive_mode: undefined, archive_command: 'cp %p /archive/%f' }, false],
    ['the command is not shown', { archive_mode: 'on', archive_command: undefined }, false],
  ])('%s', (_, settings, archiving) => expect(isArchiving(someSettings(settings))).toBe(archiving));
});

describe('how long a copy takes', () => {
  it.each<readonly [string, bigint, number | undefined, number]>([
    ['at a usual rate', BigInt(1000 * megabyte), undefined, 10],
    ['at the rate that -r allows', BigInt(1000 * megabyte), 10 * megabyte, 100],
    ['-r allows more than a network gives', BigInt(1000 * megabyte), 1000 * megabyte, 10],
    ['nothing', 0n, undefined, 0],
  ])('%s', (_, bytes, maxRate, seconds) => expect(copySeconds(bytes, maxRate)).toBe(seconds));
});
