import { describe, expect, it } from 'vitest';

import { paceOfCopy } from '../../../src/clone/basebackup/pace-of-copy.ts';
import type { Wait } from '../../../src/checks/primary/sender-waits.ts';
import { aBaseBackup } from '../../rules/world.ts';

const looks = (counts: Partial<Record<Wait, number>>): readonly Wait[] =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record of waits
  (Object.entries(counts) as [Wait, number][]).flatMap(([wait, times]) => Array.from({ length: times }, () => wait));

const where = {
  ...{ major: 17, place: '/srv/standby', copiedBytes: 100 * 1024 ** 2, elapsedMs: 10_000 },
  unpacks: undefined,
};
const methods = ['pglz', 'lz4', 'zstd', 'on', 'off'];
const zipped = (value: string) =>
  aBaseBackup({ format: 'tar', compression: { value, written: `--compress=${value}` } });

describe('what a base backup waited for', () => {
  it.each([
    [
      'network',
      looks({ network: 9, working: 1 }),
      aBaseBackup({}),
      /^the network.* 9 of 10 looks: 10 MB\/s$/u,
      /server-lz4/u,
    ],
    ['packed there already', looks({ network: 10 }), zipped('server-gzip'), /^the network/u, undefined],
    ['packed by pg_basebackup', looks({ network: 10 }), zipped('gzip'), /^the network/u, /server-lz4/u],
    ['the primary reads', looks({ reading: 8, network: 2 }), aBaseBackup({}), /^the disk of the primary/u, undefined],
    ['written here', looks({ writing: 8 }), aBaseBackup({}), /^the disk of \/srv\/standby/u, undefined],
    ['one process', looks({ working: 9 }), aBaseBackup({}), /^the one process/u, /several processes/u],
    ['packing', looks({ working: 9 }), zipped('server-gzip:9'), /^the compression/u, /less work/u],
    ['packing with lz4', looks({ working: 9 }), zipped('server-lz4'), /^the one process/u, /several processes/u],
    [
      'throttled',
      looks({ throttle: 9 }),
      aBaseBackup({ options: [{ name: 'max-rate', written: '-r 32M', words: ['-r', '32M'] }] }),
      /^-r 32M, in 9 of 9 looks: 10 MB\/s$/u,
      /none/u,
    ],
  ])('%s', (_name, seen, command, slowedBy, faster) => {
    const pace = paceOfCopy({ seen, methods }, command, where);
    expect(pace?.slowedBy).toMatch(slowedBy);
    if (faster === undefined) expect(pace?.faster).toBeUndefined();
    else expect(pace?.faster).toMatch(faster);
  });

  it('is not told of a copy that was over soon, nor where nothing stands out', () => {
    expect(paceOfCopy({ seen: looks({ network: 7 }), methods }, aBaseBackup({}), where)).toBeUndefined();
    expect(paceOfCopy({ seen: looks({ network: 6, reading: 6 }), methods }, aBaseBackup({}), where)).toBeUndefined();
  });

  it.each([
    ['a rest of one look in five', looks({ network: 40, working: 10 }), 'about 50 MB/s'],
    ['a rest that was seen too rarely to be measured', looks({ network: 49, working: 1 }), 'more than 167 MB/s'],
  ])('tells the wait and the rest apart: %s', (_name, seen, without) => {
    const pace = paceOfCopy({ seen, methods }, aBaseBackup({}), where);
    expect(pace?.slowedBy).toMatch(/ looks: 10 MB\/s$/u);
    expect(pace?.without).toBe(without);
  });

  it.each<[string, readonly string[], ReturnType<typeof aBaseBackup>, RegExp | undefined]>([
    ['one without LZ4', ['gzip', 'zstd'], aBaseBackup({}), /server-zstd/u],
    ['one with zlib alone', ['gzip'], aBaseBackup({}), /server-gzip/u],
    ['one without any', [], aBaseBackup({}), undefined],
    ['one that leaves the files packed', [], aBaseBackup({ format: 'tar' }), /server-lz4/u],
  ])('names what that pg_basebackup can unpack: %s', (_name, unpacks, command, faster) => {
    const pace = paceOfCopy({ seen: looks({ network: 9 }), methods }, command, { ...where, unpacks: new Set(unpacks) });
    if (faster === undefined) expect(pace?.faster).toBeUndefined();
    else expect(pace?.faster).toMatch(faster);
  });

  it('names no compression that the primary does not have', () => {
    const seen = looks({ network: 9 });
    expect(paceOfCopy({ seen, methods: ['pglz'] }, aBaseBackup({}), where)?.faster).toMatch(/server-gzip/u);
    expect(paceOfCopy({ seen, methods: [] }, aBaseBackup({}), { ...where, major: 14 })?.faster).toBeUndefined();
  });
});
