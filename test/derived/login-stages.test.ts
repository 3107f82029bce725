import { describe, expect, it } from 'vitest';

import { endpointOf, isSocket, judgeStage, placeOf, stageOfEnd, triesOf } from '../../src/derived/login-stages.ts';
import type { ReachStage } from '../../src/derived/login-stages.ts';
import type { AttemptOutcome, ConnectionAttempt, ReplicationLogin } from '../../src/facts/connection.ts';
import { notApplicable } from '../../src/findings/judgement.ts';
import { aRefusal, aRefusedLogin, aSession, anAttempt } from '../rules/world.ts';

const message = 'words';
const bare = (outcome: AttemptOutcome, change: Partial<ConnectionAttempt> = {}): ConnectionAttempt =>
  anAttempt({ certificate: undefined, encryption: 'none', outcome, ...change });
const stopped = (why: Extract<AttemptOutcome, { kind: 'client-stopped' }>['why']): AttemptOutcome => ({
  kind: 'client-stopped',
  why,
  message,
});
const refusal = aRefusal('hba-rejected', '28000', message, { certificate: undefined });

describe('the stage at which an attempt ended', () => {
  it.each<readonly [AttemptOutcome, ReachStage]>([
    [{ kind: 'not-resolved', code: 'ENOTFOUND', message }, 'name'],
    [{ kind: 'no-socket', message }, 'connection'],
    [{ kind: 'refused', phase: 'connect', message }, 'connection'],
    [{ kind: 'unreachable', phase: 'connect', message }, 'connection'],
    [{ kind: 'timed-out', phase: 'connect', message }, 'connection'],
    [{ kind: 'timed-out', phase: 'tls', message }, 'protocol'],
    [{ kind: 'timed-out', phase: 'login', message }, 'protocol'],
    [{ kind: 'closed', phase: 'connect', message }, 'connection'],
    [{ kind: 'closed', phase: 'login', message }, 'protocol'],
    [{ kind: 'not-postgresql', answered: 'SSH-2.0' }, 'protocol'],
    [{ kind: 'tls-not-offered' }, 'tls'],
    [{ kind: 'tls-refused-certificate', why: 'expired', message }, 'tls'],
    [{ kind: 'tls-other', message }, 'tls'],
    [stopped('gssencmode'), 'connection'],
    [stopped('client-key'), 'tls'],
    [stopped('no-password'), 'login'],
    [stopped('method'), 'login'],
    [stopped('channel-binding'), 'login'],
    [stopped('require-auth'), 'login'],
    [refusal.outcome, 'login'],
    [{ kind: 'wrong-session-attributes', message }, 'login'],
    [{ kind: 'logged-in' }, 'login'],
  ])('%j', (outcome, stage) => {
    const attempt = bare(outcome);
    expect(stageOfEnd(aRefusedLogin(attempt), attempt)).toBe(stage);
  });

  const closed = bare({ kind: 'closed', phase: 'login', message });
  it.each<readonly [string, ConnectionAttempt, ReachStage]>([
    ['it has shown its certificate', { ...closed, certificate: anAttempt().certificate }, 'login'],
    ['it has said that it has no TLS', bare({ kind: 'tls-not-offered' }), 'login'],
    ['it has refused another attempt', refusal, 'login'],
    ['something else answers beside it', bare({ kind: 'not-postgresql', answered: 'x' }), 'protocol'],
    ['another address has answered', { ...refusal, address: '10.0.0.2' }, 'protocol'],
    ['another port has answered', { ...refusal, port: 5433 }, 'protocol'],
    ['another host has answered', { ...refusal, host: 'db2' }, 'protocol'],
  ])('a connection that is closed: %s', (_, beside, stage) =>
    expect(stageOfEnd(aRefusedLogin(beside, closed), closed)).toBe(stage),
  );
});

describe('the judgement about a stage', () => {
  const accepted: ReplicationLogin = { attempts: [anAttempt()], outcome: { accepted: true, session: aSession() } };
  const noTls = aRefusedLogin(bare({ kind: 'tls-not-offered' }));
  const judged = notApplicable('judged');
  const passed = (because: string) => ({ outcome: 'passed', because });
  const unexamined = {
    outcome: 'unexamined',
    why: {
      kind: 'connection',
      because: 'the replication login ended before that: db1:5432 does not offer TLS',
    },
  };

  it.each<readonly [string, ReplicationLogin, ReachStage, object]>([
    ['it came through', accepted, 'login', passed('the replication login succeeded at 10.0.0.1:5432 (db1)')],
    ['it came further', noTls, 'name', passed('10.0.0.1:5432 (db1) answered: db1:5432 does not offer TLS')],
    ['it came one further', noTls, 'protocol', passed('10.0.0.1:5432 (db1) answered: db1:5432 does not offer TLS')],
    ['it ended there', noTls, 'tls', judged],
    ['it did not come so far', noTls, 'login', unexamined],
  ])('%s', (_, login, stage, judgement) => {
    expect(judgeStage(login, stage, () => judged)).toEqual(judgement);
  });

  it('hears how it ended', () => {
    const attempt = bare({ kind: 'tls-not-offered' });
    const heard: unknown[] = [];
    judgeStage(aRefusedLogin(attempt), 'tls', (...of) => {
      heard.push(...of);
      return undefined;
    });
    expect(heard).toEqual([attempt, { kind: 'tls-not-offered' }]);
  });

  it('it ended there for another reason', () =>
    expect(judgeStage(noTls, 'tls', () => undefined)).toEqual(
      notApplicable('the login failed for another reason: db1:5432 does not offer TLS'),
    ));
});

describe('where an attempt went', () => {
  it.each([
    ['a name', 'db1', '10.0.0.1', '10.0.0.1:5432 (db1)'],
    ['a name that leads nowhere', 'db1', undefined, 'db1:5432'],
    ['an address', '10.0.0.1', '10.0.0.1', '10.0.0.1:5432'],
    ['an address of IPv6', 'fd00::1', 'fd00::1', '[fd00::1]:5432'],
    ['a name of an address of IPv6', 'db1', 'fd00::1', '[fd00::1]:5432 (db1)'],
    ['a socket', '/run', '/run/.s.PGSQL.5432', 'the socket /run/.s.PGSQL.5432'],
    ['an abstract socket', '@pg', '@pg/.s.PGSQL.5432', 'the socket @pg/.s.PGSQL.5432'],
  ])('%s', (_, host, address, place) => {
    expect(placeOf({ host, port: 5432, address })).toBe(place);
    expect(isSocket({ address })).toBe(place.startsWith('the socket'));
  });

  it('an endpoint', () => {
    expect(endpointOf('db1', 6432)).toBe('db1:6432');
    expect(endpointOf('::1', 6432)).toBe('[::1]:6432');
  });
});

describe('the tries', () => {
  const tried = (value: string) => ({ label: 'tried', value, source: 'the replication login' });

  it('are told in their order', () =>
    expect(triesOf(aRefusedLogin(anAttempt({ outcome: { kind: 'tls-other', message: 'alert' } }), refusal))).toEqual([
      tried('10.0.0.1:5432 (db1) with TLS: alert'),
      tried('10.0.0.1:5432 (db1) with TLS: words'),
    ]));

  it('say nothing of TLS where there is none', () =>
    expect(triesOf(aRefusedLogin(bare({ kind: 'logged-in' })))).toEqual([
      tried('10.0.0.1:5432 (db1): logged in to db1:5432'),
    ]));

  it('are eight at most', () => {
    const attempts = Array.from({ length: 9 }, (_, at) => bare({ kind: 'no-socket', message }, { port: at + 1 }));
    const { outcome } = aRefusedLogin(refusal);
    expect(triesOf({ attempts, outcome }).map(({ value }) => value)).toEqual(
      Array.from({ length: 8 }, (_, at) => `10.0.0.1:${at + 1} (db1): words`),
    );
  });
});
