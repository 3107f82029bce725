import type { Location, Remedy, Side, Step } from '../facts/report.ts';

/** Builders of remedies: each names its risk honestly, and each step the machine that it is typed on. */
export const safe = (summary: string, ...steps: readonly Step[]): Remedy => ({ summary, risk: 'safe', steps });
/** It restarts or interrupts something. */
export const disruptive = (summary: string, ...steps: readonly Step[]): Remedy => ({
  summary,
  risk: 'disruptive',
  steps,
});
/** It moves or overwrites data. */
export const destructive = (summary: string, ...steps: readonly Step[]): Remedy => ({
  summary,
  risk: 'destructive',
  steps,
});

/** Complete statements for a superuser on that side. What is taken back before a reload is in force after another one. */
export const sql = (on: Side, text: string): Step => {
  const step = { on, kind: 'sql', text } as const;
  return text === reloading ? { ...step, undo: step } : step;
};
const reloading = 'SELECT pg_reload_conf();';
/** A complete POSIX shell command, as the operating-system user that owns the data directory (client: who runs the copy). */
export const shell = (on: Side, text: string): Step => ({ on, kind: 'shell', text });
/** A sentence, where no command can serve. */
export const manual = (on: Side, text: string): Step => ({ on, kind: 'manual', text });

export const at = (side: Side, host?: string, file?: string, line?: number): Location => ({
  side,
  ...(host === undefined ? {} : { host }),
  ...(file === undefined ? {} : { file }),
  ...(line === undefined ? {} : { line }),
});
