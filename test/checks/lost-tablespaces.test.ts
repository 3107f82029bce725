import { expect, test } from 'vitest';

import { lostTablespaces } from '../../src/checks/lost-tablespaces.ts';
import { localHost } from '../../src/hosts/local.ts';
import { lsn } from '../../src/postgres/lsn.ts';
import type { OpenSession } from '../../src/servers/session.ts';
import type { StandbyAnswer } from '../../src/servers/standby-answers.ts';

/** What a standby without an entry of tablespace 16388 is asked, which then says that its row is there. */
async function lookAt(inRecovery: boolean, received: bigint | undefined) {
  const asked: string[] = [];
  const session = {
    simpleQuery: (statement: string) => {
      asked.push(statement);
      return Promise.resolve({ ok: true, results: [{ rows: [['16388']] }] });
    },
  } as unknown as OpenSession;
  const answer = {
    tablespaces: ['16388'],
    server: { inRecovery },
    replay: { received: received === undefined ? undefined : lsn(received) },
  } as unknown as StandbyAnswer;
  return { lost: await lostTablespaces(session, answer, '/no/such/directory', localHost()), asked };
}

test.each([
  ['all that had come is replayed', 0x300_0060n, "pg_last_wal_replay_lsn() >= '0/3000060'"],
  ['nothing waits, where nothing comes by a stream', undefined, "('recovery_min_apply_delay') = '0' AND NOT"],
])('a tablespace without an entry is lost once %s', async (_, received, condition) => {
  const { lost, asked } = await lookAt(true, received);
  expect(lost).toEqual(['16388']);
  expect(asked).toEqual([expect.stringContaining(condition)]);
});

test('of a primary, whose DROP TABLESPACE may wait for its commit, nothing is said', async () => {
  expect(await lookAt(false, undefined)).toEqual({ lost: [], asked: [] });
});
