import { ifSeen, seen } from '../../facts/observed.ts';
import { newCopy } from '../../remedies/new-copy.ts';
import { at } from '../../remedies/remedy.ts';
import { rewindOrCopy, rewindOrCopyFacts } from '../timeline/rewind-or-copy.ts';
import { rewindFacts, rewindServes } from '../timeline/rewind-serves.ts';
import { defineRule, evidence, fail, pass, unexamined } from '../rule.ts';
import { notStreaming } from '../streaming/consequences.ts';
import { pastEvidence, pastOf } from './past.ts';
import { roleNow } from './role-now.ts';
import { meantAsStandby, runsAsPrimary } from './signal.ts';

export const alreadyPrimary = defineRule({
  id: 'standby/already-primary',
  title: 'This server is a primary',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['dataDirectory', 'controlFile', 'now'],
  wants: [...rewindOrCopyFacts, ...rewindFacts],
  explains: [...notStreaming, 'timeline/diverged', 'timeline/two-primaries', 'conninfo/not-applied'],
  says: ['selected new timeline ID', 'received promote request', 'cannot execute %s during recovery'],
  docs: {
    what: 'Fails when the server that runs is not in recovery, or when the control file and the timelines show that it was promoted.',
    why: 'It has a history of its own from then on, and can follow its former primary again only after pg_rewind or as a new copy. While both accept writes, somebody writes to the wrong one.',
    notes:
      'A promotion that was meant is no fault: then this is the primary, and the other one is what must be made a standby. A promoted server has a timeline of its own, even when nobody wrote to it.',
    references: ['PostgreSQL manual, section 26.3, Failover', 'access/transam/xlog.c, StartupXLOG()'],
  },
  judge(facts) {
    const { dataDirectory, controlFile, runningStandby } = facts;
    const past = pastOf(facts);
    const runs = runsAsPrimary(runningStandby);
    const role = roleNow(facts);
    if (role === 'unknown')
      return unexamined({
        kind: 'connection',
        because: `the server on ${dataDirectory.path} accepts no session, and its files do not show whether it is in recovery`,
        remedy: 'run this again when it has reached a consistent state',
      });
    if (role !== 'primary' && past.kind !== 'promoted')
      return pass(
        ifSeen(runningStandby)?.inRecovery === true
          ? 'pg_is_in_recovery() says that it is a standby'
          : past.kind === 'never-started'
            ? 'it is a base backup that has not begun to recover yet (backup_label is there)'
            : controlFile.ok
              ? `its control file says: ${controlFile.value.state}`
              : 'no server runs on it',
      );
    const meant = meantAsStandby(facts.standbyConninfo, facts.standbyConfiguration);
    const primary = ifSeen(facts.primary);
    const how =
      past.kind === 'promoted'
        ? `It was promoted: ${past.because}.`
        : meant === undefined
          ? 'It runs as a primary, and nothing in its settings says that it is to be a standby.'
          : 'It runs as a primary: it accepts writes that its primary never sees.';
    const rewinding = rewindServes({ ...facts, dataDirectory: seen(dataDirectory, dataDirectory.path) });
    const rewinds =
      past.kind === 'promoted' && rewinding.serves && primary !== undefined && dataDirectory.major === primary.major;
    return fail({
      message: `${how} ${meant === undefined ? 'If -D names the right directory, look at the other server.' : `If that was meant, ${primary === undefined ? 'its former primary' : primary.name} is what must become a standby now; if not, what was written here is given up with the steps below.`}`,
      where: at('standby', undefined, dataDirectory.path),
      evidence: [...(runs ? [evidence('pg_is_in_recovery()', 'false', 'the server')] : []), ...pastEvidence(facts)],
      remedy: rewinds
        ? rewindOrCopy(
            rewinding.standing,
            rewinding.timelines,
            { ...facts, primary },
            'Wind it back with pg_rewind and let it follow its primary again.',
          )
        : newCopy(facts),
    });
  },
});
