import { getSystemErrorMap } from 'node:util';

import { noAnswer } from './host.ts';
import type { Answer } from './host.ts';

/**
 * What the system says of one call, as an answer: an errno becomes its name and the C library's words for it, and a call
 * that does not come back within `timeoutMs` becomes ETIMEDOUT. The call itself cannot be stopped; its result is dropped.
 */
export async function withinTime<T>(
  timeoutMs: number,
  what: string,
  call: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer<T>>((resolve) => {
    timer = setTimeout(
      () => resolve(noAnswer('ETIMEDOUT', `${what}: no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([call().catch((error: unknown) => problemOf(error)), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error that Node threw for a system call; anything else is a bug and is thrown on. */
export function problemOf(error: unknown): { readonly ok: false; readonly problem: { code: string; message: string } } {
  const code = errorCode(error);
  if (code === undefined) throw error;
  return noAnswer(code, wordsFor(code));
}

/** errno's name, for example `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const words: ReadonlyMap<string, string> = new Map(getSystemErrorMap().values());

/** What the C library says of it, where Node knows. */
export const wordsFor = (code: string): string =>
  code === 'ENOTFOUND' ? 'the name is not known' : (words.get(code) ?? code);
