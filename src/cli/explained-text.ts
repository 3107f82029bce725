import { createReadStream, fstatSync, statSync } from 'node:fs';

import { UsageError } from './usage-error.ts';

export type GivenText =
  | { readonly kind: 'text'; readonly text: string }
  /** Too big to be held: a log. */
  | { readonly kind: 'log'; readonly chunks: AsyncIterable<Uint8Array> };

export class NothingToExplain extends UsageError {
  constructor() {
    super('nothing to explain', 'Give a rule, a message in quotes, a file, or - for standard input.');
  }
}

/** Standard input is a terminal, a pipe or a file: something may come from there that nobody has asked for by `-`. */
export function isReadable(): boolean {
  if (process.stdin.isTTY) return process.stderr.isTTY;
  try {
    const input = fstatSync(process.stdin.fd);
    return input.isFIFO() || input.isSocket() || input.isFile();
  } catch {
    return false;
  }
}

/** Standard input without `-`: asked for at a terminal; a pipe from which nothing comes ends it. */
export async function textOfInput(): Promise<GivenText> {
  if (process.stdin.isTTY) process.stderr.write('Paste the message, then press Enter and Ctrl-D.\n');
  const tooLate = process.stdin.isTTY
    ? undefined
    : setTimeout(() => process.stdin.destroy(new NothingToExplain()), longestSilenceMs);
  process.stdin.once('readable', () => clearTimeout(tooLate));
  const given = await held(process.stdin);
  if (given.kind === 'text' && given.text.trim() === '') throw new NothingToExplain();
  return given;
}

const longestSilenceMs = 30_000;

/** What is to be explained: standard input for `-`, the content of files, or the words themselves. */
export async function textOf(given: readonly string[]): Promise<GivenText> {
  if (given.length === 1 && given[0] === '-') return held(process.stdin);
  const files = await filesOf(given);
  if (files.length === 0) return { kind: 'text', text: given.join(' ') };
  return held(contentsOf(files));
}

async function filesOf(given: readonly string[]): Promise<readonly string[]> {
  if (given.every(isFile)) return given;
  if (given.some((word) => /\s/u.test(word) || !/[/.*?]/u.test(word))) return [];
  if (!given.some((word) => /[*?[]/u.test(word))) {
    const [path] = given;
    if (given.length === 1 && path !== undefined && /^(?:\/|\.\.?\/)\S*\.(?:log|csv|json|txt|gz)$/u.test(path))
      throw new UsageError(`no such file: ${path}`, 'Give a message in quotes, a file, or - for standard input.');
    return [];
  }
  const { filesMatching } = await import('../hosts/local-globs.ts');
  return filesMatching(given);
}

function isFile(path: string): boolean {
  try {
    return path.length < longestPath && statSync(path).isFile();
  } catch {
    return false;
  }
}

const longestPath = 4096;

async function* contentsOf(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) {
    const content = createReadStream(path);
    const plain = path.endsWith('.gz') ? content.pipe(process.getBuiltinModule('node:zlib').createGunzip()) : content;
    for await (const chunk of plain) yield chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
    yield Buffer.from('\n');
  }
}

async function held(chunks: AsyncIterable<Uint8Array>): Promise<GivenText> {
  const first: Uint8Array[] = [];
  let size = 0;
  const iterator = chunks[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await iterator.next();
    if (done === true) return { kind: 'text', text: textIn(first) };
    first.push(value);
    size += value.length;
    if (size > mostHeld) break;
  }
  return {
    kind: 'log',
    chunks: (async function* rest() {
      yield* first;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    })(),
  };
}

/** A log beyond this is gone through record by record. */
const mostHeld = 1_048_576;

/** Windows' programs write UTF-16. */
function textIn(chunks: readonly Uint8Array[]): string {
  const all = Buffer.concat(chunks);
  if (all[0] === 0xff && all[1] === 0xfe) return all.toString('utf16le').replace(/^\uFEFF/u, '');
  const text = all.toString('utf8');
  return text.includes('\uFFFD') ? all.toString('latin1') : text;
}
