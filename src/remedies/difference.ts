/** The shortest piece of a text whose exchange makes another text of it, and what stands around it. */
export interface Difference {
  readonly head: string;
  readonly from: string;
  readonly to: string;
  readonly tail: string;
}

/** Whole characters; what stands for a secret is one. */
export const inPieces = (text: string): readonly string[] => text.match(/\*\*\*|./gsu) ?? [];

export function difference(was: string, becomes: string): Difference {
  const [one, other] = [inPieces(was), inPieces(becomes)];
  let head = 0;
  while (head < one.length && head < other.length && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < one.length - head && tail < other.length - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  return {
    head: one.slice(0, head).join(''),
    from: one.slice(head, one.length - tail).join(''),
    to: other.slice(head, other.length - tail).join(''),
    tail: one.slice(one.length - tail).join(''),
  };
}
