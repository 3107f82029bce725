import { describe, expect, it } from 'vitest';

import { isPrimaryNow, roleNow } from '../../src/derived/role-now.ts';
import type { RoleSeen } from '../../src/derived/role-now.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { aControlFile, aDataDirectory, aRunningStandby, aStoppedDirectory } from '../rules/standby-world.ts';

const closed = unseen('connection', 'the database system is starting up');
const signals = (standby: boolean, recovery = false) => ({ ...aDataDirectory().signals, standby, recovery });
const label = { text: '', label: undefined };
const control = (state: string): RoleSeen['controlFile'] => {
  const read = aControlFile();
  if (!read.ok) throw new Error('the healthy control file is readable');
  return { ...read, value: { ...read.value, state: state as typeof read.value.state } };
};
const world = (change: Partial<RoleSeen>): RoleSeen => ({
  dataDirectory: aDataDirectory({ signals: signals(false) }),
  controlFile: control('in production'),
  runningStandby: closed,
  ...change,
});

it.each<readonly [string, Partial<RoleSeen>, ReturnType<typeof roleNow>]>([
  ['its own word', { runningStandby: seen(aRunningStandby(), 'it') }, 'in recovery'],
  [
    'its own word, after a promotion',
    { runningStandby: seen(aRunningStandby({ inRecovery: false }), 'it') },
    'primary',
  ],
  ['no server runs', { dataDirectory: aStoppedDirectory() }, 'not running'],
  ['in production, and nothing says that it recovers', {}, 'primary'],
  ['in archive recovery', { controlFile: control('in archive recovery') }, 'in recovery'],
  [
    'a fresh base backup, whose pg_control is its primary’s',
    { dataDirectory: aDataDirectory({ signals: signals(true), backupLabel: label }) },
    'in recovery',
  ],
  [
    'the same with recovery.signal',
    { dataDirectory: aDataDirectory({ signals: signals(false, true), backupLabel: label }) },
    'in recovery',
  ],
  [
    'in production, with a signal that was put there since',
    { dataDirectory: aDataDirectory({ signals: signals(true) }) },
    'unknown',
  ],
  [
    'in production, with a backup_label',
    { dataDirectory: aDataDirectory({ signals: signals(false), backupLabel: label }) },
    'unknown',
  ],
  ['pg_control cannot be read', { controlFile: { ok: false, problem: 'damaged' } as never }, 'unknown'],
])('%s', (_, change, role) => expect(roleNow(world(change))).toBe(role));

describe('a server that runs as a primary', () => {
  it.each<readonly [string, Parameters<typeof isPrimaryNow>[0], boolean]>([
    ['it is not in recovery', seen(aRunningStandby({ inRecovery: false }), 'it'), true],
    ['it is in recovery', seen(aRunningStandby(), 'it'), false],
    ['it could not be asked', unseen('connection', 'no server answers'), false],
    ['none runs', notApplicable('no server runs'), false],
  ])('%s', (_, running, primary) => expect(isPrimaryNow(running)).toBe(primary));
});
