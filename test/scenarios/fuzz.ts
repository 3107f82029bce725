import type { Release } from '../../src/throwaway/releases.ts';
import type { Report } from '../../src/findings/report.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import type { PairOptions } from '../lab/pair.ts';
import { postmortemScenarios } from './postmortem-all.ts';
import { aStage, dispose, postmortem } from './postmortem.ts';
import type { PostmortemScenario } from './postmortem.ts';

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

/** `hidden`: what was found, where one fault leaves nothing of the other to be seen, and the rules of that one do not say `passed`. */
export type Played =
  | { readonly outcome: 'both are named' | 'they cannot hold at once' }
  | { readonly outcome: 'one hides the other'; readonly found: string };

/**
 * Makes both faults, and looks: each is named, as a root cause or as a consequence; the verdict is no good one, and no rule
 * crashes. In the other order where the second fault undoes the first. Throws where a fault is missed.
 */
export async function playPair({ first, second }: FaultPair, release: Release): Promise<Played> {
  const looks: Look[] = [];
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const look = await lookAtBoth(one, other, release);
    if (look?.wrong.length === 0 && look.hidden.length === 0) return { outcome: 'both are named' };
    if (look !== undefined) looks.push(look);
  }
  const [best] = looks.toSorted((a, b) => a.wrong.length - b.wrong.length);
  if (best === undefined) return { outcome: 'they cannot hold at once' };
  const found = [...best.wrong, ...best.hidden, 'found:', ...best.said].join('\n');
  if (best.wrong.length > 0) throw new Error(found);
  return { outcome: 'one hides the other', found };
}

interface Look {
  readonly wrong: readonly string[];
  readonly hidden: readonly string[];
  readonly said: readonly string[];
}

/** Undefined: the second one cannot be made where the first one holds. */
async function lookAtBoth(
  one: PostmortemScenario,
  other: PostmortemScenario,
  release: Release,
): Promise<Look | undefined> {
  const stage = await aStage(pairOptions(one.pair, other.pair), release);
  try {
    const made = await one.fault(stage).then(
      async () =>
        other.fault(stage).then(
          () => true,
          () => false,
        ),
      () => false,
    );
    if (!made) return undefined;
    const options = [...(one.options?.(stage) ?? []), ...(other.options?.(stage) ?? [])];
    const env = { ...one.env?.(stage), ...other.env?.(stage) };
    const admin = one.admin === undefined ? other.admin : one.admin;
    const { json } = await postmortem(
      { options: () => options, env: () => env, ...(admin === undefined ? {} : { admin }) },
      stage,
    );
    return judged(json, [one, other]);
  } finally {
    await dispose(stage);
  }
}

function judged({ findings, verdict, rules }: Report, faults: readonly PostmortemScenario[]): Look {
  const found = new Set<string>(findings.map(({ rule }) => rule));
  const isNamed = ({ rule, finding }: PostmortemScenario): boolean =>
    [finding ?? rule, ...(alsoNamed[rule] ?? [])].some((name) => found.has(name));
  const missed = faults.filter((fault) => !isNamed(fault));
  const outcomes = missed.map((fault) => {
    const { outcome = 'passed', because = null } = rules.find(({ id }) => id === fault.rule) ?? {};
    return { isHidden: outcome !== 'passed', text: `${titleOf(fault)}: ${outcome}: ${because ?? ''}` };
  });
  const areHidden = missed.length === 1 && outcomes.every(({ isHidden }) => isHidden);
  const told = outcomes.map(({ text }) => text);
  return {
    wrong: [
      ...(areHidden ? [] : told),
      ...rules.filter(({ outcome }) => outcome === 'crashed').map(({ id }) => `${id}: crashed`),
      ...(verdict === 'healthy' || verdict === 'ready' ? [`the verdict is ${verdict}`] : []),
    ],
    hidden: areHidden ? told : [],
    said: findings.map(
      ({ rule, severity, causedBy, message }) =>
        `${causedBy === null ? severity : `  (${severity})`} ${rule}: ${message}`,
    ),
  };
}

/** Which rule names the same fault beside another one: a standby that does not stream follows no wrong upstream. */
const alsoNamed: Readonly<Partial<Record<RuleId, readonly RuleId[]>>> = {
  'streaming/wrong-upstream': ['conninfo/not-applied'],
};
