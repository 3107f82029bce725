import { posix } from 'node:path';

import type { Step } from '../../findings/report.ts';
import { ifSeen } from '../../facts/observed.ts';
import { integerOf } from '../../facts/settings.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { parseInteger } from '../../postgres/settings.ts';
import { editFile } from '../../remedies/edit-file.ts';
import { newCopyFacts, newCopySteps, valueOf } from '../../remedies/new-copy.ts';
import type { NewCopySeen } from '../../remedies/new-copy.ts';
import { destructive } from '../../remedies/remedy.ts';
import { notStreaming } from '../consequences.ts';
import { at, defineRule, evidence, fail, notApplicable, pass } from '../rule.ts';

export const segmentSizeDiffers = defineRule({
  id: 'wal/segment-size-differs',
  title: 'The primary has WAL segments of another size',
  severity: 'error',
  commands: ['postmortem'],
  needs: ['now', 'controlFile', 'primarySettings'],
  wants: [...newCopyFacts, 'timelines'],
  explains: [
    ...notStreaming,
    'streaming/stalled',
    'streaming/breaks-repeatedly',
    'wal/segment-removed',
    'wal/segment-damaged',
    'wal/gap',
    'wal/invalid-record-loop',
  ],
  messages: ['wal-different-segment-size'],
  docs: {
    what: "Compares the size of a WAL segment in the standby's global/pg_control with wal_segment_size on the primary.",
    why: '`pg_resetwal --wal-segsize` changes the size on the primary, and keeps the system identifier. The names of segments mean other positions from then on: the standby cannot read what the primary writes.',
    notes:
      'min_wal_size and max_wal_size must be at least twice the size of a segment. If the configuration of the standby has less, no server starts with it: the steps set them.',
    references: [
      'pg_resetwal: https://www.postgresql.org/docs/current/app-pgresetwal.html',
      'src/backend/access/transam/xlog.c: ReadControlFile()',
    ],
  },
  judge(facts) {
    const { controlFile, primarySettings } = facts;
    if (!controlFile.ok) return notApplicable('global/pg_control cannot be read');
    if (ifSeen(facts.timelines)?.sameSystem === false) return notApplicable('it is not a copy of that server');
    const own = controlFile.value.walSegmentSize;
    const there = integerOf(primarySettings, 'wal_segment_size');
    if (there === undefined) return notApplicable('wal_segment_size of the primary is not known');
    if (there === own) return pass(`both have WAL segments of ${formatBytes(BigInt(own))}`);
    const [here, other] = [formatBytes(BigInt(own)), formatBytes(BigInt(there))];
    return fail({
      title: `The primary has WAL segments of ${other}, the standby of ${here}`,
      message: `The primary has WAL segments of ${other}, but this standby has segments of ${here}: the size was changed on the primary after the standby was made. The standby cannot read the primary's WAL.`,
      where: at('standby'),
      evidence: [
        evidence('this standby', `${own} bytes`, 'global/pg_control'),
        evidence('wal_segment_size', `${there} bytes`, 'pg_settings of the primary'),
      ],
      remedy: destructive(
        'Take a new base backup of the primary; the old directory is moved aside.',
        ...withRoomForTwo(newCopySteps(facts), facts, there),
      ),
    });
  },
});

/** xlog.c, ReadControlFile: a server does not start where either is less than two segments; what is set here stays as the copy has it. */
function withRoomForTwo(steps: readonly Step[], seen: NewCopySeen, segment: number): readonly Step[] {
  const configuration = valueOf(seen.standbyConfiguration);
  const path = valueOf(seen.dataDirectory)?.path;
  const needed = (2 * segment) / (1024 * 1024);
  const lines = ['min_wal_size', 'max_wal_size'].flatMap((name) => {
    const text = configuration?.files.settings.get(name)?.value;
    const value = text === undefined ? undefined : parseInteger(text, 'MB');
    return value === undefined || value >= needed ? [] : [`${name} = '${needed}MB'`];
  });
  const last = steps.at(-1);
  if (lines.length === 0 || path === undefined || last === undefined || steps.length < 2) return steps;
  const file = posix.join(path, 'postgresql.auto.conf');
  const written = configuration?.written?.get(file);
  return [...steps.slice(0, -1), editFile('standby', { file, now: seen.now, written }, { act: 'append', lines }), last];
}
