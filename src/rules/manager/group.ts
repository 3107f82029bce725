import type { AnyRule } from '../rule.ts';
import { daemonStopped } from './daemon-stopped.ts';
import { notRegistered } from './not-registered.ts';
import { otherServerInConfiguration } from './other-server-in-configuration.ts';
import { otherUpstream } from './other-upstream.ts';
import { paused } from './paused.ts';
import { storeSilent } from './store-silent.ts';
import { configuredAsAnother } from './configured-as-another.ts';
import { holdsStartUp } from './holds-start-up.ts';
import { recordOutdated } from './record-outdated.ts';
import { ownLoginFails } from './own-login-fails.ts';

/** What a program that manages the standby has wrong of it. */
export const managerRules = [
  otherUpstream,
  notRegistered,
  otherServerInConfiguration,
  daemonStopped,
  paused,
  storeSilent,
  configuredAsAnother,
  holdsStartUp,
  recordOutdated,
  ownLoginFails,
] as const satisfies readonly AnyRule[];
