import { gunzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isInNetwork, parseIpAddress, prefixMask } from '../../src/postgres/ip-address.ts';
import { OtherAddresses } from '../../src/recording/addresses.ts';
import { factsFile } from '../../src/recording/facts-file.ts';
import { redact } from '../../src/recording/redact.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { aDirectory, aPlan, anAttempt, anHbaRule, aRole } from '../rules/world.ts';
import { aCopy, aStandby, reportOf } from './worlds.ts';

const key = Buffer.from('a key that is random elsewhere');

const outcomes = (recording: Recording) => {
  const { verdict, findings, rules } = reportOf(recording);
  return {
    verdict,
    causes: findings
      .filter(({ causedBy }) => causedBy === null)
      .map(({ rule }) => rule)
      .toSorted(),
    rules: rules.map(({ id, outcome }) => `${id} ${outcome}`),
  };
};

describe('other addresses', () => {
  const address = fc
    .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255))
    .map((parts) => parts.join('.'));

  it('keep who is in which network', () =>
    fc.assert(
      fc.property(address, address, fc.nat(32), (one, other, bits) => {
        const [a, b] = [parseIpAddress(one), parseIpAddress(other)];
        if (a === undefined || b === undefined) throw new Error('it is an address');
        const mask = prefixMask(4, bits);
        const others = new OtherAddresses(key);
        // the first octet stays, but for addresses that stay as a whole
        fc.pre([a, b].every(({ value }) => value >> 24n !== 127n) || bits <= 8);
        expect(isInNetwork(others.of(a), others.ofNetwork(b, mask), mask)).toBe(isInNetwork(a, b, mask));
      }),
    ));

  it('stand in a text where the others stood', () => {
    const others = new OtherAddresses(key);
    const text = others.inText(
      'host all all 10.1.2.0/24 from 10.1.2.7, 127.0.0.1/32 0.0.0.0/0 ::1/128 fe80::1:2 15.18 20:00:00',
    );
    expect(text).toMatch(
      /^host all all 10\.\d+\.\d+\.0\/24 from 10\.\d+\.\d+\.\d+, 127\.0\.0\.1\/32 0\.0\.0\.0\/0 ::1\/128 fe80:\S+ 15\.18 20:00:00$/u,
    );
    expect(text).not.toMatch(/10\.1\.2|fe80::1:2/u);
  });
});

describe('a redacted file', () => {
  it.each([
    ['a copy', aCopy()],
    ['a standby', aStandby()],
    ['a directory that is not empty', aCopy({ targetDirectory: aDirectory({ entries: ['notes.txt'] }) })],
    [
      'an address outside of the network',
      aCopy({
        hbaRules: {
          file: '/etc/postgresql/15/main/pg_hba.conf',
          lines: [
            anHbaRule({
              address: {
                kind: 'network',
                address: parseIpAddress('10.9.0.0') ?? { family: 4, value: 0n },
                netmask: prefixMask(4, 16),
              },
              text: 'hostssl replication replicator 10.9.0.0/16 scram-sha-256',
            }),
          ],
          changedSinceLoad: false,
        },
      }),
    ],
  ])('names the same rules: %s', (_name, recording) => {
    expect(outcomes(redact(recording, key).recording)).toEqual(outcomes(recording));
  });

  it('holds none of the names, and equal stays equal', () => {
    const recording = {
      ...aCopy({
        connectionPlan: aPlan({
          hosts: [{ host: 'sirius.example.com', hostaddr: undefined, port: 5432, isSocket: false }],
          user: 'wolfram',
        }),
        replicationLogin: {
          attempts: [],
          outcome: {
            accepted: false,
            decisive: anAttempt({
              host: 'sirius.example.com',
              address: '10.77.88.99',
              outcome: {
                kind: 'refused',
                phase: 'connect',
                message: 'connection to server at "sirius.example.com" (10.77.88.99), port 5432 failed',
              },
            }),
          },
        },
        replicationRole: aRole({ name: 'wolfram' }),
        primaryPaths: {
          dataDirectory: '/srv/kestrel/My Birds/data',
          configFile: '/srv/kestrel/My Birds/data/postgresql.conf',
          hbaFile: '/srv/kestrel/My Birds/data/pg_hba.conf',
          binDirectory: undefined,
        },
      }),
      machine: 'aldebaran',
    };
    const { recording: redacted, tokens } = redact(recording, key);
    const text = gunzipSync(factsFile(redacted)).toString();
    expect(text).not.toMatch(/sirius|example|wolfram|kestrel|My Birds|aldebaran|10\.77/u);
    expect(text).toContain('"redacted":true');
    expect(text).toContain(
      `connection to server at \\"${tokens.get('sirius.example.com')}\\" (${tokens.get('10.77.88.99')})`,
    );
    expect(text).toContain(`/srv/${tokens.get('kestrel')}/${tokens.get('My Birds')}/data/pg_hba.conf`);
    expect(tokens.get('wolfram')).toMatch(/^role_\d+$/u);
  });

  it('is another one with another key', () => {
    const [one, other] = [redact(aCopy(), key), redact(aCopy(), Buffer.from('another'))];
    expect(one.tokens.get('10.0.0.7')).not.toBe(other.tokens.get('10.0.0.7'));
  });
});
