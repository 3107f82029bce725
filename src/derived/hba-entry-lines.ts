/** A line that is continued is several lines of the file. */
export const linesOf = ({ line, endLine }: { readonly line: number; readonly endLine: number }): readonly number[] =>
  Array.from({ length: Math.max(1, endLine - line + 1) }, (_, at) => line + at);
