import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';

/** barman list-backups: `server ID - date - Size: … - WAL Size: …`, or the status instead (barman, output.py, result_list_backup). */
export function barmanBackups(text: string): Explanation | undefined {
  const rows = [
    ...text.matchAll(
      /^[ \t]*(\S+) (\d{8}T\d{6})(?: '[^'\n]*')? - (FAILED|STARTED|EMPTY|SYNCING|[A-Z][a-z]{2} [A-Z][a-z]{2} .* - Size: .*)$/gmu,
    ),
  ].map(([, server = '', id = '', state = '']) => ({ server, id, state }));
  if (rows.length === 0) return undefined;
  const [first] = rows;
  const server = first?.server ?? '';
  const failed = rows.filter(({ state }) => state === 'FAILED');
  const running = rows.filter(({ state }) => state === 'STARTED' || state === 'EMPTY');
  const waiting = rows.filter(({ state }) => /WAITING_FOR_WALS/u.test(state));
  const obsolete = rows.filter(({ state }) => /- OBSOLETE/u.test(state));
  // the newest is the first
  const newestIsGood = first !== undefined && /Size: /u.test(first.state);
  return shape({
    text: 'barman list-backups',
    means: `These are the backups that Barman has of ${server}, the newest first${newestIsGood ? '; the newest is complete' : ''}.`,
    candidates: [
      ...(failed.length === 0
        ? []
        : [
            finding(
              `${failed.length} of these backups ended with an error${newestIsGood ? ', and are of no use; the others are not touched by that' : ', the newest among them'}. The reason is kept with each: barman show-backup ${server} ${failed[0]?.id ?? ''}`,
            ),
          ]),
      ...running.map(({ id }) =>
        finding(`Backup ${id} is being made, or its process was killed: pgrep -au barman on the Barman host tells.`),
      ),
      ...waiting.map(({ id }) =>
        finding(
          `Backup ${id} is copied, and the WAL up to its end has not reached Barman yet: it cannot be recovered before. If it stays so, receive-wal does not run or archive_command fails (barman check ${server}).`,
        ),
      ),
      ...(obsolete.length === 0
        ? []
        : [
            finding(
              `${obsolete.length} backups are older than the retention policy asks for: barman cron deletes them.`,
            ),
          ]),
    ],
    where: 'on the Barman host',
    command: `barman check ${server === '' ? '<server>' : server}`,
  });
}
