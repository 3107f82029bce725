import { describe, test } from 'vitest';

import { onEachRelease } from '../lab/releases.ts';
import { historyScenarios } from './postmortem-history.ts';
import { conninfoScenarios } from './postmortem-conninfo.ts';
import { dataDirectoryScenarios } from './postmortem-data-directory.ts';
import { logScenarios } from './postmortem-log.ts';
import { recoveryPostmortems, streamingPostmortems } from './postmortem-recovery.ts';
import { slotPostmortems } from './postmortem-slot.ts';
import { wayPostmortems } from './postmortem-way.ts';
import { playPostmortem } from './postmortem.ts';
import type { PostmortemScenario } from './postmortem.ts';

/** Every fault of a standby that exists, made on real pairs. */
export const postmortemScenarios: readonly PostmortemScenario[] = [
  ...dataDirectoryScenarios,
  ...conninfoScenarios,
  ...recoveryPostmortems,
  ...streamingPostmortems,
  ...slotPostmortems,
  ...wayPostmortems,
  ...historyScenarios,
  ...logScenarios,
];

const majors: readonly number[] = [13, 15, 17, 18];
const whole = process.env['STANDBYLINT_MATRIX'] === 'whole';

/**
 * The whole matrix takes most of an hour: `npm run scenarios` plays it. Any other run plays each row on one release, the
 * rows going round the releases in their order (the next one that a row is for, where it is not for all).
 */
function isPlayedOn({ from = 0, to = Infinity, ...row }: PostmortemScenario, major: number): boolean {
  const fitting = majors.filter((one) => one >= from && one <= to);
  if (whole) return fitting.includes(major);
  const turn = postmortemScenarios.findIndex((one) => one.rule === row.rule && one.name === row.name);
  return fitting[turn % fitting.length] === major;
}

/** A release's share of the matrix: a file each, so that two run side by side. */
export function playPostmortemsOn(major: number): void {
  describe.sequential('post-mortem', () =>
    onEachRelease(
      (release) => {
        for (const scenario of postmortemScenarios.filter((row) => isPlayedOn(row, release.major)))
          test(postmortemTitle(scenario), { timeout: 120_000 }, async () => playPostmortem(scenario, release));
      },
      { from: major, to: major },
    ));
}

export const postmortemTitle = ({ rule, name }: PostmortemScenario): string =>
  name === undefined ? rule : `${rule}: ${name}`;
