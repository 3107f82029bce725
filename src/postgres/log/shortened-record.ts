import type { LogRecord } from './log-record.ts';

const longestText = 4096;

/** Statements can be megabytes. */
export function shortened(record: LogRecord): LogRecord {
  const short = (text: string | undefined): string | undefined => text?.slice(0, longestText);
  return {
    ...record,
    message: record.message.slice(0, longestText),
    detail: short(record.detail),
    hint: short(record.hint),
    context: short(record.context),
    statement: short(record.statement),
    query: short(record.query),
  };
}
