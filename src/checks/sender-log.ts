import { ifSeen, notApplicable } from '../facts/observed.ts';
import { defineCheck } from './check.ts';
import { senderWords } from './primary/sender-log.ts';
import { noStandbyYet } from './subject.ts';

/** Where the streams of the standby break again and again: what its primary says of them, which the standby never hears. */
export const senderLogCheck = defineCheck({
  brings: ['senderLog'],
  after: ['serverLog', 'primaryDataDirectory'],
  async look({ serverLog, primaryDataDirectory }, surroundings) {
    if (surroundings.subject.command !== 'postmortem') return { senderLog: noStandbyYet };
    const breaks = ifSeen(serverLog)?.summary.brokenStreams.slice(-mostBreaks) ?? [];
    const since = breaks[0]?.ended.time;
    if (breaks.length < mostBreaks || since === undefined)
      return { senderLog: notApplicable('no series of streams that broke') };
    return { senderLog: await senderWords(since, { primaryDataDirectory }, surroundings) };
  },
});

/** The latest of them tell enough. */
const mostBreaks = 3;
