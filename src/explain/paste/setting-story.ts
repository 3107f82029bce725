import { settingRows } from '../../postgres/settings-table.ts';

/** Which releases know a setting that a server does not know; undefined for those of extensions, and misspelled ones. */
export function settingStory(name: string): string | undefined {
  const lower = name.toLowerCase();
  const renamed = gone.get(lower);
  if (renamed !== undefined) return `${name} ${renamed}`;
  const majors = settingRows(lower)
    .flatMap((row) => row.majors)
    .toSorted((a, b) => a - b);
  const [first, last] = [majors[0], majors.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (last < newest) return `Release ${last} has it and ${next(last)} does not: this server is newer than the file.`;
  const older =
    first === oldest
      ? `Every release from ${oldest} on has it: this server is older`
      : `Release ${first} has it and ${before(first)} does not: this server is older than the file`;
  return ofRecovery.test(lower) ? `${older}. Before 12, it belongs in recovery.conf.` : `${older}.`;
}

const looked = [13, 15, 17, 18] as const;
const [oldest, newest] = [13, 18];

const next = (major: number): number => looked.find((one) => one > major) ?? newest;
const before = (major: number): number => looked.findLast((one) => one < major) ?? oldest;

const ofRecovery = /^(?:primary_conninfo|primary_slot_name|restore_command|recovery_\w+|archive_cleanup_command)$/u;

/** Release notes of 9.3 to 17. */
const gone: ReadonlyMap<string, string> = new Map([
  ['wal_keep_segments', 'is wal_keep_size since 13, in MB: 16 times the number.'],
  ['checkpoint_segments', 'is max_wal_size since 9.5.'],
  ['standby_mode', 'is the empty file standby.signal since 12.'],
  ['replication_timeout', 'is wal_sender_timeout since 9.3.'],
  ['unix_socket_directory', 'is unix_socket_directories since 9.3.'],
  ['stats_temp_directory', 'is gone since 15, without a replacement.'],
  ['vacuum_defer_cleanup_age', 'is gone since 16: use hot_standby_feedback and a replication slot.'],
  ['old_snapshot_threshold', 'is gone since 17, without a replacement.'],
  ['db_user_namespace', 'is gone since 17, without a replacement.'],
  ['force_parallel_mode', 'is debug_parallel_query since 16.'],
  ['operator_precedence_warning', 'is gone since 14, without a replacement.'],
  ['sql_inheritance', 'is gone since 10, without a replacement.'],
]);
