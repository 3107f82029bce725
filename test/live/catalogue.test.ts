import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import type { Surroundings } from '../../src/checks/check.ts';
import { primary as primaryCheck } from '../../src/checks/primary.ts';
import { lookOverAdmin } from '../../src/checks/primary/admin-session.ts';
import { noStandbyYet } from '../../src/checks/subject.ts';
import { upstreamCheck } from '../../src/checks/upstream.ts';
import type { Release } from '../../src/throwaway/releases.ts';
import { seen, unseen, withoutAdmin } from '../../src/facts/observed.ts';
import type { Observed } from '../../src/facts/observed.ts';
import type { ReplicationSession } from '../../src/facts/connection.ts';
import { parseSystemIdentifier } from '../../src/postgres/lsn.ts';
import { localHost } from '../../src/hosts/local.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { until } from '../lab/until.ts';
import { aBaseBackup, anAttempt, aSession } from '../rules/world.ts';

const password = 'a password for tests';

/** Looks as the program does, with the connection string of --admin (or none), before any replication login. */
async function lookAs(
  admin: string | undefined,
  more: { readonly replication?: string; readonly session?: Partial<ReplicationSession> } = {},
) {
  const host = localHost();
  const given = { host: undefined, port: undefined };
  const connection = await resolveConnection(
    host,
    { ...given, conninfo: more.replication ?? `host=127.0.0.1 ${portIn(admin)}`, user: 'replicator' },
    { replication: true },
  );
  const inside = await resolveConnection(
    host,
    { ...given, conninfo: admin ?? 'host=/nonexistent', user: undefined },
    { replication: false },
  );
  if (!connection.ok || !inside.ok) throw new Error('the connection strings of this test do not resolve');
  const surroundings: Surroundings = {
    subject: {
      command: 'preflight',
      baseBackup: aBaseBackup(),
      connection: connection.connection,
      admin: admin === undefined ? undefined : inside.connection,
    },
    host,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    now: () => new Date(),
  };
  const { upstream } = await upstreamCheck.look({ standbySettings: noStandbyYet }, surroundings);
  const role = connection.connection.plan.user;
  const look = { role, settings: undefined, replication: Promise.resolve(undefined) };
  return primaryCheck.look(
    {
      upstream,
      standbySettings: noStandbyYet,
      overAdmin: seen(await lookOverAdmin(look, surroundings), 'the test'),
      replicationLogin:
        more.session === undefined
          ? unseen('connection', 'this test does not log in for replication')
          : seen(
              { attempts: [anAttempt()], outcome: { accepted: true as const, session: aSession(more.session) } },
              'the test',
            ),
    },
    surroundings,
  );
}

/** The replication connection would lead to the same server. */
const portIn = (admin: string | undefined): string => /port=\d+/u.exec(admin ?? '')?.[0] ?? '';

type Facts = Awaited<ReturnType<typeof lookAs>>;

const statuses = (facts: Facts): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).map(([name, fact]: [string, Observed<unknown>]) => [name, fact.status]));

const value = <T>(fact: Observed<T>): T => {
  if (fact.status !== 'seen') throw new Error(`it was not seen: ${JSON.stringify(fact)}`);
  return fact.value;
};

const remedyOf = (fact: Observed<unknown>): string => {
  if (fact.status !== 'unseen' || fact.why.remedy === undefined)
    throw new Error(`there is no remedy: ${JSON.stringify(fact)}`);
  return fact.why.remedy;
};

onReleasesInTurn((release: Release) => {
  let primary: Primary;
  const as = (user: string): string =>
    `host=127.0.0.1 port=${primary.server.port} user=${user} password='${password}' dbname=postgres`;

  beforeAll(async () => {
    primary = await aPrimary({ release, lifetime: 'file' });
    await primary.server.psql(`
      CREATE ROLE monitor LOGIN PASSWORD '${password}' IN ROLE pg_monitor;
      CREATE ROLE "An Ordinary Role" LOGIN PASSWORD '${password}';
      CREATE ROLE grantee LOGIN PASSWORD '${password}';
      CREATE ROLE above; CREATE ROLE higher REPLICATION; GRANT higher TO above; GRANT above TO replicator;
      CREATE ROLE "Replicator" LOGIN;
      ALTER ROLE replicator VALID UNTIL '2020-01-01';
      SELECT pg_create_physical_replication_slot('one', true);
    `);
  }, 60_000);

  test('a superuser sees everything', async () => {
    const facts = await lookAs(primary.admin);
    expect(statuses(facts)).toEqual({
      ...Object.fromEntries(Object.keys(facts).map((name) => [name, 'seen'])),
      adminRefusal: 'not-applicable',
      primaryActivity: 'not-applicable',
    });
    expect(value(facts.adminLogin)).toMatchObject({ user: 'postgres', superuser: true, monitor: true });
    expect(value(facts.primary)).toMatchObject({
      major: release.major,
      inRecovery: false,
      sameMachine: true,
      ownAddress: true,
      name: 'primary',
    });
    expect(value(facts.replicationRole)).toMatchObject({
      exists: true,
      password: 'scram-sha-256',
      memberOf: ['above', 'higher'],
      replicationThrough: ['higher'],
      expired: true,
      validUntil: new Date('2020-01-01T00:00:00Z'),
    });
    expect(value(facts.slots)).toMatchObject([{ name: 'one', type: 'physical', active: false, walStatus: 'reserved' }]);
    expect(value(facts.slots)[0]?.restartLsn).toBeTypeOf('bigint');
    expect(value(facts.primaryControl)).toEqual({
      kind: 'pg_ctl',
      dataDirectory: primary.server.dataDirectory,
      binDirectory: release.bin,
      log: join(primary.server.folder, 'server.log'),
    });
    expect(value(facts.primaryDataDirectory).path).toBe(primary.server.dataDirectory);
    expect(value(facts.hbaRules).lines[0]).toMatchObject({ text: 'local all postgres trust', method: 'trust' });
    expect(value(facts.copySize).dataBytes).toBeGreaterThan(10_000_000n);
    expect(value(facts.copySize).walBytes).toBeGreaterThan(0n);
    expect(value(facts.configFileProblems)).toEqual([]);
    expect(Math.abs(value(facts.serverClock).offsetMs)).toBeLessThan(1000);
    expect(value(facts.serverLibraries).extensions).toContainEqual({ name: 'plpgsql', library: '$libdir/plpgsql' });
  });

  test('a setting that was taken out of the files waits for a restart, and is no error in them', async () => {
    const { server } = primary;
    await server.psql('ALTER SYSTEM SET max_files_per_process = 999');
    await server.restart();
    await server.psql('ALTER SYSTEM RESET max_files_per_process');
    await server.reload();
    const { primarySettings, configFileProblems } = await until('the setting waits for a restart', async () => {
      const facts = await lookAs(primary.admin);
      return value(facts.primarySettings).get('max_files_per_process')?.pendingRestart === true ? facts : null;
    });
    expect(value(primarySettings).get('max_files_per_process')?.value).toBe('999');
    expect(value(configFileProblems)).toEqual([]);
    await server.restart();
  });

  test('a member of pg_monitor sees all but the files, and this machine shows pg_hba.conf', async () => {
    const facts = await lookAs(as('monitor'));
    expect(statuses(facts)).toMatchObject({
      adminLogin: 'seen',
      primaryPaths: 'seen',
      replicationRole: 'seen',
      slots: 'seen',
      walSenders: 'seen',
      copySize: 'seen',
      serverLibraries: 'seen',
      hbaRules: 'seen',
      configFileProblems: 'unseen',
      fileSettings: 'unseen',
    });
    expect(value(facts.adminLogin)).toMatchObject({ user: 'monitor', superuser: false, monitor: true });
    expect(value(facts.replicationRole)).toMatchObject({ exists: true, password: 'unknown' });
    expect(value(facts.copySize).walBytes).toBeGreaterThan(0n);
  });

  test('an ordinary role sees what everybody may, and this machine shows where the primary stands', async () => {
    const facts = await lookAs(as("'An Ordinary Role'"));
    expect(statuses(facts)).toEqual({
      adminLogin: 'seen',
      adminRefusal: 'not-applicable',
      primaryActivity: 'not-applicable',
      adminServer: 'seen',
      primary: 'seen',
      primarySettings: 'seen',
      primaryPaths: 'unseen',
      primaryControl: 'seen',
      primaryDataDirectory: 'seen',
      primaryStart: 'unseen',
      primaryWal: 'seen',
      replicationRole: 'seen',
      hbaRules: 'unseen',
      configFileProblems: 'unseen',
      fileSettings: 'unseen',
      slots: 'seen',
      walSenders: 'seen',
      tablespaces: 'seen',
      databases: 'seen',
      copySize: 'seen',
      archiver: 'seen',
      serverLibraries: 'unseen',
      serverClock: 'seen',
    });
    expect(value(facts.primaryDataDirectory).path).toBe(primary.server.dataDirectory);
    expect(value(facts.primaryControl)).toMatchObject({
      kind: 'pg_ctl',
      dataDirectory: primary.server.dataDirectory,
      binDirectory: release.bin,
    });
    expect(value(facts.copySize)).toMatchObject({ walBytes: undefined });
    expect(value(facts.copySize).dataBytes).toBeGreaterThan(10_000_000n);
    expect(remedyOf(facts.hbaRules)).toBe(
      'GRANT pg_read_all_settings TO "An Ordinary Role"; GRANT SELECT ON pg_hba_file_rules TO "An Ordinary Role"; ' +
        'GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO "An Ordinary Role";',
    );
  });

  test('each GRANT that is printed shows what it is printed for', async () => {
    const before = await lookAs(as('grantee'));
    for (const name of ['hbaRules', 'configFileProblems', 'fileSettings', 'serverLibraries', 'primaryPaths'] as const) {
      await primary.server.psql(remedyOf(before[name]));
      const after = await lookAs(as('grantee'));
      expect(after[name].status, name).toBe('seen');
    }
  });

  test('a file that was changed and not loaded is told, and a mistake in it', async () => {
    const { server } = primary;
    await server.writeHba(['host replication all 127.0.0.1/32 scram-sha-256', 'hast all all all trust']);
    await server.configure({ max_wal_senders: '7', wal_keep_size: 'many' });
    const facts = await lookAs(primary.admin);
    expect(value(facts.hbaRules).changedSinceLoad).toBe(true);
    expect(value(facts.hbaRules).lines.map(({ kind }) => kind)).toEqual(['rule', 'rule', 'rule', 'broken']);
    // what waits for a restart is no mistake, although pg_file_settings has the same words for both
    expect(value(facts.configFileProblems).map(({ name }) => name)).toEqual(['wal_keep_size']);
    expect(value(facts.fileSettings)).toContainEqual(expect.objectContaining({ name: 'max_wal_senders', value: '7' }));
  });

  test('without --admin nothing is asked and the remedy says what to add', async () => {
    const facts = await lookAs(undefined);
    expect(facts.slots).toEqual({
      status: 'unseen',
      why: withoutAdmin(
        'not-asked',
        'no --admin connection was given',
        ', a connection as a superuser or as a member of pg_monitor',
      ),
    });
    expect(facts.hbaRules).toEqual(facts.slots);
  });

  test('without --admin the replication credentials serve where they open an ordinary session', async () => {
    const { replication, session } = await loggedIn(primary);
    await primary.server.psql(`ALTER ROLE replicator VALID UNTIL 'infinity'`);
    const facts = await lookAs(undefined, { replication, session });
    expect(facts.adminLogin.status).toBe('unseen');
    expect(statuses(facts)).toMatchObject({ slots: 'seen', tablespaces: 'seen', hbaRules: 'unseen' });
    expect(value(facts.replicationRole)).toMatchObject({ connectionLimit: -1, expired: false, validUntil: undefined });

    await primary.server.psql('ALTER ROLE replicator CONNECTION LIMIT 0');
    const refused = await lookAs(undefined, { replication, session });
    expect(refused.slots).toMatchObject({ why: { kind: 'not-asked' } });
    expect(value(refused.replicationRole)).toMatchObject({ connectionLimit: undefined, replication: true });
    expect(value(refused.primarySettings).get('checkpoint_timeout')).toMatchObject({ value: '300', unit: 's' });
  });

  test('--admin that leads to another cluster shows nothing of this one', async () => {
    const facts = await lookAs(primary.admin, { session: aSession() });
    expect(facts.slots).toMatchObject({
      why: {
        kind: 'connection',
        because: expect.stringMatching(
          /^--admin leads to another cluster, .* \(system identifier \d+\), than the replication connection/,
        ),
      },
    });
    expect(value(facts.primary).address).toBe('10.0.0.1');
  });
});

async function loggedIn({ server, conninfo, password: secret }: Primary) {
  const [row] = await server.query('SELECT system_identifier::text AS id FROM pg_control_system()');
  const systemIdentifier = parseSystemIdentifier(row?.['id'] ?? '');
  if (systemIdentifier === undefined) throw new Error('the server has no system identifier');
  return {
    replication: `${conninfo} password='${secret}'`,
    session: { systemIdentifier, settings: new Map([['checkpoint_timeout', '5min']]) },
  };
}
