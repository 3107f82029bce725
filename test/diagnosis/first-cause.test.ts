import { expect, test } from 'vitest';

import { causeInLog, causeOfClient } from '../../src/diagnosis/first-cause.ts';
import { catalogue } from '../../src/rules/catalogue.ts';

test('the first error is the cause, and the rule that knows what it quotes is named', () => {
  const cause = causeOfClient(
    [
      'pg_basebackup: checkpoint completed',
      'pg_basebackup: error: connection to server at "h" (10.0.0.1), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", SSL encryption',
      'connection to server at "h" (10.0.0.1), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "rep", no encryption',
      'pg_basebackup: error: background process terminated unexpectedly',
    ],
    catalogue,
  );
  expect(cause?.rule?.id).toBe('hba/no-replication-entry');
  expect(cause?.quoted).toMatch(/^no pg_hba\.conf entry/u);
});

test('a connection that breaks in the middle is no server of another kind', () => {
  const cause = causeOfClient(
    ['pg_basebackup: error: could not read COPY data: server closed the connection unexpectedly'],
    catalogue,
  );
  expect(cause?.rule).toBeUndefined();
  expect(cause?.meaning?.means).toMatch(/^The connection was lost:/u);
});

test('a full disk is its rule', () => {
  const cause = causeOfClient(
    ['pg_basebackup: error: could not write to file "/d/base/1/2": No space left on device'],
    catalogue,
  );
  expect(cause?.rule?.id).toBe('target/disk-space');
});

test('words that nobody knows are given as they stand', () => {
  expect(causeOfClient(['pg_basebackup: error: the moon is in the way'], catalogue)).toMatchObject({
    said: 'the moon is in the way',
    rule: undefined,
    meaning: undefined,
  });
  expect(causeOfClient([], catalogue)).toBeUndefined();
});

test('a log gives its last FATAL', () => {
  const log = 'FATAL:  recovery aborted because of insufficient parameter settings\nLOG:  shut down';
  expect(causeInLog(log, catalogue)?.rule?.id).toBe('target/configuration-lower-than-primary');
});
