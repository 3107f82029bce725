import { ifSeen } from '../../facts/observed.ts';
import type { SpoiledSegment } from '../../facts/standby-wal.ts';
import type { Step } from '../../findings/report.ts';
import { moved } from '../../remedies/reversible.ts';
import { disruptive } from '../../remedies/remedy.ts';
import { start, stop } from '../../remedies/server-control.ts';
import { compareTimelines } from '../../derived/timeline-comparison.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { contentOf } from '../../derived/segment-content.ts';
import { neededWal, supplyOf } from '../../derived/needed-wal.ts';
import type { JudgedFacts } from '../../facts/facts.ts';

const needs = ['now', 'localWal', 'controlFile'] as const;
const wants = [
  'timelines',
  'dataDirectory',
  'standbyConfiguration',
  'standbyControl',
  'runningStandby',
  'primaryWal',
  'slots',
  'archive',
  'primaryArchive',
] as const;
type Facts = JudgedFacts<(typeof needs)[number], (typeof wants)[number]>;

export const segmentDamaged = defineRule({
  id: 'wal/segment-damaged',
  title: 'A WAL segment of the standby is damaged',
  severity: 'error',
  endangersData: true,
  commands: ['postmortem'],
  needs,
  wants,
  explains: [...notStreaming, ...replayStands, 'streaming/stalled', 'wal/invalid-record-loop', 'wal/gap'],
  messages: ['short-read-wal-segment', 'walsender-short-read-segment-old'],
  docs: {
    what: 'Reads the size and the first page of the segments in pg_wal from where recovery begins. Fails if a segment is empty, too short, from another cluster, or not WAL at all.',
    why: 'Recovery cannot read such a segment. The WAL receiver writes into the existing file, which is not complete until the primary has filled that segment: the standby requests it again and again.',
    notes:
      'After a power failure, a file system can leave new files empty; an interrupted copy leaves short files. A segment full of zeros, or of the pages of an earlier segment, was created in advance and is not damaged. If neither the primary nor an archive has the WAL of the damaged segment, see wal/gap and wal/segment-removed.',
    references: [
      'src/backend/access/transam/xlogrecovery.c: XLogPageRead()',
      'src/include/access/xlog_internal.h: XLogLongPageHeaderData',
    ],
  },
  judge(facts) {
    const { localWal } = facts;
    const { path, state, spoiled } = localWal;
    if (state !== 'directory') return notApplicable(`${path} is not a directory`);
    const reached = ifSeen(facts.runningStandby)?.replay.replayedLsn;
    const size = BigInt(localWal.segmentSize ?? 0);
    const ahead = spoiled.filter((one) => reached === undefined || one.start + size > reached);
    const [first] = ahead.toSorted((a, b) => (a.start < b.start ? -1 : 1));
    if (first === undefined)
      return pass(`the segments in ${path} from where recovery begins have the size and header of a WAL segment`);
    if (ifSeen(facts.runningStandby)?.inRecovery === false)
      return notApplicable('the server is not in recovery, and writes its own WAL');
    const seen = seenOf(facts);
    const comparison = seen === undefined ? undefined : compareTimelines(seen);
    if (comparison?.kind === 'diverged' || comparison?.kind === 'other-system')
      return notApplicable('the standby has diverged or belongs to another cluster');
    const needed = seen && neededWal(seen);
    const supply = seen === undefined || needed === undefined ? undefined : supplyOf(needed, seen);
    if (supply === undefined) return unexamined(whyUnknown(facts));
    if (supply.from === 'nowhere')
      return notApplicable(
        `neither the primary nor an archive has the WAL of ${first.name}: see wal/gap and wal/segment-removed`,
      );
    if (supply.from === 'archive' && supply.proposed)
      return notApplicable(
        `only an archive that the standby does not read has the WAL of ${first.name}: see wal/segment-removed`,
      );
    if (supply.from === 'unknown') return unexamined(supply.why);
    const more = ahead.length - 1;
    const source = supply.from === 'primary' ? 'The primary has' : 'The archive has';
    return fail({
      title: `WAL segment ${first.name} on the standby is ${word[first.content]}`,
      message: `${path}/${first.name} ${contentOf(first, localWal.segmentSize)}${more === 0 ? '' : `, and ${more} more are damaged`}: recovery cannot continue. ${source} this WAL.`,
      where: at('standby', undefined, `${path}/${first.name}`),
      evidence: [
        ...ahead.slice(0, mostShown).map((one) => evidence(one.name, contentOf(one, localWal.segmentSize), path)),
        evidence(
          'the same WAL',
          supply.from === 'primary' ? supply.because : 'restore_command can fetch it',
          'where it still exists',
        ),
      ],
      remedy: disruptive(
        `Move the damaged ${more === 0 ? 'segment' : 'segments'} aside: the standby fetches ${more === 0 ? 'it' : 'them'} again.`,
        ...aside(facts, ahead),
      ),
    });
  },
});

const mostShown = 5;

/** In pg_wal itself, under names that the server does not read: that needs no room, and takes nothing away. */
function aside({ now, localWal, standbyControl }: Facts, ahead: readonly SpoiledSegment[]): readonly Step[] {
  const { control, running } = ifSeen(standbyControl) ?? { control: { kind: 'unknown' } as const, running: true };
  const day = now.toISOString().slice(0, 19).replaceAll(':', '');
  return [
    ...(running ? [stop('standby', control)] : []),
    ...ahead.map(({ name }) => moved('standby', `${localWal.path}/${name}`, `${localWal.path}/${name}.damaged-${day}`)),
    start('standby', control),
  ];
}

function seenOf(facts: Facts) {
  const timelines = ifSeen(facts.timelines);
  const localWal = { status: 'seen', value: facts.localWal, source: facts.localWal.path } as const;
  return timelines === undefined ? undefined : { ...facts, timelines, localWal };
}

const whyUnknown = ({ timelines }: Facts) =>
  timelines.status === 'unseen'
    ? timelines.why
    : ({ kind: 'connection', because: 'it is not known which WAL the primary has' } as const);

const word: Readonly<Record<SpoiledSegment['content'], string>> = {
  empty: 'empty',
  short: 'too short',
  long: 'too long',
  'of-another-cluster': 'of another cluster',
  'of-another-timeline': 'of another timeline',
  'not-wal': 'not WAL',
};
