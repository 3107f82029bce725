import type { Looked } from '../../src/diagnosis/diagnose.ts';
import { diagnosisOf } from '../../src/diagnosis/diagnose.ts';
import { publicReport } from '../../src/cli/output/report-output.ts';
import type { Report } from '../../src/findings/report.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { formatNames, formatOf } from '../../src/report/formats.ts';
import { noPaint } from '../../src/report/paint.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { directory, healthyStandby } from '../rules/standby-world.ts';
import { world } from '../rules/rule-tester.ts';
import type { Changes } from '../rules/rule-tester.ts';
import { now } from '../rules/world.ts';

const looked = { startedAt: now, elapsedMs: 120, place: undefined };

export const aRecording = (change: Partial<Recording> & Pick<Recording, 'subject' | 'facts'>): Recording => ({
  ...looked,
  tool: '0.1.0',
  machine: 'db2',
  redacted: false,
  ...change,
});

export const aCopy = (changes: Changes = {}): Recording =>
  aRecording({ subject: { command: 'preflight' }, facts: world(changes) });

export const aStandby = (changes: Changes = {}): Recording =>
  aRecording({
    subject: { command: 'postmortem', dataDirectory: directory },
    facts: world(changes, healthyStandby),
  });

export function reportOf(given: Looked & Pick<Recording, 'machine'>): Report {
  const { report, facts } = diagnosisOf(catalogue, given, { version: '0.1.0', acceptUnexamined: [] });
  return publicReport(report, facts, given.place, given.machine);
}

const rules = new Map(catalogue.map((rule) => [rule.id, rule]));

/** The report in every format, whole and short. */
export async function everyFormat(report: Report): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const name of formatNames) {
    const renderer = await formatOf(name).renderer();
    for (const full of [false, true])
      texts.set(`${name}${full ? ', full' : ''}`, renderer(report, { width: 80, paint: noPaint, full, rules }));
  }
  return texts;
}
