import { noAnswer } from './host.ts';
import type { Answer, Replaced, Replacement } from './host.ts';

/** See {@link Host.replaceFile}. */
export async function replaceFile(_path: string, _replacement: Replacement): Promise<Answer<Replaced>> {
  return noAnswer('ENOSYS', 'not written yet');
}
