import { setTimeout as pause } from 'node:timers/promises';

import { until } from '../lab/until.ts';
import type { Report } from '../../src/findings/report.ts';
import { expectValidReport } from '../report/valid-report.ts';
import { postmortem, typeSteps } from './postmortem.ts';
import type { PairStage, PostmortemScenario } from './postmortem.ts';

/** What a standby with several faults came to: it streams; or it needs a person, or more than the steps say. */
export type Fixed =
  | { readonly streams: true; readonly looks: number }
  | { readonly streams: false; readonly why: string };

/** Its receiver says so; or its primary, where a fault that is a warning keeps logins out of the standby. */
const untilItStreams = async ({ primary, standby }: PairStage): Promise<unknown> =>
  until('the standby streams', async () => {
    const [row] = await standby
      .query("SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'")
      .catch(async () => primary.server.query("SELECT FROM pg_stat_replication WHERE state = 'streaming'"));
    return row === undefined ? null : true;
  });

/** As many looks as two faults may need, where one hides the other, and one more. */
const mostLooks = 4;

/**
 * The plan of the report is typed as printed, then it is looked at again, until no error is left: the standby streams.
 * Throws where a printed line fails, and where the same plan would be printed once more.
 */
export async function fixAsPrinted(
  report: Report,
  faults: readonly PostmortemScenario[],
  how: Pick<PostmortemScenario, 'admin' | 'options' | 'env'>,
  stage: PairStage,
): Promise<Fixed> {
  const printed = new Set<string>();
  let now = report;
  for (let looks = 1; looks <= mostLooks; looks += 1) {
    if (now.findings.every(({ severity }) => severity !== 'error')) {
      await untilItStreams(stage);
      return { streams: true, looks };
    }
    const { steps } = now.plan;
    const text = steps.map(({ step }) => step.text.replaceAll(/\d{4}-\d\d-\d\dT\d+/gu, 'NOW')).join('\n');
    const told = now.findings.map(({ rule, message }) => `${rule}: ${message}`).join('\n');
    if (steps.length === 0) return { streams: false, why: `no step is printed for\n${told}` };
    if (printed.has(text)) throw new Error(`typed, and printed again:\n${text}\nfor\n${told}`);
    printed.add(text);
    for (const { step, for: ids } of steps) {
      const rules = new Set<string>(now.findings.filter(({ id }) => ids.includes(id)).map(({ rule }) => rule));
      const fault = faults.find(({ rule, finding }) => rules.has(finding ?? rule));
      if (step.kind === 'manual' && fault?.byHand === undefined)
        return { streams: false, why: `a person has to do this: ${step.text}` };
      await typeSteps(fault ?? {}, stage, [step]);
    }
    await pause(5_000);
    const { json } = await postmortem(how, stage);
    expectValidReport(json);
    now = json;
  }
  throw new Error(
    `After ${mostLooks} looks: ${now.findings.map(({ rule, message }) => `${rule}: ${message}`).join('\n')}`,
  );
}
