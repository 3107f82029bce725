import { expect, test } from 'vitest';

import { restart, start } from '../../src/remedies/server-control.ts';
import { startedWith } from '../../src/remedies/started-with.ts';

const control = (...options: readonly string[]) => ({
  kind: 'pg_ctl' as const,
  dataDirectory: '/data',
  binDirectory: '/bin',
  options,
});

test.each([
  { how: 'in two words', options: ['-c', 'port=5433'] },
  { how: 'in one', options: ['-cport=5433'] },
  { how: 'as a long option', options: ['--port=5433'] },
  { how: 'by its letter', options: ['-p', '5433'] },
  { how: 'by its letter, in one word', options: ['-p5433'] },
  { how: 'twice', options: ['-p', '5432', '-c', 'port=5433'] },
])('an option $how is set otherwise, and all else stays', ({ options }) => {
  const changed = startedWith(control('-k', '/tmp', ...options, '-i'), new Map([['port', '6000']]));
  expect(changed).toEqual({ ...control('-k', '/tmp', '-c', 'port=6000', '-i'), changed: true });
  const without = startedWith(control('-k', '/tmp', ...options, '-i'), new Map([['port', undefined]]));
  expect(without).toEqual({ ...control('-k', '/tmp', '-i'), changed: true });
});

test('what it was not started with, and what another program starts, is for a person', () => {
  expect(startedWith(control('-p', '5433'), new Map([['work_mem', '4MB']]))).toBeUndefined();
  expect(startedWith({ kind: 'systemd', unit: 'pg' }, new Map([['port', '1']]))).toBeUndefined();
});

test('a restart is given the options, for without them it takes the old ones', () => {
  const changed = startedWith(control('-c', 'hot_standby=off'), new Map([['hot_standby', 'on']]));
  const none = startedWith(control('-c', 'hot_standby=off'), new Map([['hot_standby', undefined]]));
  if (changed === undefined || none === undefined) throw new Error('pg_ctl starts it');
  expect(restart('standby', changed).text).toBe(
    "/bin/pg_ctl restart -D /data -w -m fast -l /data/server.log -o '-c hot_standby=on'",
  );
  expect(restart('standby', none).text).toBe("/bin/pg_ctl restart -D /data -w -m fast -l /data/server.log -o ''");
  expect(start('standby', none).text).toBe('/bin/pg_ctl start -D /data -w -l /data/server.log');
});
