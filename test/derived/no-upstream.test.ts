import { expect, it } from 'vitest';

import { noUpstream } from '../../src/derived/no-upstream.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { aConfiguration, aConninfo, aRunningStandby, aStoppedDirectory } from '../rules/standby-world.ts';

type Seen = Parameters<typeof noUpstream>[0];

const no = unseen('unreadable', 'it was not read');
const archiveOnly = 'primary_conninfo is not set: the standby uses only its archive';
const withoutText = seen(aConninfo({ text: undefined }), 'its files');
const set = (value: string) => seen(aConfiguration([['primary_conninfo', value]]), 'its files');

it.each<readonly [string, Partial<Seen>, string | undefined]>([
  ['no standby is examined', { runningStandby: notApplicable('a copy is made') }, 'a copy is made'],
  [
    'it is a primary',
    { runningStandby: seen(aRunningStandby({ inRecovery: false }), 'it') },
    'the running server is not in recovery: it is a primary',
  ],
  ['its files name one', { standbyConfiguration: set('host=db1') }, undefined],
  ['its files name none', { standbyConfiguration: set('') }, archiveOnly],
  ['its connection string was seen', { standbyConninfo: seen(aConninfo(), 'its files') }, undefined],
  ['it has no connection string', { standbyConninfo: withoutText }, archiveOnly],
  ['nothing was seen', {}, undefined],
])('%s', (_, change, why) => {
  const facts: Seen = {
    runningStandby: no,
    standbyConfiguration: no,
    dataDirectory: seen(aStoppedDirectory(), '/data'),
    standbyConninfo: no,
    ...change,
  };
  expect(noUpstream(facts)).toBe(why);
});
