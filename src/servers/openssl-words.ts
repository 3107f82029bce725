import { shownText } from './foreign-text.ts';

/** The alert with which the other side ended TLS: `tlsv1 alert unknown ca`, `ssl/tls alert certificate expired`. */
export const alertIn = (words: string): string | undefined => / alert (?:number )?([a-z ]+)$/u.exec(words)?.[1];

/** OpenSSL's reason without its source file: `error:0A00010B:SSL routines::wrong version number` → `wrong version number`. */
export function opensslWords(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'reason' in error && typeof error.reason === 'string') {
    return shownText(error.reason);
  }
  return shownText(error instanceof Error ? error.message : String(error), 300);
}
