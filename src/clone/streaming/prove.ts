import { setTimeout as pause } from 'node:timers/promises';

import type { ServerSide, StreamingPicture } from '../../facts/streaming.ts';
import { readControlFile } from '../../postgres/control-file.ts';
import type { Lsn } from '../../postgres/lsn.ts';
import { parseLsn } from '../../postgres/lsn.ts';
import { parsePostmasterPid } from '../../postgres/postmaster-files.ts';
import { literal } from '../../postgres/sql-quoting.ts';
import { connect } from '../../servers/connect.ts';
import { compareRows } from './rows.ts';
import { askPrimary, askStandby } from '../../checks/standby-sessions.ts';
import type { Asked, CopySurroundings, ServerAddress } from '../../checks/standby-sessions.ts';
import { identifiedSide, primarySide, sendersOf, standbySide } from './side.ts';

export interface StandbyToWatch {
  readonly directory: string;
  readonly address: ServerAddress;
  /** WAL senders of the replication role that were there before the start: see {@link sendersBefore}. */
  readonly others: ReadonlySet<number>;
  /** What the primary said of itself in preflight. */
  readonly primaryInRecovery: boolean | undefined;
  /** What the server has written to its log since the start. */
  readonly log: () => Promise<string | undefined>;
  readonly isRunning: () => Promise<boolean>;
  /** How long it may take until it streams, and then until it has replayed what the primary has. */
  readonly patienceMs: number;
}

export type Watched =
  | { readonly streams: true; readonly picture: StreamingPicture }
  | {
      readonly streams: false;
      readonly why: 'ended' | 'no-standby' | 'late' | 'interrupted';
      readonly because: string;
    };

/** The WAL senders that serve others, asked before the standby is started. */
export async function sendersBefore(surroundings: CopySurroundings): Promise<ReadonlySet<number>> {
  const asked = await askPrimary(surroundings);
  if (asked === undefined) return new Set();
  const senders = await sendersOf(asked, literal(surroundings.subject.connection.plan.user));
  await asked.session.close();
  return new Set(senders.map(({ pid }) => pid));
}

/**
 * Waits until the standby streams, and then measures both sides. The standby's own word comes first
 * (pg_stat_wal_receiver); where it lets nobody in or shows nothing, the primary's (pg_stat_replication), and else its log.
 */
export async function watchStandby(surroundings: CopySurroundings, standby: StandbyToWatch): Promise<Watched> {
  const primary = await askPrimary(surroundings);
  const watch = new Watch(surroundings, standby, primary);
  try {
    return await watch.run();
  } finally {
    await watch.close();
  }
}

type Proof = StreamingPicture['proof'];

class Watch {
  readonly #surroundings: CopySurroundings;
  readonly #standby: StandbyToWatch;
  readonly #primary: Asked | undefined;
  #asked: Asked | undefined;
  /** Why the standby lets nobody in; asking is over then. */
  #refused: string | undefined;
  #lastRefusal = 'it did not answer';
  /** It says that it will let sessions in: as long as it does not, it is no standby that can be used, whatever streams. */
  #isOpening = false;
  /** Its own word is the best; after a quarter of the patience that of others counts too. */
  readonly #askUntil: number;
  #receiver = 'no WAL receiver runs';

  constructor(surroundings: CopySurroundings, standby: StandbyToWatch, primary: Asked | undefined) {
    this.#surroundings = surroundings;
    this.#standby = standby;
    this.#primary = primary;
    this.#askUntil = performance.now() + standby.patienceMs / 4;
  }

  async close(): Promise<void> {
    await Promise.all([this.#primary?.session.close(), this.#asked?.session.close()]);
  }

  async run(): Promise<Watched> {
    const { signal } = this.#surroundings;
    const deadline = performance.now() + this.#standby.patienceMs;
    for (;;) {
      if (signal.aborted) return { streams: false, why: 'interrupted', because: 'interrupted' };
      if (!(await this.#standby.isRunning()))
        return { streams: false, why: 'ended', because: 'the server started and has ended since' };
      const found = await this.#look();
      if (found === 'no-standby')
        return {
          streams: false,
          why: 'no-standby',
          because: 'pg_is_in_recovery() is false: the server runs as a primary',
        };
      if (found !== undefined) return { streams: true, picture: await this.#picture(found) };
      if (performance.now() > deadline) {
        const waited = `${Math.round(this.#standby.patienceMs / 1000)} s`;
        const state = this.#isOpening && this.#asked === undefined ? 'it lets no session in' : 'it does not stream';
        const because = `${state} after ${waited}: ${this.#asked === undefined ? this.#lastRefusal : this.#receiver}`;
        return { streams: false, why: 'late', because };
      }
      await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<Proof | 'no-standby' | undefined> {
    if (this.#asked === undefined && this.#refused === undefined) await this.#ask();
    const side = this.#asked && (await standbySide(this.#asked));
    if (this.#asked !== undefined && side === undefined) this.#asked = undefined;
    if (side?.inRecovery === false) return 'no-standby';
    if (side?.streaming === 'streaming') return { by: 'pg_stat_wal_receiver', says: 'status is streaming' };
    if (side !== undefined && !side.hidden) {
      this.#receiver =
        side.streaming === undefined ? 'no WAL receiver runs' : `the status of its WAL receiver is ${side.streaming}`;
      return undefined;
    }
    if (side === undefined && this.#refused === undefined && performance.now() < this.#askUntil) return undefined;
    if (side === undefined && this.#isOpening) return undefined;
    const sender = await this.#sender();
    if (sender?.state === 'streaming')
      return { by: 'pg_stat_replication', says: `the primary's WAL sender ${sender.pid} is streaming` };
    return startedStreaming(await this.#standby.log());
  }

  async #ask(): Promise<void> {
    if (await this.#letsNobodyIn()) {
      this.#refused = 'hot_standby is off';
      this.#isOpening = false;
      return;
    }
    const answer = await askStandby(this.#surroundings, this.#standby.address);
    if (answer.ok) this.#asked = answer.asked;
    else {
      this.#lastRefusal = answer.because;
      this.#isOpening = answer.refusal === 'starting-up' || answer.refusal === 'not-accepting-connections';
      if (answer.final) this.#refused = answer.because;
    }
  }

  /** PM_STATUS_STANDBY (utils/pidfile.h): it is ready, and will not let queries in. */
  async #letsNobodyIn(): Promise<boolean> {
    const content = await this.#surroundings.host.read(`${this.#standby.directory}/postmaster.pid`);
    const parsed = content.ok ? parsePostmasterPid(new TextDecoder().decode(content.value.bytes)) : undefined;
    return parsed?.ok === true && parsed.value.status === 'standby';
  }

  /** The WAL sender that was not there before the start: the standby's own. */
  async #sender(): Promise<Awaited<ReturnType<typeof sendersOf>>[number] | undefined> {
    if (this.#primary === undefined) return undefined;
    const senders = await sendersOf(this.#primary, literal(this.#surroundings.subject.connection.plan.user));
    return senders.find(({ pid }) => !this.#standby.others.has(pid));
  }

  async #picture(proof: Proof): Promise<StreamingPicture> {
    const target = (await this.#primarySide())?.lsn;
    await this.#replayed(target);
    const rows =
      this.#primary !== undefined && this.#asked !== undefined && this.#primary.database === this.#asked.database
        ? await compareRows(this.#primary, this.#asked, async () => this.#replayed((await this.#primarySide())?.lsn))
        : [];
    const [standby, now] = [await this.#standbySide(), await this.#primarySide()];
    const first = target ?? now?.lsn;
    const caughtUp = first === undefined || standby.lsn === undefined ? undefined : standby.lsn >= first;
    const same = now?.lsn !== undefined && now.lsn === standby.lsn;
    const primary = now ?? nobody;
    return {
      proof,
      // a primary that goes on writing is shown where it was when it was asked first: the standby has passed that
      primary: same || !(caughtUp === true) ? primary : { ...primary, lsn: first },
      standby,
      caughtUp,
      rows,
      remarks: this.#remarks({ caughtUp, same, rows: rows.length }),
    };
  }

  #remarks(seen: {
    readonly caughtUp: boolean | undefined;
    readonly same: boolean;
    readonly rows: number;
  }): readonly string[] {
    return [
      ...(this.#asked === undefined
        ? [
            `The standby accepts no connection (${this.#refused ?? this.#lastRefusal}): its state was checked from outside.`,
          ]
        : []),
      ...(seen.caughtUp === true && !seen.same
        ? ['The primary goes on writing; its LSN is that of the first look, and the standby has replayed it and more.']
        : []),
      ...(seen.caughtUp === false
        ? ['It streams, but has not yet replayed what the primary had written: check pg_stat_replication.replay_lag.']
        : []),
      ...(seen.rows === 0 && this.#asked !== undefined && this.#primary !== undefined
        ? [
            `No table of database ${this.#primary.database} could be counted on both sides; --admin with dbname=… names another.`,
          ]
        : []),
      ...(this.#primary === undefined
        ? [
            'The primary was asked on a replication connection alone; --admin shows its side, and the rows of tables.',
            ...this.#adminElsewhere(),
          ]
        : []),
    ];
  }

  #adminElsewhere(): readonly string[] {
    const { adminServer } = this.#surroundings;
    return adminServer === undefined || adminServer.identity.is === 'the-upstream'
      ? []
      : [`What --admin shows was not used: ${adminServer.because}.`];
  }

  async #primarySide(): Promise<ServerSide | undefined> {
    if (this.#primary !== undefined) {
      const sender = await this.#sender();
      return primarySide(this.#primary, sender?.pid);
    }
    const { host, timeoutMs, signal, subject } = this.#surroundings;
    const { session } = await connect(subject.connection, { host, timeoutMs, signal });
    if (session === undefined) return undefined;
    const side = await identifiedSide(session, this.#standby.primaryInRecovery);
    await session.close();
    return side;
  }

  async #standbySide(): Promise<ServerSide> {
    const side = this.#asked && (await standbySide(this.#asked));
    if (side !== undefined) {
      const { hidden: _hidden, ...seen } = side;
      return seen;
    }
    const [sender, control] = [await this.#sender(), await this.#control()];
    return {
      inRecovery: control === undefined ? undefined : control.state === 'in archive recovery',
      lsn: parseLsn(sender?.replayed ?? ''),
      timeline: control?.timeline,
      streaming: undefined,
      source: 'pg_control',
    };
  }

  async #control(): Promise<{ readonly state: string; readonly timeline: number } | undefined> {
    const content = await this.#surroundings.host.read(`${this.#standby.directory}/global/pg_control`);
    const control = content.ok ? readControlFile(content.value.bytes) : undefined;
    return control?.ok === true
      ? { state: control.value.state, timeline: control.value.checkpoint.timeline }
      : undefined;
  }

  /** Waits until the standby has replayed that far; gives up after the patience that there is, or when it shows no LSN. */
  async #replayed(target: Lsn | undefined): Promise<void> {
    const { signal } = this.#surroundings;
    const deadline = performance.now() + this.#standby.patienceMs;
    if (target === undefined) return;
    while (!signal.aborted && performance.now() < deadline) {
      const { lsn } = await this.#standbySide();
      if (lsn === undefined || lsn >= target) return;
      await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

const lookEveryMs = 150;

const nobody: ServerSide = {
  inRecovery: undefined,
  lsn: undefined,
  timeline: undefined,
  streaming: undefined,
  source: 'not asked',
};

/** Sessions that are refused, ours among them, end with FATAL, too: what ends the stream speaks of it. */
const endsStream = /\bPANIC: |\bFATAL: .*(?:primary|\bWAL\b|walreceiver|timeline)/u;

/** walreceiver.c; a FATAL behind it that speaks of the stream takes it back (the WAL that was asked for is gone, say). */
function startedStreaming(log: string | undefined): Proof | undefined {
  const lines = (log ?? '').split('\n');
  const at = lines.findLastIndex((line) => /started streaming WAL from primary at \S+ on timeline \d+/u.test(line));
  if (at === -1 || lines.slice(at).some((line) => endsStream.test(line))) return undefined;
  const says = /started streaming WAL from primary at \S+ on timeline \d+/u.exec(lines[at] ?? '')?.[0] ?? '';
  return { by: "the standby's log", says };
}
