import type { Risk, Remedy, Side, Step, StepAction } from '../findings/report.ts';

/** A remedy, or another way of one. */
export interface Way {
  readonly summary: string;
  readonly risk: Risk;
  readonly steps: readonly Step[];
}

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

/** Complete statements for a superuser on that side. */
export const sql = (on: Side, text: string, does: StepAction): Step => ({ on, kind: 'sql', does, text });

/** What is taken back before a reload is in force after another one. */
export const reload = (on: Side): Step => {
  const step = sql(on, 'SELECT pg_reload_conf();', 'reload');
  return { ...step, undo: step };
};

/** A complete POSIX shell command, as the operating-system user that owns the data directory (client: who runs the copy). */
export const shell = (on: Side, text: string, does: StepAction, ...paths: readonly string[]): Step => ({
  on,
  kind: 'shell',
  does,
  text,
  ...(paths.length === 0 ? {} : { paths }),
});

/** A sentence, where no command can serve. */
export const manual = (on: Side, text: string): Step => ({ on, kind: 'manual', does: 'by-hand', text });

/** A command that only root can type: a sentence, and it still says what it does. */
export const asRoot = (on: Side, command: string, does: StepAction, ...paths: readonly string[]): Step => ({
  ...shell(on, `As root: ${command}`, does, ...paths),
  kind: 'manual',
  asRoot: command,
});
