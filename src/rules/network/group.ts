import type { AnyRule } from '../rule.ts';
import { adminElsewhere } from './admin-elsewhere.ts';
import { connectionRefused } from './connection-refused.ts';
import { hostaddrElsewhere } from './hostaddr-elsewhere.ts';
import { idleTimeout } from './idle-timeout.ts';
import { listenAddresses } from './listen-addresses.ts';
import { loginNotPossible } from './login-not-possible.ts';
import { nameNotResolved } from './name-not-resolved.ts';
import { notPostgresql } from './not-postgresql.ts';
import { pooler } from './pooler.ts';
import { primaryHangs } from './primary-hangs.ts';
import { serverStarting } from './server-starting.ts';
import { timedOut } from './timed-out.ts';
import { unreachable } from './unreachable.ts';
import { furtherAddresses } from './further-addresses.ts';

export const networkRules = [
  nameNotResolved,
  connectionRefused,
  timedOut,
  unreachable,
  primaryHangs,
  notPostgresql,
  pooler,
  listenAddresses,
  serverStarting,
  loginNotPossible,
  idleTimeout,
  hostaddrElsewhere,
  adminElsewhere,
  furtherAddresses,
] as const satisfies readonly AnyRule[];
