import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { isAnswer } from '../../src/explain/explanation.ts';
import { explained } from './explained.ts';

const folder = fileURLToPath(new URL('../../fixtures/messages/', import.meta.url));

/** Records of PostgreSQL's stderr log, as the corpus has them. */
const logs: readonly string[] = readdirSync(folder)
  .flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split(/^#### .*$/mu)
      .slice(1),
  )
  .map((text) => text.trim())
  .filter(
    (text) =>
      text.split('\n').length > 1 &&
      !text.includes('│') &&
      text.split('\n').every((line) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* \S+ \[\d+\] /u.test(line)),
  )
  .filter((_, index) => index % 4 === 0);

const eachLine = (text: string, around: (line: string, index: number) => string): string =>
  text.split('\n').map(around).join('\n');

const minute = (index: number): string => String(index % 60).padStart(2, '0');

const sources: Readonly<Record<string, (text: string) => string>> = {
  'the frame of k9s': (text) => eachLine(text, (line) => `│ ${line.padEnd(240)} │`),
  'a column with the time': (text) =>
    eachLine(text, (line, index) => `Thu, Dec 29 2022 2:${minute(index)}:10 pm | ${line}`),
  'empty columns': (text) => eachLine(text, (line, index) => `  |   | 2022-12-29 14:${minute(index)}:10 | ${line}`),
  'columns, the newest first': (text) =>
    text
      .split('\n')
      .map((line, index) => ` | 2022-12-29 14:${minute(index)}:10 | ${line}`)
      .toReversed()
      .join('\n'),
  'the file name of grep': (text) => eachLine(text, (line) => `/var/log/postgresql/postgresql-15-main.log:${line}`),
  'the line number of grep': (text) => eachLine(text, (line, index) => `${4000 + index}:${line}`),
  'both of grep': (text) => eachLine(text, (line, index) => `postgresql-15-main.log:${4000 + index}:${line}`),
  'the line number of less': (text) => eachLine(text, (line, index) => `${String(4000 + index).padStart(7)} ${line}`),
  'the end of lines of cat -A': (text) => eachLine(text, (line) => `${line}$`),
  'kubectl logs --prefix': (text) => eachLine(text, (line) => `[pod/orders-db-0/postgres] ${line}`),
  'docker service logs': (text) => eachLine(text, (line) => `shop_db.1.k3jd82hs8dk2@node-1    | ${line}`),
  'syslog, RFC 5424': (text) =>
    eachLine(text, (line, index) => `<134>1 2024-05-01T10:${minute(index)}:00.123Z db1 postgres 812 - - ${line}`),
  'journalctl -o short-iso': (text) =>
    eachLine(text, (line, index) => `2024-05-01T10:${minute(index)}:00+0000 db1 postgres[812]: ${line}`),
  logfmt: (text) =>
    eachLine(text, (line) => `time="2024-05-01T10:00:00Z" level=info msg=${JSON.stringify(line)} pod=orders-db-0`),
  'a platform': (text) => eachLine(text, (line) => `2024-05-01T10:00:00Z app[17811] ams [info] ${line}`),
  Heroku: (text) => eachLine(text, (line) => `2024-05-01T10:00:00.000000+00:00 app[postgres.4711]: ${line}`),
  'a name in brackets': (text) => eachLine(text, (line) => `[postgres] ${line}`),
  indentation: (text) => eachLine(text, (line) => `    ${line}`),
  'indentation but of the first line': (text) => eachLine(text, (line, index) => (index === 0 ? line : `    ${line}`)),
};

const firstOf = async (text: string): Promise<string | undefined> => {
  const top = (await explained(text)).find(isAnswer);
  return top === undefined ? undefined : JSON.stringify([top.message, top.means, top.candidates]);
};

/** Of every kind, as the corpus has them: a service's name before each line, as Compose prints it without a number. */
const texts: readonly string[] = readdirSync(folder)
  .flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split(/^#### .*$/mu)
      .slice(1),
  )
  .map((text) => text.trim())
  .filter((text, index) => index % 5 === 0 && !/^\S+ *\|/mu.test(text));

/** How log stores hand out a line. */
const entries: Readonly<Record<string, (line: string, index: number) => unknown>> = {
  'Google Cloud': (textPayload, index) => ({
    insertId: `x${index}`,
    severity: 'ERROR',
    textPayload,
    logName: 'p/logs',
  }),
  'Google Kubernetes Engine': (message) => ({ jsonPayload: { message }, resource: { type: 'k8s_container' } }),
  'Azure Monitor': (message) => ({ category: 'PostgreSQLLogs', properties: { errorLevel: 'LOG', message } }),
  CloudWatch: (message, index) => ({ timestamp: 1_700_000_000_000 + index, message, ingestionTime: 1_700_000_000_001 }),
  'the journal': (message, index) => ({ __CURSOR: `s=${index}`, _PID: '812', MESSAGE: message }),
  OpenTelemetry: (body, index) => ({ time_unix_nano: String(index), severity_text: 'ERROR', body }),
  Elasticsearch: (message, index) => ({ _index: 'logs', _id: String(index), _source: { message, host: 'db1' } }),
  Docker: (line) => ({ log: `${line}\n`, stream: 'stderr', time: '2024-05-01T10:00:00.1Z' }),
  Loki: (line) => ({ labels: { app: 'postgres' }, line }),
};

describe('what every line of a log begins with', () => {
  it('has logs to try', () => {
    expect(logs.length).toBeGreaterThan(20);
  });

  it.each(Object.entries(sources))('changes nothing: %s', async (_, around) => {
    const answers = await Promise.all(
      logs.map(async (text) => ({ text, without: await firstOf(text), within: await firstOf(around(text)) })),
    );
    expect(answers.filter(({ without, within }) => without !== within).map(({ text }) => text)).toEqual([]);
  });

  it('changes nothing: the name of a service', async () => {
    const answers = await Promise.all(
      texts.map(async (text) => ({
        text,
        without: await firstOf(text),
        within: await firstOf(eachLine(text, (line) => `database  | ${line}`)),
      })),
    );
    const changed = answers.filter(({ without, within }) => without !== within).map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(200);
    expect(changed).toEqual([]);
  });

  it('leaves no "or" alone', async () => {
    const first = (
      await Promise.all(
        texts.map(async (text) => (await explained(text)).map(({ candidates }) => candidates[0]?.cause)),
      )
    ).flat();
    expect(first.filter((cause) => cause?.startsWith('Or:') === true)).toEqual([]);
  });

  it.each(Object.entries(entries))('changes nothing: an entry of %s', async (_, entryOf) => {
    const answers = await Promise.all(
      logs.map(async (text) => ({
        text,
        without: await firstOf(text),
        within: await firstOf(eachLine(text, (line, index) => JSON.stringify(entryOf(line, index)))),
      })),
    );
    expect(answers.filter(({ without, within }) => without !== within).map(({ text }) => text)).toEqual([]);
  });
});
