import { shownWord } from '../options/shown-word.ts';
import { UsageError } from '../usage-error.ts';
import { mergedOrder } from './saved.ts';
import type { SavedFleet } from './saved.ts';
import type { ExaminedTarget } from '../../findings/fleet-report.ts';

/** A part of the targets, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** --shard: `2/4`. */
export function shardOf(text: string): Shard {
  const [, index = '', count = ''] = /^(\d{1,4})\/(\d{1,4})$/u.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count) return shard;
  throw new UsageError(
    `--shard takes a part and the number of parts, not "${shownWord(text)}".`,
    'For example: --shard 1/4, and 2/4, 3/4 and 4/4 elsewhere',
  );
}

/** By the name alone: a target that is added or removed moves no other one. */
export function isInShard(name: string, { index, count }: Shard): boolean {
  // every command reads this file, and Node takes its time to load it
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(name).digest().readUInt32BE() % count === index - 1;
}

/** The shards of one run as that run. Throws a {@link UsageError} where they are not all of it. */
export function merged(
  saved: readonly SavedFleet[],
  version: string,
): { readonly startedAt: string; readonly elapsedMs: number; readonly targets: readonly ExaminedTarget[] } {
  const [first] = saved;
  const shards = saved.map(({ file, shard }) => {
    if (shard === undefined)
      throw new UsageError(`${file} is not a shard: it was not made with --shard.`, 'It is the whole run already.');
    return { file, ...shard };
  });
  const stranger = saved.find(({ tool }) => tool !== version);
  if (stranger !== undefined)
    throw new UsageError(
      `${stranger.file} was made by standbylint ${stranger.tool}, and this is ${version}.`,
      'Run all shards, and merge, with the same release.',
    );
  const count = shards[0]?.count ?? 0;
  const other = shards.find((shard) => shard.count !== count);
  if (other !== undefined)
    throw new UsageError(`${other.file} is one of ${other.count} shards, and ${first?.file ?? ''} one of ${count}.`);
  const twice = shards.find(({ index }, at) => shards.findIndex((one) => one.index === index) !== at);
  if (twice !== undefined)
    throw new UsageError(`${twice.file} is shard ${twice.index}/${count}, which is there twice.`);
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter(
    (one) => !shards.some(({ index }) => index === one),
  );
  if (missing.length > 0)
    throw new UsageError(
      `${missing.length === 1 ? 'Shard' : 'Shards'} ${missing.map((index) => `${index}/${count}`).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`,
      'Give the reports of all shards.',
    );
  const targets = mergedOrder(saved);
  if (targets === undefined)
    throw new UsageError(
      'The shards were made of different lists of targets.',
      'Run all of them with the same configuration and the same inventory.',
    );
  return {
    startedAt: saved.map(({ startedAt }) => startedAt).toSorted()[0] ?? '',
    elapsedMs: Math.max(...saved.map(({ elapsedMs }) => elapsedMs)),
    targets,
  };
}
