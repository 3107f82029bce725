import { beforeAll, describe, expect, test } from 'vitest';

import { aBarmanPair, noBarman } from '../lab/barman.ts';
import type { BarmanPair } from '../lab/barman.ts';
import { rowArrives, untilStreaming } from '../lab/pair.ts';
import { releases } from '../lab/releases.ts';
import { runStep } from '../lab/remedy.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { itsReleaseNow, turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';

/** Debian's Barman knows releases up to 15. */
const major = turn === 'whole' ? 15 : itsReleaseNow([15, 13], 0, turn);
const release = releases.find((one) => one.major === major);
let pair: BarmanPair;

if (release === undefined || (noBarman !== undefined && process.env['CI'] !== 'true'))
  test.skip(`Barman is not run: ${noBarman ?? 'it is the turn of others'}`, () => undefined);
else
  describe('a standby that Barman recovered', { timeout: 180_000 }, () => {
    beforeAll(async () => {
      pair = await aBarmanPair(release);
    }, 180_000);

    test('has no primary_conninfo: its restore_command reads what was copied once', async () => {
      await pair.recover('--standby-mode');
      const { standby, primary } = pair;
      await standby.start();
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['conninfo/missing']);
      expect(json.findings[0]?.message).toContain(`${standby.dataDirectory}/barman_wal`);
      await typed(json);
      await untilStreaming(standby);
      await rowArrives(primary.server, standby);
      await until('nothing is found', async () =>
        (await postmortem()).json.findings.every(({ severity }) => severity === 'info') ? true : null,
      );
    });

    test('without --standby-mode: recovery.signal', async () => {
      await pair.recover('--get-wal');
      const { json } = await postmortem();
      expect(roots(json)).toContain('standby/recovery-signal-instead');
    });

    test('with --get-wal, and without the program that its restore_command begins with', async () => {
      await pair.recover('--standby-mode', '--get-wal');
      const file = `${pair.standby.dataDirectory}/postgresql.auto.conf`;
      await pair.standby.run('sed', ['-i', "s|'sudo -u [a-z]* barman|'/nowhere/barman|", file]);
      await pair.standby.tryStart();
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['recovery/restore-command-fails']);
      expect(json.findings[0]?.title).toContain('/nowhere/barman does not exist');
    });
  });

async function postmortem(): Promise<StandbylintResult> {
  const { standby, primary } = pair;
  const all = ['postmortem', '-D', standby.dataDirectory, '--log', standby.logFile, '--admin', primary.admin];
  const result = await runStandbylint([...all, '--format', 'json'], { on: standby });
  expectValidReport(result.json);
  expect(result.stdout).not.toContain(primary.password);
  return result;
}

async function typed({ plan }: StandbylintResult['json']): Promise<void> {
  const { standby, primary } = pair;
  for (const { step } of plan.steps) {
    const { exitCode, output } = await runStep(step, { primary: primary.server, standby, password: primary.password });
    expect({ text: step.text, output, exitCode }).toMatchObject({ exitCode: 0 });
  }
}
