import { expect, test } from 'vitest';

import { lsn } from '../../src/postgres/lsn.ts';
import { parseProcessTitle } from '../../src/postgres/process-titles.ts';

const file = '000000010000000000000003';

test.each([
  ['postgres: walreceiver streaming 0/3000148', { kind: 'walreceiver', streamed: lsn(0x3000148n) }],
  ['postgres: main: walreceiver streaming 1/0', { kind: 'walreceiver', streamed: lsn(0x1_0000_0000n) }],
  ['postgres: 16/db: one: walreceiver   streaming 0/1', { kind: 'walreceiver', streamed: lsn(1n) }],
  ['postgres: walreceiver ', { kind: 'walreceiver', streamed: undefined }],
  ['postgres: walreceiver', { kind: 'walreceiver', streamed: undefined }],
  [`postgres: startup recovering ${file}`, { kind: 'startup', doing: 'recovering', file }],
  [`postgres: main: startup waiting for ${file}`, { kind: 'startup', doing: 'waiting for', file }],
  ['postgres: startup', { kind: 'startup', doing: undefined, file: undefined }],
  ['postgres: checkpointer', undefined],
  ['postgres: walsender replicator 127.0.0.1(37948) streaming 0/30521B0', undefined],
  ['postgres: startup shop 10.0.0.7(5000) idle', undefined],
  ['/usr/lib/postgresql/15/bin/postgres -D /data', undefined],
] as const)('%j', (title, meaning) => {
  expect(parseProcessTitle(title)).toEqual(meaning);
});
