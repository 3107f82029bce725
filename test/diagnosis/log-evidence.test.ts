import { expect, it } from 'vitest';

import { withLogEvidence } from '../../src/diagnosis/log-evidence.ts';
import { seen } from '../../src/facts/observed.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { aLogUntil } from '../rules/a-log.ts';
import { aConfiguration, aDataDirectory } from '../rules/standby-world.ts';
import { now } from '../rules/world.ts';

const fault = { message: 'it does not start', where: { side: 'standby' }, evidence: [], isFailedStart: true } as const;

const facts = (changedAt: Date) => ({
  dataDirectory: seen(aDataDirectory(), ''),
  standbyConfiguration: seen({ ...aConfiguration([]), changed: { file: '/data/postgresql.conf', at: changedAt } }, ''),
  serverLog: seen(
    aLogUntil(now, [
      'LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit',
      'FATAL:  could not access file "timescaledb": No such file or directory',
    ]),
    '',
  ),
});

it.each([
  ['the log alone speaks of', 'log/message', 'passed'],
  ['a rule has found in a file, too', 'standby/incomplete-backup', 'failed'],
])('once the configuration was changed, what %s is %s: %s', (_, id, outcome) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a rule only its id is looked at
  const rule = { id, messages: [] } as unknown as AnyRule;
  const judged = [{ rule, result: { outcome: 'failed', faults: [fault] } }] as const;
  const after = (at: Date) => withLogEvidence(judged, facts(at)).map(({ result }) => result.outcome);
  expect(after(new Date(now.getTime() + 60_000))).toEqual([outcome]);
  expect(after(new Date(now.getTime() - 3_600_000))).toEqual(['failed']);
});
