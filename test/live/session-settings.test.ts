import { beforeAll, expect, test } from 'vitest';

import type { Facts } from '../../src/facts/facts.ts';
import { ifSeen } from '../../src/facts/observed.ts';
import { identifier, literal } from '../../src/remedies/quoting.ts';
import { primaryRules } from '../../src/rules/primary/group.ts';
import { recoveryRules } from '../../src/rules/recovery/group.ts';
import { streamingRules } from '../../src/rules/streaming/group.ts';
import { aPair } from '../lab/pair.ts';
import { createRole } from '../lab/primary.ts';
import type { Pair } from '../lab/pair.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { untilReplayed } from '../lab/wal.ts';
import { judged } from './standby-facts.ts';

/** Defaults of a role or a database that would change an answer, or refuse the question. `from`: the release that brought it. */
const hostile: readonly { readonly name: string; readonly value: string; readonly from?: number }[] = [
  { name: 'default_transaction_isolation', value: 'serializable' },
  { name: 'default_transaction_deferrable', value: 'on' },
  { name: 'default_transaction_read_only', value: 'on' },
  { name: 'extra_float_digits', value: '-15' },
  { name: 'DateStyle', value: 'German, DMY' },
  { name: 'IntervalStyle', value: 'iso_8601' },
  { name: 'TimeZone', value: 'Pacific/Chatham' },
  { name: 'search_path', value: 'hidden' },
  { name: 'bytea_output', value: 'escape' },
  { name: 'client_encoding', value: 'LATIN1' },
  { name: 'lc_messages', value: 'C.UTF-8' },
  { name: 'statement_timeout', value: '1' },
  { name: 'lock_timeout', value: '1' },
  { name: 'idle_in_transaction_session_timeout', value: '1' },
  { name: 'idle_session_timeout', value: '200', from: 14 },
  { name: 'transaction_timeout', value: '200', from: 17 },
  { name: 'row_security', value: 'off' },
  { name: 'role', value: 'bystander' },
  { name: 'standard_conforming_strings', value: 'off' },
  { name: 'transform_null_equals', value: 'on' },
  { name: 'quote_all_identifiers', value: 'on' },
  { name: 'application_name', value: 'somebody' },
  { name: 'synchronous_commit', value: 'off' },
  { name: 'log_statement', value: 'all' },
  { name: 'client_min_messages', value: 'debug5' },
  { name: 'local_preload_libraries', value: 'no_such_library' },
  { name: 'session_preload_libraries', value: 'no_such_library' },
  { name: 'max_parallel_workers_per_gather', value: '0' },
  { name: 'work_mem', value: '64kB' },
  { name: 'enable_hashjoin', value: 'off' },
  { name: 'array_nulls', value: 'off' },
  { name: 'xmloption', value: 'document' },
  { name: 'lc_numeric', value: 'C' },
  { name: 'default_tablespace', value: 'pg_default' },
];

const rules = [...recoveryRules, ...streamingRules, ...primaryRules];

onReleasesInTurn((release) => {
  let pair: Pair;
  let before: unknown;
  const here = hostile.filter(({ from = 0 }) => release.major >= from);

  const look = async () => {
    const { primary, standby } = pair;
    await untilReplayed(primary.server, standby);
    const over = (port: number): string =>
      `host=127.0.0.1 port=${port} user=looker password='${primary.password}' dbname=looked`;
    const options = { admin: over(primary.server.port), standby: over(standby.port) };
    const { facts, of } = await judged(standby, rules, options);
    return { facts: steadyFacts(facts), outcomes: rules.map(({ id }) => [id, of(id).outcome]) };
  };

  beforeAll(async () => {
    pair = await aPair({ release, lifetime: 'file' });
    const { server, password } = pair.primary;
    await createRole(server, { name: 'looker', password, attributes: 'LOGIN SUPERUSER' });
    await server.psql('CREATE DATABASE looked');
    await server.psql(
      `CREATE ROLE bystander; CREATE SCHEMA hidden;
      CREATE FUNCTION hidden.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT NOT pg_catalog.pg_is_in_recovery()'`,
      'looked',
    );
    before = await look();
  });

  const withDefaults = async (whose: string, settings: typeof hostile): Promise<void> => {
    const { server } = pair.primary;
    const lines = settings.map(({ name, value }) => `ALTER ${whose} SET ${identifier(name)} = ${literal(value)};`);
    await server.psql(lines.join('\n'));
    try {
      expect(await look()).toEqual(before);
    } finally {
      await server.psql(`ALTER ${whose} RESET ALL`);
    }
  };

  for (const setting of here)
    test(`${setting.name} = ${setting.value}, by the role`, async () => withDefaults('ROLE looker', [setting]));

  test('all of them at once, by the role, by the database, and by both together', async () => {
    await withDefaults('ROLE looker', here);
    await withDefaults(
      'DATABASE looked',
      here.filter(({ name }) => name !== 'role'),
    );
    await withDefaults('ROLE looker IN DATABASE looked', here);
  });

  test('PGOPTIONS of our own shell, which the standby does not have', async () => {
    const { primary, standby } = pair;
    const words = ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--format', 'json'];
    const { json } = await runStandbylint(words, { on: standby, env: { PGOPTIONS: '-c no_such_setting=1' } });
    const outcome = (id: string) => json.rules.find((rule) => rule.id === id)?.outcome;
    expect([outcome('network/login-not-possible'), outcome('streaming/not-connected')]).toEqual(['passed', 'passed']);
  });
});

/** What does not change from one look to the next. */
function steadyFacts(facts: Partial<Facts>): unknown {
  const { runningStandby, primary, primarySettings, slots, walSenders } = facts;
  const server = runningStandby === undefined ? undefined : ifSeen(runningStandby);
  const { clock: _clock, replay, receiver, settings, ...rest } = server ?? {};
  const values = (map: ReadonlyMap<string, { readonly value: string }> | undefined) =>
    [...(map ?? [])].map(([name, { value }]) => [name, value]);
  return {
    standby: { ...rest, status: receiver?.status, pauseState: replay?.pauseState, settings: values(settings) },
    why: runningStandby?.status === 'unseen' ? runningStandby.why : undefined,
    primary: primary?.status === 'seen' ? { ...primary.value, walPosition: undefined } : primary,
    primarySettings: primarySettings?.status === 'seen' ? values(primarySettings.value) : primarySettings,
    slots,
    senders:
      walSenders?.status === 'seen'
        ? walSenders.value.map(({ applicationName, state }) => [applicationName, state])
        : walSenders,
  };
}
