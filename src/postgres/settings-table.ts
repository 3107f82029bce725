import table from './settings.json' with { type: 'json' };
import { once } from './once.ts';
import { placesOf, textTable } from './text-table.ts';

export type SettingUnit = 'B' | 'kB' | '8kB' | 'MB' | 'ms' | 's' | 'min';

/** When a change takes effect (utils/guc.h, GucContext): `postmaster` at a restart, `sighup` and below at a reload. */
export type SettingContext =
  | 'internal'
  | 'postmaster'
  | 'sighup'
  | 'superuser-backend'
  | 'backend'
  | 'superuser'
  | 'user';

/** One setting as some majors have it. */
export interface SettingRow {
  readonly name: string;
  readonly type: 'bool' | 'integer' | 'real' | 'string' | 'enum';
  /** What a number without a unit counts. */
  readonly unit?: SettingUnit;
  readonly context: SettingContext;
  /** What holds when nothing sets it, in the form of pg_settings.boot_val. Empty for none. */
  readonly default: string;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  /** Words of an enum that the server takes and does not list, and what each stands for. */
  readonly hidden?: ReadonlyMap<string, string>;
  /** Of the majors that were looked at, those that have it so. */
  readonly majors: readonly number[];
}

/**
 * A setting, by its name in small letters, as pg_settings of 13, 15, 17 and 18 describes it (settings.json names the minor
 * releases; scripts/read-settings.ts writes it). `default` is boot_val, in the setting's unit: unix_socket_directories is
 * as Debian and Red Hat build it, a build from source has /tmp.
 */
export function settingRows(lowerName: string): readonly SettingRow[] {
  const rows = made.get(lowerName) ?? (places().get(lowerName) ?? []).map(rowAt);
  made.set(lowerName, rows);
  return rows;
}

const made = new Map<string, readonly SettingRow[]>();

/** Of every setting, in small letters. */
export const settingNames = (): Iterable<string> => places().keys();

const { column, cell } = textTable(table);

/** The rows of a setting by its name in small letters: several where releases differ. */
const places = once(() => placesOf(column('name').map((name) => name.toLowerCase())));

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

function rowAt(at: number): SettingRow {
  const [name, type, unit, min] = [cell(at, 'name'), cell(at, 'type'), cell(at, 'unit'), cell(at, 'min')];
  const hidden = cell(at, 'hidden');
  const also = [...(hidden === '' ? [] : hidden.split(',')), ...(elsewhere.get(name) ?? [])];
  const knownUnit = units.find((one) => one === unit);
  return {
    name,
    type: types.find((one) => one === type) ?? 'string',
    ...(knownUnit === undefined ? {} : { unit: knownUnit }),
    context: contexts.find((one) => one === cell(at, 'context')) ?? 'internal',
    default: cell(at, 'default'),
    ...(min === '' ? {} : { min: Number(min), max: Number(cell(at, 'max')) }),
    ...(type === 'enum' ? { values: cell(at, 'words').split(',') } : {}),
    ...(also.length === 0 ? {} : { hidden: new Map(also.map(wordAndValue)) }),
    majors: cell(at, 'majors').split(' ').map(Number),
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
