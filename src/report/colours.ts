import { Chalk } from 'chalk';

import type { Paint } from './paint.ts';

/** The colours at chalk's level, which is decided by our caller: chalk itself does not look at NO_COLOR. */
export function coloursOf(level: 1 | 2 | 3): Paint {
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
