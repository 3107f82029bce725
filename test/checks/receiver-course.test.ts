import { expect, test } from 'vitest';

import { receiverCourse } from '../../src/checks/receiver-course.ts';
import type { ReceiverRow } from '../../src/servers/standby-answers.ts';

const receiver = (change: Partial<ReceiverRow> = {}): ReceiverRow => ({
  pid: 10,
  status: 'streaming',
  heard: true,
  inStream: true,
  ageSeconds: 60,
  writtenLsn: undefined,
  flushedLsn: undefined,
  timeline: undefined,
  latestEndLsn: undefined,
  secondsSinceMessage: 0,
  senderHost: '127.0.0.1',
  senderPort: 5432,
  slotName: undefined,
  conninfo: undefined,
  ...change,
});
const young = receiver({ ageSeconds: 0.1 });
const silent = receiver({ ageSeconds: 0.1, heard: false, inStream: false });
const waits = receiver({ ageSeconds: 0.1, heard: false });
const other = receiver({ pid: 11, ageSeconds: 0.1, heard: false, inStream: false });

test.each([
  ['it has streamed for long', receiver(), [], 'streams'],
  ['it has just come, and is there still', young, [young], 'streams'],
  ['its primary was slow to answer', silent, [silent, young], 'streams'],
  ['nothing was written since a segment began', waits, [waits, waits, waits], 'streams'],
  ['it came after the first look', undefined, [silent, young], 'streams'],
  ['it has just come', young, [], 'undecided'],
  ['it has heard nothing', receiver({ heard: false }), [], 'undecided'],
  ['it has heard nothing yet', silent, [silent], 'undecided'],
  ['there is none', undefined, [], 'undecided'],
  ['there is none twice', undefined, [undefined], 'none'],
  ['it waits for another timeline', receiver({ status: 'waiting' }), [receiver({ status: 'waiting' })], 'none'],
  ['it was refused', silent, [undefined], 'ended'],
  ['its stream was broken off at once', young, [undefined], 'ended'],
  ['it came after the first look, and was refused', undefined, [silent, undefined], 'ended'],
  ['it is another one each time', silent, [other, silent, other], 'ended'],
  ['its primary does not answer', silent, [silent, silent, silent], 'unanswered'],
] as const)('%s', (_name, first, later, outcome) => {
  expect(receiverCourse(first, later)).toBe(outcome);
});
