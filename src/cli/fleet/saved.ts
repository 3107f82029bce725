import { createReadStream } from 'node:fs';

import { errorCode } from '../../hosts/local-answers.ts';
import { UsageError } from '../usage-error.ts';
import { readLongList } from './long-list.ts';
import type { ExaminedTarget, FleetReport } from '../../findings/fleet-report.ts';

/** The report of a run, as `--format json` writes it. */
export interface SavedFleet {
  readonly file: string;
  /** The version of standbylint that made it. */
  readonly tool: string;
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly targets: readonly ExaminedTarget[];
  readonly shard?: FleetReport['shard'] | undefined;
  readonly since?: FleetReport['since'] | undefined;
}

/** Throws a {@link UsageError} for what is no such report. */
export const savedFleet = async (file: string): Promise<SavedFleet> => readFleet(file, (target) => target);

/** The same with no more of each report than it takes to say what has changed since. */
export const earlierFleet = async (file: string): Promise<SavedFleet> =>
  readFleet(file, (target) => withoutScene(target));

function withoutScene(target: ExaminedTarget): ExaminedTarget {
  const { report } = target;
  if (report === null) return target;
  const findings = report.findings.map((finding) => ({ ...finding, evidence: [], remedy: null }));
  const { topology: _topology, measures: _measures, ...rest } = report;
  const plan = { ...report.plan, steps: [], alternatives: [] };
  return { ...target, report: { ...rest, findings, plan, recovery: null, rules: [] } };
}

async function readFleet(file: string, kept: (target: ExaminedTarget) => ExaminedTarget): Promise<SavedFleet> {
  let value: unknown;
  try {
    value = await readLongList(createReadStream(file, { highWaterMark: pieceBytes }), 'targets', (target) =>
      isTarget(target) ? kept(target) : target,
    );
  } catch (error) {
    if (errorCode(error) === 'ENOENT')
      throw new UsageError(`${file} does not exist.`, 'Save a run with --format json > FILE.');
  }
  if (isFleet(value)) {
    if (!value.schemaVersion.startsWith('1.'))
      throw new UsageError(
        `${file} was written by standbylint ${value.tool.version} in format ${value.schemaVersion}, and this release reads format 1.`,
        'Use that release or a later one.',
      );
    const { tool, startedAt, elapsedMs, targets, shard, since } = value;
    return { file, tool: tool.version, startedAt, elapsedMs, targets, shard, since };
  }
  throw new UsageError(`${file} is not a report of standbylint fleet.`, 'Save one with --format json > FILE.');
}

type Written = Omit<SavedFleet, 'file' | 'tool'> & {
  readonly schemaVersion: string;
  readonly tool: { readonly version: string };
};

const pieceBytes = 1024 * 1024;

const isTarget = (value: unknown): value is ExaminedTarget =>
  typeof value === 'object' && value !== null && 'target' in value && 'report' in value;

const isFleet = (value: unknown): value is Written =>
  typeof value === 'object' &&
  value !== null &&
  'command' in value &&
  value.command === 'fleet' &&
  'targets' in value &&
  Array.isArray(value.targets) &&
  'tool' in value &&
  'schemaVersion' in value &&
  typeof value.schemaVersion === 'string' &&
  'startedAt' in value &&
  'elapsedMs' in value;

/** The targets of all shards in the order of the whole run; undefined where they are not those of one list. */
export function mergedOrder(saved: readonly SavedFleet[]): readonly ExaminedTarget[] | undefined {
  const lists = saved.map(({ shard }) => JSON.stringify(shard?.of ?? []));
  if (new Set(lists).size > 1) return undefined;
  const examined = new Map(saved.flatMap(({ targets }) => targets.map((one) => [one.target, one] as const)));
  const all = saved[0]?.shard?.of ?? [];
  const targets = all.flatMap((name) => examined.get(name) ?? []);
  return targets.length === all.length && examined.size === all.length ? targets : undefined;
}
