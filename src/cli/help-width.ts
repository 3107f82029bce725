/** Columns that the help fills, on a wider terminal too: the paragraphs below the options are written for it. */
const widestHelp = 80;

/** Columns for the help on standard output. */
export function helpWidth(): number {
  // undefined where it is no terminal, whatever its type says, and 0 on one that was not told its size
  const columns: number | undefined = process.stdout.columns;
  return Math.min(columns || widestHelp, widestHelp);
}
