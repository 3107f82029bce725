import { ifSeen } from '../../facts/observed.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const invalidRecordLoop = defineRule({
  id: 'wal/invalid-record-loop',
  title: 'Recovery repeatedly stops at the same WAL position',
  severity: 'warning',
  commands: ['postmortem'],
  needs: [],
  wants: ['serverLog', 'runningStandby'],
  explains: ['streaming/stalled', 'streaming/replay-stuck'],
  messages: ['invalid-record-length', 'record-incorrect-prev-link', 'unexpected-pageaddr'],
  docs: {
    what: 'Counts the messages about invalid records at the same WAL position since the last start of the standby. Warns at three or more if the standby did not stream steadily afterwards.',
    why: 'One such message is normal: this is how recovery finds the end of its WAL before it connects to its primary. Repeated messages mean that the WAL from the primary does not match the existing WAL: it has another history, or is damaged.',
    notes:
      'The single "invalid record length … wanted 24, got 0" (or "expected at least 24, got 0") after a start is normal and not reported. A standby whose connection breaks writes one each time, further along.',
    references: [
      'src/backend/access/transam/xlogrecovery.c: ReadRecord()',
      'src/backend/access/transam/xlogreader.c: ValidXLogRecordHeader()',
    ],
  },
  judge({ serverLog, runningStandby }) {
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

const often = 3;
const endOfValid =
  /^(?:invalid-record-length|record-incorrect-prev-link|invalid-magic-number|unexpected-pageaddr)(?:-old)?$/u;
