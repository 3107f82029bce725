/** Dashboards show the newest entry first. What came after what is read from the order, so it is turned round. */
export function oldestFirst(text: string): string {
  const lines = text.split('\n');
  const begins = lines.flatMap((line, index) => {
    const time = timeOf.exec(line)?.[1];
    return time === undefined ? [] : [{ index, time }];
  });
  if (begins.length < fewest || begins[0]?.index !== 0) return text;
  const falls = begins.every(({ time }, index) => index === 0 || time <= (begins[index - 1]?.time ?? ''));
  if (!falls || begins.at(-1)?.time === begins[0].time) return text;
  return begins
    .map(({ index }, at) => lines.slice(index, begins[at + 1]?.index ?? lines.length).join('\n'))
    .toReversed()
    .join('\n');
}

/** Two entries may as well be of two servers. */
const fewest = 3;

const timeOf = /^\[?(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?)/u;
