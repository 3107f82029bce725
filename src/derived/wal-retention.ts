import type { Settings } from '../facts/primary.ts';
import { integerOf, textOf } from '../facts/settings.ts';

const megabyte = 1024n * 1024n;

/** A setting of WAL that counts megabytes (guc_tables.c: GUC_UNIT_MB), in bytes; -1 stands for no limit. */
export function walBytesOf(settings: Settings, name: string): bigint | undefined {
  const value = integerOf(settings, name);
  return value === undefined ? undefined : value < 0 ? -1n : BigInt(value) * megabyte;
}

/** WAL is archived: archive_mode is on and a command or a library does it (pgarch.c). */
export function isArchiving(settings: Settings): boolean {
  const mode = textOf(settings, 'archive_mode');
  const command = textOf(settings, 'archive_command') ?? '';
  const library = textOf(settings, 'archive_library') ?? '';
  return mode !== undefined && mode !== 'off' && ((command !== '' && command !== '(disabled)') || library !== '');
}

/** Bytes a second that a copy over a usual network makes, where nothing better is known. */
const usualCopyRate = 100 * 1024 * 1024;

/** How long the copy takes, in seconds, at the rate that -r allows or at a usual one. */
export const copySeconds = (bytes: bigint, maxRate: number | undefined): number =>
  Number(bytes) / Math.min(maxRate ?? Number.POSITIVE_INFINITY, usualCopyRate);
