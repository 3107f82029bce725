import { ifSeen } from '../../facts/observed.ts';
import type { JudgedFacts } from '../../facts/facts.ts';
import type { Remedy } from '../../findings/report.ts';
import type { Sighting } from '../../postgres/log/sightings.ts';
import { parseLsn } from '../../postgres/lsn.ts';
import { neededWal, supplyOf } from '../../derived/needed-wal.ts';
import { compareTimelines } from '../../derived/timeline-comparison.ts';
import { newCopy, newCopyFacts } from '../../remedies/new-copy.ts';
import { disruptive, manual, safe } from '../../remedies/remedy.ts';
import { restart } from '../../remedies/server-control.ts';
import { notStreaming, replayStands } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

const wants = [
  ...newCopyFacts,
  'serverLog',
  'runningStandby',
  'timelines',
  'controlFile',
  'localWal',
  'primaryWal',
  'archive',
  'primaryArchive',
] as const;
type Facts = JudgedFacts<'now', (typeof wants)[number]>;

export const invalidRecordLoop = defineRule({
  id: 'wal/invalid-record-loop',
  title: 'Recovery repeatedly stops at the same WAL position',
  severity: 'warning',
  commands: ['postmortem'],
  needs: ['now'],
  wants,
  explains: [...notStreaming, ...replayStands, 'streaming/stalled'],
  messages: ['invalid-record-length', 'record-incorrect-prev-link', 'unexpected-pageaddr', 'rmgr-checksum'],
  docs: {
    what: 'Counts the messages about invalid records at the same WAL position since the last start of the standby. Warns at three or more if the standby did not stream steadily afterwards. It is an error if the primary has written past that position, so that a record in the middle of the WAL is damaged.',
    why: 'One such message is normal: this is how recovery finds the end of its WAL before it connects to its primary. Repeated messages mean that the WAL from the primary does not match the existing WAL: it has another history, or is damaged. A standby that runs reads the same segment again; after a restart it fetches that segment again, so that a record that is damaged again then is damaged on the primary.',
    notes:
      'The single "invalid record length … wanted 24, got 0" (or "expected at least 24, got 0") after a start is normal and not reported. A standby whose connection breaks writes one each time, further along.',
    references: [
      'src/backend/access/transam/xlogrecovery.c: ReadRecord()',
      'src/backend/access/transam/xlogreader.c: ValidXLogRecordHeader()',
    ],
  },
  judge(facts) {
    const { serverLog, runningStandby } = facts;
    if (serverLog.status === 'not-applicable') return notApplicable(serverLog.why);
    if (serverLog.status === 'unseen') return unexamined(serverLog.why);
    const { summary } = serverLog.value;
    const found = summary.sightings.filter(({ recognition }) => endOfValid.test(recognition.id));
    const count = found.reduce((sum, { inPlace }) => sum + inPlace, 0);
    const last = found.toSorted((a, b) => b.last.position - a.last.position)[0];
    if (last === undefined || count < often)
      return pass(
        count === 0
          ? 'recovery found no invalid record since the last start'
          : `recovery reached the end of its WAL ${count === 1 ? 'once' : 'twice'} since the last start, which is normal`,
      );
    const { streaming } = summary;
    const recovered = streaming !== undefined && streaming.goesOn && streaming.position > last.last.position;
    if (recovered || ifSeen(runningStandby)?.receiver?.status === 'streaming')
      return pass('the standby has been streaming since then');
    const damaged = damagedRecord(last, facts);
    if (damaged !== undefined)
      return fail({
        title: 'A WAL record that the standby needs is damaged',
        severity: 'error',
        message: `Recovery stops at ${damaged.at} again and again ("${last.record.message}"), while the primary has written past it: ${
          damaged.wasFetched
            ? 'the standby was restarted and fetched the segment again, and the record is damaged there, too. What the primary has of it is damaged, and no standby gets past it.'
            : 'the segment is damaged on this standby, or on the primary.'
        }`,
        where: at('standby'),
        evidence: [
          evidence('the last of them', last.record.message, serverLog.source),
          evidence('how often', String(count), 'since the last start'),
        ],
        remedy: damaged.wasFetched ? newCopy(facts) : fetchedAgain(facts),
      });
    return fail({
      message: `Recovery found no valid record ${count} times since the last start and does not continue: the received WAL does not match the existing WAL.`,
      where: at('standby'),
      evidence: [
        evidence('the last of them', last.record.message, serverLog.source),
        evidence('how often', String(count), 'since the last start'),
      ],
      remedy: safe(
        'Compare both histories.',
        manual(
          'standby',
          'Run standbylint again with --admin CONNINFO, a superuser connection to the primary: it then compares the records at the last checkpoint on both sides. If they differ, the standby needs a new base backup.',
        ),
      ),
    });
  },
});

/** In the middle of the WAL: what a server finds at the end of it looks the same, and there the primary has no more. */
function damagedRecord({ record, inPlaceBefore }: Sighting, facts: Facts) {
  const [, at] = / at ([0-9A-F]+\/[0-9A-F]+)$/u.exec(record.message.replace(/:.*/u, '')) ?? [];
  const position = at === undefined ? undefined : parseLsn(at);
  const timelines = ifSeen(facts.timelines);
  const controlFile = ifSeen(facts.controlFile);
  if (at === undefined || position === undefined || timelines === undefined || controlFile === undefined)
    return undefined;
  const seen = { ...facts, timelines, controlFile };
  const { kind } = compareTimelines(seen);
  if (kind !== 'following' && kind !== 'before-switch') return undefined;
  if (timelines.upstream.position <= position) return undefined;
  const needed = neededWal(seen);
  // where nobody has that WAL any more, that is the fault
  if (needed === undefined || supplyOf(needed, seen).from === 'nowhere') return undefined;
  return { at, wasFetched: inPlaceBefore >= often };
}

/** xlogrecovery.c, WaitForWALToBecomeAvailable: what was received before a restart counts as received, and is not asked for again. */
const fetchedAgain = ({ standbyControl }: Facts): Remedy =>
  disruptive(
    'Restart the standby: it fetches the segment again. If recovery stops at the same record then, the primary has it damaged, and the next run says so.',
    restart('standby', ifSeen(standbyControl)?.control ?? { kind: 'unknown' }),
  );

const often = 3;
const endOfValid =
  /^(?:invalid-record-length|record-incorrect-prev-link|invalid-magic-number|unexpected-pageaddr|rmgr-checksum|invalid-rmgr-id|invalid-contrecord-length|no-contrecord-flag)(?:-old)?$/u;
