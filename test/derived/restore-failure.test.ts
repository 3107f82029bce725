import { describe, expect, it } from 'vitest';

import { restoreFailureIn } from '../../src/derived/restore-failure.ts';
import type { RestoreFailure } from '../../src/derived/restore-failure.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import type { ServerLog } from '../../src/facts/server-log.ts';
import type { RestoreWords } from '../../src/postgres/log/restore-words.ts';
import { aLogUntil, logPath } from '../rules/a-log.ts';
import { now } from '../rules/world.ts';

const starting = 'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit';
const file = '000000010000000000000003';
const stops = `could not restore file "${file}" from archive: command not found`;
const killed = `could not restore file "${file}" from archive: child process was terminated by signal 9: Killed`;
const unwritten = 'could not stat file "pg_wal/RECOVERYXLOG": No such file or directory';
const noFile = [
  `LOG:  ${unwritten}`,
  'DETAIL:  "restore_command" returned a zero exit status, but stat() failed.',
] as const;
const olderDetail = 'DETAIL:  restore_command returned a zero exit status, but stat() failed.';

const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const log = (...lines: readonly string[]): ServerLog => aLogUntil(now, lines);
const of = (read: ServerLog, changedAt?: Date) => restoreFailureIn(seen(read, 'its log'), { changedAt });
const evidence = (value: string, label = 'its log says, at 2026-11-21 20:00:00 UTC') => ({
  label,
  value,
  source: logPath,
});

describe('a restore_command that stops the server', () => {
  const failure: RestoreFailure = {
    kind: 'stops-the-server',
    reason: 'command not found',
    file,
    evidence: evidence(`FATAL: ${stops}`),
  };
  const failed = log(starting, `FATAL:  ${stops}`);
  const timeless = (): ServerLog => {
    const { startFailure } = failed.summary;
    if (startFailure === undefined) throw new Error('the start has failed');
    return { ...failed, summary: { ...failed.summary, startFailure: { ...startFailure, time: undefined } } };
  };

  it.each<readonly [string, ServerLog, Date | undefined, RestoreFailure | undefined]>([
    ['by a status above 125', failed, undefined, failure],
    [
      'by a signal',
      log(starting, `FATAL:  ${killed}`),
      undefined,
      {
        ...failure,
        reason: 'child process was terminated by signal 9: Killed',
        evidence: evidence(`FATAL: ${killed}`),
      },
    ],
    ['it was changed before that', failed, at(-1), failure],
    ['it was changed at that moment', failed, now, failure],
    ['it was changed since', failed, at(0.001), undefined],
    [
      'when it failed is not known',
      timeless(),
      at(1),
      { ...failure, evidence: evidence(`FATAL: ${stops}`, 'its log says') },
    ],
    [
      'the server started since',
      log(starting, `FATAL:  ${stops}`, starting, 'LOG:  database system is ready to accept read-only connections'),
      undefined,
      undefined,
    ],
    [
      'the server was told to stop since',
      log(starting, `FATAL:  ${stops}`, 'LOG:  received fast shutdown request'),
      undefined,
      undefined,
    ],
    [
      'the start failed for another reason',
      log(starting, 'FATAL:  could not create any TCP/IP sockets'),
      undefined,
      undefined,
    ],
    [
      'the file of the log is not known',
      { ...failed, files: [] },
      undefined,
      { ...failure, evidence: { ...failure.evidence, source: 'its log' } },
    ],
  ])('%s', (_, read, changedAt, found) => expect(of(read, changedAt)).toEqual(found));
});

describe('a restore_command whose program complains', () => {
  const words: RestoreWords = {
    program: 'pgbackrest',
    error: '[103]: unable to find a valid repository',
    because: undefined,
    said: { time: now, line: 1, position: 1 },
    times: 1,
  };
  const complains = (change: Partial<RestoreWords> = {}, read = log(starting)): ServerLog => ({
    ...read,
    summary: { ...read.summary, restoreWords: { ...words, ...change } },
  });
  const found = (value: string, label: string, change: Partial<RestoreWords> = {}): RestoreFailure => ({
    kind: 'complains',
    reason: words.error,
    file: undefined,
    evidence: evidence(value, label),
    words: { ...words, ...change },
  });
  const error = `ERROR: ${words.error}`;
  const because = { because: 'unable to open missing file' };

  it.each<readonly [string, ServerLog, Date | undefined, RestoreFailure | undefined]>([
    ['once', complains(), undefined, found(error, 'its log has, from pgbackrest')],
    [
      'again and again',
      complains({ times: 3 }),
      undefined,
      found(error, 'its log has, from pgbackrest, 3 times', { times: 3 }),
    ],
    [
      'with its reason',
      complains(because),
      undefined,
      found(`${error} (unable to open missing file)`, 'its log has, from pgbackrest', because),
    ],
    ['it was changed since', complains(), at(1), undefined],
    [
      'beside a file that it did not make',
      complains({}, log(starting, ...noFile)),
      undefined,
      found(error, 'its log has, from pgbackrest'),
    ],
  ])('%s', (_, read, changedAt, failure) => expect(of(read, changedAt)).toEqual(failure));

  it('the end of the server comes before it', () =>
    expect(of(complains({}, log(starting, `FATAL:  ${stops}`)))?.kind).toBe('stops-the-server'));
});

describe('a restore_command that makes no file', () => {
  const failure: RestoreFailure = {
    kind: 'no-file',
    reason: 'no file',
    file: undefined,
    evidence: evidence(`LOG: ${unwritten}`, 'its log says, at 2026-11-21 19:59:59 UTC'),
  };

  it.each<readonly [string, ServerLog, Date | undefined, RestoreFailure | undefined]>([
    ['it ends with 0', log(starting, ...noFile), undefined, failure],
    ['in the words of an older release', log(starting, noFile[0], olderDetail), undefined, failure],
    ['it is not said what it ended with', log(starting, noFile[0]), undefined, undefined],
    ['before the last start', log(starting, ...noFile, starting), undefined, undefined],
    ['it was changed since', log(starting, ...noFile), now, undefined],
    ['it was changed at that moment', log(starting, ...noFile), at(-1), failure],
  ])('%s', (_, read, changedAt, found) => expect(of(read, changedAt)).toEqual(found));
});

it.each([
  ['its log has nothing of it', seen(log(starting), 'its log')],
  ['its log was not seen', unseen('permission', 'the log may not be read')],
  ['there is no log', notApplicable('no log was found')],
])('%s', (_, serverLog) => expect(restoreFailureIn(serverLog, {})).toBeUndefined());
