import { setTimeout as pause } from 'node:timers/promises';

import { median } from './figure.ts';
import type { Figure } from './figure.ts';
import { bareLogins, postmortem, preflight, role } from './pair.ts';
import type { Pair } from './pair.ts';

const looks = 20;
const seconds = 8;
const rounds = 9;
const ofPrimary = ['taskset', '-c', '0'];
const ofLook = ['taskset', '-c', '1'];

/**
 * What a look costs its primary: the processor time and the buffers of our statements there (log_statement_stats), and how
 * much less pgbench gets done while the primary is looked at every second. The look runs on a processor of its own, as on a
 * machine of its own: what pgbench loses is what the primary pays. The logins alone are the floor under it.
 */
export async function primaryCost(pair: Pair): Promise<readonly Figure[]> {
  return [...(await statements(pair)), await throughput(pair)];
}

async function statements(pair: Pair): Promise<readonly Figure[]> {
  const { primary } = pair;
  const figures: Figure[] = [];
  const roles = ['postgres', role];
  await primary.psql(roles.map((one) => `ALTER ROLE ${one} SET log_statement_stats = on;`).join(' '));
  try {
    const commands = [
      ['preflight', preflight(pair, '127.0.0.1', primary.port)],
      ['postmortem', postmortem(pair)],
    ] as const;
    for (const [what, command] of commands) {
      const before = (await primary.log()).length;
      for (let look = 0; look < looks; look += 1) await pair.run(command);
      const log = (await primary.log()).slice(before);
      const spent = [...log.matchAll(/(\d+\.\d+) s user, (\d+\.\d+) s system, (\d+\.\d+) s elapsed/gu)];
      const msALook = (column: number): number =>
        (1000 * spent.reduce((sum, one) => sum + Number(one[column]), 0)) / looks;
      console.log(
        `${what}: ${spent.length / looks} statements, which take ${msALook(3).toFixed(1)} ms from begin to end`,
      );
      figures.push({
        what: `the statements of a ${what} on its primary`,
        measured: msALook(1) + msALook(2),
        atMost: 10,
        unit: 'ms of processor time',
      });
    }
  } finally {
    await primary.psql(roles.map((one) => `ALTER ROLE ${one} RESET log_statement_stats;`).join(' '));
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
  const look = preflight(pair, '127.0.0.1', primary.port);
  const lost = { logins: [] as number[], look: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const alone = await run();
    const besideLogins = await beside(pair, bareLogins(pair, 'preflight'), run);
    const besideLooks = await beside(pair, look, run);
    const tps = [alone, besideLogins, besideLooks].map((one) => one.toFixed(0));
    console.log(
      `pgbench -c 8 -S: ${tps[0]} transactions a second alone, ${tps[1]} beside logins, ${tps[2]} beside looks`,
    );
    lost.logins.push((100 * (alone - besideLogins)) / alone);
    lost.look.push((100 * (alone - besideLooks)) / alone);
  }
  console.log(`pgbench beside the logins of a preflight every second: ${median(lost.logins).toFixed(2)} % less`);
  return { what: 'pgbench beside a look every second', measured: median(lost.look), atMost: 1, unit: '% less' };
}

async function beside<T>(pair: Pair, command: readonly string[], run: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const repeated = everySecond(pair, command, over.signal);
  try {
    return await run();
  } finally {
    over.abort();
    await repeated;
  }
}

async function everySecond(pair: Pair, command: readonly string[], over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const next = pause(1_000, undefined, { signal: over }).catch(() => undefined);
    await pair.run([...ofLook, ...command]);
    await next;
  }
}
