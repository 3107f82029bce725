import { describe, expect, test } from 'vitest';

import { noDocker } from '../lab/docker.ts';
import { releases } from '../lab/releases.ts';
import { noSshd } from '../lab/ssh-machine.ts';
import { cloneOverSshStage, cloneStage } from './killed/clone.ts';
import { containerStage } from './killed/container.ts';
import { roundsNow, seed } from './killed/draw.ts';
import type { Round } from './killed/draw.ts';
import { bundleStage, fleetStage } from './killed/look.ts';
import { fixStage, undoStage } from './killed/mend.ts';
import { struckRun } from './killed/struck.ts';
import type { Stage } from './killed/stage.ts';

const stages = {
  clone: cloneStage,
  fix: fixStage,
  undo: undoStage,
  fleet: fleetStage,
  bundle: bundleStage,
  'clone over ssh': cloneOverSshStage,
  'fix by docker': containerStage,
};
/** Where everything has to be shown (CI) all are tried, and fail without what they need. */
const cannot: Partial<Record<Round['act'], string | undefined>> =
  process.env['CI'] === 'true' ? {} : { 'clone over ssh': noSshd, 'fix by docker': noDocker };

const made = new Map<string, Promise<{ readonly stage: Stage; readonly lengthMs: number }>>();

/** Each is made once, and its undisturbed run measured. */
async function stageOf({ act, release: at }: Round) {
  const release = releases[at % releases.length];
  if (release === undefined) throw new Error('no release');
  const key = `${act} ${release.major}`;
  const known =
    made.get(key) ??
    (async () => {
      const stage = await stages[act](release);
      const call = await stage.ready(undefined);
      const { exitCode, elapsedMs, stdout, stderr } = await struckRun(undefined, call, stage.around, 0);
      expect(exitCode, stdout + stderr).toBe(0);
      return { stage, lengthMs: elapsedMs };
    })();
  made.set(key, known);
  return known;
}

const title = ({ number, act, release, victim, signal, moment }: Round): string =>
  `${number}: ${act} on ${releases[release % releases.length]?.major ?? '?'}, ${signal} to ${victim} at ${Math.round(moment * 100)} %`;

const rounds = roundsNow().filter(({ act }) => cannot[act] === undefined);

describe.skipIf(process.platform !== 'linux')(`struck at any moment (seed ${seed})`, () => {
  for (const [act, why] of Object.entries(cannot)) if (why !== undefined) test.skip(`${act}: ${why}`, () => undefined);
  test.each(rounds.map((round) => [title(round), round] as const))(
    '%s',
    { timeout: 1_000_000 },
    async (_title, round) => {
      const { stage, lengthMs } = await stageOf(round);
      const run = await struckRun(round, await stage.ready(round), stage.around, lengthMs);
      try {
        await stage.after(round, run);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(
          `${why}\nStruck: ${run.struck ?? 'nobody'}; exit status ${run.exitCode}\n${run.stdout}${run.stderr}`,
          {
            cause: error,
          },
        );
      }
    },
  );
});
