import { shownText } from './foreign-text.ts';

/** OpenSSL's reason without its source file: `error:0A00010B:SSL routines::wrong version number` → `wrong version number`. */
export function opensslWords(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'reason' in error && typeof error.reason === 'string') {
    return shownText(error.reason);
  }
  return shownText(error instanceof Error ? error.message : String(error), 300);
}
