import { posix } from 'node:path';

import { ifSeen } from '../../facts/observed.ts';
import { formatLsn, historyFileName } from '../../postgres/lsn.ts';
import { isAncestor } from '../../postgres/timeline-history.ts';
import { backupName } from '../../remedies/edit-file.ts';
import { disruptive, safe } from '../../remedies/remedy.ts';
import { moved } from '../../remedies/reversible.ts';
import { restart } from '../../remedies/server-control.ts';
import { inForce } from '../../derived/in-force.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { LocalWal } from '../../facts/standby-wal.ts';
import type { Fault } from '../../findings/judgement.ts';
import { intoUse } from '../../remedies/signal-file.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';
import { compareTimelines } from '../../derived/timeline-comparison.ts';

export const strayHistoryFile = defineRule({
  id: 'timeline/stray-history-file',
  title: 'A stray history file leads recovery to the wrong timeline',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now', 'timelines', 'controlFile', 'localWal'],
  wants: ['archive', 'dataDirectory', 'runningStandby', 'standbyConfiguration', 'standbyControl'],
  explains: [
    ...notStreaming,
    'standby/not-running',
    'log/message',
    'timeline/diverged',
    'timeline/behind-primary-switch',
    'wal/invalid-record-loop',
  ],
  messages: ['new-target-timeline', 'requested-timeline-not-child'],
  docs: {
    what: "Looks in pg_wal, and in the directory that restore_command reads from, for `.history` files of timelines that are higher than the primary's and not part of its history; and in pg_wal for those that a server cannot read: emptied, cut off or overwritten.",
    why: 'With `recovery_target_timeline = latest`, recovery follows the highest timeline for which it finds a history file, one number after the other. A file that cannot be read ends the start of the server. One file that a test promotion left in a shared archive is enough: every standby that reads it switches to a timeline without a primary.',
    notes:
      'If this server itself was promoted, see timeline/diverged. While a cascading standby waits for its upstream to reach a new timeline, the file is correct.',
    references: [
      'src/backend/access/transam/timeline.c: findNewestTimeLine()',
      'src/backend/access/transam/xlogarchive.c: RestoreArchivedFile()',
    ],
  },
  judge(facts) {
    const { timelines, localWal, archive, now } = facts;
    const { upstream, local } = timelines;
    if (!timelines.sameSystem) return notApplicable('it is not a copy of that server');
    if (timelines.upstreamInRecovery === true)
      return notApplicable('the upstream is also a standby, and may follow to that timeline');
    // on its own timeline a server needs no ancestors, and of timeline 1 it reads no file (timeline.c, readTimeLineHistory)
    const damaged = localWal.histories.filter(
      ({ damaged: isDamaged, history, timeline }) =>
        isDamaged === true &&
        (timeline > local.timeline || (history === undefined && timeline === local.timeline && timeline > 1)),
    );
    if (damaged.length > 0) return fail(cannotBeRead(damaged, facts));
    const target = inForce('recovery_target_timeline', facts);
    if (target !== undefined && target.value !== 'latest')
      return notApplicable(`recovery_target_timeline is ${target.value}: recovery does not look for the latest one`);
    const archived = ifSeen(archive);
    const isStray = ({ timeline }: { readonly timeline: typeof local.timeline }): boolean =>
      timeline > upstream.timeline && !isAncestor(upstream.history, timeline);
    const inArchive = (archived?.histories ?? []).filter(isStray);
    // a server that was promoted writes the file itself, which is no stray one
    const comparison = compareTimelines(facts);
    const own = comparison.kind === 'diverged' && !inArchive.some(({ timeline }) => timeline === local.timeline);
    const inWal = localWal.histories.filter(isStray).filter(({ timeline }) => !own || timeline !== local.timeline);
    const highest = [...inArchive, ...inWal].toSorted((a, b) => b.timeline - a.timeline)[0];
    if (highest === undefined)
      return pass(
        `no history file of a timeline above ${upstream.timeline} is in pg_wal${archived?.listed === true ? ` or in ${archived.directory ?? 'the archive'}` : ''}`,
      );
    const followed = local.timeline > upstream.timeline;
    const streams = ifSeen(facts.runningStandby)?.receiver?.status === 'streaming';
    const files = [
      ...inArchive.map(({ timeline }) => posix.join(archived?.directory ?? '', historyFileName(timeline))),
      ...inWal.map(({ timeline }) => posix.join(localWal.path, historyFileName(timeline))),
    ];
    const parted = highest.history?.at(-1)?.begin;
    const control = ifSeen(facts.standbyControl);
    const moves = files.map((file) => moved('standby', file, backupName(file, now)));
    return fail({
      severity: streams ? 'warning' : 'error',
      message: `${files.join(' and ')} ${files.length === 1 ? 'exists' : 'exist'}, but the primary is on timeline ${upstream.timeline}: recovery ${followed ? 'switched' : 'switches'} to timeline ${highest.timeline}, which has no primary.${streams ? ' The standby is still streaming; when its connection breaks, or it restarts, it switches to that timeline.' : ''}`,
      where: at('standby', undefined, files[0]),
      evidence: [
        evidence('the primary', `timeline ${upstream.timeline}`, 'IDENTIFY_SYSTEM'),
        evidence('this standby', `timeline ${local.timeline}, ${formatLsn(local.position)}`, local.positionFrom),
        ...(parted === undefined || parted === null
          ? []
          : [evidence(`timeline ${highest.timeline} begins`, formatLsn(parted), files[0] ?? '')]),
      ],
      remedy: streams
        ? safe('Move the file aside.', ...moves)
        : disruptive(
            'Move the file aside, and restart the standby.',
            ...moves,
            ...(control === undefined ? [] : [restart('standby', control.control)]),
          ),
    });
  },
});

type Facts = JudgedFacts<
  'now' | 'timelines' | 'localWal',
  'dataDirectory' | 'runningStandby' | 'standbyControl' | 'standbyConfiguration'
>;

/** The WAL receiver asks for each history file that is not there (walreceiver.c, WalRcvFetchTimeLineHistoryFiles). */
function cannotBeRead(damaged: LocalWal['histories'], facts: Facts): Fault {
  const { timelines, localWal, now } = facts;
  const { upstream } = timelines;
  const files = damaged.map(({ timeline }) => posix.join(localWal.path, historyFileName(timeline)));
  const isOne = files.length === 1;
  const comes = damaged.every(({ timeline }) => timeline <= upstream.timeline) && !upstream.historyMissing;
  const directory = ifSeen(facts.dataDirectory);
  const control = ifSeen(facts.standbyControl);
  const runs = ifSeen(facts.runningStandby) !== undefined;
  return {
    title: isOne ? 'A history file in pg_wal is damaged' : 'History files in pg_wal are damaged',
    message: `${files.join(' and ')} ${isOne ? 'does' : 'do'} not name the timelines before ${isOne ? 'its own' : 'their own'}. Recovery reads ${isOne ? 'it' : 'them'} to find its timeline, and the server stops there.`,
    where: at('standby', undefined, files[0]),
    evidence: files.map((file) => evidence(file, 'not a history file', 'read as the server reads it')),
    ...(runs ? {} : { isFailedStart: true as const }),
    remedy: safe(
      `Move ${isOne ? 'the file' : 'the files'} aside.${comes ? ` The standby receives ${isOne ? 'it' : 'them'} again from its primary.` : ''}`,
      ...files.map((file) => moved('standby', file, backupName(file, now))),
      ...(runs && control !== undefined
        ? [restart('standby', control.control)]
        : directory === undefined
          ? []
          : [intoUse(facts.standbyControl, directory)]),
    ),
  };
}
