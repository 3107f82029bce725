import type { AnyRule } from '../rule.ts';
import { connectionLimit } from './connection-limit.ts';
import { missing } from './missing.ts';
import { noLogin } from './no-login.ts';
import { noPassword } from './no-password.ts';
import { noReplication } from './no-replication.ts';
import { noWriteServerFiles } from './no-write-server-files.ts';
import { passwordExpired } from './password-expired.ts';
import { superuser } from './superuser.ts';
import { wrongPassword } from './wrong-password.ts';

export const roleRules = [
  missing,
  noLogin,
  noReplication,
  noWriteServerFiles,
  noPassword,
  passwordExpired,
  connectionLimit,
  wrongPassword,
  superuser,
] as const satisfies readonly AnyRule[];
