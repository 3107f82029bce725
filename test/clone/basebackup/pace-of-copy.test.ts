import { describe, expect, it } from 'vitest';

import { paceOfCopy } from '../../../src/clone/basebackup/pace-of-copy.ts';
import type { Wait } from '../../../src/checks/primary/sender-waits.ts';
import { aBaseBackup } from '../../rules/world.ts';

const looks = (counts: Partial<Record<Wait, number>>): readonly Wait[] =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record of waits
  (Object.entries(counts) as [Wait, number][]).flatMap(([wait, times]) => Array.from({ length: times }, () => wait));

const where = { major: 17, place: '/srv/standby' };
const methods = ['pglz', 'lz4', 'zstd', 'on', 'off'];
const zipped = (value: string) =>
  aBaseBackup({ format: 'tar', compression: { value, written: `--compress=${value}` } });

describe('what a base backup waited for', () => {
  it.each([
    ['network', looks({ network: 9, working: 1 }), aBaseBackup({}), /^the network.* 9 of 10 looks$/u, /server-lz4/u],
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
      /^-r 32M, in 9 of 9/u,
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

  it('names no compression that the primary does not have', () => {
    const seen = looks({ network: 9 });
    expect(paceOfCopy({ seen, methods: ['pglz'] }, aBaseBackup({}), where)?.faster).toMatch(/server-gzip/u);
    expect(paceOfCopy({ seen, methods: [] }, aBaseBackup({}), { ...where, major: 14 })?.faster).toBeUndefined();
  });
});
