import { describe, expect, it } from 'vitest';

import { fittingSettings, memoryFault, segmentFault } from '../../src/derived/memory-fault.ts';
import type { LocalMemory } from '../../src/facts/memory.ts';

const gigabyte = 1024 ** 3;
const memory = (change: Partial<LocalMemory> = {}): LocalMemory => ({
  total: 4 * gigabyte,
  swap: gigabyte,
  overcommit: 0,
  committable: 2 * gigabyte,
  hugePageSize: 2 * 1024 ** 2,
  hugePagesFree: 0,
  controlGroupLimit: undefined,
  ...change,
});
const wants = (gigabytes: number, hugePages = 'try') => ({ bytes: gigabytes * gigabyte, hugePages });

describe('whether a machine gives a server its shared memory', () => {
  it.each([
    ['it has enough', wants(3), memory(), undefined, undefined],
    ['more than all memory and swap', wants(6), memory(), true, '1024MB'],
    ['more than its memory, and swap is there', wants(4.5), memory(), false, '1024MB'],
    ['nothing is refused', wants(6), memory({ overcommit: 1 }), false, '1024MB'],
    ['less is promised than there is', wants(3), memory({ overcommit: 2 }), true, '512MB'],
    ['the control group allows less', wants(3), memory({ controlGroupLimit: gigabyte }), false, '256MB'],
    [
      'the control group allows more than there is',
      wants(3),
      memory({ controlGroupLimit: 9 * gigabyte }),
      undefined,
      undefined,
    ],
    ['huge pages are demanded', wants(1, 'on'), memory(), true, undefined],
    ['huge pages are demanded by a spelling of it', wants(1, 'TRUE'), memory(), true, undefined],
    ['huge pages are demanded, and there', wants(1, 'on'), memory({ hugePagesFree: 1024 }), undefined, undefined],
  ])('%s', (_, wanted, has, refused, buffers) => {
    expect(memoryFault(wanted, has)?.refused).toBe(refused);
    if (buffers !== undefined) expect(fittingSettings(wanted, has)).toEqual({ shared_buffers: buffers });
  });

  it('a demand for huge pages is given up first', () => {
    expect(fittingSettings(wants(1, 'on'), memory())).toEqual({ huge_pages: 'try' });
    expect(fittingSettings(wants(6, 'on'), memory())).toEqual({ huge_pages: 'try', shared_buffers: '1024MB' });
  });
});

describe('/dev/shm', () => {
  const shm = (state: NonNullable<LocalMemory['posixSegments']>['state'], freeBytes = gigabyte) =>
    memory({ posixSegments: { state, freeBytes } });

  it.each([
    ['posix', memory(), undefined],
    ['posix', shm('usable'), undefined],
    ['sysv', shm('missing'), undefined],
    ['POSIX', shm('missing'), '/dev/shm does not exist'],
    ['posix', shm('read-only'), '/dev/shm is mounted read-only'],
    ['posix', shm('not-writable'), '/dev/shm is not writable for all users'],
    ['posix', shm('usable', 4096), '/dev/shm has 4 kB left'],
  ])('%s, %j', (type, has, why) => expect(segmentFault(type, has)).toBe(why));
});
