import { isIP } from 'node:net';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  formatIpAddress,
  isInNetwork,
  parseIpAddress,
  prefixLength,
  prefixMask,
} from '../../src/postgres/ip-address.ts';

const shown = (text: string): string | undefined => {
  const address = parseIpAddress(text);
  return address === undefined ? undefined : formatIpAddress(address);
};

describe('addresses as getaddrinfo and getnameinfo read and write them', () => {
  test.each([
    ['10.0.0.7', '10.0.0.7'],
    ['127.1', '127.0.0.1'],
    ['10', '0.0.0.10'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['010.0.0.1', '8.0.0.1'],
    ['10.1.256', '10.1.1.0'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['::ffff:10.0.0.7', '::ffff:10.0.0.7'],
    ['::a00:7', '::10.0.0.7'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::1%3', 'fe80::1'],
  ])('%s is %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test.each([
    '',
    'db1',
    '10.0.0.256',
    '1.2.3.4.5',
    '08.0.0.1',
    '0x.0.0.1',
    '1.2.3.',
    '10.0.0.7 ',
    ':',
    ':::',
    '1::2::3',
    '::1.2.3.04',
    '1:2:3:4:5:6:7',
    '12345::',
    '2001:db8::1%eth0',
    'fe80::1%',
    '::1.2.3.4:5',
  ])('%j is none', (text) => {
    expect(shown(text)).toBeUndefined();
  });

  test('every address survives being written and read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseIpAddress(text);
        expect(address).toBeDefined();
        expect(isIP(shown(text) ?? '')).toBe(isIP(text));
        expect(parseIpAddress(shown(text) ?? '')).toEqual(address);
      }),
    );
  });
});

describe('networks', () => {
  test('a prefix of n bits has n leading ones, and holds exactly the addresses that agree in them', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 128n - 1n), fc.bigInt(0n, 2n ** 128n - 1n), fc.nat(128), (a, b, bits) => {
        const mask = prefixMask(6, bits);
        expect(prefixLength(mask)).toBe(bits);
        const agree = a >> BigInt(128 - bits) === b >> BigInt(128 - bits);
        expect(isInNetwork({ family: 6, value: a }, { family: 6, value: b }, mask)).toBe(agree);
      }),
    );
  });

  test('a mask with holes has no length', () => {
    expect(prefixLength({ family: 4, value: 0xff00ff00n })).toBeUndefined();
  });

  test('IPv4 is in no IPv6 network, not even 0/0', () => {
    expect(isInNetwork({ family: 4, value: 1n }, { family: 6, value: 0n }, prefixMask(6, 0))).toBe(false);
  });
});
