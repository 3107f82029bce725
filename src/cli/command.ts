import type { KeptLogins } from '../hosts/kept-logins.ts';
import type { AnyRule } from '../rules/rule.ts';

/** What every command is given; it writes its report to standard output and answers with the exit status. */
export interface CommandSurroundings {
  /** Rules of the caller's own, of preflight and postmortem. */
  readonly rules?: readonly AnyRule[];
  /** Logins over ssh that further looks take over, of preflight and postmortem. */
  readonly logins?: KeptLogins | undefined;
  /** How long before it began a look takes over what others saw of this machine: of a fleet. */
  readonly sharedMs?: number | undefined;
  /** Writes to standard output and waits until it is taken. */
  readonly print: (text: string) => Promise<void>;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** From now on an interrupt is the ordinary end, and the exit status is the command's own. */
  readonly endsByInterrupt?: () => void;
}
