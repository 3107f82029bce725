import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { anAutoFailoverPair, autoFailoverPassword, noAutoFailover } from '../lab/auto-failover.ts';
import type { AutoFailoverPair } from '../lab/auto-failover.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';

let pair: AutoFailoverPair;

/** Debian's pg_auto_failover is for one release: every other turn is enough. */
const isItsTurn = turn === 'whole' || turn % 2 === 1;

if (!isItsTurn || (noAutoFailover !== undefined && process.env['CI'] !== 'true'))
  test.skip(`pg_auto_failover is not run: ${noAutoFailover ?? 'it is the turn of others'}`, () => undefined);
else
  describe('a node of pg_auto_failover', { timeout: 120_000 }, () => {
    beforeAll(async () => {
      pair = await anAutoFailoverPair();
    }, 120_000);
    afterAll(async () => pair.end(), 60_000);

    test('that streams is clean, and is called what it is', async () => {
      const { json } = await clean();
      expect(json.subject.manager).toBe('pg_auto_failover');
    });

    test('in maintenance is healthy as long as it streams', async () => {
      const ctl = `--pgdata ${pair.directory('db2')}`;
      await pair.typed(`pg_autoctl enable maintenance ${ctl}`);
      const { json } = await postmortem();
      expect(roots(json)).toEqual([]);
      await pair.typed(`pg_autoctl disable maintenance ${ctl}`);
      await clean();
    });

    test('whose pg_autoctl is stopped is started by it, and never by pg_ctl', async () => {
      await pair.stop('db2');
      const json = await broken('standby/not-running');
      expect(json.plan.steps.map(({ step }) => step.text)).toEqual([
        expect.stringContaining(`pg_autoctl run --pgdata ${pair.directory('db2')}`),
      ]);
      await pair.run('db2');
      await clean();
    });

    test('whose monitor is down streams on', async () => {
      await pair.stop('monitor');
      const { json } = await postmortem();
      expect(roots(json)).toEqual([]);
      await pair.run('monitor');
      await clean();
    });

    test('that is refused for its password: the role is given the one that pg_autoctl has', async () => {
      await pair.psql('db1', "ALTER ROLE pgautofailover_replicator PASSWORD 'another'");
      await pair.psql('db1', 'SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      const json = await broken('role/wrong-password');
      const [first, ...others] = json.plan.steps.map(({ step }) => step);
      const [, command] =
        /is shown by: (pg_autoctl config get .*? replication\.password)\./u.exec(first?.text ?? '') ?? [];
      expect((await pair.typed(command ?? 'false')).trim()).toBe(autoFailoverPassword);
      expect(new Set(others.map(({ on, kind }) => `${kind} on ${on}`))).toEqual(new Set(['sql on primary']));
      await pair.psql(
        'db1',
        others.map(({ text }) => text).join('\n'),
        `${autoFailoverPassword}\n${autoFailoverPassword}\n`,
      );
      await clean();
    });

    test('that pg_hba.conf does not let in', async () => {
      await pair.typed(`sed -i -E '/^host.*replication/d' ${pair.directory('db1')}/pg_hba.conf`);
      await pair.psql('db1', 'SELECT pg_reload_conf(), pg_terminate_backend(pid) FROM pg_stat_replication');
      const json = await broken('hba/no-replication-entry');
      for (const { step } of json.plan.steps)
        await (step.kind === 'sql' ? pair.psql('db1', step.text) : pair.typed(step.text));
      await clean();
    });
  });

async function postmortem(): Promise<StandbylintResult> {
  const words = ['postmortem', '-D', pair.directory('db2'), '--admin', pair.admin, '--format', 'json'];
  const result = await runStandbylint(words);
  expectValidReport(result.json);
  expect(result.stdout).not.toContain(autoFailoverPassword);
  return result;
}

async function broken(rule: string): Promise<StandbylintResult['json']> {
  return until(
    rule,
    async () => {
      const { json } = await postmortem();
      return roots(json)[0] === rule && roots(json).length === 1 ? json : null;
    },
    60_000,
  );
}

async function clean(): Promise<StandbylintResult> {
  await pair.streams();
  const result = await postmortem();
  expect(result.json.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  return result;
}
