import table from './settings.json' with { type: 'json' };
import type { SettingContext, SettingRow, SettingUnit } from './settings.ts';

/**
 * Every setting by its name in small letters, as pg_settings of 13, 15, 17 and 18 describes it (settings.json names the
 * minor releases; scripts/read-settings.ts writes it). `default` is boot_val, in the setting's unit: unix_socket_directories
 * is as Debian and Red Hat build it, a build from source has /tmp.
 */
export function settingRows(): ReadonlyMap<string, readonly SettingRow[]> {
  rows ??= byName();
  return rows;
}

let rows: ReadonlyMap<string, readonly SettingRow[]> | undefined;

/** What the release notes tell of 14 and 16, where the releases before and after them differ: which of them it is like. */
export const likeNeighbour: ReadonlyMap<number, ReadonlyMap<string, number>> = new Map([
  [
    14,
    new Map([
      ['checkpoint_completion_target', 15],
      ['password_encryption', 15],
      ['recovery_init_sync_method', 15],
      ['restore_command', 15],
      ['shared_buffers', 13],
      ['ssl_crl_dir', 15],
      ['wal_compression', 13],
    ]),
  ],
  [16, new Map([['reserved_connections', 17]])],
]);

function byName(): ReadonlyMap<string, readonly SettingRow[]> {
  const found = new Map<string, SettingRow[]>();
  // its source, and the names of the columns
  for (const cells of table.slice(2)) {
    const row = rowOf(cells);
    const lower = row.name.toLowerCase();
    found.set(lower, [...(found.get(lower) ?? []), row]);
  }
  return found;
}

function rowOf(cells: readonly string[]): SettingRow {
  const [name = '', type, unit, context, value = '', min = '', max = '', words = '', hidden = '', majors = ''] = cells;
  const also = [...(hidden === '' ? [] : hidden.split(',')), ...(elsewhere.get(name) ?? [])];
  const knownUnit = units.find((one) => one === unit);
  return {
    name,
    type: types.find((one) => one === type) ?? 'string',
    ...(knownUnit === undefined ? {} : { unit: knownUnit }),
    context: contexts.find((one) => one === context) ?? 'internal',
    default: value,
    ...(min === '' ? {} : { min: Number(min), max: Number(max) }),
    ...(type === 'enum' ? { values: words.split(',') } : {}),
    ...(also.length === 0 ? {} : { hidden: new Map(also.map(wordAndValue)) }),
    majors: majors.split(' ').map(Number),
  };
}

/** `true=on`, or a word alone. */
function wordAndValue(text: string): readonly [string, string] {
  const [word = '', value = word] = text.split('=');
  return [word, value];
}

/** Words that other platforms, and builds with other options, have (guc_tables.c, pg_shmem.h, xlog.c). */
const elsewhere: ReadonlyMap<string, readonly string[]> = new Map([
  ['dynamic_shared_memory_type', ['windows']],
  ['shared_memory_type', ['windows']],
  ['wal_sync_method', ['fsync_writethrough']],
]);

const types = ['bool', 'integer', 'real', 'string', 'enum'] as const;
const units: readonly SettingUnit[] = ['B', 'kB', '8kB', 'MB', 'ms', 's', 'min'];
const contexts: readonly SettingContext[] = [
  'internal',
  'postmaster',
  'sighup',
  'superuser-backend',
  'backend',
  'superuser',
  'user',
];
