import { unprintable } from '../postgres/unprintable.ts';

/**
 * A text from outside as it can be printed: control characters, which could move the cursor, forge lines or retitle a
 * terminal, are shown as escapes (`\x1b`, `\n`), and so are those that reverse or hide text.
 */
export const printable = (text: string): string => text.replaceAll(unprintable, shown);

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function shown(character: string): string {
  const code = character.charCodeAt(0);
  return short[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
