import type { Step, StepAction } from '../findings/report.ts';

/** What no manager does by itself on the machine of the standby: it starts the server only once that is right. */
export const isBesideManager = ({ does }: Step): boolean => machines.has(does);

const machines: ReadonlySet<StepAction> = new Set<StepAction>([
  'change-mode',
  'change-owner',
  'make-directory',
  'mount',
  'end-process',
  'continue-process',
]);
