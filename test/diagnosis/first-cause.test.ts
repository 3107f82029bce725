import { expect, test } from 'vitest';

import { causeInLog, causeOfClient, knownMessages } from '../../src/diagnosis/first-cause.ts';
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
