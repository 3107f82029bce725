import { UsageError } from '../usage-error.ts';

/**
 * A word of the command line as a message may quote it. One that was not expected where it stands is often a piece of a
 * connection string (a forgotten quote, a mistyped option): the password that may be in it is left out, with all that follows.
 */
export const shownWord = (word: string): string =>
  word
    .replace(/(passw\w*\s*=\s*).+/isu, '$1***')
    // user:password@host, the last @ counts
    .replaceAll(/:(?!\/\/)[^:]*@/gu, ':***@');

/** A hyphen that an editor, a chat or a word processor made longer: no program takes it for one. */
export const longDash = (word: string): string | undefined =>
  /^[\u2010-\u2015\u2212]/u.test(word)
    ? 'It begins with a typographic dash: type a hyphen (-) in its place, two (--) before a long name.'
    : undefined;

/** Of a command that takes only options: throws a {@link UsageError} for a word that is none. */
export function expectNoOperand(command: string, [operand]: readonly string[], hint: string): void {
  if (operand !== undefined)
    throw new UsageError(
      `${command} takes only options, but "${shownWord(operand)}" is not an option.`,
      longDash(operand) ?? hint,
    );
}
