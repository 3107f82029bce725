import { describe, expect, test } from 'vitest';

import type { ReplicationLogin } from '../../src/facts/connection.ts';
import type { Observed } from '../../src/facts/observed.ts';
import { localHost } from '../../src/hosts/local.ts';
import { formatLsn } from '../../src/postgres/lsn.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { factsOf } from '../checks/standby-surroundings.ts';
import { aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { until } from '../lab/until.ts';
import { aBaseBackup } from '../rules/world.ts';

interface Options {
  readonly conninfo?: string;
  readonly walMethod?: 'fetch' | 'stream';
  readonly slot?: string;
  readonly createsSlot?: boolean;
  readonly signal?: AbortSignal;
}

async function logIn(primary: Primary, options: Options = {}): Promise<Observed<ReplicationLogin>> {
  const host = { ...localHost(), environment: { HOME: '/nonexistent' } };
  const conninfo = options.conninfo ?? `${primary.conninfo} password='${primary.password}'`;
  const given = { conninfo, host: undefined, port: undefined, user: undefined };
  const resolved = await resolveConnection(host, given, { replication: true });
  if (!resolved.ok) throw new Error(resolved.message);
  const { walMethod = 'stream', slot, createsSlot = false } = options;
  const subject = {
    command: 'preflight',
    baseBackup: aBaseBackup({ walMethod, slot, createsSlot }),
    connection: resolved.connection,
    admin: undefined,
  } as const;
  const signal = options.signal ?? new AbortController().signal;
  const surroundings = { subject, host, timeoutMs: 3_000, signal, now: () => new Date() };
  const { replicationLogin } = await factsOf(surroundings, ['replicationLogin']);
  if (replicationLogin === undefined) throw new Error('no check brings it');
  return replicationLogin;
}

async function session(primary: Primary, options: Options = {}) {
  const login = await logIn(primary, options);
  if (login.status !== 'seen' || !login.value.outcome.accepted) throw new Error(`no login: ${JSON.stringify(login)}`);
  return login.value.outcome.session;
}

const walSendersGone = async ({ server }: Primary): Promise<void> => {
  await until('no WAL sender is left', async () => {
    const rows = await server.query('SELECT pid FROM pg_stat_replication');
    return rows.length === 0 ? true : null;
  });
};

onReleasesInTurn((release) => {
  describe('a login that is let in', () => {
    test('tells who the server is, and what its settings are', async () => {
      const primary = await aPrimary({ release, settings: { wal_keep_size: '1GB' } });
      const found = await session(primary);
      const [row] = await primary.server.query(
        'SELECT system_identifier, pg_current_wal_flush_lsn() AS lsn FROM pg_control_system()',
      );
      expect(found).toMatchObject({ sameMachine: true, second: { accepted: true }, slot: undefined, timeline: 1 });
      expect(String(found.systemIdentifier)).toBe(row?.['system_identifier']);
      expect(formatLsn(found.walPosition)).toBe(row?.['lsn']);
      expect(found.serverVersion).toMatch(new RegExp(`^${release.version}\\b`, 'u'));
      expect(found.settings.get('wal_keep_size')).toBe('1GB');
      expect(found.settings.get('max_wal_senders')).toBe('10');
      expect(found.settings.has('data_directory')).toBe(false);
      // nothing of ours is in the way of the copy that follows
      await walSendersGone(primary);
      expect(
        await session(primary, { conninfo: `host=${primary.server.folder} port=${primary.server.port} user=postgres` }),
      ).toMatchObject({
        sameMachine: true,
        attempt: { address: `${primary.server.folder}/.s.PGSQL.${primary.server.port}` },
      });
    });

    test('-X stream needs two WAL senders', async () => {
      const primary = await aPrimary({ release, settings: { max_wal_senders: '1' } });
      expect(await session(primary)).toMatchObject({
        second: { accepted: false, attempt: { outcome: { kind: 'server-refused', refusal: 'wal-senders-exhausted' } } },
      });
      await walSendersGone(primary);
      expect((await session(primary, { walMethod: 'fetch' })).second).toBeUndefined();
    });

    test('a slot that the command line names', async () => {
      const primary = await aPrimary({ release, settings: { wal_level: 'logical' } });
      await primary.server.psql(
        `SELECT pg_create_physical_replication_slot('reserved', true), pg_create_physical_replication_slot('fresh'),
                pg_create_logical_replication_slot('logical', 'test_decoding')`,
      );
      const slot = async (name: string, createsSlot = false) =>
        (await session(primary, { slot: name, createsSlot, walMethod: 'fetch' })).slot;
      if (release.major < 15) {
        expect(await slot('reserved')).toBeUndefined();
        return;
      }
      expect(await slot('reserved')).toEqual({ exists: true, reserved: true });
      expect(await slot('fresh')).toEqual({ exists: true, reserved: false });
      expect(await slot('nowhere')).toEqual({ exists: false });
      expect(await slot('logical')).toEqual({ exists: 'logical' });
      expect(await slot('Odd "name"; DROP')).toEqual({ exists: false });
      // one that -C is to create may be there already
      expect(await slot('reserved', true)).toEqual({ exists: true, reserved: true });
      expect(await slot('nowhere', true)).toEqual({ exists: false });
    });
  });

  test('of several refusals the one counts that came furthest', async () => {
    const primary = await aPrimary({
      release,
      hba: ['hostssl all nobody samehost trust', 'host replication replicator samehost scram-sha-256'],
    });
    const login = await logIn(primary, { conninfo: `${primary.conninfo} password=wrong` });
    expect(login).toMatchObject({
      status: 'seen',
      value: {
        outcome: { accepted: false, decisive: { outcome: { kind: 'server-refused', refusal: 'password-refused' } } },
      },
    });
    expect(await logIn(primary, { conninfo: primary.conninfo })).toMatchObject({
      value: { outcome: { accepted: false, decisive: { outcome: { kind: 'client-stopped', why: 'no-password' } } } },
    });
    expect(await logIn(primary, { signal: AbortSignal.abort() })).toMatchObject({ status: 'unseen' });
  });
});
