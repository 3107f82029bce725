import { describe, expect, it } from 'vitest';

import { certificateDemand, isWeaker, strongestMeant } from '../../src/derived/hba-strength.ts';
import type { Demand } from '../../src/derived/hba-strength.ts';
import type { HbaConnection } from '../../src/postgres/hba-connection.ts';
import { parseHbaText } from '../rules/hba-text.ts';

const file = '/etc/postgresql/15/main/pg_hba.conf';
const rules = (...lines: readonly string[]) => ({
  file,
  lines: parseHbaText(file, lines.join('\n')),
  changedSinceLoad: false,
});
const connection: HbaConnection = {
  kind: 'physical-replication',
  database: 'replication',
  user: 'r',
  address: '10.0.0.7',
  encryption: 'tls',
  userRoles: undefined,
  serverInterfaces: undefined,
  hostNames: undefined,
  serverVersion: 15,
};

describe('the strongest of the lines that are meant for a connection', () => {
  it.each<readonly [string, readonly string[], number | undefined]>([
    ['none', [], undefined],
    [
      'none but such that let anybody in, or nobody',
      ['host all all all trust', 'host replication r all reject'],
      undefined,
    ],
    [
      'the stronger method, wherever it stands',
      ['host replication r all md5', 'host replication r all scram-sha-256'],
      2,
    ],
    ['the first of two that are as strong', ['host replication r all md5', 'host replication all all md5'], 1],
    ['one that names the role for another address', ['host replication r 10.9.9.0/24 scram-sha-256'], 1],
    ['not one that names everybody for another address', ['host replication all 10.9.9.0/24 scram-sha-256'], undefined],
    ['not one of another role', ['host replication other all scram-sha-256'], undefined],
    [
      'a certificate before a better password',
      ['host replication r all scram-sha-256', 'hostssl replication r all md5 clientcert=verify-ca'],
      2,
    ],
  ])('%s', (_, lines, line) => expect(strongestMeant(rules(...lines), connection)?.line).toBe(line));
});

const demand = (method: Demand['method'], clientcert?: string): Demand => ({
  method,
  options: clientcert === undefined ? [] : [{ name: 'clientcert', value: clientcert }],
});

it.each<readonly [Demand, ReturnType<typeof certificateDemand>]>([
  [demand('cert'), 2],
  [demand('md5', 'verify-full'), 2],
  [demand('md5', 'verify-ca'), 1],
  [demand('md5', '1'), 1],
  [demand('md5', 'no-verify'), 0],
  [demand('md5'), 0],
])('the certificate that %j asks for', (of, certificate) => expect(certificateDemand(of)).toBe(certificate));

it.each<readonly [Demand, Demand, boolean]>([
  [demand('md5'), demand('scram-sha-256'), true],
  [demand('scram-sha-256'), demand('md5'), false],
  [demand('md5'), demand('md5'), false],
  [demand('scram-sha-256'), demand('password', 'verify-ca'), true],
  [demand('cert'), demand('scram-sha-256', 'verify-full'), false],
  [demand('trust'), demand('ident'), true],
])('%j asks for less than %j: %s', (one, other, weaker) => expect(isWeaker(one, other)).toBe(weaker));
