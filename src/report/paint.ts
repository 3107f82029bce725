import type { Severity } from '../findings/report.ts';

/** The colors of the report: each function takes a text that is already measured. */
export interface Paint {
  readonly severity: Readonly<Record<Severity, (text: string) => string>>;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly unsure: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly prompt: (text: string) => string;
}

/**
 * Decided once for the stream that is written to, by chalk's level: chalk itself does not look at NO_COLOR. It takes a tenth of
 * an empty Node's time to load: where there is no color it is left alone.
 */
export async function paintOf(level: 0 | 1 | 2 | 3): Promise<Paint> {
  if (level === 0) return noPaint;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level });
  return {
    severity: { error: chalk.red.bold, warning: chalk.yellow.bold, info: chalk.blue },
    good: chalk.green,
    bad: chalk.red,
    unsure: chalk.yellow,
    strong: chalk.bold,
    quiet: chalk.dim,
    prompt: chalk.cyan,
  };
}

const plain = (text: string): string => text;

export const noPaint: Paint = {
  severity: { error: plain, warning: plain, info: plain },
  good: plain,
  bad: plain,
  unsure: plain,
  strong: plain,
  quiet: plain,
  prompt: plain,
};
