import { describe, expect, test } from 'vitest';

import { parseHbaFile } from '../../src/postgres/hba-file.ts';
import { hbaLinesFromView, mergeHbaLines } from '../../src/postgres/hba-rules-view.ts';
import type { HbaRulesRow } from '../../src/postgres/hba-rules-view.ts';

const row: HbaRulesRow = {
  line_number: 3,
  type: 'hostssl',
  database: ['replication'],
  user_name: ['all', '+standbys'],
  address: '10.0.0.0',
  netmask: '255.255.0.0',
  auth_method: 'cert',
  options: ['clientcert=verify-full'],
  error: null,
};
const nothing = {
  type: null,
  database: null,
  user_name: null,
  address: null,
  netmask: null,
  auth_method: null,
  options: null,
};

describe('the view', () => {
  test('a row becomes a rule whose quotes are not known', () => {
    expect(hbaLinesFromView([row], '/pg_hba.conf')).toEqual([
      {
        kind: 'rule',
        file: '/pg_hba.conf',
        line: 3,
        endLine: 3,
        text: 'hostssl replication all,+standbys 10.0.0.0/16 cert clientcert=verify-full',
        type: 'hostssl',
        databases: [{ text: 'replication', quoted: 'unknown' }],
        users: [
          { text: 'all', quoted: 'unknown' },
          { text: '+standbys', quoted: 'unknown' },
        ],
        address: {
          kind: 'network',
          address: { family: 4, value: 0x0a000000n },
          netmask: { family: 4, value: 0xffff0000n },
        },
        method: 'cert',
        options: [{ name: 'clientcert', value: 'verify-full' }],
        error: undefined,
      },
    ]);
  });

  test.each([
    [{ type: 'local', address: null, netmask: null }, { kind: 'local' }],
    [{ type: 'host', address: 'samenet', netmask: null }, { kind: 'samenet' }],
    [
      { type: 'host', address: '.example.com', netmask: null },
      { kind: 'host-name', name: '.example.com' },
    ],
  ])('%j', (change, address) => {
    expect(hbaLinesFromView([{ ...row, ...change }], '/x')[0]).toMatchObject({ address });
  });

  test('a row with an error and no columns is a broken line, one with both is in use', () => {
    const error = 'hostssl record cannot match because SSL is disabled';
    const lines = hbaLinesFromView(
      [
        { ...row, ...nothing, error: 'x' },
        { ...row, error },
        { ...row, ...nothing, error: null },
        { ...row, ...nothing, error },
      ],
      '/x',
    );
    expect(lines.map((line) => [line.kind, line.error])).toEqual([
      ['broken', 'x'],
      ['rule', error],
      ['broken', 'PostgreSQL refuses this line and names the reason only in its log'],
      ['broken', 'PostgreSQL refuses this line and names the reason only in its log'],
    ]);
  });

  test('passwords are not kept', () => {
    const options = ['ldapbasedn=x', 'ldapbindpasswd=hunter2'];
    const lines = hbaLinesFromView(
      [
        { ...row, auth_method: 'ldap', options },
        { ...row, ...nothing, error: 'invalid authentication method "ldapbindpasswd=hunter2"' },
      ],
      '/x',
    );
    expect(lines).toHaveLength(2);
    expect(
      JSON.stringify(lines, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('hunter2');
  });
});

describe('text and view together', () => {
  const text =
    '# one\n\nhostssl "replication" all,+standbys \\\n 10.0.0.0/16 cert\nhostssl all all all trust clientcert=x\nhost all all all trust';
  const { lines: fromText } = parseHbaFile({ file: '/pg_hba.conf', text, serverVersion: 17 });
  const place = { file_name: '/pg_hba.conf', line_number: 3 };

  test('the quotes are those of the text, the errors those of the view', () => {
    const error = 'hostssl record cannot match because SSL is disabled';
    const [line] = mergeHbaLines(fromText, hbaLinesFromView([{ ...row, ...place, error }], '/other'));
    expect(line).toMatchObject({
      kind: 'rule',
      error,
      endLine: 4,
      text: 'hostssl "replication" all,+standbys  10.0.0.0/16 cert',
      databases: [{ text: 'replication', quoted: true }],
      users: [
        { text: 'all', quoted: false },
        { text: '+standbys', quoted: false },
      ],
    });
  });

  test('where they differ the view is right', () => {
    const [line] = mergeHbaLines(fromText, hbaLinesFromView([{ ...row, ...place, user_name: ['other'] }], '/x'));
    expect(line).toMatchObject({
      users: [{ text: 'other', quoted: 'unknown' }],
      text: 'hostssl replication other 10.0.0.0/16 cert clientcert=verify-full',
    });
  });

  test('an error that the view leaves out is named', () => {
    const rows = [{ ...row, ...nothing, line_number: 5, error: null }];
    expect(mergeHbaLines(fromText, hbaLinesFromView(rows, '/pg_hba.conf'))).toMatchObject([
      {
        kind: 'broken',
        line: 5,
        text: 'hostssl all all all trust clientcert=x',
        error: 'invalid value for clientcert: "x"',
      },
    ]);
  });

  test('an error that only the server sees stands with the line as written', () => {
    const rows = [{ ...row, ...nothing, line_number: 6, error: 'not supported by this build' }];
    expect(mergeHbaLines(fromText, hbaLinesFromView(rows, '/pg_hba.conf'))).toMatchObject([
      { kind: 'broken', text: 'host all all all trust', error: 'not supported by this build' },
    ]);
  });
});
