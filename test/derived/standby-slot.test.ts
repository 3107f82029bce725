import { describe, expect, it } from 'vitest';

import { standbySlot, streamsThrough } from '../../src/derived/standby-slot.ts';
import type { StandbySlot } from '../../src/derived/standby-slot.ts';
import type { SettingsSeen } from '../../src/derived/in-force.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import {
  aConfiguration,
  aDataDirectory,
  aReceiver,
  aRunningStandby,
  autoConf,
  conninfo,
  standardSettings,
} from '../rules/standby-world.ts';

const closed = unseen('connection', 'the database system is starting up');
const unread = unseen('permission', 'postgresql.conf: permission denied');
const files = (...more: Parameters<typeof aConfiguration>[0] & object): SettingsSeen['standbyConfiguration'] =>
  seen(aConfiguration([...standardSettings, ...more]), 'its files');
const running = (settings: Readonly<Record<string, string>>): SettingsSeen['runningStandby'] => {
  const server = aRunningStandby();
  const changed = Object.entries(settings).map(
    ([name, value]) => [name, { value, pendingRestart: false, source: 'configuration file' }] as const,
  );
  return seen(aRunningStandby({ settings: new Map([...server.settings, ...changed]) }), 'it');
};
const world = (change: Partial<SettingsSeen>): SettingsSeen => ({
  standbyConfiguration: files(),
  runningStandby: closed,
  dataDirectory: seen(aDataDirectory(), 'it'),
  ...change,
});

describe('the slot that a standby streams through', () => {
  it.each<readonly [string, Partial<SettingsSeen>, StandbySlot]>([
    [
      'the server is a primary',
      { runningStandby: seen(aRunningStandby({ inRecovery: false }), 'it') },
      { kind: 'none', because: 'the running server is not in recovery: it is a primary' },
    ],
    [
      'the files name it',
      { standbyConfiguration: files(['primary_slot_name', 'standby1', autoConf, 4]) },
      {
        kind: 'named',
        name: 'standby1',
        set: {
          value: 'standby1',
          source: `${autoConf} line 4`,
          where: { side: 'standby', file: autoConf, line: 4 },
        },
      },
    ],
    [
      'the server runs with it, whatever the files have now',
      {
        standbyConfiguration: files(['primary_slot_name', 'later', autoConf, 4]),
        runningStandby: running({ primary_slot_name: 'standby1' }),
      },
      {
        kind: 'named',
        name: 'standby1',
        set: { value: 'standby1', source: 'pg_settings', where: { side: 'standby', file: autoConf, line: 4 } },
      },
    ],
    [
      'the server runs with it, and the files were not read',
      { standbyConfiguration: unread, runningStandby: running({ primary_slot_name: 'standby1' }) },
      {
        kind: 'named',
        name: 'standby1',
        set: { value: 'standby1', source: 'pg_settings', where: { side: 'standby' } },
      },
    ],
    [
      'the server runs with none',
      {
        standbyConfiguration: files(['primary_slot_name', 'later', autoConf, 4]),
        runningStandby: running({ primary_slot_name: '' }),
      },
      { kind: 'none', because: 'primary_slot_name is empty: the standby uses no slot' },
    ],
    ['no file names one', {}, { kind: 'none', because: 'primary_slot_name is empty: the standby uses no slot' }],
    [
      'primary_conninfo is empty',
      { standbyConfiguration: files(['primary_slot_name', 'standby1'], ['primary_conninfo', '']) },
      { kind: 'none', because: 'primary_conninfo is not set: the slot is not used' },
    ],
    [
      'no file sets primary_conninfo',
      { standbyConfiguration: seen(aConfiguration([['primary_slot_name', 'standby1']]), 'its files') },
      { kind: 'none', because: 'primary_conninfo is not set: the slot is not used' },
    ],
    [
      'primary_conninfo was not seen',
      {
        standbyConfiguration: unread,
        runningStandby: seen(
          aRunningStandby({
            settings: new Map([
              ['primary_slot_name', { value: 'standby1', pendingRestart: false, source: 'configuration file' }],
            ]),
          }),
          'it',
        ),
      },
      {
        kind: 'named',
        name: 'standby1',
        set: { value: 'standby1', source: 'pg_settings', where: { side: 'standby' } },
      },
    ],
    ['neither server nor files were seen', { standbyConfiguration: unread }, { kind: 'unseen', why: unread.why }],
    [
      'a release that is not known has no defaults, and the server was not asked',
      { dataDirectory: unseen('unreadable', 'PG_VERSION is damaged') },
      { kind: 'unseen', why: closed.why },
    ],
    [
      'the same where no server runs',
      { dataDirectory: unseen('unreadable', 'PG_VERSION is damaged'), runningStandby: notApplicable('no server runs') },
      { kind: 'unseen', why: { kind: 'unreadable', because: "the standby's settings were not read" } },
    ],
  ])('%s', (_, change, slot) => expect(standbySlot(world(change))).toEqual(slot));

  it('a server that runs with another primary_conninfo than the files uses its slot', () => {
    const runningStandby = running({ primary_slot_name: 'standby1', primary_conninfo: conninfo });
    expect(standbySlot(world({ standbyConfiguration: files(['primary_conninfo', '']), runningStandby })).kind).toBe(
      'named',
    );
  });
});

describe('a standby that streams through its slot', () => {
  const receiving = (change: Parameters<typeof aReceiver>[0]) =>
    seen(aRunningStandby({ receiver: aReceiver(change) }), 'it');

  it.each<readonly [string, SettingsSeen['runningStandby'], string | undefined]>([
    [
      'it streams through it',
      receiving({ slotName: 'standby1' }),
      'the standby streams through the slot standby1 (pg_stat_wal_receiver)',
    ],
    ['through another', receiving({ slotName: 'standby2' }), undefined],
    ['through none', receiving({ slotName: undefined }), undefined],
    ['it waits', receiving({ slotName: 'standby1', status: 'waiting' }), undefined],
    ['no receiver runs', seen(aRunningStandby({ receiver: undefined }), 'it'), undefined],
    ['the server was not asked', closed, undefined],
  ])('%s', (_, runningStandby, because) =>
    expect(streamsThrough('standby1', { runningStandby })).toEqual(
      because === undefined ? undefined : { outcome: 'passed', because },
    ),
  );
});
