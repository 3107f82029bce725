import { turn } from '../../lab/turn.ts';

/** What is killed or stopped: the program, one of the processes that it has started (on the other machine, too), a server. */
export const victims = ['program', 'child', 'primary', 'standby'] as const;
export const acts = ['clone', 'fix', 'undo', 'fleet', 'bundle'] as const;
/** Behind the others: what is done through a client that can be struck itself. */
const through = ['clone over ssh', 'fix by docker'] as const;

export interface Round {
  readonly number: number;
  readonly act: (typeof acts)[number] | (typeof through)[number];
  /** Which of the releases, counted from the first. */
  readonly release: number;
  readonly victim: (typeof victims)[number];
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** The moment, as a part of the time that an undisturbed run takes. */
  readonly moment: number;
  /** Which of the processes. */
  readonly which: number;
  /** The files are those of another machine, over ssh. */
  readonly there: boolean;
  /** What was begun is taken back, and not gone on with. */
  readonly back: boolean;
}

/** STANDBYLINT_KILLED_SEED draws other moments. */
export const seed = Number(process.env['STANDBYLINT_KILLED_SEED'] ?? 1);
const here = 200;
const count = here + 40;
/** So many commits in a row play all of them, six each. */
const commits = 40;

function roundOf(number: number): Round {
  const draw = drawn(seed * 1_000 + number);
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(draw() * from.length)] ?? from[0];
  return {
    number,
    act: (number < here ? acts[number % acts.length] : through[number % through.length]) ?? 'clone',
    release: Math.floor(number / acts.length),
    victim: pick(victims),
    signal: pick(['SIGKILL', 'SIGSTOP']),
    moment: draw(),
    which: draw(),
    there: draw() < 0.5,
    back: draw() < 0.5,
  };
}

/**
 * The rounds of this run: STANDBYLINT_KILLED=all (npm run killed) plays all of them, `60-99` those, and without it the turn of the
 * commit decides (lab/turn.ts).
 */
export function roundsNow(): readonly Round[] {
  const all = Array.from({ length: count }, (_, number) => roundOf(number));
  const asked = process.env['STANDBYLINT_KILLED'] ?? (turn === 'whole' ? 'all' : undefined);
  if (asked === 'all') return all;
  if (asked === undefined) return all.filter(({ number }) => number % commits === Number(turn) % commits);
  const [from = 0, to = from] = asked.split('-').map(Number);
  return all.filter(({ number }) => number >= from && number <= to);
}

/** mulberry32: the same numbers for the same seed, on every machine. */
function drawn(start: number): () => number {
  let state = Math.trunc(start) >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
