import { likeNeighbour, settingRows } from './settings-table.ts';
import type { SettingUnit, SettingRow } from './settings-table.ts';

/**
 * How a major release defines a setting; undefined when it does not have it, and for 14 and 16 when their neighbours differ
 * and nothing else tells. Case does not count.
 */
export function settingDefinition(name: string, major: number): SettingRow | undefined {
  const lower = name.toLowerCase();
  const rows = settingRows(lower);
  const like = likeNeighbour.get(major)?.get(lower);
  if (like !== undefined) return rows.find(({ majors }) => majors.includes(like));
  const both = major === 14 || major === 16 ? [major - 1, major + 1] : [major];
  return rows.find(({ majors }) => both.every((one) => majors.includes(one)));
}

/**
 * The five settings that a hot standby must have at least as high as its primary (access/transam/xlogrecovery.c,
 * RecoveryRequiresIntParameter), in the order in which the server looks at them.
 */
export const settingsNotLowerOnStandby = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
] as const;

/** The settings that say where recovery ends; at most one of them may be set (manual: Recovery Target). */
export const recoveryTargets = [
  'recovery_target',
  'recovery_target_lsn',
  'recovery_target_name',
  'recovery_target_time',
  'recovery_target_xid',
] as const;

/** A setting's value as the server takes it. Numbers count the definition's unit, as pg_settings.setting does. */
export type SettingValue =
  | { readonly ok: true; readonly value: boolean | number | string }
  | {
      readonly ok: false;
      /** What the server would have taken, in words: `a whole number from 1 to 65535`. */
      readonly expected: string;
    };

/** Reads a value as the server does for this setting (utils/misc/guc.c, parse_and_validate_value), its range and choices included. */
export function readSetting(definition: SettingRow, text: string): SettingValue {
  switch (definition.type) {
    case 'string':
      return { ok: true, value: text };
    case 'bool': {
      const value = parseBool(text);
      return value === undefined ? { ok: false, expected: 'on or off' } : { ok: true, value };
    }
    case 'enum':
      return readChoice(definition, text);
    case 'integer':
    case 'real': {
      const value =
        definition.type === 'integer' ? parseInteger(text, definition.unit) : parseReal(text, definition.unit);
      const { min = -Infinity, max = Infinity } = definition;
      return value === undefined || value < min || value > max
        ? { ok: false, expected: expectedNumber(definition) }
        : { ok: true, value };
    }
  }
}

/** A setting of time as the server shows it, in milliseconds. */
export function millisecondsIn(name: string, value: string | undefined): number | undefined {
  const definition = settingDefinition(name, 18);
  const read = definition === undefined || value === undefined ? undefined : readSetting(definition, value);
  if (read?.ok !== true || typeof read.value !== 'number') return undefined;
  const unit = definition?.unit;
  return unit === 'ms' || unit === 's' || unit === 'min' ? millisecondsOf(read.value, unit) : undefined;
}

/** utils/adt/bool.c, parse_bool: on, off, true, false, yes, no, 1, 0, and what begins one of them alone. Undefined for all else. */
export function parseBool(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (lower === '') return undefined;
  if (lower === '1' || lower === 'on' || 'true'.startsWith(lower) || 'yes'.startsWith(lower)) return true;
  if (lower === '0' || lower === 'of' || lower === 'off' || 'false'.startsWith(lower) || 'no'.startsWith(lower))
    return false;
  return undefined;
}

/** A boolean as a file or a command line has it, in any of its spellings; what the server refuses, and what is not set, is not on. */
export const isOn = (text: string | undefined): boolean => text !== undefined && parseBool(text) === true;

/**
 * A boolean or a word in the one spelling of pg_settings, whatever a file or a command line has: `TRUE` is `on`, `PAUSE` is
 * `pause`. All else, and what the server would refuse, stays as it is.
 */
export function inOneSpelling(name: string, text: string, major: number): string {
  const definition = settingDefinition(name, major);
  if (definition === undefined || (definition.type !== 'bool' && definition.type !== 'enum')) return text;
  const read = readSetting(definition, text);
  if (!read.ok) return text;
  return typeof read.value === 'boolean' ? (read.value ? 'on' : 'off') : String(read.value);
}

/** A port as a file or a command line has it; undefined for what the server would refuse. */
export function portOf(text: string): number | undefined {
  const port = parseInteger(text);
  return port === undefined || port < 1 || port > 65_535 ? undefined : port;
}

/**
 * A whole number in the setting's unit (utils/misc/guc.c, parse_int): decimal, hexadecimal after 0x or octal after 0 (newer C libraries also take 0b, and this does not); a fraction is
 * rounded; a unit after it is converted. Undefined when it is no number, the unit does not fit, or it is beyond 32 bits.
 */
export function parseInteger(text: string, unit?: SettingUnit): number | undefined {
  // strtol sees no number in front of a bare fraction; strtod is asked only when it stopped right at the point
  if (/^(?:[ \t\n\v\f\r]+[-+]?|[-+])\./u.test(text)) return undefined;
  const parts = splitInteger(text);
  const value = parts === undefined ? undefined : convert(parts.value, parts.unit, unit);
  if (value === undefined) return undefined;
  const rounded = roundHalfEven(value);
  return rounded > 0x7f_ff_ff_ff || rounded < -0x80_00_00_00 ? undefined : rounded;
}

/** A number with a fraction in the setting's unit (parse_real). */
export function parseReal(text: string, unit?: SettingUnit): number | undefined {
  const parts = splitNumber(text);
  return parts === undefined ? undefined : convert(parts.value, parts.unit, unit);
}

/** Bytes of a number that counts a unit of memory. `blockSize` is what `8kB` stands for on a server built otherwise. */
export function bytesOf(value: number, unit: 'B' | 'kB' | '8kB' | 'MB', blockSize = 8192): bigint {
  const size = { B: 1, kB: 1024, '8kB': blockSize, MB: 1024 * 1024 }[unit];
  return BigInt(value) * BigInt(size);
}

/** Milliseconds of a number that counts a unit of time. */
export const millisecondsOf = (value: number, unit: 'ms' | 's' | 'min'): number =>
  value * { ms: 1, s: 1000, min: 60_000 }[unit];

function readChoice(definition: SettingRow, text: string): SettingValue {
  const values = definition.values ?? [];
  const lower = text.toLowerCase();
  const value = values.find((choice) => choice.toLowerCase() === lower) ?? definition.hidden?.get(lower);
  return value === undefined ? { ok: false, expected: `one of ${values.join(', ')}` } : { ok: true, value };
}

function expectedNumber({ type, unit, min, max }: SettingRow): string {
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  const range = min === undefined || max === undefined ? '' : ` from ${min} to ${max}`;
  if (unit === undefined) return `${kind}${range}`;
  const units = isMemory(unit) ? 'B, kB, MB, GB or TB' : 'us, ms, s, min, h or d';
  return `${kind}${range} (in ${unit}, or with a unit: ${units})`;
}

interface SplitNumber {
  readonly value: number;
  readonly unit: string;
}

const blank = String.raw`[ \t\n\v\f\r]`;
const numberAndUnit = new RegExp(
  String.raw`^${blank}*([-+]?)(?:0x(?<hex>[0-9a-f]*(?:\.[0-9a-f]*)?)(?:p(?<power>[-+]?[0-9]+))?|(?<decimal>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?))${blank}*(?<unit>[^ \t\n\v\f\r]*)${blank}*$`,
  'iu',
);

/** What strtod(3) reads, and what stands behind it; its words for what is no number and for infinity are in no range. */
function splitNumber(text: string): (SplitNumber & { readonly digits: string }) | undefined {
  const found = numberAndUnit.exec(text);
  const { hex, power, decimal, unit = '' } = found?.groups ?? {};
  const sign = found?.[1] === '-' ? -1 : 1;
  if (decimal !== undefined) return { value: sign * Number(decimal), unit, digits: decimal };
  if (hex === undefined || !/[0-9a-f]/iu.test(hex)) return undefined;
  const [whole = '', fraction = ''] = hex.split('.');
  const mantissa = Number.parseInt(`0${whole}${fraction}`, 16) / 16 ** fraction.length;
  const digits = `0x${hex}${power === undefined ? '' : `p${power}`}`;
  return { value: sign * mantissa * 2 ** Number(power ?? 0), unit, digits };
}

/** strtol(…, 0) first: a leading zero announces octal digits, and strtod is asked where it stops at a point or an exponent. */
function splitInteger(text: string): SplitNumber | undefined {
  const split = splitNumber(text);
  if (split === undefined) return undefined;
  const { digits, value } = split;
  if (/^0x/iu.test(digits)) return /^0x(?:[0-9a-f]+$|[0-9a-f]+\.)/iu.test(digits) ? split : undefined;
  const [, octal] = /^0([0-9]+)/u.exec(digits) ?? [];
  if (octal === undefined) return split;
  if (!/^[0-7]+$/u.test(octal)) return undefined;
  return digits.length > octal.length + 1 ? split : { ...split, value: Math.sign(value) * Number.parseInt(octal, 8) };
}

const isMemory = (unit: SettingUnit): unit is 'B' | 'kB' | '8kB' | 'MB' =>
  unit === 'B' || unit === 'kB' || unit === '8kB' || unit === 'MB';

/** In bytes and in microseconds, largest first: the order counts in `convert`. Names of units are case-sensitive. */
const memoryUnits = [
  ['TB', 1024 ** 4],
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
  ['kB', 1024],
  ['B', 1],
] as const;

const timeUnits = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['min', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1000],
  ['us', 1],
] as const;

/** convert_to_base_unit */
function convert(value: number, from: string, to: SettingUnit | undefined): number | undefined {
  if (from === '') return value;
  if (to === undefined) return undefined;
  const units: readonly (readonly [string, number])[] = isMemory(to) ? memoryUnits : timeUnits;
  const base = to === '8kB' ? 8192 : units.find(([name]) => name === to)?.[1];
  const index = units.findIndex(([name]) => name === from);
  const factor = units[index]?.[1];
  if (base === undefined || factor === undefined) return undefined;
  const converted = value * (factor / base);
  // a fraction such as 30.1GB becomes a whole number of the next smaller unit
  const smaller = units[index + 1]?.[1];
  return smaller === undefined ? converted : roundHalfEven(converted / (smaller / base)) * (smaller / base);
}

/** To the nearest whole number, halves to the even one: rint(3) in the mode that C programs start in. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
