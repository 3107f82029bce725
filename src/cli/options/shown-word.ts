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

/** Of a command that takes only options: throws a {@link UsageError} for a word that is none. */
export function expectNoOperand(command: string, [operand]: readonly string[], hint: string): void {
  if (operand !== undefined)
    throw new UsageError(`${command} takes only options, but "${shownWord(operand)}" is not an option.`, hint);
}
