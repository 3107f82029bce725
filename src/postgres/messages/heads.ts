/** Finds, in one walk over a text's first characters, everything that is filed under a beginning of it. */
export interface Heads<T> {
  /** All that is filed under a head with which the text begins at this place. */
  readonly under: (text: string, at: number) => readonly T[];
  /** Whether there is any; makes nothing. */
  readonly has: (text: string, at: number) => boolean;
}

interface Node<T> {
  readonly items: T[];
  /** By the first character of the edge. */
  readonly edges: Map<number, { readonly text: string; readonly to: Node<T> }>;
}

/** A radix tree of the heads. */
export function heads<T>(filed: readonly (readonly [head: string, item: T])[]): Heads<T> {
  const root: Node<T> = { items: [], edges: new Map() };
  for (const [head, item] of filed) add(root, head, item);
  return {
    under: (text, at) => {
      const found: T[] = [...root.items];
      let place = at;
      let node = root;
      for (;;) {
        const edge = node.edges.get(text.charCodeAt(place));
        if (edge === undefined || !text.startsWith(edge.text, place)) return found;
        place += edge.text.length;
        node = edge.to;
        found.push(...node.items);
      }
    },
    has: (text, at) => {
      let place = at;
      for (let node = root; node.items.length === 0;) {
        const edge = node.edges.get(text.charCodeAt(place));
        if (edge === undefined || !text.startsWith(edge.text, place)) return false;
        place += edge.text.length;
        node = edge.to;
      }
      return true;
    },
  };
}

function add<T>(root: Node<T>, head: string, item: T): void {
  let node = root;
  let rest = head;
  while (rest !== '') {
    const edge = node.edges.get(rest.charCodeAt(0));
    if (edge === undefined) {
      const to: Node<T> = { items: [], edges: new Map() };
      node.edges.set(rest.charCodeAt(0), { text: rest, to });
      node = to;
      break;
    }
    const common = commonLength(edge.text, rest);
    if (common < edge.text.length) {
      const between: Node<T> = { items: [], edges: new Map() };
      between.edges.set(edge.text.charCodeAt(common), { text: edge.text.slice(common), to: edge.to });
      node.edges.set(rest.charCodeAt(0), { text: edge.text.slice(0, common), to: between });
      node = between;
    } else node = edge.to;
    rest = rest.slice(common);
  }
  node.items.push(item);
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one.charCodeAt(length) === other.charCodeAt(length))
    length += 1;
  return length;
}
