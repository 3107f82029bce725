import { expect, it } from 'vitest';

import { settledWithoutPassfile } from '../../src/derived/password-needed.ts';
import type { ConnectionAttempt, ConnectionPlan, ReplicationLogin } from '../../src/facts/connection.ts';
import { aPlan, aRefusal, aRefusedLogin, aSession, anAttempt } from '../rules/world.ts';

const from = (source: ConnectionPlan['password']['from'], words: string): ConnectionPlan =>
  aPlan({ password: { ...aPlan().password, from: source, words } });
const none = from('none', 'nowhere');
const given = from('environment', 'PGPASSWORD');
const accepted: ReplicationLogin = { attempts: [anAttempt()], outcome: { accepted: true, session: aSession() } };
const stopped = (why: Extract<ConnectionAttempt['outcome'], { kind: 'client-stopped' }>['why'], message: string) =>
  aRefusedLogin(anAttempt({ outcome: { kind: 'client-stopped', why, message } }));
const ended = (end: string) => ({
  outcome: 'unexamined',
  why: { kind: 'connection', because: `the replication login ended before that: ${end}` },
});
const elsewhere = { outcome: 'not-applicable', because: 'the password comes from PGPASSWORD' };
const refused = aRefusedLogin(aRefusal('role-missing', '28000', 'role "x" does not exist'));
const silent = aRefusedLogin(
  anAttempt({ outcome: { kind: 'refused', phase: 'connect', message: 'connection refused' } }),
);

it.each<readonly [string, ReplicationLogin, ConnectionPlan, object | undefined]>([
  ['it needed none', accepted, none, { outcome: 'passed', because: 'the login succeeded and needed no password' }],
  [
    'it succeeded with one',
    accepted,
    given,
    { outcome: 'passed', because: 'the login succeeded with the password from PGPASSWORD' },
  ],
  ['one was asked for and none was there', stopped('no-password', 'no password supplied'), none, undefined],
  ['one was asked for, and the given one is empty', stopped('no-password', 'no password supplied'), given, undefined],
  [
    'the client stopped for another reason',
    stopped('method', 'GSSAPI is asked for'),
    none,
    ended('GSSAPI is asked for'),
  ],
  ['the client stopped for another reason, with one', stopped('method', 'GSSAPI is asked for'), given, elsewhere],
  ['its key cannot be read', stopped('client-key', 'no key'), none, ended('no key')],
  ['the server refused without one', refused, none, ended('role "x" does not exist')],
  ['the server refused with one', refused, given, elsewhere],
  ['nobody answered', silent, none, ended('connection refused')],
  ['nobody answered, with one', silent, given, elsewhere],
])('the password file: %s', (_, login, plan, judgement) =>
  expect(settledWithoutPassfile(login, plan)).toEqual(judgement),
);
