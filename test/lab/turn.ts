import { spawnSync } from 'node:child_process';

const asked = process.env['STANDBYLINT_MATRIX'];

/**
 * Which part of what takes long a run plays: `whole`, or the number of the turn: how many commits lead to the one that is
 * checked out, so that the same commit always plays the same. Eight commits in a row play each row of the scenarios on each
 * release, two the live tests. STANDBYLINT_MATRIX gives another one, to repeat a run.
 */
export const turn: number | 'whole' = asked === 'whole' ? asked : Number(asked ?? commits());

if (turn !== 'whole' && !(Number.isSafeInteger(turn) && turn >= 0))
  throw new Error(`STANDBYLINT_MATRIX is ${JSON.stringify(asked)}: it has to be "whole", or the number of a turn.`);

/** 0 where there is no repository: an archive of the sources always plays the same rows. */
function commits(): number {
  const counted = spawnSync('git', ['rev-list', '--count', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return counted.status === 0 ? Number(counted.stdout) : 0;
}

/** What is played on one of several releases each turn: after four turns it was seen on each. */
export const itsRelease = (releases: readonly number[], number: number, ofTurn: number): number | undefined =>
  releases[(number + ofTurn) % releases.length];

/** What takes longer is played every other turn, on one release: after eight turns it was seen on each. */
export const itsReleaseNow = (releases: readonly number[], number: number, ofTurn: number): number | undefined =>
  (number + ofTurn) % 2 === 0 ? itsRelease(releases, Math.floor(number / 2), Math.floor(ofTurn / 2)) : undefined;
