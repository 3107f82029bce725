import { describe, expect, it } from 'vitest';

import {
  connectionsNeeded,
  hasItsConnection,
  refusedFor,
  sendersOfOthers,
  walSendersAllowed,
} from '../../src/derived/connections-needed.ts';
import type { ReplicationLogin } from '../../src/facts/connection.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { Observed } from '../../src/facts/observed.ts';
import { aReceiver, aRunningStandby, aWalSender } from '../rules/standby-world.ts';
import { aBaseBackup, aRefusal, aRefusedLogin, aSession, anAttempt, someSettings } from '../rules/world.ts';

const no = unseen('connection', 'nobody answers');

it.each([
  ['files and WAL at once', seen(aBaseBackup({ walMethod: 'stream' }), 'it'), 2],
  ['WAL after the files', seen(aBaseBackup({ walMethod: 'fetch' }), 'it'), 1],
  ['files alone', seen(aBaseBackup({ walMethod: 'none' }), 'it'), 1],
  ['a standby', notApplicable('no copy is made'), 1],
  ['not seen', no, 1],
])('connections at once: %s', (_, command, count) => expect(connectionsNeeded(command)).toBe(count));

it.each([
  ['streams', seen(aRunningStandby(), 'it'), true],
  ['waits', seen(aRunningStandby({ receiver: aReceiver({ status: 'waiting' }) }), 'it'), false],
  ['has no receiver', seen(aRunningStandby({ receiver: undefined }), 'it'), false],
  ['is not seen', no, false],
])('has its connection: a standby that %s', (_, standby, has) => expect(hasItsConnection(standby)).toBe(has));

it('does not count the connections that look', () => {
  const [other, own] = [aWalSender(), aWalSender({ pid: 901, applicationName: 'standbylint' })];
  expect(sendersOfOthers([own, other, own])).toEqual([other]);
  expect(sendersOfOthers([own])).toEqual([]);
});

const words = 'number of requested standby connections exceeds "max_wal_senders" (currently 3)';
const exhausted = aRefusal('wal-senders-exhausted', '53300', words);
const other = aRefusal('role-missing', '28000', 'role "replicator" does not exist (currently 7)');
const refused = (attempt: typeof exhausted) => seen<ReplicationLogin>(aRefusedLogin(attempt), 'the replication login');
const accepted = (second: ReturnType<typeof aSession>['second']) =>
  seen<ReplicationLogin>(
    { attempts: [anAttempt()], outcome: { accepted: true, session: aSession({ second }) } },
    'the replication login',
  );

describe('no WAL sender is left', () => {
  it.each<readonly [string, Observed<ReplicationLogin>, string | undefined]>([
    ['for the first connection', refused(exhausted), words],
    ['for the second connection', accepted({ accepted: false, attempt: exhausted }), words],
    ['the first is refused for another reason', refused(other), undefined],
    ['the second is refused for another reason', accepted({ accepted: false, attempt: other }), undefined],
    ['nobody answers', refused(anAttempt({ outcome: { kind: 'no-socket', message: words } })), undefined],
    ['both are accepted', accepted({ accepted: true }), undefined],
    ['a second one is not needed', accepted(undefined), undefined],
    ['not tried', no, undefined],
  ])('%s', (_, login, message) => expect(refusedFor(login)).toBe(message));
});

describe('how many WAL senders are allowed', () => {
  const settings = (value: string | undefined) => seen(someSettings({ max_wal_senders: value }), 'pg_settings');
  const hidden = {
    known: false,
    why: { kind: 'permission', because: 'max_wal_senders: the server does not show this setting' },
  } as const;

  it.each<readonly [string, ...Parameters<typeof walSendersAllowed>, ReturnType<typeof walSendersAllowed>]>([
    ['by the settings', settings('10'), no, { known: true, count: 10, source: 'pg_settings' }],
    ['none', settings('0'), no, { known: true, count: 0, source: 'pg_settings' }],
    [
      'by the settings before a refusal',
      settings('10'),
      refused(exhausted),
      { known: true, count: 10, source: 'pg_settings' },
    ],
    ['by the refusal of the first', no, refused(exhausted), { known: true, count: 3, source: "the server's refusal" }],
    [
      'by the refusal of the second, where the setting is hidden',
      settings(undefined),
      accepted({ accepted: false, attempt: exhausted }),
      { known: true, count: 3, source: "the server's refusal" },
    ],
    [
      'a refusal without a number',
      no,
      refused(aRefusal('wal-senders-exhausted', '53300', 'sorry, too many clients already')),
      { known: false, why: no.why },
    ],
    ['another refusal', no, refused(other), { known: false, why: no.why }],
    ['the setting is hidden', settings(undefined), accepted({ accepted: true }), hidden],
    ['the setting is no number', settings('many'), no, hidden],
    ['settings do not apply', notApplicable('no server'), no, hidden],
  ])('%s', (_, given, login, allowed) => expect(walSendersAllowed(given, login)).toEqual(allowed));
});
