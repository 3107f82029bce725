/**
 * A JSON object of which one list may be longer than a string can be (512 MB): each object of that list is read by itself,
 * made shorter, and only so is kept. Throws where it is no JSON.
 */
export async function readLongList(
  chunks: AsyncIterable<Uint8Array>,
  list: string,
  kept: (element: unknown) => unknown,
): Promise<unknown> {
  const scan = new Scan(list, kept);
  for await (const chunk of chunks) scan.chunk(chunk);
  return scan.end();
}

const [quote, backslash, open, close, openList, closeList] = Buffer.from(String.raw`"\{}[]`);

class Scan {
  readonly #list: Buffer;
  readonly #kept: (element: unknown) => unknown;
  readonly #elements: unknown[] = [];
  /** All but those elements; a 0 is where each of them was. */
  readonly #rest: Uint8Array[] = [];
  #element: Uint8Array[] = [];
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  #isList = false;
  /** The last bytes outside of that list, which may be its name. */
  #before = Buffer.alloc(0);

  constructor(list: string, kept: (element: unknown) => unknown) {
    this.#list = Buffer.from(JSON.stringify(list));
    this.#kept = kept;
  }

  chunk(chunk: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#isString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === backslash) this.#isEscaped = true;
        else if (byte === quote) this.#isString = false;
      } else if (byte === quote) this.#isString = true;
      else if (byte === openList || byte === open) {
        if (byte === openList && this.#depth === 1) this.#isList = this.#isNamed(chunk.subarray(from, at));
        else if (byte === open && this.#depth === 2 && this.#isList) {
          this.#toRest(chunk.subarray(from, at));
          from = at;
        }
        this.#depth += 1;
      } else if (byte === closeList || byte === close) {
        this.#depth -= 1;
        if (this.#depth === 2 && byte === close && this.#isList) {
          this.#element.push(chunk.subarray(from, at + 1));
          from = at + 1;
          this.#elements.push(this.#kept(JSON.parse(Buffer.concat(this.#element).toString())));
          this.#element = [];
          this.#rest.push(zero);
        } else if (this.#depth === 1) this.#isList = false;
      }
    }
    const left = Uint8Array.from(chunk.subarray(from));
    if (this.#isList && this.#depth > 2) this.#element.push(left);
    else this.#toRest(left);
  }

  end(): unknown {
    const value: unknown = JSON.parse(Buffer.concat(this.#rest).toString());
    if (typeof value !== 'object' || value === null || this.#elements.length === 0) return value;
    const places: unknown = Object.entries(value).find(([key]) => key === JSON.parse(this.#list.toString()))?.[1];
    // what is in the list beside objects is none of ours
    if (!Array.isArray(places) || places.length !== this.#elements.length) throw new SyntaxError('another list');
    return { ...value, [String(JSON.parse(this.#list.toString()))]: this.#elements };
  }

  #toRest(bytes: Uint8Array): void {
    this.#rest.push(Uint8Array.from(bytes));
    this.#before = Buffer.concat([this.#before, bytes]).subarray(-mostBefore);
  }

  /** Its name, a colon and perhaps spaces are what was read last. */
  #isNamed(last: Uint8Array): boolean {
    const before = Buffer.concat([this.#before, last]).subarray(-mostBefore).toString('latin1').trimEnd();
    return before.endsWith(':') && before.slice(0, -1).trimEnd().endsWith(this.#list.toString('latin1'));
  }
}

const mostBefore = 256;
const zero = Buffer.from('0');
