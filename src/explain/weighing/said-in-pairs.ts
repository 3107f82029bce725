import type { Answer } from '../answer.ts';
import { archivingFillsDisk, networkCut } from '../answers/together-wal.ts';
import { nameOf } from '../seen.ts';
import type { Seen } from '../seen.ts';

/** What a message says beside the others of the text. */
export type AnswerTo = (one: Seen) => Answer | undefined;

export function answerOfFullDisk(seen: readonly Seen[]): AnswerTo {
  const fails = seen.some((one) => !one.over && nameOf(one) === 'archive-command-failed');
  return (one) =>
    fails && isFullDisk.test(spokenIn(one)) && one.answer?.causes?.[0]?.rule === 'wal/disk-full'
      ? archivingFillsDisk
      : undefined;
}

const isFullDisk = /\bpg_wal\b[^\n]*No space left on device/u;

/** The slot no longer held the WAL that its standby then asks for. */
export function behindInvalidation(seen: readonly Seen[]): AnswerTo {
  const slots = seen.flatMap((one) => (nameOf(one) === 'slot-invalidating' ? (one.values['slot'] ?? []) : []));
  return (one) =>
    nameOf(one) === 'requested-wal-removed' && slots.some((slot) => one.record?.statement?.includes(`"${slot}"`))
      ? { of: ['requested-wal-removed'], means: '', kind: 'consequence' }
      : undefined;
}

/** Each end of the connection has its own timeout. */
export function answerOfTimeouts(seen: readonly Seen[]): AnswerTo {
  const has = (name: string): boolean => seen.some((one) => !one.over && nameOf(one) === name);
  const both = has('walsender-timeout') && (has('walreceiver-timeout') || has('libpq-errno-timedout'));
  return (one) => (both && nameOf(one) === 'walsender-timeout' ? networkCut : undefined);
}

/** The message and what it stands in. */
export const spokenIn = ({ text, record }: Seen): string => `${record?.message ?? ''}\n${text}`;
