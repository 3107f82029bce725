import type { Report } from '../findings/report.ts';
import { configurationSentence } from './accepted.ts';
import { fixText } from './fix-text.ts';
import { evidenceText, findingText } from './finding-text.ts';
import type { TextContext } from './finding-text.ts';
import { forLogs } from './for-logs.ts';
import type { Renderer } from './renderer.ts';
import { footerText } from './footer.ts';
import { headText } from './head.ts';
import { healthyText } from './healthy-text.ts';
import { indent, spaced, wrap } from './layout.ts';
import type { Scene } from '../findings/scene.ts';
import { sceneOf } from './machines.ts';
import { notCheckedText } from './not-checked.ts';
import type { Paint } from './paint.ts';
import { afterText, planText, promptsText } from './plan-text.ts';
import { printable } from './printable.ts';
import { alsoFoundText, problemsText } from './problem-text.ts';
import { consequencesOf, rootCauses } from './root-causes.ts';
import { verdictText } from './verdict-text.ts';

export interface StylishOptions {
  /** Columns; see `textWidth` of src/cli/terminal/terminal.ts. */
  readonly width: number;
  readonly paint: Paint;
  /** Instead of the report's own. */
  readonly scene?: Scene;
  /** --full: every finding with all its evidence and its own fix, all that was not checked, all that passed. */
  readonly full?: boolean;
}

/** The report for people: the verdict first, its problems, one plan that fixes them, and everything else in a line each. */
export function stylish(report: Report, options: StylishOptions): string {
  const context: TextContext = {
    width: options.width,
    paint: options.paint,
    scene: options.scene ?? sceneOf(report),
  };
  const full = options.full === true;
  const { problems, others } = rootCauses(report);
  return [
    '',
    ...headText(report, context),
    '',
    ...verdictText(report, context),
    ...(report.verdict === 'healthy' ? healthyText(context) : []),
    ...problemsText(problems, report, context, full),
    ...planText(report, problems.length, context),
    ...afterText(report, context, full),
    ...(full
      ? others.flatMap((finding) => ['', ...findingText(finding, consequencesOf(finding, report), context)])
      : alsoFoundText(others, context)),
    ...crashText(report, context),
    ...notCheckedText(report, context, full),
    ...configurationText(report, context),
    ...(full ? passedText(report, context) : []),
    ...stepsText(report, context),
    ...fixText(report, context),
    '',
    ...footerText(report, context, full),
    ...(report.plan.steps.length === 0 ? [] : promptsText(report.plan, context)),
    '',
  ].join('\n');
}

function crashText({ rules }: Report, { width, paint }: TextContext): readonly string[] {
  return rules
    .filter(({ outcome }) => outcome === 'crashed')
    .map(
      ({ id, because, source }) =>
        `${id} could not run because of a bug in ${source ?? 'standbylint'}: ${because ?? ''}`,
    )
    .flatMap((text) =>
      spaced(wrap(text, width - 2).map((line, at) => paint.bad(at === 0 ? `! ${line}` : `  ${line}`))),
    );
}

function configurationText(report: Report, { width, paint }: TextContext): readonly string[] {
  const text = configurationSentence(report);
  return text === undefined ? [] : spaced(indent(wrap(text, width - 2), 2).map((line) => paint.quiet(line)));
}

/** --full: every rule that passed, and why. */
function passedText({ rules }: Report, { width, paint }: TextContext): readonly string[] {
  const passed = rules.filter(({ outcome }) => outcome === 'passed');
  return spaced(
    passed.flatMap(({ id, because }) => {
      const [first = '', ...rest] = wrap(`${id}: ${because ?? ''}`, width - 4);
      return [`${paint.good('✔')} ${first}`, ...indent(rest, 4)];
    }),
  );
}

const outcomes = { done: '✔', failed: '✖', skipped: '–' } as const;

function stepsText({ steps }: Report, context: TextContext): readonly string[] {
  const lines = (steps ?? []).map(({ name, outcome, elapsedMs, details }) => {
    const time = outcome === 'skipped' ? '' : `, ${(elapsedMs / 1000).toFixed(2)} s`;
    return [`  ${outcomes[outcome]} ${printable(name)}${time}`].concat(evidenceText(details, context));
  });
  return spaced(lines.flat());
}

/** As a format among others: its lines reach the log of a CI runner. */
export const stylishReport: Renderer = (report, view) => forLogs(stylish(report, view));
