import { expect, test } from 'vitest';

import { withoutPrivateFiles } from '../../src/hosts/without-private-files.ts';
import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { ofMachine, ofMachineAt } from '../../src/hosts/of-machine.ts';

/** Each call answers how many there were. */
function counted(): (host: Host) => Promise<number> {
  let calls = 0;
  return ofMachine(async () => {
    calls += 1;
    return Promise.resolve(calls);
  });
}

test('looks that go on side by side find out once what is the machine’s', async () => {
  const count = counted();
  const [one, other] = [localHost(), localHost()];
  expect(await Promise.all([count(one), count(other)])).toEqual([1, 1]);
  expect(await count(other)).toBe(1);
});

test('a look that begins later is told nothing of before', async () => {
  const count = counted();
  const one = localHost();
  await count(one);
  expect(await count(localHost())).toBe(2);
  // and what it was told is news for the earlier one
  expect(await count(one)).toBe(2);
  one.anew?.();
  expect(await count(one)).toBe(3);
});

test('whoever may not see all that this process sees asks for itself', async () => {
  const count = counted();
  const root = localHost();
  await count(root);
  const owner = { ...root.account, uid: 12_345, gid: 12_345, groups: [] };
  expect(await count(withoutPrivateFiles(root, owner, []))).toBe(2);
  expect(await count(root)).toBe(1);
});

test('a target of a fleet takes over what was seen a moment before, until it looks anew', async () => {
  const count = counted();
  await count(localHost());
  const target = localHost({ sharedMs: 60_000 });
  expect(await count(target)).toBe(1);
  target.anew?.();
  expect(await count(target)).toBe(2);
  // and nothing that is older than it may be
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await count(localHost({ sharedMs: 5 }))).toBe(3);
});

test('a part of the machine is found out by its name', async () => {
  const asked: string[] = [];
  const look = ofMachineAt(async (_host, folder: string, name: string) => {
    asked.push(`${folder} ${name}`);
    return Promise.resolve(asked.length);
  });
  const [one, other] = [localHost(), localHost()];
  expect(await Promise.all([look(one, '/a', 'b'), look(other, '/a', 'b'), look(other, '/a', 'c')])).toEqual([1, 1, 2]);
  // as many as are kept come in between
  for (let number = 0; number < 64; number += 1) await look(one, '/other', String(number));
  expect(await look(one, '/a', 'c')).toBe(67);
  expect(await look(localHost(), '/a', 'c')).toBe(68);
});
