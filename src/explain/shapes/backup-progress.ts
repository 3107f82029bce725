import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import { table } from './table.ts';

/** pg_stat_progress_basebackup (13 and later; the phases are those of src/backend/catalog/system_views.sql). */
export function backupProgress(text: string): Explanation | undefined {
  const rows = table(text, 'phase', 'backup_streamed') ?? table(text, 'phase', 'backup_total');
  if (rows === undefined) return undefined;
  return shape({
    text: 'pg_stat_progress_basebackup',
    means:
      rows.length === 0
        ? 'This is output of pg_stat_progress_basebackup without a row: no base backup is running on this server.'
        : 'This is output of pg_stat_progress_basebackup: a base backup is running on this server.',
    candidates: rows.flatMap((row) => {
      const said = phases.find(([phase]) => (row.get('phase') ?? '').startsWith(phase))?.[1];
      return said === undefined ? [] : [finding(said)];
    }),
    where: 'to see whether it goes on',
    command:
      'psql -c "SELECT p.phase, p.backup_streamed, a.wait_event, s.state FROM pg_stat_progress_basebackup p JOIN pg_stat_activity a USING (pid) LEFT JOIN pg_stat_replication s USING (pid)"',
  });
}

const phases: readonly (readonly [string, string])[] = [
  ['waiting for checkpoint', 'It waits for a checkpoint, up to checkpoint_timeout: -c fast begins at once.'],
  ['estimating backup size', 'It adds up the sizes of all files: that takes a while with many of them.'],
  [
    'streaming database files',
    'It sends the files. If backup_streamed does not grow: the receiver does not take them (its disk is slow or full), --max-rate holds it back, or the network drops large packets (MTU, VPN): wait_event ClientWrite says that this server waits for the other end.',
  ],
  [
    'waiting for wal archiving',
    'It waits until the WAL is archived: archive_command fails or is slow (pg_stat_archiver).',
  ],
  ['transferring wal files', 'It sends the WAL at the end (-X fetch): the end is near.'],
];
