import { join } from 'node:path';

import type { Report } from '../../src/findings/report.ts';
import { median } from './figure.ts';
import type { Figure } from './figure.ts';
import { role, standbylint } from './pair.ts';
import type { Pair, Run } from './pair.ts';
import { needRoom } from './room.ts';

const mebibytes = 10_240;
const rounds = 3;
const labels = new Set(['copied', 'slowed by', 'without it', 'faster']);

/** pg_basebackup within `clone` next to itself alone, by turns, of 10 GiB that do not shrink. */
export async function copies(pair: Pair): Promise<readonly Figure[]> {
  const { primary } = pair;
  await needRoom(primary.folder, 4 * mebibytes, 10_000);
  // files that every base backup copies, and that nobody has to write as rows
  await primary.run('sh', [
    '-c',
    `for n in $(seq 1 10); do head -c ${mebibytes / 10}M /dev/urandom > '${primary.dataDirectory}'/pg_stat/ballast-$n || exit 1; done`,
  ]);
  const target = join(primary.folder, 'copy');
  const options = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', role, '-D', target, '-R', '-c', 'fast'];
  const run = async (command: readonly string[]): Promise<Run> => {
    const ran = await pair.run(command);
    if (ran.status !== 0) throw new Error(ran.output);
    await primary.run('rm', ['-rf', target]);
    return ran;
  };
  const more: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { elapsedMs } = await run([primary.programPath('pg_basebackup'), ...options, '--no-password']);
    // with --admin: that also looks at what the copy waits for
    const { output } = await run(standbylint('clone', ...options, '--admin', pair.admin, '--format', 'json'));
    const report: Report = JSON.parse(output);
    const copy = report.steps?.find(({ name }) => name === 'copy')?.elapsedMs ?? Number.NaN;
    const details = report.steps?.flatMap((step) => step.details).filter(({ label }) => labels.has(label)) ?? [];
    console.log(`pg_basebackup ${(elapsedMs / 1000).toFixed(2)} s, within clone ${(copy / 1000).toFixed(2)} s`);
    for (const { label, value } of details) console.log(`  ${label}: ${value}`);
    more.push((100 * (copy - elapsedMs)) / elapsedMs);
  }
  return [{ what: 'pg_basebackup within clone', measured: median(more), atMost: 1, unit: '% more' }];
}
