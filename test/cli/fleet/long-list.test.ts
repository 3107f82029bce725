import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { readLongList } from '../../../src/cli/fleet/long-list.ts';

const object = fc.dictionary(fc.string(), fc.jsonValue());
const other = fc.dictionary(
  fc.string().filter((key) => key !== 'targets' && key !== '__proto__'),
  fc.jsonValue(),
);

async function* pieces(text: string, size: number): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

it('reads what JSON.parse reads, wherever the pieces end, and keeps of each element what it is given', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([other, fc.array(object), other, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 2)] as const),
      async (before, targets, after, size, indent) => {
        const text = JSON.stringify({ ...before, targets, ...after }, undefined, indent);
        expect(await readLongList(pieces(text, size), 'targets', (one) => one)).toEqual(JSON.parse(text));
        const short: unknown = await readLongList(pieces(text, size), 'targets', () => 'kept');
        expect(short).toEqual({ ...JSON.parse(text), targets: targets.map(() => 'kept') });
      },
    ),
  );
});

it.each([
  '',
  '{',
  '{"targets": [{}',
  '{"targets": [{} {}]}',
  '{"targets": [{},]}',
  '{"targets": [{}, 1]}',
  '{"targets": [{a}]}',
])('throws for %s', async (text) => {
  await expect(readLongList(pieces(text, 3), 'targets', (one) => one)).rejects.toThrow(SyntaxError);
});
