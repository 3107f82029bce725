import type { Settings, ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { aPlaceForAStandby, aPrimary } from './primary.ts';
import type { Primary, PrimaryOptions } from './primary.ts';
import { until } from './until.ts';

export interface StandbyOptions {
  readonly settings?: Settings;
  /** A physical slot of this name is made by pg_basebackup and written into primary_slot_name. */
  readonly slot?: string;
  readonly applicationName?: string;
  /** More of pg_basebackup's options. */
  readonly more?: readonly string[];
  readonly started?: boolean;
}

export interface PairOptions extends PrimaryOptions {
  readonly standby?: StandbyOptions;
}

export interface Pair {
  readonly primary: Primary;
  readonly standby: ThrowawayServer;
}

/** A primary and a standby that streams from it over TCP, as the replication role with its password. */
export async function aPair(options: PairOptions = {}): Promise<Pair> {
  const primary = await aPrimary(options);
  const standby = await aStandby(primary, options.standby, options.lifetime);
  return { primary, standby };
}

/** A (further) standby of a primary, or of a standby: made by `pg_basebackup -R`, started, streaming. */
export async function aStandby(
  upstream: Primary,
  options: StandbyOptions = {},
  lifetime: PrimaryOptions['lifetime'] = 'test',
): Promise<ThrowawayServer> {
  const { release } = upstream.server;
  const standby = await aPlaceForAStandby({ release, lifetime });
  const name = options.applicationName === undefined ? '' : ` application_name='${options.applicationName}'`;
  const slot = options.slot === undefined ? [] : ['-C', '-S', options.slot];
  await standby.copyFrom(upstream.server, {
    conninfo: `${upstream.conninfo} password='${upstream.password}'${name}`,
    more: [...slot, ...(options.more ?? [])],
  });
  if (options.settings !== undefined) await standby.configure(options.settings);
  if (options.started === false) return standby;
  await standby.start();
  await untilStreaming(standby);
  return standby;
}

/** Waits until the standby's WAL receiver streams; when it does not, the standby's log says why. */
export async function untilStreaming(standby: ThrowawayServer, timeoutMs = 30_000): Promise<void> {
  try {
    await until(
      'the WAL receiver streams',
      async () => {
        const [row] = await standby.query('SELECT status FROM pg_stat_wal_receiver');
        return row?.['status'] === 'streaming' ? true : null;
      },
      timeoutMs,
    );
  } catch (error) {
    throw new Error(`The standby does not stream. The end of its log:\n${await standby.logTail()}`, { cause: error });
  }
}

/** The proof: a row written on the primary now is read on the standby. */
export async function rowArrives(
  primary: ThrowawayServer,
  standby: ThrowawayServer,
  timeoutMs = 30_000,
): Promise<void> {
  await primary.query('CREATE TABLE IF NOT EXISTS arrives (id bigint GENERATED ALWAYS AS IDENTITY)');
  const [row] = await primary.query('INSERT INTO arrives DEFAULT VALUES RETURNING id');
  const id = row?.['id'];
  if (id === undefined || id === null) throw new Error('The primary gave no id for the new row.');
  await until(
    `row ${id} on the standby`,
    async () => {
      const [found] = await standby.query('SELECT id FROM arrives WHERE id = $1', [id]);
      return found === undefined ? null : true;
    },
    timeoutMs,
  );
}
