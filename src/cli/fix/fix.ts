import type { AppliedStep, Report } from '../../findings/report.ts';
import { diffOf, withDiffs } from '../../fixes/diffs.ts';
import { applyPlan, plannedBy } from '../../fixes/apply-plan.ts';
import type { Examined, AppliedPlan, NextStep } from '../../fixes/apply-plan.ts';
import { journalLine } from '../../fixes/journal.ts';
import { secret } from '../../postgres/secret.ts';
import type { Secret } from '../../postgres/secret.ts';
import { bodyIndent } from '../../report/finding-text.ts';
import type { TextContext } from '../../report/finding-text.ts';
import { plannedText } from '../../report/fix-text.ts';
import { indent, wrap } from '../../report/layout.ts';
import { paintOf } from '../../report/paint.ts';
import { printable } from '../../report/printable.ts';
import type { CommandSurroundings } from '../command.ts';
import { statusOf } from '../output/exit-status.ts';
import type { FixOptions } from '../options/fix-options.ts';
import { newJournal } from './journal-file.ts';
import { killedRuns } from './killed-fix.ts';
import { givenNewPassword } from './new-password.ts';
import type { ReportingOptions } from '../options/own-options.ts';
import { askForNewPassword, canAsk } from '../terminal/password-prompt.ts';
import { askYesOrNo } from '../terminal/question.ts';
import { publicReport, tellReport } from '../output/report-output.ts';
import { sceneOf } from '../output/scene.ts';
import { colorLevel, textWidth } from '../terminal/terminal.ts';
import { version } from '../version.ts';

/**
 * Fixes what the first look found, as far as it can be done from here, and prints the report of the last look. What is
 * asked, and what is being done, is told on standard error.
 */
export async function fix(
  first: Examined,
  look: (newPassword: Secret | undefined) => Promise<Examined>,
  own: ReportingOptions & FixOptions,
  { print, signal }: CommandSurroundings,
  moved: () => Promise<void> = async () => undefined,
): Promise<number> {
  const password =
    givenNewPassword !== ''
      ? async () => secret(givenNewPassword)
      : canAsk()
        ? async () => askForNewPassword(signal)
        : undefined;
  if (own.dryRun) return dryRun(first, own, password !== undefined, print);

  const talk = await talkOf(first, own);
  await talk.earlier(await killedRuns(own.fixJournal));
  const run = await applyPlan(first, {
    failOn: own.failOn,
    disruptive: own.disruptive,
    moved,
    look,
    waitMs: first.report.command === 'postmortem' ? Math.max(15_000, own.timeoutMs * 3) : 3_000,
    password,
    ask: async (next) => {
      const diff = await diffOf(next.step, next.reach);
      await talk.about({ ...next, step: diff === undefined ? next.step : { ...next.step, diff } });
      return own.yes || askYesOrNo('         Run this step?', signal);
    },
    told: talk.told,
    journal: async (subject) => {
      const journal = await newJournal(own.fixJournal, new Date());
      const command = first.report.command === 'postmortem' ? 'postmortem' : 'preflight';
      const at = new Date().toISOString();
      await journal.append(journalLine({ event: 'fix', version: 1, tool: version, command, at, ...subject }));
      return journal;
    },
    signal,
  });
  await talk.ending(run);
  if (run.end === 'interrupted') return 130;
  const report: Report = {
    ...publicReport(run.last.report, run.last.facts, run.last.surroundings.host.place),
    applied: run.applied,
    fixes: run.plan,
    journal: run.journal ?? null,
  };
  await tellReport(report, own, print);
  return statusOf(report, own, run.end === 'failed');
}

async function dryRun(
  first: Examined,
  own: ReportingOptions & FixOptions,
  password: boolean,
  print: CommandSurroundings['print'],
): Promise<number> {
  const { failOn, disruptive } = own;
  const { plan, reach } = await plannedBy(first, { failOn, disruptive, password, settled: new Map() });
  const fixes = await withDiffs(plan, reach);
  const { report, facts, surroundings } = first;
  const told: Report = { ...publicReport(report, facts, surroundings.host.place), applied: [], fixes, journal: null };
  await tellReport(told, own, print);
  return statusOf(told, own);
}

/** What is said on standard error while it goes on. */
async function talkOf(first: Examined, own: ReportingOptions & FixOptions) {
  const surface = { isTty: process.stderr.isTTY, columns: process.stderr.columns, environment: process.env };
  const context: TextContext = {
    width: textWidth(surface),
    paint: await paintOf(colorLevel(own.color, surface)),
    scene: sceneOf(first.facts, first.surroundings.host.place),
  };
  const { paint, width } = context;
  const say = async (...lines: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      process.stderr.write(`${lines.join('\n')}\n`, () => resolve());
    });
  return {
    earlier: async (told: readonly string[]): Promise<void> => {
      for (const one of told) await say('', ...wrap(`standbylint: ${one}`, width));
    },
    about: async ({ fix: planned, summary, step, first: isFirst }: NextStep): Promise<void> => {
      if (isFirst)
        await say(
          '',
          `  ${paint.strong(printable(planned.title))}  ${paint.quiet(planned.rule)}`,
          ...indent(wrap(summary, width - 2), 2),
        );
      await say('', ...plannedText(step, context));
    },
    told: async ({ outcome, output, elapsedMs }: AppliedStep): Promise<void> => {
      const time = `${(elapsedMs / 1000).toFixed(2)} s`;
      const shown = output === '' ? [] : indent(wrap(output.replaceAll('\n', ' '), width - bodyIndent), bodyIndent);
      await say(outcome === 'done' ? `       ✔ done, ${time}` : `       ✖ failed, ${time}`, ...shown);
    },
    ending: async ({ end, because, applied, journal, newPassword }: AppliedPlan): Promise<void> => {
      const back =
        journal === undefined
          ? 'Nothing was changed.'
          : `${applied.length} ${applied.length === 1 ? 'step was' : 'steps were'} run. To undo: standbylint undo ${journal}`;
      if (end !== 'finished') await say('', ...wrap(`standbylint: ${because} ${back}`, width));
      const source = newPassword === undefined ? undefined : passwordElsewhere(first, newPassword);
      if (source !== undefined) await say('', ...wrap(`standbylint: ${source}`, width));
    },
  };
}

/** The role has a new password, and pg_basebackup would still find another one, or none. */
function passwordElsewhere({ surroundings: { subject } }: Examined, newPassword: Secret): string | undefined {
  if (subject.command === 'postmortem') return undefined;
  const { connection } = subject;
  const [host] = connection.plan.hosts;
  const held = host === undefined ? undefined : connection.passwordFor(host);
  return held?.reveal() === newPassword.reveal()
    ? undefined
    : `The role has its new password, but pg_basebackup would use another one (${connection.plan.password.words}). Put the new password there, too.`;
}
