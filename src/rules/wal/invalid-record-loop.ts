import { ifSeen } from '../../facts/observed.ts';
import { at, manual, safe } from '../../remedies/remedy.ts';
import { defineRule, evidence, fail, notApplicable, pass, unexamined } from '../rule.ts';

export const invalidRecordLoop = defineRule({
  id: 'wal/invalid-record-loop',
  title: 'Recovery stops at the same place of the WAL again and again',
  severity: 'warning',
  commands: ['postmortem'],
  needs: [],
  wants: ['serverLog', 'runningStandby'],
  explains: ['streaming/stalled', 'streaming/replay-stuck'],
  says: [
    'invalid record length at %s',
    'record with incorrect prev-link %s at %s',
    'unexpected pageaddr %s in WAL segment %s',
  ],
  docs: {
    what: 'Counts, since the last start of the standby, the messages of recovery that it found no valid record, and warns from the third on when the standby did not begin to stream for good afterwards.',
    why: 'Once is how recovery learns that it has come to the end of its WAL; it then turns to its primary. Again and again means that what the primary sends does not fit what is there: WAL of another history, or damaged.',
    notes:
      'The single "invalid record length … wanted 24, got 0" (or "expected at least 24, got 0") after a start is normal, and no finding.',
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
    const count = found.reduce((sum, { sinceStart }) => sum + sinceStart, 0);
    const last = found.toSorted((a, b) => b.last.position - a.last.position)[0];
    if (last === undefined || count < often)
      return pass(
        count === 0
          ? 'recovery came to no such place since the last start'
          : `recovery came to the end of its WAL ${count === 1 ? 'once' : 'twice'} since the last start, which is normal`,
      );
    const { streaming } = summary;
    const recovered = streaming !== undefined && streaming.goesOn && streaming.position > last.last.position;
    if (recovered || ifSeen(runningStandby)?.receiver?.status === 'streaming') return pass('the standby streams since');
    return fail({
      message: `Recovery found no valid record ${count} times since the last start, and has not gone on: what is sent does not fit the WAL that is there.`,
      where: at('standby'),
      evidence: [
        evidence('the last of them', last.record.message, serverLog.source),
        evidence('how often', String(count), 'since the last start'),
      ],
      remedy: safe(
        'Hold both histories against each other.',
        manual(
          'standby',
          'Run this again with --admin CONNINFO of a superuser on the primary: the records at the last checkpoint are then compared on both sides. Where they differ, a new copy is needed.',
        ),
      ),
    });
  },
});

const often = 3;
const endOfValid =
  /^(?:invalid-record-length|record-incorrect-prev-link|invalid-magic-number|unexpected-pageaddr)(?:-old)?$/u;
