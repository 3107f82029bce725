/** Dashboards show the newest entry first. What came after what is read from the order, so it is turned round. */
export function oldestFirst(text: string): string {
  const lines = text.split('\n');
  const begins = lines.flatMap((line, index) => {
    const time = timeOf.exec(line)?.[1];
    return time === undefined ? [] : [{ index, time }];
  });
  const [first] = begins;
  if (first === undefined || first.index > longestLead) return text;
  if (
    begins.length < fewest &&
    !ofOneServer(
      begins.map(({ index }) => lines[index] ?? ''),
      begins,
    )
  )
    return text;
  const falls = begins.every(({ time }, index) => index === 0 || time <= (begins[index - 1]?.time ?? ''));
  if (!falls || begins.at(-1)?.time === first.time) return text;
  const last = begins.at(-1)?.index ?? 0;
  // what somebody says below it stays there
  const blank = lines.findIndex((line, index) => index > last && line.trim() === '');
  const end = blank === -1 ? lines.length : blank;
  return [
    ...lines.slice(0, first.index),
    ...begins.map(({ index }, at) => lines.slice(index, begins[at + 1]?.index ?? end).join('\n')).toReversed(),
    ...lines.slice(end),
  ].join('\n');
}

/** Two entries may as well be of two servers, unless they follow one another and look alike up to their labels. */
const fewest = 3;

const ofOneServer = (entries: readonly string[], begins: readonly { readonly index: number }[]): boolean => {
  const [one, other] = entries.map((line) => /^(.{10,120}?)(?:LOG|FATAL|ERROR|WARNING|PANIC): /u.exec(line)?.[1]);
  if (one === undefined || other === undefined || begins[1]?.index !== (begins[0]?.index ?? 0) + 1) return false;
  const [process, earlier] = [one, other].map((prefix) => Number(/\[(\d+)[^\]]*\]/u.exec(prefix)?.[1] ?? Number.NaN));
  const looks = (prefix: string): string => prefix.replaceAll(/\d+/gu, '0');
  return looks(one) === looks(other) && (process ?? 0) >= (earlier ?? 0);
};

/** Lines above the log in which somebody says what it is. */
const longestLead = 6;

const timeOf = /^\[?(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?)/u;
