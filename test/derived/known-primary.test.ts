import { describe, expect, it } from 'vitest';

import { knownPrimary } from '../../src/derived/known-primary.ts';
import type { KnownPrimary } from '../../src/derived/known-primary.ts';
import type { ControlFileRead } from '../../src/facts/data-directory.ts';
import type { AdminServer } from '../../src/facts/identity.ts';
import { seen, unseen } from '../../src/facts/observed.ts';
import { parseHbaText } from '../rules/hba-text.ts';
import { aControlFile } from '../rules/standby-world.ts';
import { aSystemIdentifier, anAdminServer, someSettings } from '../rules/world.ts';

const no = unseen('connection', 'nobody answers');
const control = seen(aControlFile(), 'pg_control');
const file = '/etc/postgresql/15/main/pg_hba.conf';
const hba = (...lines: readonly string[]): Pick<AdminServer, 'hbaRules'> => ({
  hbaRules: seen({ file, lines: parseHbaText(file, lines.join('\n')), changedSinceLoad: false }, 'pg_hba_file_rules'),
});
const of = (...changes: readonly Partial<AdminServer>[]): KnownPrimary | undefined =>
  knownPrimary({ adminServer: seen(anAdminServer(Object.assign({}, ...changes)), 'it'), controlFile: control });
const roles = (...names: readonly string[]): Pick<AdminServer, 'replicationRoles'> => ({
  replicationRoles: names.map((name) => ({ name, superuser: name === 'postgres' })),
});
const settings = (changes: Parameters<typeof someSettings>[0]) => ({ settings: someSettings(changes) });
const way = (role: string, method: KnownPrimary['methods'][number] | undefined, host = 'db1') =>
  expect.objectContaining({ host, port: 5432, role, methods: method === undefined ? [] : [method] }) as unknown;

const open = hba('host replication all all scram-sha-256');
const here = { host: '10.0.0.7', ownAddress: true };
const socket = { host: '/run/postgresql', ownAddress: true };

describe('the primary of --admin', () => {
  it.each<readonly [string, Partial<AdminServer>, unknown]>([
    ['has one role for it', {}, way('replicator', 'scram-sha-256')],
    ['is a standby itself', { inRecovery: true }, undefined],
    ['is of another cluster', { systemIdentifier: aSystemIdentifier('7710717925441494095') }, undefined],
    ['is behind a pooler', settings({ port: '5433' }), undefined],
    ['hides its port', settings({ port: undefined }), undefined],
    [
      'has another port, and is reached there',
      { port: 5433, ...settings({ port: '5433' }) },
      expect.objectContaining({ port: 5433 }),
    ],
    ['has no role for it', roles(), undefined],
  ])('%s', (_, change, expected) => expect(of(change)).toEqual(expected));

  it('is not seen, or the data directory is not', () => {
    const adminServer = seen(anAdminServer(), 'it');
    const absent = seen<ControlFileRead>({ ok: false, absent: true }, 'pg_control');
    expect(knownPrimary({ adminServer: no, controlFile: control })).toBeUndefined();
    expect(knownPrimary({ adminServer, controlFile: no })).toBeUndefined();
    expect(knownPrimary({ adminServer, controlFile: absent })).toBeUndefined();
  });
});

describe('the role that is meant for replication', () => {
  it.each<readonly [string, readonly Partial<AdminServer>[], unknown]>([
    ['the only one', [roles('repl'), open], way('repl', 'scram-sha-256')],
    ['not the superuser', [roles('postgres', 'repl'), open], way('repl', 'scram-sha-256')],
    ['one of two', [roles('repl', 'copier'), open], undefined],
    ['the superuser, where there is no other', [roles('postgres'), open], way('postgres', 'scram-sha-256')],
    [
      'the one that is let in',
      [roles('repl', 'copier'), here, hba('host replication copier 10.0.0.0/24 md5')],
      way('copier', 'md5', '10.0.0.7'),
    ],
    [
      'not the one that is rejected',
      [roles('repl', 'copier'), here, hba('host replication repl all reject', 'host replication all all md5')],
      way('copier', 'md5', '10.0.0.7'),
    ],
    [
      'the superuser, where only that one is let in',
      [roles('postgres', 'repl'), here, hba('host replication postgres all md5')],
      way('postgres', 'md5', '10.0.0.7'),
    ],
    [
      'the only one, which no line is for',
      [roles('postgres', 'repl'), here, hba('host all all all md5')],
      way('repl', undefined, '10.0.0.7'),
    ],
    [
      'the only one, which is rejected',
      [roles('repl'), here, hba('host replication all all reject')],
      way('repl', 'reject', '10.0.0.7'),
    ],
    ['one of two that no line is for', [roles('repl', 'copier'), here, hba('')], undefined],
    ['the superuser, which no line is for', [roles('postgres'), here, hba('')], undefined],
    ['the only one, and pg_hba.conf is hidden', [roles('postgres', 'repl'), { hbaRules: no }], way('repl', undefined)],
    [
      'the only one, whose line is for TLS alone',
      [roles('repl'), hba('hostssl replication all all md5')],
      way('repl', 'md5'),
    ],
    [
      'the only one, whose line is for TLS, which is off',
      [roles('repl'), settings({ ssl: 'off' }), hba('hostssl replication all all md5')],
      way('repl', undefined),
    ],
    [
      'the only one, which is rejected over TLS alone',
      [roles('repl'), hba('hostssl replication all all reject', 'host replication all all md5')],
      expect.objectContaining({ role: 'repl', methods: ['md5'] }),
    ],
    [
      'the only one, and a line above may decide',
      [roles('repl'), hba('host replication +admins all md5', 'host replication all all trust')],
      expect.objectContaining({ role: 'repl', methods: ['md5', 'trust'] }),
    ],
    [
      'one of two that are let in, of which one may be rejected',
      [roles('repl', 'copier'), hba('host replication +admins all reject', 'host replication all all md5')],
      undefined,
    ],
  ])('%s', (_, changes, expected) => expect(of(...changes)).toEqual(expected));
});

describe('the way to it', () => {
  const byBoth = hba('local replication all peer', 'host replication all 127.0.0.1/32 md5');

  it.each<readonly [string, readonly Partial<AdminServer>[], unknown]>([
    [
      'by its name, and its address is not known',
      [hba('host replication all 10.0.0.0/24 md5')],
      way('replicator', 'md5'),
    ],
    ['by its own address', [here, hba('host replication all 10.0.0.7/32 md5')], way('replicator', 'md5', '10.0.0.7')],
    [
      'over TCP before a socket',
      [socket, byBoth, settings({ listen_addresses: 'localhost' })],
      way('replicator', 'md5', '127.0.0.1'),
    ],
    ['over TCP before an abstract socket', [socket, { host: '@pg' }, byBoth], way('replicator', 'md5', '127.0.0.1')],
    [
      'by a socket, where it listens nowhere',
      [socket, byBoth, settings({ listen_addresses: '' })],
      way('replicator', 'peer', '/run/postgresql'),
    ],
    [
      'by a socket, where it listens elsewhere',
      [socket, byBoth, settings({ listen_addresses: '10.0.0.7' })],
      way('replicator', 'peer', '/run/postgresql'),
    ],
    [
      'by a socket, where that is hidden',
      [socket, byBoth, settings({ listen_addresses: undefined })],
      way('replicator', 'peer', '/run/postgresql'),
    ],
    [
      'by a socket of another machine’s',
      [socket, { ownAddress: false }, byBoth],
      way('replicator', 'peer', '/run/postgresql'),
    ],
    [
      'by a socket, where TCP is not let in',
      [socket, hba('local replication all peer')],
      way('replicator', 'peer', '/run/postgresql'),
    ],
    ['over TCP, where no line is for either', [socket, hba('')], way('replicator', undefined, '127.0.0.1')],
  ])('%s', (_, changes, expected) => expect(of(...changes)).toEqual(expected));
});
