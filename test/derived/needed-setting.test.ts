import { expect, it } from 'vitest';

import { placeOfSetting, whereSet } from '../../src/derived/needed-setting.ts';
import type { NeededSetting } from '../../src/facts/start-needs.ts';

it.each<readonly [string, NeededSetting['source'], ReturnType<typeof whereSet>, string]>([
  [
    'in a file',
    { kind: 'file', file: '/data/postgresql.conf', line: 64 },
    { side: 'standby', file: '/data/postgresql.conf', line: 64 },
    '/data/postgresql.conf, line 64',
  ],
  [
    'on the command line',
    { kind: 'command line', written: '-c ssl_cert_file=/tls/cert' },
    { side: 'standby' },
    'the command line (-c ssl_cert_file=/tls/cert)',
  ],
  ['nowhere', undefined, { side: 'standby' }, 'the default'],
])('a setting that stands %s', (_, source, where, place) => {
  const setting = { name: 'ssl_cert_file', value: '/tls/cert', source };
  expect(whereSet(setting)).toStrictEqual(where);
  expect(placeOfSetting(setting)).toBe(place);
});
