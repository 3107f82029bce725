import type { Severity } from '../findings/report.ts';

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

/**
 * Decided once for the stream that is written to, by chalk's level. chalk takes a tenth of an empty Node's time to load:
 * where there is no colour it stays where it is.
 */
export async function paintOf(level: 0 | 1 | 2 | 3): Promise<Paint> {
  return level === 0 ? noPaint : (await import('./colours.ts')).coloursOf(level);
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
