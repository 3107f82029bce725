/** A duration in its largest sensible unit, with one decimal below five: `300 ms`, `2.5 s`, `4.5 min`, `7 min`, `2 h`. */
export function formatDuration(seconds: number): string {
  const [size, unit] = units.findLast(([, , from]) => seconds >= from) ?? [0.001, 'ms'];
  const count = seconds / size;
  return `${count < 4.95 && unit !== 'ms' ? Math.round(count * 10) / 10 : Math.round(count)} ${unit}`;
}

/** Each unit begins where two of it are reached, so that 90 s stay seconds. */
const units = [
  [1, 's', 1],
  [60, 'min', 120],
  [3_600, 'h', 7_200],
  [86_400, 'days', 172_800],
] as const;

/** In its two largest units: `4 min 10 s`. */
export function exactDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
