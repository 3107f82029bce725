import type { AnyRule } from '../rule.ts';
import { libraryMissing } from './library-missing.ts';
import { noPasswordGiven } from './no-password.ts';
import { olderThanServer } from './older-than-server.ts';
import { passfileIgnored } from './passfile-ignored.ts';
import { passfileNoMatch } from './passfile-no-match.ts';
import { passwordMisread } from './password-misread.ts';
import { passfileNotTheServers } from './passfile-not-the-servers.ts';
import { pgBasebackupMissing } from './pg-basebackup-missing.ts';
import { serverBinariesMissing } from './server-binaries-missing.ts';

/** What runs the copy, and what will run the standby. */
export const clientRules = [
  pgBasebackupMissing,
  olderThanServer,
  serverBinariesMissing,
  passfileIgnored,
  passfileNoMatch,
  passwordMisread,
  noPasswordGiven,
  libraryMissing,
  passfileNotTheServers,
] as const satisfies readonly AnyRule[];
