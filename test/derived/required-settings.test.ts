import { describe, expect, it } from 'vitest';

import { requirements, tooLow } from '../../src/derived/required-settings.ts';
import type { RequiredSetting, RequirementsSeen } from '../../src/derived/required-settings.ts';
import type { ControlFileRead } from '../../src/facts/data-directory.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import { aControlFile } from '../rules/standby-world.ts';
import { aPrimary, someSettings } from '../rules/world.ts';

const no = unseen('connection', 'nobody answers');
const control = seen(aControlFile(), 'pg_control');
const absent = seen<ControlFileRead>({ ok: false, absent: true }, 'pg_control');
const settings = (changes: Parameters<typeof someSettings>[0] = {}) => seen(someSettings(changes), 'pg_settings');
const of = (change: Partial<RequirementsSeen>) =>
  requirements({ controlFile: no, primarySettings: no, primary: seen(aPrimary(), 'it'), ...change });
const inWal = (value: number) => ({ value, source: 'the control file' });
const there = (value: number) => ({ value, source: 'the primary' });
const allInWal = {
  max_connections: inWal(100),
  max_worker_processes: inWal(8),
  max_wal_senders: inWal(10),
  max_prepared_transactions: inWal(0),
  max_locks_per_transaction: inWal(64),
};

describe('what a standby must have at least', () => {
  it.each<readonly [string, Partial<RequirementsSeen>, object]>([
    ['the control file alone is seen', { controlFile: control }, allInWal],
    ['both have the same', { controlFile: control, primarySettings: settings() }, allInWal],
    [
      'the primary has more of some since',
      {
        controlFile: control,
        primarySettings: settings({ max_connections: '101', max_prepared_transactions: '1', max_wal_senders: '9' }),
      },
      { ...allInWal, max_connections: there(101), max_prepared_transactions: there(1) },
    ],
    [
      'what is above is a standby itself',
      {
        controlFile: control,
        primarySettings: settings({ max_connections: '500' }),
        primary: seen(aPrimary({ inRecovery: true }), 'it'),
      },
      allInWal,
    ],
    [
      'the settings are seen, and nothing else of the primary',
      { controlFile: control, primarySettings: settings({ max_connections: '500' }), primary: no },
      { ...allInWal, max_connections: there(500) },
    ],
    [
      'the primary alone is seen, and hides one',
      { primarySettings: settings({ max_worker_processes: undefined }) },
      {
        max_connections: there(100),
        max_wal_senders: there(10),
        max_prepared_transactions: there(0),
        max_locks_per_transaction: there(64),
      },
    ],
    [
      'pg_control is not there',
      { controlFile: absent, primarySettings: settings() },
      {
        max_connections: there(100),
        max_worker_processes: there(8),
        max_wal_senders: there(10),
        max_prepared_transactions: there(0),
        max_locks_per_transaction: there(64),
      },
    ],
    ['nothing is seen', {}, {}],
  ])('%s', (_, change, required) => expect(Object.fromEntries(of(change))).toEqual(required));
});

describe('which settings are too low', () => {
  const required = of({ controlFile: control });
  it.each<readonly [string, Partial<Record<RequiredSetting, string>>, readonly RequiredSetting[]]>([
    ['all are as high', { max_connections: '100', max_wal_senders: '10', max_prepared_transactions: '0' }, []],
    [
      'two are one too low',
      { max_wal_senders: '9', max_connections: '99', max_worker_processes: '9' },
      ['max_connections', 'max_wal_senders'],
    ],
    ['none is seen', {}, []],
    ['what is set is no number', { max_connections: 'many' }, []],
  ])('%s', (_, values, low) => expect(tooLow(required, (name) => values[name])).toEqual(low));

  it('nothing is required', () => expect(tooLow(new Map(), () => '0')).toEqual([]));
});
