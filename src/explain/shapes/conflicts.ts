import type { Explanation } from '../explanation.ts';
import { finding, postmortem, shape } from './shape.ts';
import { table } from './table.ts';

/** pg_stat_database_conflicts: how many queries of this standby were canceled, and why. */
export function conflicts(text: string): Explanation | undefined {
  const rows = table(text, 'confl_snapshot', 'confl_lock') ?? table(text, 'datname', 'confl_snapshot');
  if (rows === undefined || rows.length === 0) return undefined;
  const told = kinds.flatMap(([column, cause]) => {
    const hit = rows.filter((row) => Number(row.get(column) ?? 0) > 0);
    const total = hit.reduce((sum, row) => sum + Number(row.get(column)), 0);
    const names = hit.flatMap((row) => row.get('datname') ?? []).filter((name) => name !== '');
    return total === 0
      ? []
      : [
          {
            total,
            one: finding(
              `${total} ${cause}${names.length === 0 ? '' : ` (${names.slice(0, 3).join(', ')})`}.`,
              'streaming/conflicts',
            ),
          },
        ];
  });
  return shape({
    text: 'pg_stat_database_conflicts',
    means:
      told.length === 0
        ? 'This is output of pg_stat_database_conflicts: no query of this standby was canceled by replay since its statistics were reset. On a primary, all is always 0.'
        : 'This is output of pg_stat_database_conflicts: queries of this standby that replay canceled since its statistics were reset.',
    candidates: told.toSorted((a, b) => b.total - a.total).map(({ one }) => one),
    ...(told.length === 0
      ? {}
      : {
          advice:
            'Against snapshots: hot_standby_feedback = on on the standby (rows stay longer on the primary meanwhile). Against locks and everything else: a larger max_standby_streaming_delay (replay waits that long). A reload is enough for both.',
        }),
    where: 'on the standby',
    command: postmortem,
  });
}

const kinds: readonly (readonly [string, string])[] = [
  ['confl_snapshot', 'were canceled because vacuum had removed rows on the primary that they might need'],
  [
    'confl_lock',
    'were canceled because the primary took an exclusive lock (DDL, TRUNCATE, vacuum that shortens a table)',
  ],
  ['confl_bufferpin', 'were canceled because they held a page that replay had to clean up'],
  ['confl_deadlock', 'were canceled because they and replay waited for each other'],
  ['confl_tablespace', 'were canceled because they had temporary files in a tablespace that was dropped'],
  [
    'confl_active_logicalslot',
    'logical decoders were ended because rows or wal_level of the primary no longer served their slot',
  ],
];
