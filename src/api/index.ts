import { examineOnce } from '../cli/examination/one-examination.ts';
import { wordsOf } from '../cli/configuration/resolve.ts';
import type { Report } from '../findings/report.ts';
import { catalogue } from '../rules/catalogue.ts';
import { ownRules } from '../rules/checked-own-rules.ts';
import { toolbox } from '../rules/own-rule.ts';
import type { OwnRule } from '../rules/own-rule.ts';

export type { PublicFactName as FactName, PublicFacts as Facts } from '../facts/public-facts.ts';
export type { NotApplicable, Observed, Seen, Unseen, UnseenFact } from '../facts/observed.ts';
export type {
  Evidence,
  Finding,
  Location,
  Plan,
  Remedy,
  Report,
  RuleResult,
  Severity,
  Step,
} from '../findings/report.ts';
export type { OwnFinding, OwnJudgement, OwnRule } from '../rules/own-rule.ts';

/** What a rule is made of: docs/own-rules.md shows one. */
export const { defineRule, pass, fail, notApplicable, unexamined, at, evidence } = toolbox;

/** What is examined. */
export interface LintOptions {
  readonly command: 'preflight' | 'postmortem';
  /**
   * The options of the command without dashes, as a target of the configuration has them: `{ pgdata: '/srv/data', admin:
   * 'host=db1' }`. A flag is true or false; an option that may be repeated takes a list.
   */
  readonly options?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** The file of a configuration; without it, the one that is found from the working directory, as for the command. */
  readonly config?: string;
  /** Rules of your own, beside those of standbylint. */
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever facts each of them needs
  readonly rules?: readonly OwnRule<any, any>[];
  /** The longest time for all of it; default 60 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Examines as the command would, and gives its JSON report (schemas/report.json). It changes nothing, and asks for no password.
 * Rejects with an `Error` for options that the command would refuse, for what is no rule, and where there is no result in time.
 */
export async function lint(asked: LintOptions): Promise<Report> {
  const { command, options = {}, config, timeoutMs = 60_000, signal = new AbortController().signal } = asked;
  const refused = Object.keys(options).find((key) => notForLint.has(key));
  if (refused !== undefined) throw new Error(`lint() has no option "${refused}"`);
  const words = [
    ...(config === undefined ? [] : ['--config', config]),
    ...Object.entries(options).flatMap(([key, value]) => wordsOf(key, value)),
  ];
  const rules =
    asked.rules === undefined
      ? []
      : ownRules(
          asked.rules,
          'the caller of lint()',
          catalogue.map(({ id }) => id),
        );
  const { report, because } = await examineOnce({ command, words, timeoutMs, limitedBy: 'timeoutMs', signal, rules });
  if (report === null) throw new Error(because ?? 'there is no report');
  return report;
}

/** It changes nothing, prints nothing, and is asked nothing. */
const notForLint: ReadonlySet<string> = new Set([
  ...['fix', 'yes', 'disruptive', 'dry-run', 'fix-journal', 'format', 'help', 'version', 'rules', 'config', 'password'],
]);
