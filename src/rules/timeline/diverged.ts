import { capitalized } from '../../findings/sentence.ts';
import { ifSeen } from '../../facts/observed.ts';
import type { Evidence } from '../../findings/report.ts';
import type { Timelines } from '../../facts/standby-wal.ts';
import { formatLsn } from '../../postgres/lsn.ts';
import { newCopy } from '../../remedies/new-copy.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { canServe, rewindConditions } from '../../derived/rewind-conditions.ts';
import type { RewindCondition } from '../../derived/rewind-conditions.ts';
import { rewindOrCopy, rewindOrCopyFacts } from '../../remedies/rewind-or-copy.ts';
import { whyNoRewind } from '../../derived/rewind-serves.ts';
import { looksReset } from '../../derived/reset-wal.ts';
import { compareTimelines } from '../../derived/timeline-comparison.ts';
import type { Diverged } from '../../derived/timeline-comparison.ts';

export const diverged = defineRule({
  id: 'timeline/diverged',
  title: 'The standby has diverged from its primary',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs: ['now', 'timelines', 'controlFile'],
  wants: [...rewindOrCopyFacts, 'runningStandby', 'primary', 'primarySettings'],
  explains: [...notStreaming, 'wal/segment-removed', 'wal/invalid-record-loop', 'slot/lost'],
  messages: [
    'highest-timeline-behind',
    'new-timeline-forked-before',
    'start-point-not-in-history',
    'start-point-ahead',
    'requested-timeline-min-recovery',
  ],
  docs: {
    what: "Compares the timeline history in pg_wal with that of the upstream, which it requests over the replication connection. Fails when this standby has WAL that is not part of the upstream's history: it is on its own timeline, or past the point where the upstream left their common timeline, or it wrote to the same timeline as its upstream.",
    why: 'A standby can only append WAL to what it has. Its files contain changes that its primary does not have, and no WAL from the primary can undo them.',
    notes:
      'If both servers wrote to the same timeline (a standby that was started without standby.signal), the server does not always notice, a WAL receiver may even stream, and pg_rewind reports that no rewind is required. This rule compares the end of the WAL, the state in pg_control and, if --admin is a superuser connection, the record at the last checkpoint on both sides. A cascading standby whose upstream is only behind is not reported.',
    references: [
      'src/backend/access/transam/timeline.c: tliSwitchPoint()',
      'src/backend/replication/walsender.c: StartReplication()',
      'pg_rewind: https://www.postgresql.org/docs/current/app-pgrewind.html',
    ],
  },
  judge(facts) {
    const { timelines, dataDirectory, primary } = facts;
    const comparison = compareTimelines(facts);
    switch (comparison.kind) {
      case 'other-system':
        return notApplicable('it is not a copy of that server');
      case 'unknown':
        return unexamined(comparison.why);
      case 'following':
        return pass(
          `both are on timeline ${timelines.upstream.timeline}, this one at ${formatLsn(timelines.local.position)} (${timelines.local.positionFrom}), the upstream at ${formatLsn(timelines.upstream.position)}`,
        );
      case 'before-switch':
        return pass(
          `the upstream left timeline ${timelines.local.timeline} at ${formatLsn(comparison.switchedAt)}, and the standby is at ${formatLsn(timelines.local.position)}`,
        );
      case 'upstream-behind':
        return pass('the upstream is also a standby, and has not reached that position yet');
      case 'diverged':
        break;
    }
    const conditions = rewindConditions(comparison, facts);
    const directory = ifSeen(dataDirectory);
    const source = ifSeen(primary);
    const serves = canServe(conditions) && directory !== undefined && source !== undefined;
    const remedy = serves
      ? rewindOrCopy(
          comparison,
          timelines,
          { ...facts, dataDirectory: directory, primary: source },
          `Rewind it with pg_rewind to the point where the histories diverge${lostText(comparison, ', which discards ')}.`,
        )
      : newCopy(
          facts,
          comparison.why === 'ahead'
            ? 'Make sure that the primary has what it should have, then take a new base backup; the old directory is moved aside.'
            : 'Take a new base backup; the old directory is moved aside.',
        );
    const isReset = facts.controlFile.ok && comparison.fork === undefined && looksReset(facts.controlFile.value);
    return fail({
      title: isReset ? 'pg_resetwal was run on the standby' : titles[comparison.why],
      message: `${isReset ? resetMessage(facts.timelines) : messageOf(comparison, facts.timelines)} ${serves ? 'pg_rewind can fix this.' : whyNoRewind(conditions)}`,
      where: at('standby'),
      evidence: [...historyEvidence(comparison, facts.timelines), ...conditions.map(conditionEvidence)],
      remedy,
    });
  },
});

const titles: Readonly<Record<Diverged['why'], string>> = {
  promoted: 'The standby was promoted and is on its own timeline',
  'past-the-switch': 'The standby is past the point where its primary switched timelines',
  ahead: 'The standby has more WAL than its primary on the same timeline',
  'ran-as-primary': 'The standby wrote its own WAL on the timeline of its primary',
  'other-records': "The standby's WAL differs from its primary's on the same timeline",
  'same-number': 'The standby and its primary are on two timelines of the same number',
  'no-common-timeline': 'The standby and its primary have no timeline in common',
};

function messageOf({ why, fork, lost }: Diverged, { local, upstream }: Timelines): string {
  const here = `This directory is on timeline ${local.timeline} at ${formatLsn(local.position)}`;
  const parted =
    fork === undefined ? '' : ` The histories diverge at ${formatLsn(fork.lsn)} on timeline ${fork.timeline}`;
  const only = lost === undefined ? '' : `${amount(lost)} of WAL exist only on the standby.`;
  const alone = capitalized(only);
  switch (why) {
    case 'promoted':
      return `${here}, which its primary (on timeline ${upstream.timeline}) does not have: it was promoted.${parted}; ${only}`;
    case 'past-the-switch':
      return `${here}. Its primary left that timeline at ${formatLsn(fork?.lsn ?? local.position)} and is now on timeline ${upstream.timeline}: ${only}`;
    case 'ahead':
      return `${here}, but its primary is on the same timeline at only ${formatLsn(upstream.position)}: ${only} Either the primary was put back to an earlier state (a restored backup or snapshot, storage that lost writes), and what it lost is only here; or this server once wrote as a primary.`;
    case 'ran-as-primary':
      return `${here}, and so is its primary, but this server also ran as a primary and wrote to the same timeline.${alone === '' ? '' : ` ${alone}`}`;
    case 'other-records':
      return `${here}, like its primary, but their WAL differs at its last checkpoint (${formatLsn(local.checkpoint.location)}): both wrote to this timeline.${alone === '' ? '' : ` ${alone}`}`;
    case 'same-number':
      return `${here}, and its primary is on another timeline of that number: two servers were promoted.${parted}; ${only}`;
    case 'no-common-timeline':
      return `${here}, its primary on timeline ${upstream.timeline}, and their histories share no timeline.`;
  }
}

const resetMessage = ({ local }: Timelines): string =>
  `pg_resetwal has put a checkpoint of its own at ${formatLsn(local.checkpoint.location)} in place of the WAL that was here, and set the level of the WAL to minimal. What was not yet written to the data files is lost, and the WAL of the primary does not continue from there.`;

const bounds = { exact: '', 'at-least': 'at least ', 'at-most': 'at most ' } as const;

const amount = ({ bytes: count, bound }: NonNullable<Diverged['lost']>): string =>
  `${bounds[bound]}${formatBytes(count)}`;

const lostText = ({ lost }: Diverged, before: string): string =>
  lost === undefined ? '' : `${before}${amount(lost)} of WAL`;

const conditionEvidence = ({ what, holds, says }: RewindCondition): Evidence =>
  evidence(
    `pg_rewind requires: ${what}`,
    `${holds === undefined ? 'unknown' : holds ? 'yes' : 'no'}: ${says}`,
    'pg_rewind.c',
  );

const historyEvidence = ({ fork }: Diverged, { local, upstream }: Timelines): readonly Evidence[] => [
  evidence('this standby', `timeline ${local.timeline}, ${formatLsn(local.position)}`, local.positionFrom),
  evidence('the upstream', `timeline ${upstream.timeline}, ${formatLsn(upstream.position)}`, 'IDENTIFY_SYSTEM'),
  ...(fork === undefined
    ? []
    : [
        evidence(
          'the histories diverge',
          `${formatLsn(fork.lsn)} on timeline ${fork.timeline}`,
          'both timeline histories',
        ),
      ]),
];
