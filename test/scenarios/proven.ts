import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { Risk } from '../../src/findings/report.ts';
import { keyOf, rows } from './matrix.ts';

/** What came of a row the last time that it was played, for each release: the seconds that it took, or why it is not proven. */
export interface Proof {
  readonly risk: Risk | null;
  readonly on: Readonly<Record<string, number | string>>;
}

/** One row, played on one release. */
export interface Played {
  readonly row: string;
  readonly release: number;
  readonly risk: Risk | null;
  readonly seconds: number;
  /** Undefined: it is proven. */
  readonly why: string | undefined;
}

export type Proofs = Readonly<Record<string, Proof>>;

export const proofsFile = fileURLToPath(new URL('proven.json', import.meta.url));

export const readProofs = async (): Promise<Proofs> => JSON.parse(await readFile(proofsFile, 'utf8')) as Proofs;

/** What is known after a run: of what it has played what it showed, of all else what was known before; nothing of rows that are no more. */
export function withRun(before: Proofs, run: readonly Played[] = []): Proofs {
  const known = rows.flatMap((row) => {
    const key = keyOf(row);
    const old = before[key];
    const played = run.filter((one) => one.row === key);
    const on = row.releases.flatMap((release) => {
      const last = old?.on[release];
      const now = played.find((one) => one.release === release);
      const shown = now === undefined ? last : (now.why ?? steady(last, now.seconds));
      return shown === undefined ? [] : [[release, shown] as const];
    });
    if (on.length === 0) return [];
    const risk = played.find(({ why }) => why === undefined)?.risk ?? old?.risk ?? null;
    return [[key, { risk, on: Object.fromEntries(on) }] as const];
  });
  return Object.fromEntries(known);
}

/** Whole seconds, and the same as before where little has changed: another run does not change the file. */
function steady(last: number | string | undefined, seconds: number): number {
  const now = Math.max(1, Math.round(seconds));
  return typeof last === 'number' && Math.abs(now - last) <= Math.max(2, last / 2) ? last : now;
}

/** A line for each row. */
export const proofsText = (proofs: Proofs): string =>
  `{\n${Object.entries(proofs)
    .map(([row, proof]) => `  ${JSON.stringify(row)}: ${JSON.stringify(proof)}`)
    .join(',\n')}\n}\n`;
