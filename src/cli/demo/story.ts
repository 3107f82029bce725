import { setTimeout as pause } from 'node:timers/promises';

import type { Finding, Report, Step } from '../../findings/report.ts';
import { columns, indent, wrap } from '../../report/layout.ts';
import { printable } from '../../report/printable.ts';
import type { Screen } from '../terminal/screen.ts';

/** What a command of ours found, as far as the story goes: warnings and remarks would be true, and would hide what it is about. */
export interface Looked {
  readonly errors: readonly Finding[];
  /** The plan that fixes them. */
  readonly steps: readonly Step[];
  readonly passed: number;
  /** The report as it is printed. */
  readonly text: string;
}

export interface Act {
  readonly title: string;
  readonly story: string;
  /** The rule that has to name it. */
  readonly expected: string;
  readonly breakIt: () => Promise<unknown>;
}

/** Tells what is done while it is done, and breaks, names and fixes one thing after the other. */
export abstract class Story {
  protected readonly screen: Screen;
  protected readonly signal: AbortSignal;

  protected constructor(screen: Screen, signal: AbortSignal) {
    this.screen = screen;
    this.signal = signal;
  }

  protected abstract look(): Promise<Looked>;
  protected abstract showLook(): Promise<void>;
  /** Does a step exactly as it is printed. */
  protected abstract do(step: Step): Promise<void>;

  /** Breaks one thing, has it named, fixes it as printed, and looks again. */
  protected async act({ title, story, expected, breakIt }: Act): Promise<void> {
    this.signal.throwIfAborted();
    await this.title(title);
    await this.tell(story);
    await breakIt();
    await this.showLook();
    await this.fix(await this.look(), expected);
    const left = await this.look();
    if (left.errors.length > 0) throw new Error(`The demo stumbled: ${left.errors[0]?.title ?? ''}`);
    await this.good(`and again: ${left.passed} rules pass, and nothing prevents the base backup`);
    await this.wait();
  }

  /** Shows what was found, and does what is printed. */
  protected async fix({ errors: [first], steps, text }: Looked, expected: string): Promise<void> {
    await this.screen.lines(text.trimEnd());
    if (first?.rule !== expected || first.remedy === null)
      throw new Error(`The demo stumbled: ${expected} was to be named, and ${first?.rule ?? 'nothing'} was`);
    await this.wait();
    await this.tell('The steps as printed:');
    await this.screen.lines('');
    for (const step of steps) await this.do(step);
  }

  protected async title(text: string): Promise<void> {
    const line = '─'.repeat(Math.max(0, Math.min(this.screen.width, 78) - columns(text) - 4));
    await this.screen.lines('', '', `  ${this.screen.paint.strong(text)} ${this.screen.paint.quiet(line)}`);
  }

  protected async tell(text: string): Promise<void> {
    await tell(this.screen, text);
  }

  protected async good(text: string): Promise<void> {
    await this.screen.lines('', `  ${this.screen.paint.good('✔')} ${text}`);
  }

  protected async type(prompt: string, text: string): Promise<void> {
    const [first = '', ...more] = text.split('\n').map((line) => printable(line));
    await this.screen.lines(`    ${this.screen.paint.prompt(prompt)} ${first}`);
    for (const line of more) await this.screen.lines(`    ${' '.repeat(prompt.length)} ${line}`);
  }

  /** Time to read, for a person; without a terminal nobody waits. */
  protected async wait(): Promise<void> {
    if (this.screen.isTty) await pause(readingMs, undefined, { signal: this.signal });
  }
}

const readingMs = 1500;

export function lookedAt(report: Report, print: (report: Report) => string): Looked {
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  const { plan, summary } = report;
  return {
    errors,
    steps: plan.steps.map(({ step }) => step),
    passed: summary.passed,
    text: print({ ...report, findings: errors, summary: { ...summary, warning: 0, info: 0 } }),
  };
}

export async function tell(screen: Screen, text: string): Promise<void> {
  await screen.lines('', ...indent(wrap(text, Math.min(screen.width, 78) - 2), 2));
}
