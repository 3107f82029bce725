/** Finds, in one walk over a text's first characters, which of the heads it begins with. */
export interface Heads {
  /** Every head with which the text begins at this place, the shortest first. */
  readonly under: (text: string, at: number) => readonly string[];
  /** Whether there is any; makes nothing. */
  readonly has: (text: string, at: number) => boolean;
}

/** The heads from `from` to before `to`, in their order: all of them begin with the same `depth` characters. */
interface Node {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  /** The head that ends here. */
  readonly head: string | undefined;
  /** By the next character; undefined: no head goes on with it. */
  readonly next: Map<number, Node | undefined>;
}

/** A radix tree over the sorted heads. It grows where a text leads: to make all of it takes longer than a short log does. */
export function heads(of: Iterable<string>): Heads {
  const sorted = [...new Set(of)].sort();
  const root = nodeOf(0, sorted.length, 0);
  return {
    under: (text, at) => {
      const found: string[] = [];
      for (let node: Node | undefined = root; node !== undefined; node = follow(node, text, at))
        if (node.head !== undefined) found.push(node.head);
      return found;
    },
    has: (text, at) => {
      let node: Node | undefined = root;
      while (node !== undefined && node.head === undefined) node = follow(node, text, at);
      return node !== undefined;
    },
  };

  function follow(node: Node, text: string, at: number): Node | undefined {
    const code = text.charCodeAt(at + node.depth);
    let next = node.next.get(code);
    if (next === undefined && !node.next.has(code)) {
      next = nodeWith(node, code);
      node.next.set(code, next);
    }
    if (next === undefined) return undefined;
    const own = sorted[next.from] ?? '';
    for (let place = node.depth + 1; place < next.depth; place += 1)
      if (text.charCodeAt(at + place) !== own.charCodeAt(place)) return undefined;
    return next;
  }

  function nodeWith({ from, to, depth }: Node, code: number): Node | undefined {
    // of sorted heads those alike stand together, and the one that ends here before the others
    const isBefore = (limit: number) => (head: string) => head.length === depth || head.charCodeAt(depth) < limit;
    const first = firstNot(isBefore(code), from, to);
    const end = firstNot(isBefore(code + 1), first, to);
    return first === end ? undefined : nodeOf(first, end, commonLength(sorted[first], sorted[end - 1]));
  }

  function nodeOf(from: number, to: number, depth: number): Node {
    const [head] = sorted.slice(from, from + 1);
    return { from, to, depth, head: head?.length === depth ? head : undefined, next: new Map() };
  }

  function firstNot(is: (head: string) => boolean, from: number, to: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (is(sorted[middle] ?? '')) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function commonLength(one = '', other = ''): number {
  let length = 0;
  while (length < one.length && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}
