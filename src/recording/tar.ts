/** A file of an archive. */
export interface Member {
  /** Relative, in at most 255 bytes: see {@link fitsInTar}. */
  readonly name: string;
  readonly content: Uint8Array;
}

const block = 512;

/**
 * An archive of plain files as POSIX defines it (ustar, IEEE Std 1003.1, pax). The same members make the same bytes: of the
 * machine that writes it nothing is in it, and every file has the time that is given. Throws for a name that does not fit.
 */
export function tarOf(members: readonly Member[], time: Date): Uint8Array {
  const blocks = members.flatMap(({ name, content }) => [
    header(name, content.length, Math.floor(time.getTime() / 1000)),
    content,
    new Uint8Array(-content.length & (block - 1)),
  ]);
  // two empty blocks are its end
  return Buffer.concat([...blocks, new Uint8Array(2 * block)]);
}

export const fitsInTar = (name: string): boolean => nameParts(name) !== undefined;

function header(name: string, size: number, seconds: number): Uint8Array {
  const parts = nameParts(name);
  if (parts === undefined) throw new RangeError(`${name} is too long for a name in a tar file`);
  const head = Buffer.alloc(block);
  const put = (at: number, text: string): number => head.write(text, at, 'utf8');
  const octal = (at: number, digits: number, value: number): number => put(at, value.toString(8).padStart(digits, '0'));
  put(0, parts.name);
  octal(100, 7, 0o600);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, size);
  octal(136, 11, seconds);
  // the checksum is that of the block with blanks in its place
  head.fill(' ', 148, 156);
  put(156, '0');
  put(257, 'ustar\u000000');
  put(345, parts.prefix);
  octal(148, 6, sumOf(head));
  head[154] = 0;
  return head;
}

const sumOf = (head: Uint8Array): number => head.reduce((sum, byte) => sum + byte, 0);

/** A longer name is split at a slash: 100 bytes behind it, and 155 before it. */
function nameParts(name: string): { readonly prefix: string; readonly name: string } | undefined {
  const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');
  if (name !== '' && bytes(name) <= 100) return { prefix: '', name };
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) {
    const parts = { prefix: name.slice(0, at), name: name.slice(at + 1) };
    if (bytes(parts.name) <= 100) return parts.name !== '' && bytes(parts.prefix) <= 155 ? parts : undefined;
  }
  return undefined;
}

export const isTar = (archive: Uint8Array): boolean =>
  archive.length >= block && Buffer.from(archive.subarray(257, 262)).toString('latin1') === 'ustar';

/** The content of the first plain file of that name; undefined where there is none, or the archive is damaged before it. */
export function memberOf(archive: Uint8Array, wanted: string): Uint8Array | undefined {
  const view = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const text = (at: number, length: number): string =>
    (view.toString('utf8', at, at + length).split('\0')[0] ?? '').trim();
  for (let at = 0; at + block <= view.length;) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    if (!isTar(view.subarray(at)) || !Number.isSafeInteger(size) || size < 0) return undefined;
    const from = at + block;
    if (from + size > view.length) return undefined;
    const prefix = text(at + 345, 155);
    const name = (prefix === '' ? '' : `${prefix}/`) + text(at, 100);
    if (name.replace(/^\.\//u, '') === wanted && /^[0\0]$/u.test(view.toString('latin1', at + 156, at + 157)))
      return view.subarray(from, from + size);
    at = from + Math.ceil(size / block) * block;
  }
  return undefined;
}
