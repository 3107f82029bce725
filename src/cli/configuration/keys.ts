import { baseBackupOptions } from '../../postgres/basebackup-options.ts';
import type { OptionSpec } from '../options/getopt.ts';
import { outputOption } from '../options/outputs.ts';
import { reporting } from '../options/own-options.ts';
import { postmortemOptions } from '../options/postmortem-options.ts';

/** What a target may be looked at with. */
export type TargetCommand = 'preflight' | 'postmortem';
export const targetCommands: readonly TargetCommand[] = ['preflight', 'postmortem'];

/** What is typed and not written down: what changes something, and what is about the call itself. */
const onlyTyped: ReadonlySet<string> = new Set([
  ...['help', 'version', 'config', 'target', 'fix', 'yes', 'disruptive', 'dry-run', 'fix-journal', 'rules', 'watch'],
]);

const written = (options: readonly OptionSpec[]): readonly OptionSpec[] =>
  options.filter(({ long }) => !onlyTyped.has(long));

/** The options of every command that reports: keys of "options", each with its variable STANDBYLINT_*. */
export const reportKeys: readonly OptionSpec[] = written([outputOption, ...reporting]);

/** The options that a target may have as its keys. */
export const targetKeys: Readonly<Record<TargetCommand, readonly OptionSpec[]>> = {
  preflight: unique([...written(baseBackupOptions), ...reportKeys]),
  postmortem: written(postmortemOptions),
};

/** pg_basebackup and standbylint both have a --format. */
function unique(options: readonly OptionSpec[]): readonly OptionSpec[] {
  return options.filter(({ long }, at) => options.findIndex((one) => one.long === long) === at);
}

/** A variable for each of the options that say how to look and what to tell: not for what is looked at. */
export const variableOf = (key: string): string => `STANDBYLINT_${key.replaceAll('-', '_').toUpperCase()}`;

/** Keys of "thresholds"; a size is a number of bytes, or one with PostgreSQL's units. */
export const thresholdKeys = {
  lagSeconds: { kind: 'number', most: 31_536_000, help: 'how old the data of a standby may be, in seconds (60)' },
  lagBytes: { kind: 'size', help: 'how much WAL a standby may be behind (1GB)' },
  spaceReserve: { kind: 'size', help: 'what a base backup must leave free (max_wal_size, or 5 % of it)' },
  slotReservePercent: {
    kind: 'number',
    most: 100,
    help: 'the part of max_slot_wal_keep_size below which a slot is endangered (20)',
  },
  slotRetention: { kind: 'size', help: 'how much WAL an inactive slot may retain (max_wal_size)' },
} as const satisfies Readonly<Record<string, ThresholdKey>>;

interface ThresholdKey {
  readonly kind: 'number' | 'size';
  readonly most?: number;
  readonly help: string;
}

export type ThresholdName = keyof typeof thresholdKeys;

/** `STANDBYLINT_LAG_SECONDS` */
export const thresholdVariable = (name: string): string =>
  variableOf(name.replaceAll(/[A-Z]/gu, (letter) => `-${letter}`));

export const sizePattern = String.raw`^(\d{1,15})\s*(B|kB|MB|GB|TB)?$`;

/** `2GB` in bytes. */
export function sizeOf(value: string | number): bigint | undefined {
  const [, number, unit = 'B'] = new RegExp(sizePattern, 'u').exec(String(value)) ?? [];
  return number === undefined
    ? undefined
    : BigInt(number) * 1024n ** BigInt(['B', 'kB', 'MB', 'GB', 'TB'].indexOf(unit));
}

/** pg_basebackup's own backup targets (15 and later), which no target may be called after. */
export const backupTargets: readonly string[] = ['client', 'server', 'blackhole', 'shell'];
