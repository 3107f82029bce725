import { setTimeout as pause } from 'node:timers/promises';

import { median } from './figure.ts';
import type { Figure } from './figure.ts';
import { postmortem, preflight } from './pair.ts';
import type { Pair } from './pair.ts';

const looks = 20;
const seconds = 8;
const rounds = 9;
const ofPrimary = ['taskset', '-c', '0'];
const ofLook = ['taskset', '-c', '1'];

/**
 * What a look costs its primary: the time of our statements there (log_duration), and how much less pgbench gets done
 * while the primary is looked at every second. The look runs on a processor of its own, as on a machine of its own: what
 * pgbench loses is what the primary pays.
 */
export async function primaryCost(pair: Pair): Promise<readonly Figure[]> {
  return [...(await statements(pair)), await throughput(pair)];
}

async function statements(pair: Pair): Promise<readonly Figure[]> {
  const { primary } = pair;
  const figures: Figure[] = [];
  await primary.psql('ALTER ROLE postgres SET log_duration = on; ALTER ROLE replicator SET log_duration = on');
  try {
    const commands = [
      ['preflight', preflight(pair, '127.0.0.1', primary.port)],
      ['postmortem', postmortem(pair)],
    ] as const;
    for (const [what, command] of commands) {
      const before = (await primary.log()).length;
      for (let look = 0; look < looks; look += 1) await pair.run(command);
      const log = (await primary.log()).slice(before);
      const ms = [...log.matchAll(/duration: (\d+\.\d+) ms/gu)].reduce((sum, [, one]) => sum + Number(one), 0);
      figures.push({
        what: `the statements of a ${what} on its primary`,
        measured: ms / looks,
        atMost: 10,
        unit: 'ms',
      });
    }
  } finally {
    await primary.psql('ALTER ROLE postgres RESET log_duration; ALTER ROLE replicator RESET log_duration');
  }
  return figures;
}

async function throughput(pair: Pair): Promise<Figure> {
  const { primary } = pair;
  await primary.program('pgbench', [
    '-i',
    '-q',
    '-s',
    '10',
    '-h',
    primary.folder,
    '-p',
    String(primary.port),
    'postgres',
  ]);
  // a session is on the processor of the postmaster that started it
  await pair.run(['taskset', '-pc', '0', String(await primary.processId())]);
  const run = async (): Promise<number> => {
    const { output } = await pair.run([
      ...[...ofPrimary, primary.programPath('pgbench')],
      ...['-c', '8', '-T', String(seconds), '-S', '-h', primary.folder, '-p', String(primary.port)],
      'postgres',
    ]);
    return Number(/tps = (\d+\.\d+)/u.exec(output)?.[1]);
  };
  const less: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const alone = await run();
    const over = new AbortController();
    const looking = lookEverySecond(pair, over.signal);
    const beside = await run();
    over.abort();
    await looking;
    console.log(`pgbench -c 8 -S: ${alone.toFixed(0)} transactions a second alone, ${beside.toFixed(0)} beside looks`);
    less.push((100 * (alone - beside)) / alone);
  }
  return { what: 'pgbench beside a look every second', measured: median(less), atMost: 1, unit: '% less' };
}

async function lookEverySecond(pair: Pair, over: AbortSignal): Promise<void> {
  const command = [...ofLook, ...preflight(pair, '127.0.0.1', pair.primary.port)];
  while (!over.aborted) {
    const next = pause(1_000, undefined, { signal: over }).catch(() => undefined);
    await pair.run(command);
    await next;
  }
}
