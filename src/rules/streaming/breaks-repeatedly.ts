import { ifSeen } from '../../facts/observed.ts';
import type { SenderWords } from '../../facts/server-log.ts';
import type { Evidence, Location, Remedy } from '../../findings/report.ts';
import type { LogRecord } from '../../postgres/log/log-record.ts';
import { whereItStands } from '../../derived/conninfo-source.ts';
import { noStandby } from '../../derived/role-now.ts';
import { repeatedBreaks } from '../../derived/repeated-breaks.ts';
import type { RepeatedBreaks } from '../../derived/repeated-breaks.ts';
import { inFull, timeText } from '../../derived/sighting-evidence.ts';
import { streamsNow, outsideFacts } from '../../derived/stream-from-outside.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import { parseConninfo } from '../../postgres/conninfo.ts';
import { formatDuration } from '../../postgres/durations.ts';
import { setParameter } from '../../remedies/command-line.ts';
import { connectWith, connectionFacts } from '../../remedies/connecting.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../consequences.ts';

const facts = [...outsideFacts, ...connectionFacts, 'senderLog', 'primary', 'serverClock'] as const;

export const breaksRepeatedly = defineRule({
  id: 'streaming/breaks-repeatedly',
  title: 'The connection to the primary breaks again and again',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now'],
  wants: facts,
  effect: 'of-any',
  explains: [...notStreaming, 'log/message', 'streaming/lag', 'wal/invalid-record-loop'],
  docs: {
    what: "Fails when the standby's log shows that streaming began and failed three times or more in the last two hours, the last time just now. It is a warning while the standby streams at this moment and its streams have lasted a minute.",
    why: 'Each login succeeds, so a look at one moment finds nothing wrong. The standby falls behind each time, and a synchronous commit waits for it.',
    notes:
      'If the streams hold equally long, something measures time: wal_sender_timeout, also where `options` in primary_conninfo sets it, or the idle timeout of a proxy or a firewall. The log of the primary is read where its data directory is on this machine, or where --admin may read it. A standby reports to its primary every 10 seconds (wal_receiver_status_interval), and a shorter idle timeout ends its connection.',
    references: [
      'src/backend/replication/walsender.c: WalSndCheckTimeOut()',
      'wal_receiver_status_interval: https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-WAL-RECEIVER-STATUS-INTERVAL',
    ],
  },
  judge(seen) {
    const server = ifSeen(seen.runningStandby);
    if (server?.inRecovery === false) return notApplicable(noStandby);
    if (seen.serverLog.status === 'not-applicable') return notApplicable(seen.serverLog.why);
    // without a log nothing is known to be wrong, and what streams is seen elsewhere
    if (seen.serverLog.status === 'unseen') return unexamined(seen.serverLog.why, 'info');
    const log = seen.serverLog.value.files.at(-1)?.path ?? 'its log';
    const breaks = repeatedBreaks(seen.serverLog, server?.clock ?? seen.now, server, primaryLoadedAt(seen));
    if (breaks === undefined) return pass(`${log}: no series of streams that began and failed`);
    const { last, held } = breaks;
    // it never streamed, and the message says all: wal/segment-removed, or the log
    if (removed.test(last.record.message)) return pass(`${log}: the primary has removed the WAL that is asked for`);
    const times = breaks.breaks.length;
    const [shortest, longest] = held.map((seconds) => formatDuration(seconds));
    const lasted = shortest === longest ? `about ${shortest ?? ''}` : `${shortest ?? ''} to ${longest ?? ''}`;
    const { message, source, remedy, seen: more = [] } = causeOf(breaks, seen);
    return fail({
      ...(held[1] >= longEnough && streamsNow(seen) ? { severity: 'warning' } : {}),
      title: `The connection to the primary broke ${times} times lately`,
      message: `Streaming began and failed ${times} times, each time after ${lasted}: ${message}`,
      where: source,
      evidence: [
        evidence('streaming lasted', lasted, log),
        evidence(
          `its log says${last.ended.time === undefined ? '' : `, at ${timeText(last.ended.time)}`}`,
          inFull(last.record),
          log,
        ),
        ...more,
      ],
      remedy,
    });
  },
});

const removed = /requested WAL segment \w+ has already been removed/u;

type Facts = JudgedFacts<'now', (typeof facts)[number]>;

/** By the clock of this machine, which the log goes by. */
function primaryLoadedAt({ primary, serverClock }: Facts): Date | undefined {
  const loadedAt = ifSeen(primary)?.loadedAt;
  const offset = ifSeen(serverClock)?.offsetMs;
  return loadedAt === undefined || offset === undefined ? undefined : new Date(loadedAt.getTime() - offset);
}

interface Cause {
  readonly message: string;
  readonly source: Location;
  readonly remedy: Remedy;
  readonly seen?: readonly Evidence[];
}

function causeOf({ isRegular, last }: RepeatedBreaks, seen: Facts): Cause {
  const conninfo = ifSeen(seen.standbyConninfo);
  const parsed = parseConninfo(conninfo?.text ?? '');
  const options = parsed.ok ? (parsed.value.values['options'] ?? '') : '';
  const timeout = ofTimeout.exec(options)?.[0];
  if (conninfo !== undefined && timeout !== undefined) {
    const rest = options.replace(timeout, '').trim();
    const kept = rest === '' ? undefined : rest;
    return {
      message: `primary_conninfo sets ${timeout.replace(/^-c *|--/u, '')} for its own connection, and the primary ends it after that.`,
      source: whereItStands(conninfo),
      remedy: safe(
        'Take it out of the options of primary_conninfo.',
        ...connectWith(seen, { options: kept }, setParameter('options', rest, 'primary_conninfo')),
      ),
    };
  }
  const when =
    last.ended.time === undefined ? 'at the times in the log of the standby' : `at ${timeText(last.ended.time)}`;
  const [, error] = ofPrimary.exec(last.record.message) ?? [];
  if (error !== undefined)
    return {
      message: `the primary ends it with "${error}".`,
      source: at('primary'),
      remedy: safe(
        'Fix the error that the primary reports.',
        manual('primary', `Read what the log of the primary says ${when}: it may give the details of "${error}".`),
      ),
    };
  const words = ifSeen(seen.senderLog);
  const told = words?.records.at(-1);
  if (words !== undefined && told !== undefined) return toldByPrimary(words, told);
  return {
    message: isRegular
      ? 'a timeout ends it, of the primary or of a proxy or a firewall between the two.'
      : 'something ends the connection after the login.',
    source: at('standby'),
    remedy: safe(
      'Find what ends the connection.',
      manual(
        'primary',
        `Read what the log of the primary says ${when}. "terminating walsender process due to replication timeout": raise wal_sender_timeout. Nothing, or "unexpected EOF on standby connection": a proxy, a firewall or a network in between ended it. Raise its idle timeout above the 10 s in which a standby reports (wal_receiver_status_interval), or connect without it.`,
      ),
    ),
  };
}

/** In its log, which the standby never hears. */
function toldByPrimary({ source, records }: SenderWords, told: LogRecord): Cause {
  const isTimeout = told.message.includes('due to replication timeout');
  const isCut = /^(?:unexpected EOF|could not (?:send|receive) data)/u.test(told.message);
  return {
    message: isTimeout
      ? 'the primary ends it, because the standby did not answer within wal_sender_timeout.'
      : isCut
        ? 'to both servers it looks as if the other one had ended it: a proxy, a firewall or the network between the two does.'
        : `the primary ends it: "${told.message}".`,
    source: at(isCut ? 'standby' : 'primary'),
    seen: records.slice(-mostWords).map((record) => evidence("the primary's log", inFull(record), source)),
    remedy: safe(
      'Remove what ends the connection.',
      isTimeout
        ? manual(
            'primary',
            'Raise wal_sender_timeout (the default is 60s). If it is that high already, the network loses packets, or the standby is stopped for that long.',
          )
        : isCut
          ? manual(
              'standby',
              'Raise the idle timeout of the proxy or firewall above the 10 s in which a standby reports (wal_receiver_status_interval), or connect without it.',
            )
          : manual('primary', `Fix what the primary reports in ${source}.`),
    ),
  };
}

const mostWords = 3;

/** Seconds. A standby that streams for less between two breaks is not there when it is needed. */
const longEnough = 60;

/** walreceiver.c: the primary's own last word, behind what the WAL receiver was doing. */
const ofPrimary = /^could not [^:]*: (?:ERROR|FATAL): +(.*)/u;

/** In `options`: `-c name=value` or `--name=value`. */
const ofTimeout = /(?:-c *|--)wal_sender_timeout=\S+/u;
