import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { betweenStates, movedOn } from '../../src/checks/moved-on.ts';
import type { DataDirectory } from '../../src/facts/data-directory.ts';
import type { Facts } from '../../src/facts/facts.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import { aDataDirectory } from '../rules/standby-world.ts';
import { bothAt, there } from '../rules/timelines-world.ts';
import { aRefusal, aRefusedLogin, aSession, anAdminServer, anAttempt, someSettings } from '../rules/world.ts';
import { postmortemOf } from './standby-surroundings.ts';

const began = new Date('2026-11-21T20:00:00.300Z');
const fact = <T>(value: T) => seen(value, 'a test');
const directory = (change: Partial<DataDirectory>): Partial<Facts> => ({ dataDirectory: fact(aDataDirectory(change)) });
const running = { pid: 17, port: 5432, process: 'running', program: 'postgres' } as const;
const refusedBy = (kind: 'closed' | 'refused' | 'timed-out') =>
  fact(aRefusedLogin(anAttempt({ outcome: { kind, phase: 'connect', message: 'as a test says' } })));
const listening = (addresses: string) =>
  fact(anAdminServer({ settings: someSettings({ listen_addresses: addresses, port: '5432' }) }));
const accepted = fact({
  attempts: [anAttempt()],
  outcome: { accepted: true as const, session: aSession() },
});

describe('facts of two states', () => {
  it.each<readonly [string, Partial<Facts>]>([
    ['a server that has no lock file', directory({ postmaster: { ...running, withoutLockFile: true } })],
    ['a lock file without a word', directory({ postmaster: undefined, pidFileUnreadable: 'it is empty' })],
    ['a process that has ended', directory({ postmaster: { ...running, process: 'ended' } })],
    [
      'an upstream that was asked before',
      { timelines: fact(bothAt('0/3000060', '0/3000000', { upstream: { ...there(1, '0/3000000'), isOld: true } })) },
    ],
    ['a login that was closed', { replicationLogin: refusedBy('closed') }],
    ['a connection that broke', { replicationLogin: unseen('connection', 'it broke') }],
    [
      'a server that shuts down',
      { replicationLogin: fact(aRefusedLogin(aRefusal('shutting-down', '57P03', 'it is shutting down'))) },
    ],
    ['a port that refuses and is listened on', { replicationLogin: refusedBy('refused'), adminServer: listening('*') }],
    [
      'a server that lets one of two in',
      {
        replicationLogin: accepted,
        adminRefusal: fact({
          attempt: anAttempt(),
          refusal: 'starting-up' as const,
          own: false,
          error: { sqlstate: '57P03', message: 'starting', detail: undefined, hint: undefined, routine: undefined },
        }),
      },
    ],
    [
      'a server that was started meanwhile',
      { replicationLogin: accepted, adminServer: fact(anAdminServer({ startedAt: new Date(began.getTime() + 1) })) },
    ],
  ])('%s', (_, facts) => expect(betweenStates(facts, began)).toEqual(expect.any(String)));

  it.each<readonly [string, Partial<Facts>]>([
    ['a server that runs', directory({ postmaster: running })],
    ['one that is down', directory({ postmaster: undefined })],
    ['a crash', directory({ postmaster: { ...running, process: 'gone' } })],
    ['a login', { replicationLogin: accepted, adminServer: fact(anAdminServer()) }],
    ['nothing there', { replicationLogin: refusedBy('refused') }],
    ['a time-out', { replicationLogin: refusedBy('timed-out'), adminServer: listening('*') }],
    ['another address', { replicationLogin: refusedBy('refused'), adminServer: listening('127.0.0.1') }],
    [
      'a wrong password',
      {
        replicationLogin: fact(aRefusedLogin(aRefusal('password-refused', '28P01', 'password authentication failed'))),
      },
    ],
  ])('not: %s', (_, facts) => expect(betweenStates(facts, began)).toBeUndefined());
});

describe('the lock file after the look', () => {
  let path: string;
  beforeAll(async () => (path = await mkdtemp(join(tmpdir(), 'moved-on-'))));
  afterAll(async () => rm(path, { recursive: true, force: true }));

  const after = async (file: string | undefined, postmaster: DataDirectory['postmaster']) => {
    const name = join(path, 'postmaster.pid');
    await (file === undefined ? unlink(name).catch(() => undefined) : writeFile(name, file));
    return movedOn(directory({ path, postmaster }), postmortemOf(path), began);
  };
  const lockFile = (pid: number, startedAt: number) => `${pid}\n/data\n${startedAt}\n5432\n/tmp\n*\n`;
  const before = Math.floor(began.getTime() / 1_000) - 100;

  it('is the same', async () => {
    expect(await after(lockFile(17, before), running)).toBeUndefined();
    expect(await after(undefined, undefined)).toBeUndefined();
  });

  it('has come, has gone, or is that of another start', async () => {
    expect(await after(undefined, running)).toEqual(expect.any(String));
    expect(await after(lockFile(17, before + 101), undefined)).toEqual(expect.any(String));
    // the number is given again, in a container each time
    expect(await after(lockFile(17, before + 101), running)).toEqual(expect.any(String));
    expect(await after(lockFile(4_000_000, before), running)).toEqual(expect.any(String));
  });
});
