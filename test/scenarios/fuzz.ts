import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Release } from '../../src/throwaway/releases.ts';
import type { Report } from '../../src/findings/report.ts';
import type { RuleId } from '../../src/rules/catalogue.ts';
import type { PairOptions } from '../lab/pair.ts';
import { fixAsPrinted } from './fuzz-fixed.ts';
import type { Fixed } from './fuzz-fixed.ts';
import { postmortemScenarios } from './postmortem-all.ts';
import { aStage, dispose, postmortem } from './postmortem.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** Two faults of the matrix that are made on the same standby, one after the other. */
export interface FaultPair {
  readonly first: PostmortemScenario;
  readonly second: PostmortemScenario;
}

/**
 * The same pairs for the same seed, each of two rules, from rows that leave the primary and its standby in their places. A
 * row more or less changes few of them: for each draw the rows are ranked by a hash of their titles.
 */
export function faultPairs(seed: number, count: number, major: number): readonly FaultPair[] {
  const key = `${seed}:${count}:${major}`;
  const pairs = known.get(key) ?? drawnPairs(seed, count, major);
  known.set(key, pairs);
  return pairs;
}

const known = new Map<string, readonly FaultPair[]>();

function drawnPairs(seed: number, count: number, major: number): readonly FaultPair[] {
  const rows = postmortemScenarios.filter(
    (row) => canBePaired(row) && (row.from ?? 0) <= major && (row.to ?? 99) >= major,
  );
  const chosen = new Map<string, FaultPair>();
  for (let draw = 0; chosen.size < count && draw < count * 50; draw += 1) {
    const [first, second] = drawn(rows, `${seed}:${draw}`);
    if (first === undefined || second === undefined || first.rule === second.rule) continue;
    if (mergedRecords(first.pair ?? {}, second.pair ?? {}) !== undefined)
      chosen.set([titleOf(first), titleOf(second)].toSorted().join(' + '), { first, second });
  }
  return [...chosen.values()];
}

function drawn(rows: readonly PostmortemScenario[], draw: string): readonly PostmortemScenario[] {
  const rank = (row: PostmortemScenario): string =>
    createHash('sha1')
      .update(`${draw}:${titleOf(row)}`)
      .digest('hex');
  return rows
    .map((row) => ({ row, rank: rank(row) }))
    .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, 2)
    .map(({ row }) => row);
}

/** Four hundred commits in a row play 200 pairs on each release, two each. */
export const rotation = { seed: 1130, count: 200, each: 2 } as const;

/** The release and the pairs of a turn (lab/turn.ts). */
export function pairsOfTurn(
  turn: number,
  majors: readonly number[],
): { readonly major: number; readonly pairs: readonly FaultPair[] } {
  const { seed, count, each } = rotation;
  const major = majors[turn % majors.length] ?? 17;
  const from = (Math.floor(turn / majors.length) * each) % count;
  return { major, pairs: faultPairs(seed + major, count, major).slice(from, from + each) };
}

export const titleOf = ({ rule, name }: PostmortemScenario): string =>
  name === undefined ? rule : `${rule} (${name})`;

const canBePaired = (row: PostmortemScenario): boolean =>
  row.prepare === undefined && row.cleanUp === undefined && row.notHere === undefined && row.asRoot !== true;

/** Both of them, where they do not exclude each other. */
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
  | { readonly outcome: 'both are named' | 'they cannot hold at once'; readonly fixed?: Fixed | undefined }
  | { readonly outcome: 'one hides the other'; readonly found: string; readonly fixed?: Fixed | undefined };

/**
 * Makes both faults, and looks: each is named, as a root cause or as a consequence; the verdict is no good one, and no rule
 * crashes. In the other order where the second fault undoes the first. Throws where a fault is missed.
 */
export async function playPair(
  { first, second }: FaultPair,
  release: Release,
  { isShort = false }: { readonly isShort?: boolean } = {},
): Promise<Played> {
  const looks: Look[] = [];
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const look = await lookAtBoth(one, other, release);
    if (look?.wrong.length === 0 && look.hidden.length === 0) return { outcome: 'both are named', fixed: look.fixed };
    if (look !== undefined) looks.push(look);
    // what cannot be made is waited for, and mostly cannot be made in the other order, either
    else if (isShort) break;
  }
  const [best] = looks.toSorted((a, b) => a.wrong.length - b.wrong.length);
  if (best === undefined) return { outcome: 'they cannot hold at once' };
  const found = [...best.wrong, ...best.hidden, 'found:', ...best.said].join('\n');
  if (best.wrong.length > 0) {
    const isUndone = best.isRewritten || [first, second].some(({ rule }) => undoing.has(rule));
    if (isUndone && best.isBroken) return { outcome: 'they cannot hold at once' };
    throw new Error(found);
  }
  return { outcome: 'one hides the other', found, fixed: best.fixed };
}

interface Look {
  readonly wrong: readonly string[];
  readonly hidden: readonly string[];
  /** Both faults have written primary_conninfo: what the first one wrote may be gone. */
  readonly isRewritten: boolean;
  /** No rule crashed, and the verdict is no good one. */
  readonly isBroken: boolean;
  readonly said: readonly string[];
  /** Undefined: nothing is to stream. */
  readonly fixed?: Fixed;
}

/** Undefined: the second one cannot be made where the first one holds. */
async function lookAtBoth(
  one: PostmortemScenario,
  other: PostmortemScenario,
  release: Release,
): Promise<Look | undefined> {
  const pair: PairOptions | undefined = mergedRecords(one.pair ?? {}, other.pair ?? {});
  // what one of them wants of pg_basebackup may be refused beside what the other wants
  const stage = await aStage(pair, release).catch((error: unknown) => {
    if (one.pair === undefined || other.pair === undefined) throw error;
    return undefined;
  });
  if (stage === undefined) return undefined;
  try {
    const before = await conninfoLines(stage);
    const isMade = async (fault: PostmortemScenario): Promise<boolean> =>
      fault.fault(stage).then(
        () => true,
        () => false,
      );
    if (!(await isMade(one))) return undefined;
    const between = await conninfoLines(stage);
    if (!(await isMade(other))) return undefined;
    const isRewritten = before !== between && between !== (await conninfoLines(stage));
    const options = [...(one.options?.(stage) ?? []), ...(other.options?.(stage) ?? [])];
    const env = { ...one.env?.(stage), ...other.env?.(stage) };
    const admin = one.admin === undefined ? other.admin : one.admin;
    const how = { options: () => options, env: () => env, ...(admin === undefined ? {} : { admin }) };
    const { json } = await postmortem(how, stage);
    const look = { ...judged(json, [one, other]), isRewritten };
    if (look.wrong.length > 0 || [one, other].some(({ noStream }) => noStream !== undefined)) return look;
    return { ...look, fixed: await fixAsPrinted(json, [one, other], how, stage) };
  } finally {
    await dispose(stage);
  }
}

async function conninfoLines({ standby }: PairStage): Promise<string> {
  const text = await readFile(join(standby.dataDirectory, 'postgresql.auto.conf'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line.startsWith('primary_conninfo'))
    .join('\n');
}

function judged(
  { findings, verdict, rules }: Report,
  faults: readonly PostmortemScenario[],
): Omit<Look, 'isRewritten' | 'fixed'> {
  const found = new Set<string>(findings.map(({ rule }) => rule));
  const isNamed = ({ rule, finding }: PostmortemScenario): boolean =>
    [finding ?? rule, ...(alsoNamed[rule] ?? [])].some((name) => found.has(name));
  const missed = faults.filter((fault) => !isNamed(fault));
  const outcomes = missed.map((fault) => {
    const { outcome = 'passed', because = null } = rules.find(({ id }) => id === fault.rule) ?? {};
    const ended = verdict === 'broken' && whileItStreams.has(fault.rule);
    return { isHidden: outcome !== 'passed' || ended, text: `${titleOf(fault)}: ${outcome}: ${because ?? ''}` };
  });
  const areHidden = missed.length === 1 && outcomes.every(({ isHidden }) => isHidden);
  const told = outcomes.map(({ text }) => text);
  const bad = [
    ...rules.filter(({ outcome }) => outcome === 'crashed').map(({ id }) => `${id}: crashed`),
    ...(verdict === 'healthy' || verdict === 'ready' ? [`the verdict is ${verdict}`] : []),
  ];
  return {
    isBroken: bad.length === 0,
    wrong: [...(areHidden ? [] : told), ...bad],
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

/** What they are made by takes back other faults: the standby is made again, or the primary is started again. */
const undoing: ReadonlySet<RuleId> = new Set([
  'standby/shared-storage',
  'standby/tablespace-link-broken',
  'hba/not-reloaded',
]);

/** What shows only while the standby streams: what ends that hides it, and once that is fixed it is named. */
const whileItStreams: ReadonlySet<RuleId> = new Set([
  'streaming/name-not-unique',
  'standby/unused-slot',
  'recovery/restore-command-fails',
  'streaming/breaks-repeatedly',
]);
