import { describe, expect, test } from 'vitest';

import { logSummary } from '../../src/postgres/log/log-summary.ts';
import type { RestoreWords } from '../../src/postgres/log/restore-words.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { messageCatalogue } from '../../src/postgres/messages/catalogue.ts';
import { messageFilter } from '../../src/postgres/messages/message-filter.ts';
import { recognise } from '../../src/postgres/messages/recognise.ts';
import {
  pgBackRestOption,
  pgBackRestOptions,
  readPgBackRestConfiguration,
  segmentInRepository,
  stanzasIn,
} from '../../src/postgres/pgbackrest.ts';

const catalogue = await messageCatalogue();

function words(...lines: readonly string[]): RestoreWords | undefined {
  const summary = logSummary();
  for (const record of readLogText(lines.join('\n'), { filter: messageFilter(catalogue) }))
    summary.add(record, recognise(catalogue, record, {}));
  return summary.result().restoreWords;
}

const line = (second: string, text: string): string => `2026-11-29 19:00:${second} UTC [14] ${text}`;
const restored = line('01', 'LOG:  restored log file "000000010000000000000003" from archive');
const streams = line('02', 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1');
const removed = line(
  '02',
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 000000010000000000000003 has already been removed',
);
const waits = line('03', 'LOG:  waiting for WAL to become available at 0/3000078');
const warns = [
  "WARN: repo1: [FileMissingError] unable to load info file '/srv/archive.info' or '/srv/archive.info.copy':",
  "      FileMissingError: unable to open missing file '/srv/archive.info' for read",
  '      HINT: has a stanza-create been performed?',
];
const error = 'ERROR: [103]: unable to find a valid repository';
const path = "ERROR: [073]: unable to chdir() to '/srv/elsewhere': [2] No such file or directory";

describe('what the program of restore_command says between the lines of the server', () => {
  test('the last error, how often, and what its warning says went wrong', () => {
    expect(words(restored, streams, removed, ...warns, error, waits, ...warns, error, waits)).toMatchObject({
      program: 'pgbackrest',
      error: '[103]: unable to find a valid repository',
      because: "unable to open missing file '/srv/archive.info' for read",
      times: 2,
    });
  });

  test.each([
    ['a file that was restored', [path, restored]],
    ['a stream', [path, streams]],
    ['another start', [path, line('04', 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu')]],
    [
      'a minute without another one',
      [path, '2026-11-29 19:01:30 UTC [9] LOG:  waiting for WAL to become available at 0/3'],
    ],
    ['the archiver, whose command it was', [waits, path, line('05', 'LOG:  archive command failed with exit code 73')]],
    ['a file that is not in the archive', ['ERROR: The required file is not available: 000000010000000000000003']],
    ["PostgreSQL's own line without a prefix", ['ERROR:  [103]: unable to find a valid repository']],
  ])('is nothing after %s', (_what, lines) => {
    expect(words(waits, ...lines)).toBeUndefined();
  });

  test('a stream that finds nothing on the primary ends no complaint', () => {
    expect(words(path, streams, removed)?.error).toContain('[073]');
    expect(words(path, streams, removed, streams, removed, waits)?.error).toContain('[073]');
    expect(words(path, restored, streams, removed)).toBeUndefined();
  });

  test("Barman's, where it does not come through", () => {
    expect(words(waits, 'ERROR: Connection problem with ssh')?.error).toBe('Connection problem with ssh');
  });
});

describe('pgbackrest.conf', () => {
  const lines = readPgBackRestConfiguration(
    '# made by hand\n[global]\nrepo1-path=/srv/repo\n[shop]\npg1-path=/srv/data\n[shop:archive-get]\nrepo1-path = /srv/other\n[global:backup]\nrepo1-path=/no\n',
  );

  test('the closest section wins, and the command line before it', () => {
    const options = pgBackRestOptions('/usr/bin/pgbackrest --stanza=shop archive-get %f "%p"') ?? new Map();
    expect(pgBackRestOption('repo1-path', options, lines)).toMatchObject({ value: '/srv/other', line: 7 });
    expect(pgBackRestOption('pg1-path', options, lines)).toMatchObject({ value: '/srv/data', line: 5 });
    const given = pgBackRestOptions('pgbackrest --stanza=shop --repo1-path=/here archive-get %f "%p"') ?? new Map();
    expect(pgBackRestOption('repo1-path', given, lines)).toEqual({ value: '/here' });
    expect(stanzasIn(lines)).toEqual(['shop']);
  });

  test('another program is none', () => expect(pgBackRestOptions('cp /pgbackrest/%f %p')).toBeUndefined());

  test.each([
    ['000000010000000000000003-8333ea70febf42d3b0610b23305320ee157f1800.gz', '000000010000000000000003'],
    ['000000010000000000000003-8333ea70febf42d3b0610b23305320ee157f1800', '000000010000000000000003'],
    ['000000010000000000000003-8333ea70febf42d3b0610b23305320ee157f1800.gz.pgbackrest.tmp', undefined],
    ['000000010000000000000003.00000028.backup', undefined],
    ['000000010000000000000003.partial-8333ea70febf42d3b0610b23305320ee157f1800.gz', undefined],
  ])('%s', (name, segment) => expect(segmentInRepository(name)).toBe(segment));
});
