import { expect, test } from 'vitest';

import { configurationRefusals } from '../../src/postgres/configuration-refusals.ts';

test('each fault is told with its detail, and the sum is left out', () => {
  const messages = configurationRefusals(
    [
      'LOG:  invalid value for parameter "DateStyle": "klingon"',
      'DETAIL:  Unrecognized key word: "klingon".',
      'WARNING:  some remark',
      'LOG:  number of synchronous standbys (0) must be greater than zero',
      'LOG:  1 kB is outside the valid range for parameter "work_mem" (64 kB .. 2147483647 kB)',
      'LOG:  unrecognized configuration parameter "foo_bar" in file "/data/postgresql.conf" line 896',
      'FATAL:  configuration file "/data/postgresql.conf" contains errors',
      '',
    ].join('\n'),
  );
  expect(messages).toEqual([
    {
      text: 'invalid value for parameter "DateStyle": "klingon"',
      more: 'Unrecognized key word: "klingon".',
      name: 'DateStyle',
      file: undefined,
      line: undefined,
      isOfFiles: false,
    },
    expect.objectContaining({ name: undefined, isOfFiles: false, more: '' }),
    expect.objectContaining({ name: 'work_mem' }),
    expect.objectContaining({ file: '/data/postgresql.conf', line: 896, isOfFiles: true }),
  ]);
});

test('what is said before there is a log, and a value of several lines', () => {
  const [first, second, ...others] = configurationRefusals(
    'postgres: superuser_reserved_connections (200) must be less than max_connections (100)\nFATAL:  invalid value for parameter "a.b": "x\n\ty"\n',
  );
  expect(first?.text).toBe('superuser_reserved_connections (200) must be less than max_connections (100)');
  expect(second?.text).toBe('invalid value for parameter "a.b": "x\ny"');
  expect(others).toEqual([]);
});
