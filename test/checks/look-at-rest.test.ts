import { expect, test } from 'vitest';

import type { Surroundings } from '../../src/checks/check.ts';
import { lookAtRest } from '../../src/checks/look-at-rest.ts';
import { seen } from '../../src/facts/observed.ts';
import { localHost } from '../../src/hosts/local.ts';

const surroundings = (logs: readonly string[] = [], signal = new AbortController().signal): Surroundings => ({
  subject: { command: 'postmortem', dataDirectory: '/d', standby: undefined, admin: undefined, logs, logBytes: 0 },
  ...{ host: localHost(), timeoutMs: 5_000, signal, now: () => new Date() },
});

/** How many looks it takes where they end like this, one after the other; and which of them counts. */
async function looks(states: readonly (string | undefined)[], around = surroundings()) {
  let count = 0;
  const facts = await lookAtRest(
    async () => Promise.resolve({ now: seen(new Date((count += 1)), 'the look') }),
    around,
    async () => Promise.resolve(states[count - 1]),
  );
  return { count, last: facts.now?.status === 'seen' ? facts.now.value.getTime() : undefined };
}

test('nothing came or went: one look', async () => expect(await looks([undefined])).toEqual({ count: 1, last: 1 }));

test('a server that was restarted is looked at again', async () =>
  expect(await looks(['closed', undefined])).toEqual({ count: 2, last: 2 }));

test('what the second look finds again is no passing state', async () =>
  expect(await looks(['closed', 'closed'])).toEqual({ count: 2, last: 2 }));

test('a server that never rests is looked at three times', async () =>
  expect(await looks(['down', 'closed', 'started'])).toEqual({ count: 3, last: 3 }));

test('standard input has one log only', async () =>
  expect(await looks(['down', undefined], surroundings(['-']))).toEqual({ count: 1, last: 1 }));

test('a look that was stopped is the last one', async () =>
  expect(await looks(['down', undefined], surroundings([], AbortSignal.abort()))).toEqual({ count: 1, last: 1 }));
