import type { AnyRule } from '../rule.ts';
import { anyHostMayAnswer } from './any-host-may-answer.ts';
import { applicationName } from './application-name.ts';
import { conninfoMalformed } from './malformed.ts';
import { conninfoMissing } from './missing.ts';
import { conninfoNoPassword } from './no-password.ts';
import { notApplied } from './not-applied.ts';
import { overridden } from './overridden.ts';
import { pointsAtItself } from './points-at-itself.ts';
import { unknownKeyword } from './unknown-keyword.ts';

/** How the standby finds its primary. */
export const conninfoRules = [
  conninfoMissing,
  conninfoMalformed,
  unknownKeyword,
  pointsAtItself,
  overridden,
  notApplied,
  conninfoNoPassword,
  applicationName,
  anyHostMayAnswer,
] as const satisfies readonly AnyRule[];
