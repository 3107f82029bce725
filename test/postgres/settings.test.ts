import { describe, expect, it } from 'vitest';

import { settingKnownTo } from '../../src/postgres/setting-names.ts';
import {
  bytesOf,
  inOneSpelling,
  millisecondsOf,
  parseBool,
  parseInteger,
  parseReal,
  portOf,
  readSetting,
  settingDefinition,
  settingsNotLowerOnStandby,
  millisecondsIn,
} from '../../src/postgres/settings.ts';
import { settingNames, settingRows } from '../../src/postgres/settings-table.ts';
import { supportedMajors } from '../../src/postgres/versions.ts';
import { present } from '../present.ts';

describe('parseBool', () => {
  it('takes what begins one word alone', () => {
    for (const text of ['on', 'ON', 't', 'tr', 'true', 'y', 'yes', '1']) expect(parseBool(text)).toBe(true);
    for (const text of ['off', 'of', 'f', 'fals', 'n', 'no', '0']) expect(parseBool(text)).toBe(false);
    for (const text of ['', 'o', 'onn', 'truee', '2', ' on', 'offf', 'enabled'])
      expect(parseBool(text)).toBeUndefined();
  });
});

describe('one spelling', () => {
  it('is that of pg_settings for every boolean and every choice of every release', () => {
    for (const major of supportedMajors)
      for (const name of settingNames()) {
        const definition = settingDefinition(name, major);
        if (definition?.type === 'bool')
          for (const [on, off] of [
            ['TRUE', 'False'],
            ['t', 'f'],
            ['yEs', 'nO'],
            ['1', '0'],
            ['On', 'oF'],
          ] as const)
            expect([inOneSpelling(name, on, major), inOneSpelling(name, off, major)]).toEqual(['on', 'off']);
        if (definition?.type === 'enum')
          for (const word of definition.values ?? []) expect(inOneSpelling(name, word.toUpperCase(), major)).toBe(word);
      }
    expect(inOneSpelling('archive_mode', 'TRUE', 15)).toBe('on');
    expect(inOneSpelling('hot_standby', 'perhaps', 15)).toBe('perhaps');
    expect(inOneSpelling('primary_slot_name', 'TRUE', 15)).toBe('TRUE');
  });

  it('is that of a port, too', () => {
    expect(['5432', ' 0x1538', '05432', '0', '65536', 'x', ''].map(portOf)).toEqual([
      5432,
      5432,
      2842,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('parseInteger', () => {
  it.each([
    ['16', 'kB', 16],
    ['16MB', 'kB', 16_384],
    [' 16 MB ', 'kB', 16_384],
    ['1.5GB', 'MB', 1536],
    ['30.1GB', 'kB', 30_822 * 1024],
    ['128MB', '8kB', 16_384],
    ['512B', 'kB', 0],
    ['1min', 's', 60],
    ['1.5', undefined, 2],
    ['2.5', undefined, 2],
    ['0x10', undefined, 16],
    ['010', undefined, 8],
    ['-1', 'MB', -1],
    ['1500ms', 's', 2],
    ['500ms', 's', 0],
    ['1d', 'min', 1440],
    ['1e2', undefined, 100],
    ['.5', undefined, 0],
    ['-1.5', undefined, -2],
    ['017.5', undefined, 18],
    ['07e1', undefined, 70],
    ['0x1F.8', undefined, 32],
  ] as const)('%j in %s is %d', (text, unit, expected) => {
    expect(parseInteger(text, unit)).toBe(expected);
  });

  it.each([
    ['16mb', 'kB'],
    ['16MB', undefined],
    ['16MB', 'ms'],
    ['1min', 'kB'],
    ['', undefined],
    ['1 0', undefined],
    ['08', undefined],
    ['08.5', undefined],
    ['0x1p3', undefined],
    ['0x', undefined],
    ['2147483648', undefined],
    ['3TB', 'B'],
    ['on', undefined],
    ['NaN', undefined],
    ['-.5', undefined],
    [' .5', undefined],
  ] as const)('%j in %s is none', (text, unit) => {
    expect(parseInteger(text, unit)).toBeUndefined();
  });
});

describe('parseReal', () => {
  it.each([
    ['010', undefined, 10],
    ['08', undefined, 8],
    ['0x10', undefined, 16],
    ['0x1.8p1', undefined, 3],
    ['1500us', 'ms', 1.5],
    ['-.5', undefined, -0.5],
  ] as const)('%j in %s is %d', (text, unit, expected) => {
    expect(parseReal(text, unit)).toBe(expected);
  });

  it.each(['', 'nan', 'inf', '1 0', '1ms', '0x', '1e'])('%j is none', (text) => {
    expect(parseReal(text)).toBeUndefined();
  });
});

describe('units', () => {
  it('are counted in bytes and milliseconds', () => {
    expect(bytesOf(16_384, '8kB')).toBe(134_217_728n);
    expect(bytesOf(2_147_483_647, 'MB')).toBe(2_251_799_812_636_672n);
    expect(bytesOf(-1, 'MB')).toBe(-1_048_576n);
    expect(millisecondsOf(5, 'min')).toBe(300_000);
  });
});

describe('the table of settings', () => {
  it('defines each setting at most once for a major', () => {
    for (const major of supportedMajors) {
      for (const name of settingNames()) {
        expect([name, settingRows(name).filter(({ majors }) => majors.includes(major)).length < 2]).toEqual([
          name,
          true,
        ]);
        const known = settingDefinition(name, major) === undefined || settingKnownTo(name, major).kind === 'known';
        expect([name, known]).toEqual([name, true]);
      }
    }
  });

  it('holds the five settings that a standby must not have lower', () => {
    for (const name of settingsNotLowerOnStandby) {
      for (const major of supportedMajors) expect(settingDefinition(name, major)?.type).toBe('integer');
    }
  });

  it('has defaults that the settings themselves take', () => {
    for (const row of [...settingNames()].flatMap(settingRows).filter(({ context }) => context !== 'internal'))
      expect([row.name, readSetting(row, row.default).ok]).toEqual([row.name, true]);
  });

  it('knows what changed between majors', () => {
    expect(settingDefinition('Promote_Trigger_File', 15)).toBeDefined();
    expect(settingDefinition('promote_trigger_file', 16)).toBeUndefined();
    expect(settingDefinition('checkpoint_completion_target', 13)?.default).toBe('0.5');
    expect(settingDefinition('checkpoint_completion_target', 14)?.default).toBe('0.9');
  });
});

const value = (name: string, text: string): unknown => readSetting(present(settingDefinition(name, 15)), text);

describe('readSetting', () => {
  it('says what would have been taken', () => {
    expect(value('port', '65536')).toEqual({ ok: false, expected: 'a whole number from 1 to 65535' });
    expect(value('wal_level', 'full')).toEqual({ ok: false, expected: 'one of minimal, replica, logical' });
    expect(value('hot_standby', 'enabled')).toEqual({ ok: false, expected: 'on or off' });
    expect(value('wal_keep_size', '1 mb')).toMatchObject({
      ok: false,
      expected: expect.stringContaining('(in MB, or with a unit: B, kB, MB'),
    });
  });

  it('takes old and hidden spellings', () => {
    expect(value('wal_level', 'Hot_Standby')).toEqual({ ok: true, value: 'replica' });
    expect(value('archive_mode', 'yes')).toEqual({ ok: true, value: 'on' });
    expect(value('synchronous_commit', '0')).toEqual({ ok: true, value: 'off' });
  });
});

describe('settingKnownTo', () => {
  it('tells names that a server would refuse', () => {
    expect(settingKnownTo('port', 15)).toEqual({ kind: 'known' });
    expect(settingKnownTo('my.setting', 15)).toEqual({ kind: 'custom' });
    expect(settingKnownTo('promote_trigger_file', 16)).toEqual({ kind: 'gone', until: 15 });
    expect(settingKnownTo('summarize_wal', 15)).toEqual({ kind: 'later', since: 17 });
    expect(settingKnownTo('max_wal_sender', 15)).toEqual({ kind: 'unknown', nearest: ['max_wal_senders'] });
    expect(settingKnownTo('standby_mode', 15)).toMatchObject({ kind: 'unknown' });
  });
});

describe('a setting of time in milliseconds', () => {
  it.each([
    ['wal_receiver_timeout', '60000', 60_000],
    ['checkpoint_timeout', '300', 300_000],
    ['checkpoint_timeout', '5min', 300_000],
    ['log_rotation_age', '1440', 86_400_000],
    ['shared_buffers', '16384', undefined],
    ['wal_receiver_timeout', undefined, undefined],
    ['wal_receiver_timeout', 'long', undefined],
    ['hot_standby', 'on', undefined],
    ['no_such_timeout', '1', undefined],
  ])('%s = %s', (name, value, milliseconds) => expect(millisecondsIn(name, value)).toBe(milliseconds));
});
