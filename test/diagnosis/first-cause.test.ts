import { expect, test } from 'vitest';

import {
  causeInLog,
  causeOfClient,
  failureAmong,
  isOnlyTheEnd,
  knownMessages,
} from '../../src/diagnosis/first-cause.ts';
import { readLogText } from '../../src/postgres/log/read-log.ts';
import { catalogue } from '../../src/rules/catalogue.ts';

const known = await knownMessages(catalogue);

test('the first error is the cause, and the rule that knows what it quotes is named', () => {
  const cause = causeOfClient(
    [
      'pg_basebackup: checkpoint completed',
      'pg_basebackup: error: connection to server at "h" (10.0.0.1), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", SSL encryption',
      'connection to server at "h" (10.0.0.1), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", no encryption',
      'pg_basebackup: error: background process terminated unexpectedly',
    ],
    known,
  );
  expect(cause?.rule?.id).toBe('hba/no-replication-entry');
  expect(cause?.quoted).toMatch(/^no pg_hba\.conf entry/u);
});

test('a connection that breaks in the middle is no server of another kind', () => {
  const cause = causeOfClient(
    ['pg_basebackup: error: could not read COPY data: server closed the connection unexpectedly'],
    known,
  );
  expect(cause?.rule).toBeUndefined();
  expect(cause?.meaning?.means).toMatch(/^The connection was lost:/u);
});

test('a full disk is its rule', () => {
  const cause = causeOfClient(
    ['pg_basebackup: error: could not write to file "/d/base/1/2": No space left on device'],
    known,
  );
  expect(cause?.rule?.id).toBe('target/disk-space');
});

test('damaged pages are no end of a connection, whatever the server says of that', () => {
  const cause = causeOfClient(['pg_basebackup: error: checksum error occurred'], known);
  expect(cause?.meaning?.means).toMatch(/do not match their checksums/u);
  expect(isOnlyTheEnd(cause)).toBe(false);
  const records = [
    ...readLogText(
      'WARNING:  checksum verification failed in file "./base/5/16385", block 0: calculated 1 but expected 2\nERROR:  checksum verification failure during base backup\nLOG:  unexpected EOF on standby connection\n',
    ),
  ];
  expect(failureAmong(records)?.message).toBe('checksum verification failure during base backup');
});

test('words that nobody knows are given as they stand', () => {
  expect(causeOfClient(['pg_basebackup: error: the moon is in the way'], known)).toMatchObject({
    said: 'the moon is in the way',
    rule: undefined,
    meaning: undefined,
  });
  expect(causeOfClient([], known)).toBeUndefined();
});

test('a log gives its last FATAL', () => {
  const log = 'FATAL:  recovery aborted because of insufficient parameter settings\nLOG:  shut down';
  expect(causeInLog(log, known)?.rule?.id).toBe('target/configuration-lower-than-primary');
});
