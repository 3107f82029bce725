import type { LogSummary } from '../../postgres/log/log-summary.ts';
import { nameOf } from '../seen.ts';
import type { Seen } from '../seen.ts';

export type Course = Pick<LogSummary, 'streaming' | 'ready'>;

/** What later lines of other messages show to be over. */
export const overSince = (seen: readonly Seen[], course: Course): readonly Seen[] =>
  afterStart(afterAnswer(afterReload(afterCopy(seen, course))));

/** Sessions were refused until the server was up, which a later message shows. */
function afterStart(seen: readonly Seen[]): readonly Seen[] {
  const up = seen.findLast((one) => nameOf(one).startsWith('ready-'));
  if (up === undefined) return seen;
  return seen.map((one) =>
    /^db-(?:starting-up|not-yet-accepting)/u.test(nameOf(one)) && one.position < up.position
      ? { ...one, over: true }
      : one,
  );
}

/** The standby streams: what its pg_basebackup met before, a later attempt did not, and what ended a stream is over. */
const afterCopy = (seen: readonly Seen[], { streaming }: Course): readonly Seen[] =>
  streaming?.goesOn === true
    ? seen.map((one) =>
        one.position < streaming.line &&
        (one.program === 'pg_basebackup' || (one.partial && ofReceiver.test(one.record?.message ?? '')))
          ? { ...one, over: true }
          : one,
      )
    : seen;

const ofReceiver = /^could not (?:receive data from WAL stream|connect to the primary server)/u;

/** Patroni had no answer from its server, and later sees it at work. */
function afterAnswer(seen: readonly Seen[]): readonly Seen[] {
  const answered = seen.findLast((one) => one.answer?.id === 'patroni-course' && /^no action\b/u.test(one.text));
  if (answered === undefined) return seen;
  return seen.map((one) =>
    one.answer?.of?.includes('patroni-no-answer') === true && one.position < answered.position
      ? { ...one, over: true }
      : one,
  );
}

/** A later reload met no error: the line of pg_hba.conf or of the configuration was corrected. */
function afterReload(seen: readonly Seen[]): readonly Seen[] {
  const reload = seen.find((one) => nameOf(one) === 'received-sighup');
  if (reload === undefined) return seen;
  return seen.map((one) =>
    isOfReload.test(nameOf(one)) &&
    one.position < reload.position &&
    (one.last?.getTime() ?? 0) <= (reload.last?.getTime() ?? 0)
      ? { ...one, over: true }
      : one,
  );
}

const isOfReload =
  /^(?:hba-(?!re(?:ject|quire)|no-entr|hostssl)|could-not-load-hba$|config-file-errors|config-syntax-)/u;
