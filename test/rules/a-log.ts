import type { ServerLog } from '../../src/facts/server-log.ts';
import { logSummary } from '../../src/postgres/log/log-summary.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';

const messages = await messageCatalogue();
export const logPath = '/var/log/postgresql/postgresql-15-main.log';

/** A log of these lines, a second apart, whose last one was written at `until`. */
export function aLogUntil(until: Date, lines: readonly string[]): ServerLog {
  const summary = logSummary();
  const text = lines
    .map((line, index) => {
      const time = new Date(until.getTime() - (lines.length - 1 - index) * 1000).toISOString();
      return `${time.slice(0, 10)} ${time.slice(11, 23)} UTC [7] ${line}\n`;
    })
    .join('');
  for (const record of readLogText(text)) summary.add(record, recognise(messages, record));
  return { files: [{ path: logPath, readBytes: text.length, whole: true }], summary: summary.result(), problems: [] };
}
