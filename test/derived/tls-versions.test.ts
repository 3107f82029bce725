import { describe, expect, it } from 'vitest';

import { tlsVersionGap } from '../../src/derived/tls-versions.ts';
import { someSettings } from '../rules/world.ts';

const versions = ['', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const number = (version: string, otherwise: number): number => (version === '' ? otherwise : versions.indexOf(version));
const pairs = versions.flatMap((min) => versions.map((max) => ({ min, max })));
const valid = pairs.filter(({ min, max }) => number(min, 3) <= number(max, 4));

describe('which versions of TLS serve both sides', () => {
  it('finds a gap exactly where there is one, and its change closes it', () => {
    for (const client of valid)
      for (const server of valid) {
        const settings = (one: typeof server) =>
          someSettings({ ssl_min_protocol_version: one.min, ssl_max_protocol_version: one.max });
        const gap = tlsVersionGap({ tlsVersions: client }, settings(server), true);
        const meets = number(client.min, 3) <= number(server.max, 4) && number(server.min, 3) <= number(client.max, 4);
        expect(gap === undefined, `${JSON.stringify(client)} ${JSON.stringify(server)}`).toBe(meets);
        if (gap === undefined) continue;
        const { change } = gap;
        const after =
          change.side === 'client'
            ? tlsVersionGap(
                {
                  tlsVersions: {
                    ...client,
                    [change.keyword === 'ssl_min_protocol_version' ? 'min' : 'max']: change.value,
                  },
                },
                settings(server),
                true,
              )
            : tlsVersionGap({ tlsVersions: client }, settings({ ...server, max: change.value }), true);
        expect(after).toBeUndefined();
        // nothing older than TLS 1.2 is turned on by it
        if (change.value !== '') expect(number(change.value, 0)).toBeGreaterThanOrEqual(3);
      }
  });

  it("tells of the client's own bound where the server is not seen", () => {
    const told = (min: string, max: string, refused = true) =>
      tlsVersionGap({ tlsVersions: { min, max } }, undefined, refused)?.change;
    expect(told('TLSv1.3', '')).toMatchObject({ keyword: 'ssl_min_protocol_version', value: 'TLSv1.2' });
    expect(told('', 'TLSv1.2')).toMatchObject({ keyword: 'ssl_max_protocol_version', value: '' });
    expect(told('TLSv1.2', '')).toBeUndefined();
    expect(told('TLSv1.3', '', false)).toBeUndefined();
  });
});
