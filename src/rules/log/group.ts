import type { AnyRule } from '../rule.ts';
import { message } from './message.ts';

/** What the standby's log says. */
export const logRules = [message] as const satisfies readonly AnyRule[];
