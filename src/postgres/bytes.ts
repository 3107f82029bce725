/**
 * A size as pg_size_pretty() writes it, 1 kB of 1024 bytes, with one decimal below ten units: `41 GB`, `7.5 MB`.
 * What is demanded is rounded up (Math.ceil), so that what is freed for it suffices.
 */
export function formatBytes(count: bigint | number, round: (value: number) => number = Math.round): string {
  const size = Number(count);
  if (size < 0) return `-${formatBytes(-size, round)}`;
  const power = units.findIndex((_unit, at) => shown(size / 1024 ** at, round) < 1024);
  const at = power === -1 ? units.length - 1 : power;
  return `${at === 0 ? round(size) : shown(size / 1024 ** at, round)} ${units[at]}`;
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

const shown = (value: number, round: (value: number) => number): number =>
  value < 9.95 ? round(value * 10) / 10 : round(value);

/** With commas: `1,000`. Number.prototype.toLocaleString loads tables of all languages first, which takes as long as a query. */
export const formatCount = (count: bigint | number): string => count.toString().replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
