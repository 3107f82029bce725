import { posix } from 'node:path';

import { shownWord } from './shown-word.ts';
import { UsageError } from '../usage-error.ts';

/**
 * A whole command line that was pasted behind ours, with what comes before pg_basebackup in it (`sudo -u postgres`,
 * `PGPASSWORD=…`, `docker exec NAME`): says where our words go. Throws a {@link UsageError}.
 */
export function refuseWordsBefore(command: string, words: readonly string[]): void {
  const at = words.findIndex((word) => /^pg_basebackup(?:\.exe)?$/u.test(posix.basename(word.split(/\s/u)[0] ?? '')));
  const before = words.slice(0, at);
  const [first] = before;
  // options of ours may come before it
  if (at < 1 || first === undefined || first.startsWith('-')) return;
  const ours = `standbylint ${command} pg_basebackup`;
  const engine = /^(?:docker|podman)$/u.test(posix.basename(first)) && before.includes('exec') ? first : undefined;
  throw new UsageError(
    `standbylint ${command} goes directly before pg_basebackup, not before "${shownWord(first)}".`,
    engine === undefined
      ? `Write: ${before.map(shownWord).join(' ')} ${/\s/u.test(words[at] ?? '') ? `'${ours} …'` : `${ours} …`}`
      : `Write the container in -D: ${ours} … -D ${engine}:${shownWord(before.at(-1) ?? 'NAME')}:/DIRECTORY`,
  );
}
