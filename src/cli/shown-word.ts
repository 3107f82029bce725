/**
 * A word of the command line as a message may quote it. One that was not expected where it stands is often a piece of a
 * connection string (a forgotten quote, a mistyped option): the password that may be in it is left out, with all that follows.
 */
export const shownWord = (word: string): string =>
  word
    .replace(/(passw\w*\s*=\s*).+/isu, '$1***')
    // user:password@host, the last @ counts
    .replaceAll(/:(?!\/\/)[^:]*@/gu, ':***@');
