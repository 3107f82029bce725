import type { AnyCheck, Surroundings } from '../../src/checks/check.ts';
import { sceneOf } from '../../src/cli/output/scene.ts';
import { textWidth } from '../../src/cli/terminal/terminal.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import type { Facts } from '../../src/facts/facts.ts';
import type { Policy } from '../../src/findings/policy.ts';
import type { Report } from '../../src/findings/report.ts';
import { paintOf } from '../../src/report/paint.ts';
import { stylish } from '../../src/report/stylish.ts';
import type { AnyRule } from '../../src/rules/rule.ts';
import { rulesOfCopies, rulesOfStandbys } from '../../src/rules/catalogue.ts';
import { healthyStandby } from '../rules/standby-world.ts';
import { world } from '../rules/rule-tester.ts';
import type { Changes } from '../rules/rule-tester.ts';
import { healthy } from '../rules/world.ts';

export interface Situation {
  readonly command: 'preflight' | 'postmortem';
  /** What is typed. */
  readonly words: string;
  /** What is seen otherwise than in the healthy world. */
  readonly facts: Changes;
  /** --accept-unexamined */
  readonly accept?: readonly string[];
  /** Instead of the rules that the command has. */
  readonly rules?: (rules: readonly AnyRule[]) => readonly AnyRule[];
  /** What a configuration says. */
  readonly policy?: Policy;
  readonly verdict: Report['verdict'];
  readonly recovery?: NonNullable<Report['recovery']>['way'];
  /** The root causes of severity error, in their order. */
  readonly errors?: readonly string[];
}

/** What the program makes of these facts: the rules, the diagnosis and the report are the real ones. */
export async function reportOf({
  command,
  facts: changes,
  rules = (all) => all,
  accept = [],
  policy,
}: Situation): Promise<{
  readonly report: Report;
  readonly facts: Partial<Facts>;
}> {
  const facts: Partial<Facts> = world(changes, command === 'preflight' ? healthy : healthyStandby);
  const looks: AnyCheck = {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an object that is typed by them
    brings: Object.keys(facts) as readonly (keyof Facts)[],
    after: [],
    look: async () => facts,
  };
  let asked = 0;
  const surroundings: Surroundings = {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing looks at the host, nor at more of the subject
    ...({
      subject: { command, dataDirectory: '/var/lib/postgresql/15/standby' },
      host: {},
    } as unknown as Pick<Surroundings, 'subject' | 'host'>),
    timeoutMs: 1_000,
    signal: new AbortController().signal,
    policy,
    // it looks at the clock at its start and at its end
    now: () => new Date(Date.parse('2026-11-21T20:00:00Z') + 120 * asked++),
  };
  const { report } = await diagnose(
    rules(command === 'preflight' ? rulesOfCopies : rulesOfStandbys),
    [looks],
    surroundings,
    { version: '1.0.0', acceptUnexamined: accept },
  );
  return { report, facts };
}

/** The report as a terminal of this width shows it. */
export async function shown(situation: Situation, columns: number, color: boolean): Promise<string> {
  const { report, facts } = await reportOf(situation);
  return stylish(report, {
    width: textWidth({ isTty: true, columns, environment: {} }),
    paint: await paintOf(color ? 1 : 0),
    scene: sceneOf(facts, undefined, 'db2'),
  });
}
