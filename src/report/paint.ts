import { Chalk } from 'chalk';

import type { Severity } from '../facts/report.ts';

/** The colours of the report: each function takes a text that is already measured. */
export interface Paint {
  readonly severity: Readonly<Record<Severity, (text: string) => string>>;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly unsure: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly prompt: (text: string) => string;
}

/** Decided once for the stream that is written to (chalk itself does not look at NO_COLOR). */
export function paintOf(level: 0 | 1 | 2 | 3): Paint {
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
