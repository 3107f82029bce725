import { chown } from 'node:fs/promises';
import { join } from 'node:path';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { literal } from '../../src/remedies/quoting.ts';
import { until } from '../lab/until.ts';
import type { PairStage } from './postmortem.ts';

/** It tries again each second, not each fifth: a fault shows, and a fixed standby streams, that much sooner. */
export const quick = { settings: { wal_retrieve_retry_interval: '1s' } } as const;

/** What follows from nearly every fault, on a standby that lets sessions in. */
export const notStreaming = ['streaming/not-connected', 'streaming/not-seen-by-primary'] as const;

export async function untilPaused(standby: ThrowawayServer): Promise<void> {
  await until('replay is paused', async () => {
    const [row] = await standby.query('SELECT pg_is_wal_replay_paused() AS paused');
    return row?.['paused'] === 't' ? true : null;
  });
}

/** How often the standby was refused: the end of a connection that was there is none. */
const refusals = (log: string): number =>
  log.match(/FATAL: {2}(?!could not receive data from WAL stream: (?:FATAL|server closed)|terminating walreceiver)/gu)
    ?.length ?? 0;

/** The standby has tried at least twice and does not stream. */
export async function untilRefused(standby: ThrowawayServer): Promise<void> {
  const before = refusals(await standby.log());
  await until('the standby is refused', async () => (refusals(await standby.log()) >= before + 2 ? true : null));
}

/** Every connection of the standby is ended, so that it has to log in again: as often as it comes before a reload. */
export async function cut({ primary, standby }: PairStage): Promise<void> {
  const before = refusals(await standby.log());
  await until('the standby is refused', async () => {
    await primary.server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
    return refusals(await standby.log()) >= before + 2 ? true : null;
  });
}

export const conninfoOf = async (standby: ThrowawayServer): Promise<string> =>
  (await standby.psql('SHOW primary_conninfo')).trim();

export async function reconnectWith({ standby }: PairStage, change: (text: string) => string): Promise<void> {
  await standby.psql(`ALTER SYSTEM SET primary_conninfo = ${literal(change(await conninfoOf(standby)))}`);
  await standby.reload();
}

export async function changeConninfo(stage: PairStage, change: (text: string) => string, breaks = true): Promise<void> {
  await reconnectWith(stage, change);
  if (breaks) await untilRefused(stage.standby);
}

export async function own({ runAs }: ThrowawayServer, file: string): Promise<void> {
  if (runAs !== null) await chown(file, runAs.uid, runAs.gid);
}

/** Somebody else streams through the slot, as another standby would, until the server's folder is gone. */
export async function receiveWal(server: ThrowawayServer, slot: string): Promise<void> {
  const folder = join(server.folder, `received-${slot}`);
  await server.run('sh', [
    '-c',
    `mkdir ${folder} && { while [ -d ${folder} ]; do
       pg_receivewal --no-loop -h ${server.folder} -p ${server.port} -U postgres -S ${slot} -D ${folder}; sleep 0.2
     done >/dev/null 2>&1 & }`,
  ]);
  await until(`somebody streams through ${slot}`, async () => {
    const [row] = await server.query('SELECT active FROM pg_replication_slots WHERE slot_name = $1', [slot]);
    return row?.['active'] === 't' ? true : null;
  });
}

/** So many segments of WAL, each ended before it is full. */
export async function writeWal(server: ThrowawayServer, segments: number, checkpoint = true): Promise<void> {
  await server.psql('CREATE TABLE IF NOT EXISTS filler (n int)');
  for (let count = 0; count < segments; count += 1)
    await server.psql('INSERT INTO filler VALUES (1); SELECT pg_switch_wal();');
  if (checkpoint) await server.psql('CHECKPOINT');
}

export async function pidOf(server: ThrowawayServer, backend: string): Promise<number> {
  const [row] = await server.query('SELECT pid FROM pg_stat_activity WHERE backend_type = $1', [backend]);
  return Number(row?.['pid']);
}

const stopped = new Map<PairStage, number>();

export async function freeze(stage: PairStage, pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  stopped.set(stage, pid);
}

export async function thaw(stage: PairStage): Promise<void> {
  const pid = stopped.get(stage);
  stopped.delete(stage);
  if (pid !== undefined) process.kill(pid, 'SIGCONT');
}
