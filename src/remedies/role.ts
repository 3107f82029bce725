import type { Step } from '../facts/report.ts';
import { identifier } from './quoting.ts';
import { sql } from './remedy.ts';

/**
 * A role that can replicate and nothing more. Its password is stored as a SCRAM secret, whatever the server's default is
 * (13 still has md5); both statements are one step, for a SET ends with its session.
 */
export const createRole = (name: string): string =>
  `SET password_encryption = 'scram-sha-256'; CREATE ROLE ${identifier(name)} WITH LOGIN REPLICATION PASSWORD '<password>';`;

/** The same as a step: a role that was not there before is dropped again. */
export const roleMade = (name: string): Step => ({
  ...sql('primary', createRole(name), 'make-role'),
  role: name,
  undo: sql('primary', `DROP ROLE ${identifier(name)};`, 'change-role'),
});

/** A password stored as a SCRAM secret. */
export const passwordSet = (name: string): Step => ({
  ...sql(
    'primary',
    `SET password_encryption = 'scram-sha-256'; ALTER ROLE ${identifier(name)} PASSWORD '<password>';`,
    'set-password',
  ),
  role: name,
});
