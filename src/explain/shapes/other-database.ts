import type { Explanation } from '../explanation.ts';
import { shape } from './shape.ts';

/** Somebody who comes from there may paste what it said. */
export function otherDatabase(text: string): Explanation | undefined {
  const [line] =
    /^.*(?:ERROR \d{4} \([0-9A-Z]{5}\)(?: at line \d+)?: |Slave_IO_Running: |Replica_IO_Running: |\bLast_IO_Err(?:or|no): ).*$/mu.exec(
      text,
    ) ?? [];
  if (line === undefined) return undefined;
  return shape({
    text: line,
    means: 'This is output of MySQL or MariaDB, not of PostgreSQL.',
    advice:
      'In PostgreSQL, pg_stat_replication on the primary and pg_stat_wal_receiver on the standby show the same; primary_conninfo is what CHANGE MASTER TO is there.',
    where: 'to look at a PostgreSQL standby',
    command: 'standbylint postmortem -D <data directory>',
  });
}
