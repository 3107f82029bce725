import { expect, test } from 'vitest';

import type { AnyCheck, Surroundings } from '../../src/checks/check.ts';
import { lookTogether } from '../../src/checks/look-together.ts';
import { notApplicable } from '../../src/facts/observed.ts';
import { localHost } from '../../src/hosts/local.ts';
import type { Host } from '../../src/hosts/host.ts';

/** Each look answers how many there were before; it ends when it is let. */
function counted(goesBy: () => readonly unknown[] | undefined = () => ['one']) {
  let looks = 0;
  const waiting: (() => void)[] = [];
  const check: AnyCheck = {
    brings: ['serverClock'],
    after: [],
    goesBy: async () => Promise.resolve(goesBy()),
    look: async () => {
      looks += 1;
      const serverClock = notApplicable(String(looks));
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { serverClock };
    },
  };
  const end = (): void => {
    for (const one of waiting.splice(0)) one();
  };
  return { check, end, looks: () => looks };
}

function surroundingsOf(host: Host, signal = new AbortController().signal): Surroundings {
  return {
    subject: {
      command: 'postmortem',
      dataDirectory: '/d',
      standby: undefined,
      admin: undefined,
      logs: [],
      logBytes: 0,
    },
    ...{ host, timeoutMs: 1_000, signal, now: () => new Date() },
  };
}

const settled = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('looks that go on side by side and go by the same are one look', async () => {
  const { check, end, looks } = counted();
  const [one, other] = [localHost(), localHost()];
  const both = [one, other].map(async (host) => lookTogether(check, {}, surroundingsOf(host)));
  await settled();
  expect(looks()).toBe(1);
  end();
  const [first, second] = await Promise.all(both);
  expect(second).toBe(first);
});

test('what goes by something else, or by nothing that could be the same, looks for itself', async () => {
  for (const parts of [
    [['a'], ['b']],
    [['a'], ['a', 'b']],
    [[{}], [{}]],
    [undefined, undefined],
  ]) {
    const left = [...parts];
    const { check, end, looks } = counted(() => left.shift());
    const [one, other] = [localHost(), localHost()];
    const both = [one, other].map(async (host) => lookTogether(check, {}, surroundingsOf(host)));
    await settled();
    expect(looks()).toBe(2);
    end();
    await Promise.all(both);
  }
});

test('a look that begins later, or looks anew, takes over nothing', async () => {
  const { check, end, looks } = counted();
  const host = localHost();
  const first = lookTogether(check, {}, surroundingsOf(host));
  await settled();
  const later = lookTogether(check, {}, surroundingsOf(localHost({ sharedMs: 60_000 })));
  await settled();
  expect(looks()).toBe(2);
  host.anew?.();
  const again = lookTogether(check, {}, surroundingsOf(host));
  await settled();
  expect(looks()).toBe(3);
  end();
  await Promise.all([first, later, again]);
});

test('a machine that tells nobody when its look began is looked at for itself', async () => {
  const { check, end, looks } = counted();
  const both = [1, 2].map(async () =>
    lookTogether(check, {}, surroundingsOf({ ...localHost(), lookBegan: undefined })),
  );
  await settled();
  expect(looks()).toBe(2);
  end();
  await Promise.all(both);
});

test('a look that was stopped for whoever made it is made again for the others', async () => {
  const { check, end, looks } = counted();
  const stopped = new AbortController();
  const [one, other] = [localHost(), localHost()];
  const first = lookTogether(check, {}, surroundingsOf(one, stopped.signal));
  const second = lookTogether(check, {}, surroundingsOf(other));
  await settled();
  stopped.abort();
  end();
  await first;
  await settled();
  end();
  expect(await second).toEqual({ serverClock: notApplicable('2') });
  expect(looks()).toBe(2);
});

test('a look that fails fails for whoever made it', async () => {
  let looks = 0;
  const check: AnyCheck = {
    brings: ['serverClock'],
    after: [],
    goesBy: async () => Promise.resolve([]),
    look: async () => {
      looks += 1;
      await settled();
      if (looks === 1) throw new Error('once');
      return { serverClock: notApplicable('well') };
    },
  };
  const [one, other] = [localHost(), localHost()];
  const first = lookTogether(check, {}, surroundingsOf(one));
  const second = lookTogether(check, {}, surroundingsOf(other));
  await expect(first).rejects.toThrow('once');
  expect(await second).toEqual({ serverClock: notApplicable('well') });
});
