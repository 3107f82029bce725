import { setTimeout as pause } from 'node:timers/promises';

import { secondLookAnswer } from '../servers/standby-answers.ts';
import type { SecondLook, StandbyAnswer } from '../servers/standby-answers.ts';
import { secondLook } from '../servers/standby-sql.ts';
import type { OpenSession } from '../servers/session.ts';
import { ask } from './ask-for-json.ts';
import type { Answered } from './ask-for-json.ts';
import { receiverCourse } from './receiver-course.ts';
import type { ReceiverCourseOutcome } from './receiver-course.ts';

/** Where there is more to replay, where nothing streams, and where the receiver has only just come. */
export function needsSecondLook({ server, receiver, replay }: StandbyAnswer): boolean {
  if (!server.inRecovery) return false;
  const isHidden = receiver !== undefined && receiver.status === undefined;
  const settled = isHidden || receiverCourse(receiver, []) !== 'undecided';
  return !settled || (replay.received !== undefined && replay.received !== replay.replayed);
}

/** Replay of a record takes microseconds, of a large one some milliseconds: within this, a replay that works moves. */
const betweenLooksMs = 250;

/** One record may take longer: a table that is dropped, a checkpoint on a slow disk. */
const mostLooksAtReplay = 4;

/** A restore_command may take longer, for a file that comes from far away. */
const mostLooksAtArchive = 12;

export interface Again extends SecondLook {
  readonly afterMs: number;
  readonly course: ReceiverCourseOutcome;
}

/** Until it is known whether the receiver streams, and for a while until replay moves. */
export async function lookAgain(
  session: OpenSession,
  { receiver, replay, settings }: StandbyAnswer,
): Promise<Answered<Again>> {
  const delay = settings.find(({ name }) => name === 'recovery_min_apply_delay')?.value ?? '0';
  const mayMove = replay.pause === 'not paused' && delay === '0';
  const readsArchive =
    receiver === undefined && settings.some(({ name, value }) => name === 'restore_command' && value !== '');
  const looks: SecondLook[] = [];
  for (;;) {
    await pause(betweenLooksMs);
    const answer = await ask(session, secondLook, secondLookAnswer);
    if (!answer.ok) return answer;
    looks.push(answer.value);
    const seen = looks.map((look) => look.receiver);
    const course = receiverCourse(receiver, seen);
    const { received, replayed } = answer.value;
    const waits =
      received !== undefined && replayed !== undefined && replayed === replay.replayed && replayed < received;
    if (mayMove && waits && looks.length < mostLooksAtReplay) continue;
    const { startupWaits } = answer.value;
    // before 15 a restore_command that runs is no wait event
    const brings = startupWaits === undefined || startupWaits === '' || startupWaits === 'IPC/RestoreCommand';
    if (mayMove && readsArchive && brings && replayed === replay.replayed && looks.length < mostLooksAtArchive)
      continue;
    if (course !== 'undecided' || (receiver !== undefined && receiver.status === undefined))
      return { ok: true, value: { ...answer.value, afterMs: looks.length * betweenLooksMs, course } };
  }
}
