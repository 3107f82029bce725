import { ifSeen } from '../facts/observed.ts';
import type { Unseen } from '../facts/observed.ts';
import { formatLsn } from '../postgres/lsn.ts';
import { inFiles } from './in-force.ts';
import { ourSender } from './our-sender.ts';
import type { OurSender } from './our-sender.ts';
import { justStartedSeconds } from '../facts/thresholds.ts';
import { derived } from './derived.ts';
import type { SeenBy } from './derived.ts';

/** The facts that `fromOutside` goes by, for a rule's `wants`. */
export const outsideFacts = [
  'runningStandby',
  'standbyProcesses',
  'walSenders',
  'slots',
  'standbyConninfo',
  'standbyConfiguration',
  'dataDirectory',
  'serverLog',
] as const;
export type OutsideFacts = SeenBy<{ needs: []; wants: typeof outsideFacts }>;

/** What these facts show of the stream where no session on the standby could be had. */
export interface FromOutside {
  readonly stream:
    | { readonly kind: 'streams'; readonly by: string }
    /** It runs, and has no WAL receiver. */
    | { readonly kind: 'none'; readonly startup: number }
    | { readonly kind: 'unknown'; readonly why: Unseen };
  readonly sender: OurSender;
}

/** It is seen to stream: by its own word, or from outside where it lets nobody in. */
export function streamsNow(facts: OutsideFacts): boolean {
  const server = ifSeen(facts.runningStandby);
  if (server !== undefined) return server.receiver?.status === 'streaming';
  return facts.runningStandby.status === 'unseen' && fromOutside(facts).stream.kind === 'streams';
}

/**
 * A server with hot_standby off lets nobody in; but its WAL receiver says in its process title how far it has received,
 * the primary lists it, and its log says that it streams. A process that has just come proves nothing.
 */
export const fromOutside = derived({ needs: [], wants: outsideFacts }, (facts): FromOutside => {
  const slot = inFiles('primary_slot_name', facts)?.value ?? '';
  const settings = new Map([['primary_slot_name', { value: slot, pendingRestart: false, source: undefined }]]);
  const sender = ourSender({ receiver: undefined, settings }, facts);
  return { stream: streamOf(facts, sender), sender };
});

function streamOf(facts: OutsideFacts, sender: OurSender): FromOutside['stream'] {
  const processes = ifSeen(facts.standbyProcesses);
  const listed =
    sender.kind === 'found' && sender.sender.state === 'streaming'
      ? `the primary streams to this standby (${sender.by}, pg_stat_replication)`
      : undefined;
  if (processes === undefined) {
    // a standby of the default name may be another one, and may have taken this one's slot
    const isNamed = ifSeen(facts.standbyConninfo)?.applicationName !== undefined;
    return listed !== undefined && isNamed ? { kind: 'streams', by: listed } : unknown(facts, undefined);
  }
  const { receiver, startup } = processes;
  if (receiver === undefined) {
    if ((startup.ageSeconds ?? 0) < justStartedSeconds)
      return unknown(
        facts,
        'the standby has just been started, and has no WAL receiver yet',
        'run this again in a moment',
      );
    // what an archive brings needs no receiver
    return facts.standbyConfiguration.status === 'seen' && (inFiles('restore_command', facts)?.value ?? '') === ''
      ? { kind: 'none', startup: startup.pid }
      : unknown(facts, 'no WAL receiver is running; whether an archive has the missing WAL could not be checked');
  }
  if ((receiver.ageSeconds ?? justStartedSeconds) < justStartedSeconds)
    return unknown(
      facts,
      'its WAL receiver has just started, and the primary may still refuse it',
      'run this again in a moment',
    );
  if (listed !== undefined) return { kind: 'streams', by: listed };
  if (receiver.streamed !== undefined)
    return {
      kind: 'streams',
      by: `process ${receiver.pid} of the standby is a WAL receiver that has received WAL up to ${formatLsn(receiver.streamed)} (its process title)`,
    };
  const log = ifSeen(facts.serverLog);
  if (log?.summary.streaming?.goesOn === true && (log.summary.unrecognised?.now ?? 0) === 0)
    return {
      kind: 'streams',
      by: `the WAL receiver is running (process ${receiver.pid}), and its last message in the log says that it streams (${log.files.at(-1)?.path ?? 'its log'})`,
    };
  return unknown(
    facts,
    `its WAL receiver is running (process ${receiver.pid}), but nothing shows that it has received WAL`,
  );
}

function unknown(
  { runningStandby, walSenders }: OutsideFacts,
  seen: string | undefined,
  remedy?: string,
): FromOutside['stream'] {
  const why: Unseen =
    runningStandby.status === 'unseen'
      ? runningStandby.why
      : { kind: 'not-asked', because: "the standby's server was not queried" };
  const besides =
    walSenders.status === 'seen'
      ? []
      : ['add --admin CONNINFO, a connection to its primary as a superuser or as a member of pg_monitor'];
  const ways = remedy === undefined ? [...besides, ...(why.remedy === undefined ? [] : [why.remedy])] : [remedy];
  return {
    kind: 'unknown',
    why: {
      kind: why.kind,
      because: seen === undefined ? why.because : `${why.because}; ${seen}`,
      ...(ways.length === 0 ? {} : { remedy: ways.join('; or ') }),
    },
  };
}
