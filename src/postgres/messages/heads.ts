/** Finds, in one walk over a text's first characters, everything that is filed under a beginning of it. */
export interface Heads<T> {
  /** All that is filed under a head with which the text begins at this place. */
  readonly under: (text: string, at: number) => readonly T[];
  /** Whether there is any; makes nothing. */
  readonly has: (text: string, at: number) => boolean;
}

type Filed<T> = readonly (readonly [head: string, item: T])[];

interface Node<T> {
  readonly items: readonly T[];
  /** By their first character. */
  readonly edges: ReadonlyMap<number, Edge<T>>;
}

interface Edge<T> {
  readonly filed: Filed<T>;
  made: { readonly text: string; readonly to: Node<T> } | undefined;
}

/** A radix tree of the heads. It grows where a text leads: to make all of it takes longer than a short log does. */
export function heads<T>(filed: Filed<T>): Heads<T> {
  const root = nodeOf(filed, 0);
  return {
    under: (text, at) => {
      const found: T[] = [...root.items];
      let node = root;
      for (let place = at; ;) {
        const next = follow(node, text, place, place - at);
        if (next === undefined) return found;
        place += next.text.length;
        node = next.to;
        found.push(...node.items);
      }
    },
    has: (text, at) => {
      let node = root;
      for (let place = at; node.items.length === 0;) {
        const next = follow(node, text, place, place - at);
        if (next === undefined) return false;
        place += next.text.length;
        node = next.to;
      }
      return true;
    },
  };
}

function follow<T>(node: Node<T>, text: string, place: number, depth: number): Edge<T>['made'] {
  const edge = node.edges.get(text.charCodeAt(place));
  if (edge === undefined) return undefined;
  edge.made ??= madeOf(edge.filed, depth);
  return text.startsWith(edge.made.text, place) ? edge.made : undefined;
}

function madeOf<T>(filed: Filed<T>, depth: number): NonNullable<Edge<T>['made']> {
  const first = filed[0]?.[0] ?? '';
  const end = filed.reduce((length, [head]) => commonLength(first, head, length), first.length);
  return { text: first.slice(depth, end), to: nodeOf(filed, end) };
}

/** Of what is filed all begins alike as far as `depth`. */
function nodeOf<T>(filed: Filed<T>, depth: number): Node<T> {
  const items: T[] = [];
  const edges = new Map<number, { filed: (readonly [string, T])[]; made: undefined }>();
  for (const one of filed) {
    const [head, item] = one;
    if (head.length === depth) {
      items.push(item);
      continue;
    }
    const edge = edges.get(head.charCodeAt(depth));
    if (edge === undefined) edges.set(head.charCodeAt(depth), { filed: [one], made: undefined });
    else edge.filed.push(one);
  }
  return { items, edges };
}

function commonLength(one: string, other: string, most: number): number {
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}
