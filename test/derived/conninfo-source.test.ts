import { expect, it } from 'vitest';

import { placeOf, whereItStands } from '../../src/derived/conninfo-source.ts';
import { aConninfo, autoConf } from '../rules/standby-world.ts';

it.each([
  [
    'in a file',
    aConninfo(),
    { side: 'standby', file: autoConf, line: 3 },
    '/var/lib/postgresql/15/standby/postgresql.auto.conf, line 3',
  ],
  [
    'in a file, at no line that is known',
    aConninfo({ line: undefined }),
    { side: 'standby', file: autoConf },
    '/var/lib/postgresql/15/standby/postgresql.auto.conf, line 1',
  ],
  [
    'on the command line',
    aConninfo({ file: undefined, line: undefined }),
    { side: 'standby' },
    'the command line of the server',
  ],
])('primary_conninfo stands %s', (_, conninfo, where, place) => {
  expect(whereItStands(conninfo)).toStrictEqual(where);
  expect(placeOf(conninfo)).toBe(place);
});
