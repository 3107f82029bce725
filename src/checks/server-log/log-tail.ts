import { answer } from '../../hosts/host.ts';
import type { Answer, Host, Pieces } from '../../hosts/host.ts';
import type { LogPlace } from './log-place.ts';

/** The newest bytes of a log. */
export interface LogTail extends Tail {
  /** How the reading ended, when it has. */
  readonly ended: () => {
    readonly problem: string | undefined;
    readonly readBytes: number;
    /** No next piece came in time. */
    readonly late: boolean;
  };
}

/** At most `bytes` of the end of a log; each piece of it comes within `timeoutMs`, or none does any more. */
export async function logTail(
  host: Host,
  { path, sizeBytes, packed, content }: LogPlace,
  bytes: number,
  timeoutMs: number,
): Promise<Answer<LogTail>> {
  const from = packed || sizeBytes === undefined ? 0 : Math.max(0, sizeBytes - bytes);
  const opened =
    content === undefined
      ? await host.pieces(path, { from, unpacked: packed })
      : answer(piecesAtHand(content.subarray(from)));
  if (!opened.ok) return opened;
  const counted = new Counted(opened.value.pieces, timeoutMs);
  // of what cannot be begun in its middle the end is kept while it is gone through
  const tail = packed || sizeBytes === undefined ? await endOf(counted, bytes) : { pieces: counted, torn: from > 0 };
  return answer({
    ...tail,
    ended: () => ({
      problem: counted.late ? `nothing more came of it within ${timeoutMs / 1000} s` : opened.value.problem()?.message,
      readBytes: counted.bytes,
      late: counted.late,
    }),
  });
}

const piecesAtHand = (bytes: Uint8Array): Pieces => ({
  pieces: (async function* () {
    yield bytes;
  })(),
  problem: () => undefined,
});

/** However long a log is, its next piece comes at once: where none comes, the pieces end. */
class Counted implements AsyncIterable<Uint8Array> {
  bytes = 0;
  late = false;
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #timeoutMs: number;

  constructor(pieces: AsyncIterable<Uint8Array>, timeoutMs: number) {
    this.#pieces = pieces;
    this.#timeoutMs = timeoutMs;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const pieces = this.#pieces[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#inTime(pieces.next());
        if (next === undefined || next.done === true) return;
        this.bytes += next.value.length;
        yield next.value;
      }
    } finally {
      // what is late would keep its end waiting, too
      if (!this.late) await pieces.return?.();
    }
  }

  async #inTime<T>(next: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.late = true;
        resolve(undefined);
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([next, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Tail {
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** What came before was left out. */
  readonly torn: boolean;
}

async function endOf(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<Tail> {
  if (limit === Infinity) return { pieces, torn: false };
  const kept: Uint8Array[] = [];
  let length = 0;
  let torn = false;
  for await (const piece of pieces) {
    kept.push(new Uint8Array(piece));
    length += piece.length;
    while (length - (kept[0]?.length ?? 0) >= limit) {
      length -= kept.shift()?.length ?? 0;
      torn = true;
    }
  }
  return { pieces: kept, torn };
}
