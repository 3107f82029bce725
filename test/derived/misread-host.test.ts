import { describe, expect, it } from 'vitest';

import { lacksZone, misreadHost } from '../../src/derived/misread-host.ts';

const addresses = ['::1', 'fd77::1', '2001:db8::10', 'fe80::1%eth0', '2001:db8:0:0:0:0:0:1', '::ffff:10.0.0.1'];

describe('a host as libpq does not read it', () => {
  it.each(addresses)('%s in brackets is the address', (address) => {
    expect(misreadHost(`[${address}]`, 5432)?.host).toBe(address);
  });

  it.each(addresses.filter((one) => !one.includes('%')))('%s with a port behind it is both', (address) => {
    expect(misreadHost(`${address}:5432`, 5432)).toMatchObject({ host: address, port: '5432' });
    expect(misreadHost(`${address}:6543`, 6543)).toMatchObject({ host: address, port: '6543' });
  });

  it.each([...addresses, 'db1', 'db1:5432', '10.0.0.1', '10.0.0.1:5432', '[db1]', '/run/postgresql', ''])(
    '%s is left as it is',
    (host) => {
      expect(misreadHost(host, 5432)).toBeUndefined();
    },
  );
});

describe('a link-local address', () => {
  it.each(['fe80::1', 'FE80::1', 'febf::1'])('%s needs an interface', (address) => {
    expect(lacksZone(address)).toBe(true);
  });

  it.each(['fe80::1%eth0', 'fd77::1', 'fec0::1', '::1', '169.254.0.1', 'fe80'])('%s needs none', (address) => {
    expect(lacksZone(address)).toBe(false);
  });
});
