/**
 * A text from outside as it can be printed: control characters, which could move the cursor, forge lines or retitle a
 * terminal, are shown as escapes (`\x1b`, `\n`), and so are those that reverse or hide text.
 */
export const printable = (text: string): string => text.replaceAll(unprintable, shown);

// C0, DEL and C1 control characters; zero-width characters, line separators and bidirectional controls; lone surrogates
export const unprintable =
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function shown(character: string): string {
  const code = character.charCodeAt(0);
  return short[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
