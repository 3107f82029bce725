import { expect } from 'vitest';

import type { Release } from '../../src/demo/releases.ts';
import type { Report } from '../../src/findings/report.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import type { PairOptions } from '../lab/pair.ts';
import { postmortemScenarios } from './postmortem-all.ts';
import { aStage, dispose, postmortem } from './postmortem.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** Two faults of the matrix that are made on the same standby, one after the other. */
export interface FaultPair {
  readonly first: PostmortemScenario;
  readonly second: PostmortemScenario;
}

/** The same pairs for the same seed, each of two rules, from rows that leave the primary and its standby in their places. */
export function faultPairs(seed: number, count: number, major: number): readonly FaultPair[] {
  const rows = postmortemScenarios.filter(
    (row) => canBePaired(row) && (row.from ?? 0) <= major && (row.to ?? 99) >= major,
  );
  const next = numbers(seed);
  const one = (): PostmortemScenario | undefined => rows[next() % rows.length];
  const chosen = new Map<string, FaultPair>();
  for (let tried = 0; chosen.size < count && tried < count * 50; tried += 1) {
    const [first, second] = [one(), one()];
    if (first === undefined || second === undefined || first.rule === second.rule) continue;
    if (pairOptions(first.pair, second.pair) !== undefined)
      chosen.set([titleOf(first), titleOf(second)].toSorted().join(' + '), { first, second });
  }
  return [...chosen.values()];
}

export const titleOf = ({ rule, name }: PostmortemScenario): string =>
  name === undefined ? rule : `${rule} (${name})`;

const canBePaired = (row: PostmortemScenario): boolean =>
  row.prepare === undefined && row.cleanUp === undefined && row.notHere === undefined && row.asRoot !== true;

/** mulberry32 */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Both of them, where they do not exclude each other. */
function pairOptions(one: PairOptions = {}, other: PairOptions = {}): PairOptions | undefined {
  return mergedRecords(one, other);
}

function mergedRecords(one: object, other: object): object | undefined {
  const merged: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other) as readonly (readonly [string, unknown])[]) {
    const before = merged[name];
    if (before === undefined || before === value) merged[name] = value;
    else if (isRecord(before) && isRecord(value)) {
      const inner = mergedRecords(before, value);
      if (inner === undefined) return undefined;
      merged[name] = inner;
    } else return undefined;
  }
  return merged;
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Makes both faults, and looks: each is named, as a root cause or as a consequence; the verdict is no good one, and no rule
 * crashes. Undefined where they cannot hold at once in either order.
 */
export async function playPair({ first, second }: FaultPair, release: Release): Promise<'played' | 'excluded'> {
  const stage = (await withBoth(first, second, release)) ?? (await withBoth(second, first, release));
  if (stage === undefined) return 'excluded';
  const options = [...(first.options?.(stage) ?? []), ...(second.options?.(stage) ?? [])];
  const env = { ...first.env?.(stage), ...second.env?.(stage) };
  const admin = first.admin === undefined ? second.admin : first.admin;
  try {
    const { json } = await postmortem(
      { options: () => options, env: () => env, ...(admin === undefined ? {} : { admin }) },
      stage,
    );
    expectNamed(json, first, second);
    return 'played';
  } finally {
    await dispose(stage);
  }
}

async function withBoth(
  one: PostmortemScenario,
  other: PostmortemScenario,
  release: Release,
): Promise<PairStage | undefined> {
  const stage = await aStage(pairOptions(one.pair, other.pair), release);
  try {
    await one.fault(stage);
    await other.fault(stage);
    return stage;
  } catch {
    await dispose(stage);
    return undefined;
  }
}

function expectNamed({ findings, verdict, rules }: Report, ...faults: readonly PostmortemScenario[]): void {
  const said = findings.map(
    ({ rule, severity, causedBy, message }) =>
      `${causedBy === null ? severity : `  (${severity})`} ${rule}: ${message}`,
  );
  const found = new Set<string>(findings.map(({ rule }) => rule));
  const isNamed = ({ rule, finding }: PostmortemScenario): boolean =>
    [finding ?? rule, ...(alsoNamed[rule] ?? [])].some((name) => found.has(name));
  const missed = faults.filter((fault) => !isNamed(fault)).map(titleOf);
  const crashed = rules.filter(({ outcome }) => outcome === 'crashed').map(({ id }) => id);
  const isGood = verdict === 'healthy' || verdict === 'ready';
  expect({ missed, crashed, isGood, said }).toEqual({ missed: [], crashed: [], isGood: false, said });
}

/** Which rule names the same fault beside another one: a standby that does not stream follows no wrong upstream. */
const alsoNamed: Readonly<Partial<Record<RuleId, readonly RuleId[]>>> = {
  'streaming/wrong-upstream': ['conninfo/not-applied'],
};
