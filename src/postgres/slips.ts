/**
 * How many letters were left out, added, mistaken or swapped with their neighbour (optimal string alignment distance);
 * anything beyond `enough` is as good as infinite.
 */
export function slips(one: string, other: string, enough: number): number {
  if (Math.abs(one.length - other.length) > enough) return Infinity;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current: number[] = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          row > 1 && column > 1 && swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] ?? Infinity;
}

/**
 * One name is likely the other one with a slip of the pen. Names that count (`repl1`, `repl2`) or end in another letter
 * (`node_a`, `node_b`) are meant to be different.
 */
export function isMisspelt(name: string, other: string): boolean {
  const digits = (text: string): string => text.replaceAll(/\D/gu, '');
  if (name.length < 6 || name === other || digits(name) !== digits(other)) return false;
  if (name.length === other.length && name.slice(0, -1) === other.slice(0, -1)) return false;
  const enough = name.length < 10 ? 1 : 2;
  return slips(name, other, enough) <= enough;
}
