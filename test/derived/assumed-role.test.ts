import { describe, expect, it } from 'vitest';

import { isAssumed, isOfSystem, meantRole } from '../../src/derived/assumed-role.ts';
import { parseHbaText } from '../rules/hba-text.ts';
import { aPlan, aPrimary, anAttempt } from '../rules/world.ts';

const file = '/etc/postgresql/15/main/pg_hba.conf';
const system = "the operating system's user";
const planOf = (source: string) => aPlan({ user: 'root', sources: { user: source } });

describe('who gave the role', () => {
  it.each([
    [system, true, true],
    ['PGUSER', true, false],
    ['-U', false, false],
    ['service file /etc/pg_service.conf line 3', false, false],
  ])('%s', (source, assumed, ofSystem) => {
    expect(isAssumed(planOf(source))).toBe(assumed);
    expect(isOfSystem(planOf(source))).toBe(ofSystem);
  });

  it('is not known', () => {
    expect(isAssumed({ sources: {} })).toBe(false);
    expect(isOfSystem({ sources: {} })).toBe(false);
  });
});

describe('the role that was meant where none was given', () => {
  const of = (text: string, source = system): string | undefined =>
    meantRole(
      planOf(source),
      anAttempt(),
      { file, lines: parseHbaText(file, text), changedSinceLoad: false },
      aPrimary(),
    );

  it.each([
    ['one is named', 'host replication repl 10.0.0.7/32 scram-sha-256', 'repl'],
    ['one is named on two lines', 'host replication repl 10.0.0.7/32 md5\nhost replication repl all md5', 'repl'],
    ['one is named beside others that are no names', 'host replication all,+dba,repl all md5', 'repl'],
    ['two are named', 'host replication repl,copier 10.0.0.7/32 scram-sha-256', undefined],
    [
      'two are named, and one of them for another address',
      'host replication repl all md5\nhost replication copier 10.9.0.0/16 md5',
      'repl',
    ],
    [
      'two are named, and one of them is rejected',
      'host replication copier all reject\nhost replication repl,copier all md5',
      'repl',
    ],
    ['everybody is named', 'host replication all 10.0.0.7/32 scram-sha-256', undefined],
    ['the role that was taken is the one that is named', 'host replication root 10.0.0.7/32 scram-sha-256', undefined],
    ['one is named for databases', 'host all repl 10.0.0.7/32 scram-sha-256', undefined],
    [
      'one is named for databases, and everybody for replication',
      'host all repl all md5\nhost replication all all md5',
      undefined,
    ],
    ['one is named for a database called replication', 'host "replication" repl 10.0.0.7/32 md5', undefined],
    ['one is named for sockets', 'local replication repl peer', undefined],
    ['one is named without TLS, and TLS is used', 'hostnossl replication repl all md5', undefined],
    [
      'a group above it may decide otherwise',
      'host replication +dba all reject\nhost replication repl all md5',
      undefined,
    ],
    ['a group is named before it, whose members are not known', 'host replication +dba,repl all md5', 'repl'],
    ['its line is broken', 'host replication repl 10.0.0.7/32 magic', undefined],
    ['nothing is there', '', undefined],
  ])('%s', (_, text, role) => {
    expect(of(text)).toBe(role);
    expect(of(text, 'PGUSER')).toBe(role);
  });

  it('was given', () => expect(of('host replication repl all md5', '-U')).toBeUndefined());

  it('pg_hba.conf was not seen', () =>
    expect(meantRole(planOf(system), anAttempt(), undefined, aPrimary())).toBeUndefined());
});
