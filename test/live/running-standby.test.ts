import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import { asUser } from '../../src/throwaway/os-user.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import type { Observed } from '../../src/facts/observed.ts';
import { recoveryRules } from '../../src/rules/recovery/group.ts';
import { slotRules } from '../../src/rules/slot/group.ts';
import { notConnected } from '../../src/rules/streaming/not-connected.ts';
import { streamingRules } from '../../src/rules/streaming/group.ts';
import { createRole } from '../lab/primary.ts';
import { aPair, aStandby, rowArrives, untilStreaming } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { runRemedy } from '../lab/remedy.ts';
import { newestRelease, onReleasesInTurn } from '../lab/releases.ts';
import { until } from '../lab/until.ts';
import { faultOf, judged } from './standby-facts.ts';
import type { LookOptions } from './standby-facts.ts';

const rules = [...recoveryRules, ...streamingRules];

const look = (standby: ThrowawayServer, options?: LookOptions) => judged(standby, rules, options);

function value<T>(fact: Observed<T> | undefined): T {
  if (fact?.status !== 'seen') throw new Error(`it was not seen: ${JSON.stringify(fact)}`);
  return fact.value;
}

const isUnix = process.platform !== 'win32';

/** Does what a finding says, on the machines of this pair. */
const mend = async (rule: string, fault: ReturnType<typeof faultOf>, { primary, standby }: Pair): Promise<void> =>
  runRemedy({ rule, remedy: fault.remedy ?? null }, { primary: primary.server, standby });

const healthyOutcomes = new Set<string>(['passed', 'not-applicable']);

async function expectHealthy(standby: ThrowawayServer, options?: LookOptions): Promise<void> {
  const { of } = await look(standby, options);
  const others = rules.filter(({ id }) => !healthyOutcomes.has(of(id).outcome));
  expect(others.map(({ id }) => [id, of(id)])).toEqual([]);
}

onReleasesInTurn((release: Release) => {
  let pair: Pair;
  const { major } = release;

  beforeAll(async () => {
    pair = await aPair({ release, lifetime: 'file' });
    await pair.primary.server.query('CREATE TABLE t (id int)');
    await rowArrives(pair.primary.server, pair.standby);
  });

  const caughtUp = async (): Promise<void> => {
    const [row] = await pair.primary.server.query('SELECT pg_current_wal_lsn()::text AS lsn');
    await until('the standby has replayed', async () => {
      const [there] = await pair.standby.query('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS there', [
        row?.['lsn'] ?? '0/0',
      ]);
      return there?.['there'] === 't' ? true : null;
    });
  };

  test('a standby that streams', async () => {
    await caughtUp();
    const { facts, of } = await look(pair.standby, { admin: pair.primary.admin });
    const server = value(facts.runningStandby);
    expect(server).toMatchObject({
      inRecovery: true,
      port: pair.standby.port,
      receiverHidden: false,
      grant: undefined,
    });
    expect(server.receiver).toMatchObject({ status: 'streaming', senderPort: pair.primary.server.port });
    expect(server.settings.get('primary_conninfo')?.value).toContain('password=***');
    expect(JSON.stringify([...server.settings])).not.toContain(pair.primary.password);
    expect(of('streaming/not-connected').outcome).toBe('passed');
    expect(of('streaming/not-seen-by-primary')).toMatchObject({ outcome: 'passed' });
    expect(of('streaming/not-seen-by-primary')).toMatchObject({ because: expect.stringContaining('application_name') });
    await expectHealthy(pair.standby, { admin: pair.primary.admin });
    await expectHealthy(pair.standby);
  });

  test('an ordinary role sees less, and is told what would show it', async () => {
    await createRole(pair.primary.server, { name: 'curious', attributes: 'LOGIN' });
    await caughtUp();
    const standby = `host=127.0.0.1 port=${pair.standby.port} user=curious password='${pair.primary.password}' dbname=postgres`;
    const before = await look(pair.standby, { standby });
    expect(value(before.facts.runningStandby)).toMatchObject({ receiverHidden: true, fileProblems: undefined });
    expect(before.of('streaming/not-connected')).toMatchObject({
      outcome: 'unexamined',
      remedy: 'on the primary: GRANT pg_read_all_stats, pg_read_all_settings TO curious;',
    });
    await pair.primary.server.query('GRANT pg_read_all_stats, pg_read_all_settings TO curious');
    await caughtUp();
    expect((await look(pair.standby, { standby })).of('streaming/not-connected').outcome).toBe('passed');
    // the primary has the same system identifier, and is another server all the same
    const { facts } = await look(pair.standby, { standby: pair.primary.admin });
    expect(facts.runningStandby).toMatchObject({
      status: 'unseen',
      why: { because: expect.stringContaining('leads to another server') },
    });
  });

  test('replay that somebody paused is resumed', async () => {
    await pair.standby.query('SELECT pg_wal_replay_pause()');
    await pair.primary.server.query('INSERT INTO t SELECT generate_series(1, 1000)');
    await until('the pause', async () => {
      const { of } = await look(pair.standby);
      return of('recovery/replay-paused').outcome === 'failed' ? true : null;
    });
    const { of } = await look(pair.standby, { admin: pair.primary.admin });
    const fault = faultOf(of('recovery/replay-paused'));
    expect(fault).toMatchObject({ severity: 'warning', title: expect.stringContaining('pg_wal_replay_pause()') });
    expect(of('streaming/replay-stuck').outcome).toBe('not-applicable');
    await mend('recovery/replay-paused', fault, pair);
    await caughtUp();
    await expectHealthy(pair.standby, { admin: pair.primary.admin });
  });

  test('a delay that is meant is no lag', async () => {
    const delay = async (much: string): Promise<void> => {
      await pair.standby.query(`ALTER SYSTEM SET recovery_min_apply_delay = '${much}'`);
      await pair.standby.query('SELECT pg_reload_conf()');
      await until('the delay', async () => {
        const [row] = await pair.standby.query(
          "SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay'",
        );
        return (row?.['setting'] === '0') === (much === '0') ? true : null;
      });
    };
    await delay('1h');
    await pair.primary.server.query('INSERT INTO t SELECT generate_series(1, 300000)');
    await until('WAL that waits', async () => {
      const [row] = await pair.standby.query(
        'SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) > 0 AS waits',
      );
      return row?.['waits'] === 't' ? true : null;
    });
    const { of } = await look(pair.standby, { admin: pair.primary.admin });
    expect(faultOf(of('recovery/delayed'))).toMatchObject({ title: expect.stringContaining('60 min late') });
    expect(of('streaming/lag').outcome).toBe('passed');
    expect(of('streaming/replay-stuck').outcome).toBe('not-applicable');
    await delay('0');
    await caughtUp();
    await expectHealthy(pair.standby, { admin: pair.primary.admin });
  });

  test('a query that holds up replay is named, and ended', async () => {
    await pair.standby.query("ALTER SYSTEM SET max_standby_streaming_delay = '-1'");
    await pair.standby.query('SELECT pg_reload_conf()');
    const holder = await aReader(pair.standby, 'BEGIN; SELECT count(*) FROM t;');
    await pair.primary.server.query('TRUNCATE t');
    await until('replay that waits', async () => {
      const [row] = await pair.standby.query(
        "SELECT wait_event_type FROM pg_stat_activity WHERE backend_type = 'startup'",
      );
      return row?.['wait_event_type'] === 'Lock' ? true : null;
    });
    const { of, facts } = await look(pair.standby, { admin: pair.primary.admin });
    expect(value(facts.runningStandby).sessions[0]).toMatchObject({ pid: holder.pid, blocksReplay: true });
    const fault = faultOf(of('streaming/replay-stuck'));
    expect(fault.message).toContain(`process ${holder.pid}`);
    expect(fault.message).toContain('Lock/relation');
    await mend('streaming/replay-stuck', fault, pair);
    await caughtUp();
    holder.child.kill();

    await pair.standby.query("ALTER SYSTEM SET max_standby_streaming_delay = '0'");
    await pair.standby.query('SELECT pg_reload_conf()');
    await pair.primary.server.query('INSERT INTO t SELECT generate_series(1, 10)');
    await caughtUp();
    const victim = await aReader(pair.standby, 'BEGIN; SELECT count(*) FROM t;');
    await pair.primary.server.query('TRUNCATE t');
    await caughtUp();
    victim.child.kill();
    // the cancelled session counts itself, and 15 and later show it a moment later
    await until('the conflict in the statistics', async () => {
      const found = (await look(pair.standby)).of('streaming/conflicts');
      return found.outcome === 'failed' && /for a lock/u.test(faultOf(found).message) ? true : null;
    });
    await pair.standby.query('ALTER SYSTEM RESET max_standby_streaming_delay');
    await pair.standby.query('SELECT pg_reload_conf()');
    await pair.standby.query('SELECT pg_stat_reset()');
  });

  test('a cascade: each is asked about the server above it', async () => {
    const above = {
      ...pair.primary,
      server: pair.standby,
      conninfo: `host=127.0.0.1 port=${pair.standby.port} user=${pair.primary.role}`,
    };
    const below = await aStandby(above, {});
    await caughtUp();
    const { facts, of } = await look(below);
    expect(value(facts.runningStandby).receiver?.senderPort).toBe(pair.standby.port);
    expect(of('streaming/not-connected').outcome).toBe('passed');
    expect(value((await look(pair.standby)).facts.runningStandby).senders).toHaveLength(1);
    // --admin leads to the primary at the top, which does not list it, and need not
    const { of: withAdmin } = await look(below, { admin: pair.primary.admin });
    expect(withAdmin('streaming/not-seen-by-primary').outcome).not.toBe('failed');
    expect(withAdmin('recovery/settings-lower-than-primary').outcome).toBe('passed');
    await below.stop();
    expect((await look(below)).facts.runningStandby).toMatchObject({ status: 'not-applicable' });
  });

  test(`the primary has more connections: ${major < 14 ? '13 stops' : '14 and later pause'}`, async () => {
    const { primary, standby } = pair;
    await primary.server.configure({ max_connections: '250', max_locks_per_transaction: '80' });
    await primary.server.restart();
    if (major < 14) await until('the end of the standby', async () => ((await standby.isRunning()) ? null : true));
    else
      await until('the pause', async () => {
        const [row] = await standby.query('SELECT pg_get_wal_replay_pause_state() AS state');
        return row?.['state'] === 'paused' ? true : null;
      });
    const { of } = await look(standby, { admin: primary.admin });
    const fault = faultOf(of('recovery/settings-lower-than-primary'));
    expect(fault.severity).toBe('error');
    expect(fault.message).toMatch(/max_connections is 100, but 250 on the primary; max_locks_per_transaction is 64/u);
    if (major >= 14) expect(faultOf(of('recovery/replay-paused')).severity).toBe('error');
    await mend('recovery/settings-lower-than-primary', fault, pair);
    await untilStreaming(standby);
    await rowArrives(primary.server, standby);
    await expectHealthy(standby, { admin: primary.admin });
  });

  test('a recovery target that was left over pauses replay, and is taken out', async () => {
    const { primary, standby } = pair;
    await standby.configure({ recovery_target_name: 'before_the_upgrade' });
    await standby.restart();
    await untilStreaming(standby);
    await primary.server.query("SELECT pg_create_restore_point('before_the_upgrade')");
    await until('the pause at the target', async () => {
      const [row] = await standby.query('SELECT pg_is_wal_replay_paused() AS paused');
      return row?.['paused'] === 't' ? true : null;
    });
    const { of } = await look(standby, { admin: primary.admin });
    const fault = faultOf(of('recovery/target-set'));
    expect(fault.message).toContain('Do not resume replay');
    expect(faultOf(of('recovery/replay-paused')).severity).toBe('error');
    await mend('recovery/target-set', fault, pair);
    await untilStreaming(standby);
    await rowArrives(primary.server, standby);
    await expectHealthy(standby, { admin: primary.admin });
  });

  test('a slot that is not there, and one that another connection holds', async () => {
    const { primary, standby } = pair;
    await standby.query("ALTER SYSTEM SET primary_slot_name = 'mine'");
    await standby.reload();
    await until('the end of the stream', async () => {
      const { of } = await look(standby, { admin: primary.admin });
      return of('streaming/not-connected').outcome === 'failed' ? true : null;
    });
    const first = await judged(standby, [...rules, ...slotRules], { admin: primary.admin });
    await mend('slot/missing', faultOf(first.of('slot/missing')), pair);
    await untilStreaming(standby);

    const other = await aStandby(primary, { started: false });
    await standby.stop();
    await other.configure({ primary_slot_name: 'mine' });
    await other.start();
    await untilStreaming(other);
    await standby.start();
    const fault = await until('a slot in use', async () => {
      const { of } = await judged(standby, [...rules, ...slotRules], { admin: primary.admin });
      const found = of('slot/in-use');
      return found.outcome === 'failed' ? faultOf(found) : null;
    });
    await mend('slot/in-use', fault, pair);
    await untilStreaming(standby);
    await untilStreaming(other);
    await rowArrives(primary.server, standby);
    await other.stop();
  });

  test(
    'a receiver that is refused each time streams at no look, however often it comes',
    { timeout: 150_000 },
    async () => {
      const { primary } = pair;
      await primary.server.query("SELECT pg_create_physical_replication_slot('taken', true)");
      const holder = await aStandby(primary, { settings: { primary_slot_name: 'taken' } });
      const refused = await aStandby(primary, {});
      await refused.configure({ primary_slot_name: 'taken', wal_retrieve_retry_interval: '5ms' });
      await refused.restart();
      await until('the first refusal', async () => ((await refused.log()).includes('is active for PID') ? true : null));
      // so the view says itself now and then, and untilStreaming waits for no more
      await untilStreaming(refused);
      const outcomes = new Set<string>();
      for (let round = 0; round < 15; round += 1) {
        const { of } = await judged(refused, [notConnected]);
        outcomes.add(of('streaming/not-connected').outcome);
      }
      expect(outcomes).not.toContain('passed');
      expect(outcomes).toContain('failed');

      await primary.server.query('ALTER ROLE replicator NOREPLICATION');
      await refused.configure({ primary_slot_name: '' });
      await refused.restart();
      await until('the next refusal', async () =>
        /to start walsender|start WAL sender/u.test(await refused.log()) ? true : null,
      );
      for (let round = 0; round < 5; round += 1)
        expect((await judged(refused, [notConnected])).of('streaming/not-connected').outcome).not.toBe('passed');
      await primary.server.query('ALTER ROLE replicator REPLICATION');
      await untilStreaming(refused);
      await holder.stop();
      await refused.stop();
    },
  );

  test('a program of restore_command that is not there stops the server', { timeout: 150_000 }, async () => {
    const { primary, standby } = pair;
    await standby.stop();
    await standby.configure({ restore_command: '/nonexistent/fetch-wal %f %p' });
    // it may let sessions in for a moment before it asks the archive
    await standby.tryStart();
    await until('the end of the server', async () => ((await standby.isRunning()) ? null : true));
    const fault = faultOf((await look(standby, { admin: primary.admin })).of('recovery/restore-command-fails'));
    expect(fault.severity ?? 'error').toBe('error');
    await mend('recovery/restore-command-fails', fault, pair);
    await untilStreaming(standby);
    await rowArrives(primary.server, standby);
  });
});

test.skipIf(!isUnix)('a WAL sender that hangs: silence, before the standby notices it', async () => {
  const pair = await aPair({ release: newestRelease, standby: { settings: { wal_receiver_timeout: '8s' } } });
  const [row] = await pair.primary.server.query('SELECT pid FROM pg_stat_replication');
  const pid = Number(row?.['pid']);
  process.kill(pid, 'SIGSTOP');
  try {
    // in two seconds the standby gives up by itself: one look tells both
    const { of } = await until(
      'the silence',
      async () => {
        const found = await look(pair.standby);
        return found.of('streaming/stalled').outcome === 'failed' ? found : null;
      },
      8_000,
    );
    const fault = faultOf(of('streaming/stalled'));
    expect(fault.message).toContain('not even an answer');
    expect(of('streaming/not-connected').outcome).toBe('passed');
    await mend('streaming/stalled', fault, pair);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await untilStreaming(pair.standby);
  await expectHealthy(pair.standby);
});

interface Reader {
  readonly child: ChildProcess;
  readonly pid: number;
}

/** A session of psql that stays where these statements leave it. */
async function aReader(server: ThrowawayServer, statements: string): Promise<Reader> {
  const args = ['-X', '-h', server.folder, '-p', String(server.port), '-U', 'postgres', 'postgres'];
  const child = spawn(join(server.release.bin, 'psql'), args, {
    ...asUser(server.runAs),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.write(`SET application_name = 'reader';\n${statements}\n`);
  const pid = await until('the reader in its transaction', async () => {
    const [row] = await server.query(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'reader' AND state = 'idle in transaction'",
    );
    return row?.['pid'] === undefined || row['pid'] === null ? null : Number(row['pid']);
  });
  return { child, pid };
}
