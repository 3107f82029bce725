/** The shortest piece of a text whose exchange makes another text of it, and what stands around it. */
export interface Difference {
  readonly head: string;
  readonly from: string;
  readonly to: string;
  readonly tail: string;
}

export function difference(was: string, becomes: string): Difference {
  // by characters, so that none is cut in two
  const [one, other] = [Array.from(was), Array.from(becomes)];
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
