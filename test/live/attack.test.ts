import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { endOfFile } from '../lab/lifetime.ts';
import { complete, onEachRelease } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { itsRelease, turn } from '../lab/turn.ts';
import { aFolder, anAttackStage, differences, stateOf } from './attacks/stage.ts';
import type { AttackStage } from './attacks/stage.ts';
import { attacks } from './attacks/all.ts';

const isRoot = process.getuid?.() === 0;

/** One release a turn, and a fifth of the set-ups: after twenty turns each was played on each release. */
const shares = 5;
const isPlayed = (major: number): boolean => turn === 'whole' || itsRelease(complete, 0, turn) === major;
const isInShare = (number: number): boolean => turn === 'whole' || number % shares === turn % shares;

onEachRelease((release) => {
  describe.runIf(isPlayed(release.major))('--fix --yes under attack', () => {
    let stage: AttackStage;
    beforeAll(async () => {
      stage = await anAttackStage(release);
    });
    afterAll(endOfFile);

    for (const [number, attack] of attacks.entries()) {
      const fits = isInShare(number) && (attack.root !== true || isRoot) && release.major >= (attack.from ?? 0);
      test.runIf(fits)(attack.name, { timeout: 60_000 }, async () => {
        const cwd = await aFolder(stage.standby);
        const made = await attack.make(stage);
        const before = await stateOf(made.watched, made.outside);
        const stop = made.meanwhile?.();
        const result = await runStandbylint([...made.call, '--fix', '--yes', '--format', 'json'], {
          on: stage.standby,
          cwd,
          env: { PGPASSWORD: stage.primary.password, STANDBYLINT_NEW_PASSWORD: `it's "$(id)"`, ...made.environment },
          ...(isRoot ? { user: null } : {}),
          ...(made.within === undefined ? {} : { within: made.within }),
        });
        await stop?.();
        const changed = differences(before, await stateOf(made.watched, made.outside));
        const unsafe = changed.filter((line) => made.mayChange?.test(line) !== true);
        expect(unsafe, `${result.stdout}\n${result.stderr}`).toEqual([]);
        await made.after?.(result);
      });
    }
  });
});
