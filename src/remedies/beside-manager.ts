import type { Step, StepAction } from '../findings/report.ts';

/**
 * What no manager does by itself on the machine of the standby: it starts the server only once that is right. What is
 * typed by hand is among it (a package to install, a file system to mount), but for the files that a manager writes.
 */
export const isBesideManager = ({ does, kind, text }: Step): boolean =>
  machines.has(does) || (kind === 'manual' && does === 'by-hand' && !isWritten.test(text));

const isWritten =
  /\bprimary_(?:conninfo|slot_name)\b|\b(?:standby|recovery)\.signal\b|\bpostgresql(?:\.auto)?\.conf\b|\b[Rr]estart\b|\b[Ss]tart (?:it|the server|the standby)\b/u;

const machines: ReadonlySet<StepAction> = new Set<StepAction>([
  'change-mode',
  'change-owner',
  'make-directory',
  'mount',
  'end-process',
  'continue-process',
]);
