/**
 * Logs are read one character a byte: their encoding is mixed (each process writes in its database's), and a record that
 * nobody wants is never decoded. This makes text of such bytes: UTF-8 where they are that, Latin-1 otherwise. The result
 * does not keep the piece of the log that it was cut from in memory.
 */
export function decoded(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1');
  if (!/[\u0080-\u00FF]/u.test(bytes)) return buffer.toString('latin1');
  const text = buffer.toString('utf8');
  return text.includes('\uFFFD') ? buffer.toString('latin1') : text;
}

/** Decides by the first characters of a message (`at` in a piece of the log, one character a byte) whether anybody wants it. */
export type MessageFilter = (piece: string, at: number, end: number) => boolean;

/**
 * Looks for a string in a piece of text, forwards: each search begins where the last one ended, so that a piece is gone
 * through once however many lines ask.
 */
export interface ForwardSearch {
  /** The first place from `from` on and before `end`, or -1. */
  readonly within: (piece: string, from: number, end: number) => number;
}

export function forwardSearch(wanted: string): ForwardSearch {
  let known = '';
  let next = -1;
  let asked = 0;
  return {
    within: (piece, from, end) => {
      // the same text again (a repeated line) begins again, too
      if (from < asked || next < from || piece !== known) {
        next = piece.indexOf(wanted, from);
        if (next === -1) next = Number.MAX_SAFE_INTEGER;
      }
      // a piece with the same text is compared to its end only once
      known = piece;
      asked = from;
      return next < end ? next : -1;
    },
  };
}
