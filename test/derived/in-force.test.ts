import { describe, expect, it } from 'vitest';

import { inFiles, inForce, inServer, majorOf, whyUnseen } from '../../src/derived/in-force.ts';
import type { SettingsSeen } from '../../src/derived/in-force.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { aConfiguration, aDataDirectory, aRunningStandby, autoConf, configFile } from '../rules/standby-world.ts';

const down = unseen('connection', 'no server runs');
const closed = unseen('permission', 'postgresql.conf: permission denied');
const seenAll: SettingsSeen = {
  standbyConfiguration: seen(aConfiguration([['hot_standby', 'FALSE', autoConf, 7]]), 'its files'),
  runningStandby: seen(aRunningStandby(), 'pg_settings'),
  dataDirectory: seen(aDataDirectory(), 'it'),
};
const where = { side: 'standby', file: autoConf, line: 7 } as const;
const configured = (...given: Parameters<typeof aConfiguration>) => ({
  standbyConfiguration: seen(aConfiguration(...given), 'its files'),
});
const onCommandLine = (): Partial<SettingsSeen> => {
  const { files, ...rest } = aConfiguration([]);
  const set = {
    name: 'hot_standby',
    value: 'no',
    source: { kind: 'command line', written: '-c hot_standby=no' },
    overridden: [],
  } as const;
  return {
    standbyConfiguration: seen({ ...rest, files: { ...files, settings: new Map([[set.name, set]]) } }, 'its files'),
  };
};

const inFile = { value: 'off', source: `${autoConf} line 7`, where };
const byServer = { value: 'on', source: 'pg_settings', where };

describe('a setting in force', () => {
  it.each<readonly [string, Partial<SettingsSeen>, ReturnType<typeof inForce>]>([
    ['what runs, and where a file has it', {}, byServer],
    ['what runs, and no file has it', configured([]), { ...byServer, where: { side: 'standby' } }],
    [
      'what runs, and its files are closed',
      { standbyConfiguration: closed },
      { ...byServer, where: { side: 'standby' } },
    ],
    ['what runs, started with it', onCommandLine(), { ...byServer, where: { side: 'standby' } }],
    ['the server does not show it', { runningStandby: seen(aRunningStandby({ settings: new Map() }), 'it') }, inFile],
    ['no server runs', { runningStandby: down }, inFile],
    ['neither is seen', { runningStandby: down, standbyConfiguration: closed }, undefined],
  ])('%s', (_, change, answer) => expect(inForce('hot_standby', { ...seenAll, ...change })).toStrictEqual(answer));

  it('that the server does not show is not what it goes by', () => {
    expect(inServer('hot_standby', seenAll)).toStrictEqual(byServer);
    expect(inServer('recovery_target', seenAll)).toBeUndefined();
    expect(inServer('hot_standby', { ...seenAll, runningStandby: down })).toBeUndefined();
  });
});

describe('a setting at the next start', () => {
  const of = (name: string, change: Partial<SettingsSeen> = {}) => inFiles(name, { ...seenAll, ...change });
  const twice = configured([
    ['hot_standby', 'off', configFile, 12],
    ['hot_standby', 'yes', autoConf, 3],
  ]);
  const inServers = { side: 'standby' } as const;

  it.each<readonly [string, ReturnType<typeof inFiles>, ReturnType<typeof inFiles>]>([
    ['of a file, in one spelling', of('hot_standby'), inFile],
    [
      'of the last of two files',
      of('hot_standby', twice),
      { value: 'on', source: `${autoConf} line 3`, where: { side: 'standby', file: autoConf, line: 3 } },
    ],
    [
      'of the command line',
      of('hot_standby', onCommandLine()),
      { value: 'off', source: 'the command line (-c hot_standby=no)', where: inServers },
    ],
    ['the default', of('hot_standby', configured([])), { value: 'on', source: 'the default of 15', where: inServers }],
    [
      'the default of a release that only the server tells',
      of('hot_standby', { ...configured([]), dataDirectory: closed }),
      { value: 'on', source: 'the default of 15', where: inServers },
    ],
    [
      'no release is known',
      of('hot_standby', { ...configured([]), dataDirectory: closed, runningStandby: down }),
      undefined,
    ],
    [
      'a file has it, and no release is known',
      of('hot_standby', { dataDirectory: closed, runningStandby: down }),
      inFile,
    ],
    ['no such setting', of('hot_standbye'), undefined],
    [
      'a word that is refused stays as it is',
      of('hot_standby', configured([['hot_standby', 'Perhaps', autoConf, 7]])),
      { ...inFile, value: 'Perhaps' },
    ],
    ['its files are closed', of('hot_standby', { standbyConfiguration: closed }), undefined],
  ])('%s', (_, answer, expected) => expect(answer).toStrictEqual(expected));
});

it.each<readonly [string, Partial<SettingsSeen>, number | undefined]>([
  ['of PG_VERSION first', { dataDirectory: seen(aDataDirectory({ major: 14 }), 'it') }, 14],
  ['of the server', { dataDirectory: closed }, 15],
  [
    'of the server, where PG_VERSION is damaged',
    { dataDirectory: seen(aDataDirectory({ major: undefined }), 'it') },
    15,
  ],
  ['of PG_VERSION alone', { runningStandby: down }, 15],
  [
    'a version that cannot be read',
    { dataDirectory: closed, runningStandby: seen(aRunningStandby({ version: 'x' }), 'it') },
    undefined,
  ],
  ['not seen', { dataDirectory: closed, runningStandby: down }, undefined],
])('the major release: %s', (_, change, major) => expect(majorOf({ ...seenAll, ...change })).toBe(major));

it.each<readonly [string, Partial<SettingsSeen>, ReturnType<typeof whyUnseen>]>([
  ['the server’s reason, where the files are seen', { runningStandby: down }, down.why],
  [
    'the server’s reason, where the files do not count',
    { runningStandby: down, standbyConfiguration: notApplicable('none') },
    down.why,
  ],
  ['the reason of the files, where the server is seen', { standbyConfiguration: closed }, closed.why],
  [
    'the reason of the files, where neither is seen',
    { standbyConfiguration: closed, runningStandby: down },
    closed.why,
  ],
  ['none, where both are seen', {}, { kind: 'unreadable', because: "the standby's settings were not read" }],
])('why a setting is not seen: %s', (_, change, why) => expect(whyUnseen({ ...seenAll, ...change })).toEqual(why));
