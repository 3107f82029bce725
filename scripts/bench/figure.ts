/** One promise: what was measured, and how much it may be. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly atMost: number;
  /** Behind the number: `× node -e 0`, `s`. */
  readonly unit: string;
}

export const isMet = ({ measured, atMost }: Figure): boolean => measured <= atMost;

export const told = (figure: Figure): string => {
  const { what, measured, atMost, unit } = figure;
  const digits = Number.isInteger(measured) ? 0 : 2;
  return `${isMet(figure) ? 'met   ' : 'MISSED'}  ${what}: ${measured.toFixed(digits)} ${unit}, at most ${atMost}`;
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
