const asked = process.env['STANDBYLINT_MATRIX'];

/**
 * Which rows of the matrix a run plays (matrix.ts). `whole`: all of them. Otherwise the number of the turn: the days since
 * 1970-01-01 (UTC), so that four days running see each row on each release, and one day always sees the same.
 * STANDBYLINT_MATRIX says another, to repeat a run.
 */
export const turn: number | 'whole' = asked === 'whole' ? asked : Number(asked ?? Math.floor(Date.now() / 86_400_000));

if (turn !== 'whole' && !(Number.isSafeInteger(turn) && turn >= 0))
  throw new Error(`STANDBYLINT_MATRIX is ${JSON.stringify(asked)}: it has to be "whole", or the number of a turn.`);
