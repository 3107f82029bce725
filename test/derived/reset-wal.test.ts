import { expect, it } from 'vitest';

import { looksReset } from '../../src/derived/reset-wal.ts';
import { walSegmentSize } from '../../src/postgres/lsn.ts';
import type { ControlFile } from '../../src/postgres/control-file.ts';
import { aCheckpoint, aControlFile } from '../rules/standby-world.ts';
import { lsn } from '../rules/world.ts';

const control = (change: Partial<ControlFile> = {}): ControlFile => {
  const read = aControlFile(change);
  if (!read.ok) throw new Error('the healthy control file is readable');
  return read.value;
};
const at = (location: string, redo = location): ControlFile['checkpoint'] =>
  aCheckpoint({ location: lsn(location), redo: lsn(redo) });
const oneMegabyte = walSegmentSize(1024 ** 2);
if (oneMegabyte === undefined) throw new Error('1 MB is a segment size');

it.each<readonly [string, Partial<ControlFile>, boolean]>([
  ['a standby', {}, false],
  ['the first record of a segment, and minimal', { walLevel: 'minimal', checkpoint: at('0/5000028') }, true],
  ['the same with wal_level replica', { walLevel: 'replica', checkpoint: at('0/5000028') }, false],
  ['redo is not the record itself', { walLevel: 'minimal', checkpoint: at('0/5000028', '0/4000028') }, false],
  ['the record after the first', { walLevel: 'minimal', checkpoint: at('0/5000060') }, false],
  ['the beginning of the segment', { walLevel: 'minimal', checkpoint: at('0/5000000') }, false],
  ['the first record of a later page', { walLevel: 'minimal', checkpoint: at('0/5002028') }, false],
  ['inside of a segment of 16 MB', { walLevel: 'minimal', checkpoint: at('0/5100028') }, false],
  [
    'the same place begins a segment of 1 MB',
    { walLevel: 'minimal', walSegmentSize: oneMegabyte, checkpoint: at('0/5100028') },
    true,
  ],
])('%s', (_, change, reset) => expect(looksReset(control(change))).toBe(reset));
