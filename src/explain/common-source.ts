/** The pod and container that every line begins with, as stern, kubetail and compose print them, are no part of the lines. */
export function withoutSource(text: string): string {
  const lines = text.split('\n');
  const [first = ''] = lines;
  const source = /^[A-Za-z][\w.]*-[\w.-]*\d[\w-]*(?: [a-z][\w-]*)? (?=\S|\t)/u.exec(first)?.[0];
  if (source === undefined || lines.length < 2 || !lines.every((line) => line === '' || line.startsWith(source)))
    return text;
  return lines.map((line) => line.slice(source.length)).join('\n');
}
