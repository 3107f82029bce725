/** A record of csvlog that was cut when it was copied is closed, so that what is there of it can be read. */
export function closedCsv(line: string, index: number, lines: readonly string[]): string {
  if (!beginsRecord.test(line)) return line;
  const isOpen = quotesIn(line) % 2 === 1;
  if (isOpen && closesLater(lines, index)) return line;
  const closed = isOpen ? `${line}"` : line;
  const missing = columns - (closed.match(field)?.length ?? 0);
  return missing > 0 && (isOpen || missing < columns - leastColumns) ? `${closed}${','.repeat(missing)}` : line;
}

const beginsRecord = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^\s,"]+,[^,]*,[^,]*,\d+,/u;

/** From 14 on there are more; the reader needs these. */
const columns = 24;

/** Up to the message. */
const leastColumns = 14;

const field = /(?<=^|,)(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/gu;

const quotesIn = (text: string): number => text.split('"').length - 1;

/** A message may have several lines. */
function closesLater(lines: readonly string[], index: number): boolean {
  for (let at = index + 1; at < lines.length && at - index < longestRecord; at += 1) {
    const line = lines[at] ?? '';
    if (beginsRecord.test(line)) return false;
    if (quotesIn(line) % 2 === 1) return true;
  }
  return false;
}

const longestRecord = 200;
