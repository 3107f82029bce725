/**
 * What something on the other side said, safe to print: bytes that are no printable ASCII are escaped, and it is cut at
 * `length` characters.
 */
export function shownBytes(bytes: Uint8Array, length = 60): string {
  let shown = '';
  for (const byte of bytes.subarray(0, length)) {
    shown += byte >= 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : escaped(byte);
    if (shown.length > length) break;
  }
  return shown.slice(0, length);
}

/** A text from outside on one line: control characters (C0, DEL, C1, bidirectional marks) are escaped. */
export const shownText = (text: string, length = 2_000): string =>
  text
    .slice(0, length)
    .replaceAll(
      /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (character) => escapes.get(character) ?? `\\u{${hex(character.codePointAt(0) ?? 0)}}`,
    );

const escaped = (byte: number): string => {
  const character = String.fromCharCode(byte);
  return byte === 0x5c ? '\\\\' : (escapes.get(character) ?? `\\x${hex(byte)}`);
};

const hex = (number: number): string => number.toString(16).padStart(2, '0');

const escapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
