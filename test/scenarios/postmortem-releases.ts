import { expect } from 'vitest';

import type { Release } from '../../src/throwaway/releases.ts';
import { aPrimary } from '../lab/primary.ts';
import { releases } from '../lab/releases.ts';
import { changeConninfo, quick } from './pair-acts.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** A standby of one major release, whose primary is of another one: it was upgraded, or is not the one that is meant. */
export const releasePostmortems: readonly PostmortemScenario[] = [
  ...(['runs', 'is down'] as const).map((state): PostmortemScenario => ({
    rule: 'standby/version-mismatch',
    name: `its primary is of another major release, and the standby ${state}`,
    pair: { standby: quick },
    ...(releases.length < 2 ? { notHere: 'no other release is installed here' } : {}),
    prepare: upgraded,
    fault: async (stage) => {
      const { primary, standby } = stage;
      await changeConninfo(stage, () => `${primary.conninfo} password='${primary.password}'`);
      if (state === 'is down') await standby.stop();
    },
    // the programs of both releases are on PATH
    env: ({ primary, standby }) => ({ PATH: `${standby.release.bin}:${primary.server.release.bin}:/usr/bin:/bin` }),
    way: 'new-copy',
    told: async ({ findings }, { primary, standby }) => {
      expect(findings[0]?.title).toContain(`PostgreSQL ${standby.release.major}`);
      expect(findings[0]?.title).toContain(`runs ${primary.server.release.major}`);
    },
  })),
];

/** Another server, of another release, stands where primary_conninfo will lead. */
async function upgraded(stage: PairStage): Promise<PairStage> {
  const release = otherRelease(stage.release.major);
  if (release === undefined) throw new Error('no other release is installed here');
  stage.others.set('the primary before', stage.primary.server);
  return { ...stage, primary: await aPrimary({ release, lifetime: 'file', settings: { wal_keep_size: '64MB' } }) };
}

/** The next release, or the one before the newest. */
function otherRelease(major: number): Release | undefined {
  const others = releases.filter((release) => release.major !== major);
  return others.findLast((release) => release.major > major) ?? others[0];
}
