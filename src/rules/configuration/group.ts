import type { AnyRule } from '../rule.ts';
import { acceptanceExpired } from './acceptance-expired.ts';
import { acceptanceUnmatched } from './acceptance-unmatched.ts';

/** What the configuration of standbylint itself says of findings. */
export const configurationRules = [acceptanceExpired, acceptanceUnmatched] as const satisfies readonly AnyRule[];
