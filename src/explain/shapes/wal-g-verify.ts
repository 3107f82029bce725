import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** wal-g wal-verify (WAL-G, internal/databases/postgres/integrity_check_runner.go, timeline_check_runner.go). */
export function walVerify(text: string): Explanation | undefined {
  if (!/^\[(?:wal-verify|WAL segments verification)\]/mu.test(text)) return undefined;
  return shape({
    text: 'wal-g wal-verify',
    means:
      'WAL-G compared the WAL in the object store with what the server has written, from the oldest usable backup to now.',
    candidates: [...missing(text), ...otherTimeline(text)],
    where: 'whether archiving works now, on the primary',
    command: 'psql -c "SELECT last_archived_wal, last_failed_wal, last_failed_time FROM pg_stat_archiver"',
  });
}

const missing = (text: string): readonly Finding[] =>
  [
    ...text.matchAll(
      /^\| *\d+ *\| *([\dA-F]{24}) *\| *([\dA-F]{24}) *\| *(\d+) *\| *MISSING_(LOST|DELAYED|UPLOADING) *\|/gmu,
    ),
  ].map(([, start = '', end = '', count = '', status = '']) => {
    const which = start === end ? `Segment ${start}` : `${count} segments, ${start} to ${end},`;
    const [is, are] = start === end ? ['is', 'it'] : ['are', 'them'];
    if (status === 'LOST')
      return finding(
        `${which} ${is} not in the store and will not come by itself: a recovery that starts before cannot go past ${are}. If the file is still in pg_wal of a server, send it (wal-g wal-push); otherwise make a new backup now (wal-g backup-push). At a change of timeline, look for the same number under the timelines before and after it first.`,
        'primary/archive-failing',
      );
    return finding(
      status === 'DELAYED'
        ? `${which} ${is} written on the server, and nothing after ${are} is in the store yet: the archiver is behind, or fails.`
        : `${which} ${is} probably being sent at the moment. If the next run shows the same, the file is missing.`,
    );
  });

function otherTimeline(text: string): readonly Finding[] {
  const [, highest = '', current = ''] =
    /Highest timeline found in storage: (\d+)[^]*?Current cluster timeline: (\d+)/u.exec(text) ?? [];
  return Number(highest) > Number(current)
    ? [
        finding(
          `The store has WAL of timeline ${highest}, and this server is on ${current}: another server that was promoted writes into the same place, or this one is a former primary. Find out which of them is the primary before you back up or restore anything (a restore goes to the newest timeline).`,
          'timeline/diverged',
        ),
      ]
    : [];
}
