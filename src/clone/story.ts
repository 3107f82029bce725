import type { Cause } from '../diagnosis/first-cause.ts';
import type { CloneStep, Evidence } from '../findings/report.ts';
import { evidenceText } from '../report/finding-text.ts';
import type { TextContext } from '../report/finding-text.ts';
import { indent, wrap } from '../report/layout.ts';
import type { CloneSite } from './site.ts';
import type { CloneCommands } from './commands.ts';
import type { Examination } from '../diagnosis/examination.ts';
import type { CopyScreen } from './screen.ts';

/** What every stage of a clone is given. */
export interface CloneRun {
  readonly examination: Examination;
  readonly site: CloneSite;
  readonly commands: CloneCommands;
  readonly password: string | undefined;
  readonly screen: CopyScreen;
  readonly context: TextContext;
  readonly signal: AbortSignal;
  readonly start: boolean;
  /** Each look at one of the servers. */
  readonly timeoutMs: number;
}

export interface CloneStory {
  readonly steps: readonly CloneStep[];
  /** Where the standby answers, once it was started. */
  readonly standby: string | null;
}

const outcomes = { done: '✔', failed: '✖', skipped: '–' } as const;
const verbs: Readonly<Record<string, Record<CloneStep['outcome'], string>>> = {
  copy: { done: 'Copied', failed: 'The base backup did not finish', skipped: 'Not copied' },
  verify: { done: 'Verified', failed: 'The base backup is not valid', skipped: 'Not verified' },
  start: { done: 'Started', failed: 'The server did not start', skipped: 'Not started' },
  rehearsal: {
    done: 'Rehearsed: the primary could read all its files',
    failed: 'The rehearsal did not finish',
    skipped: 'Not rehearsed',
  },
  stream: { done: 'It streams', failed: 'It does not stream', skipped: 'Not watched' },
};

/** Tells a step and gives it back for the report; what went as it should needs no file names on the screen. */
export async function tellStep(
  { screen, context }: Pick<CloneRun, 'screen' | 'context'>,
  name: string,
  outcome: CloneStep['outcome'],
  elapsedMs: number,
  details: readonly Evidence[],
  withoutSources = false,
): Promise<CloneStep> {
  const { paint } = context;
  const color = { done: paint.good, failed: paint.bad, skipped: paint.quiet }[outcome];
  const time = elapsedMs === 0 ? '' : `, ${(elapsedMs / 1000).toFixed(1)} s`;
  const headline = `  ${color(`${outcomes[outcome]} ${verbs[name]?.[outcome] ?? name}`)}${time}`;
  const shown = withoutSources ? details.map(({ label, value }) => said(label, value)) : details;
  await screen.lines('', headline, ...evidenceText(shown, context));
  return { name, outcome, elapsedMs: Math.round(elapsedMs), details };
}

export const said = (label: string, value: string, source = ''): Evidence => ({ label, value, source });

/** What ended a program, as evidence of a step. */
export function causeDetails(cause: Cause | undefined): readonly Evidence[] {
  if (cause === undefined) return [];
  return [
    said('first error', cause.said),
    ...(cause.rule === undefined
      ? []
      : [said('rule', `${cause.rule.id}: ${cause.rule.title}`, `docs/rules/${cause.rule.id}.md`)]),
    ...(cause.meaning === undefined ? [] : [said('meaning', cause.meaning.means)]),
  ];
}

/** What to do about a cause, in sentences. */
export function causeText(cause: Cause | undefined): readonly string[] {
  if (cause?.rule !== undefined)
    return [
      `${cause.rule.title}. ${cause.rule.docs.why}`,
      `Run this again: preflight will check it again and print the fix. For more, see "standbylint explain ${cause.rule.id}".`,
    ];
  return cause?.meaning === undefined ? [] : [cause.meaning.means, cause.meaning.next];
}

export const paragraphs = (texts: readonly string[], { width }: TextContext): readonly string[] =>
  texts.flatMap((text) => ['', ...indent(wrap(text, width - 2), 2)]);
