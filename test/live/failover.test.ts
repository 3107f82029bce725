import { describe, expect, test } from 'vitest';

import { aPair, aStandby, rowArrives, untilStreaming } from '../lab/pair.ts';
import { runRemedy, runStep } from '../lab/remedy.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';

interface Stage {
  readonly old: ThrowawayServer;
  readonly promoted: ThrowawayServer;
  readonly other: ThrowawayServer;
  readonly admin: string;
}

/** A primary with two standbys; it stops, and one of them is promoted. */
async function afterFailover(slot?: string): Promise<Stage> {
  const { primary, standby: promoted } = await aPair({ hba: ['host all,replication all 127.0.0.1/32 trust'] });
  const other = await aStandby(primary, slot === undefined ? {} : { slot });
  await rowArrives(primary.server, other);
  await rowArrives(primary.server, promoted);
  await primary.server.stop();
  await promoted.query('SELECT pg_promote()');
  await promoted.query('CHECKPOINT');
  return {
    old: primary.server,
    promoted,
    other,
    admin: `host=${promoted.folder} port=${promoted.port} user=postgres dbname=postgres`,
  };
}

async function postmortem(on: ThrowawayServer, ...more: readonly string[]): Promise<StandbylintResult['json']> {
  const words = ['postmortem', '--format', 'json', '-D', on.dataDirectory, ...more];
  return (await runStandbylint(words, { on })).json;
}

const textsOf = (json: StandbylintResult['json']): string => json.plan.steps.map(({ step }) => step.text).join('\n');

describe('after a failover', { timeout: 120_000 }, () => {
  test('a standby of the old primary is led to the promoted one, also where its slot is not there', async () => {
    const { promoted, other, admin } = await afterFailover('kept');
    const json = await postmortem(other, '--admin', admin);
    expect(roots(json)).toEqual(['network/connection-refused']);
    expect(textsOf(json)).not.toMatch(/start the server/iu);
    const [finding] = json.findings;
    if (finding === undefined) throw new Error('nothing was found');
    await runRemedy(finding, { primary: promoted, standby: other });
    await untilStreaming(other);
    await rowArrives(promoted, other);
  });

  test('the old primary is not started as one: its directory becomes that of a standby', async () => {
    const { old, promoted, admin } = await afterFailover();
    const json = await postmortem(old, '--admin', admin);
    expect(roots(json)).toEqual(['standby/signal-missing', 'conninfo/missing']);
    for (const { step } of json.plan.steps)
      expect(await runStep(step, { primary: promoted, standby: old })).toMatchObject({ exitCode: 0 });
    expect(await old.query('SELECT pg_is_in_recovery()::text AS is')).toEqual([{ is: 'true' }]);
    await rowArrives(promoted, old);
  });

  test('without --admin, nothing is started as it is while a promoted server runs beside it', async () => {
    const { old, other } = await afterFailover();
    for (const server of [old, other]) {
      const json = await postmortem(server);
      expect(json.plan.steps.map(({ step }) => step.kind)).toEqual(['manual']);
      expect(textsOf(json)).toMatch(/promoted/u);
      expect(json.plan.steps.filter(({ step }) => step.does === 'start')).toEqual([]);
    }
  });
});
