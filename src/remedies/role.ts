import type { Step } from '../findings/report.ts';
import { needsEscapes } from '../postgres/unprintable.ts';
import { identifier, literal } from './quoting.ts';
import { sql } from './remedy.ts';

/**
 * A role that can replicate and nothing more, with a password that is asked for. A role that was not there before is
 * dropped again.
 */
export const roleMade = (name: string): Step => ({
  ...sql('primary', `CREATE ROLE ${identifier(name)} WITH LOGIN REPLICATION;\n${passwordAsked(name)}`, 'make-role'),
  role: name,
  asksPassword: true,
  undo: sql('primary', `DROP ROLE ${identifier(name)};`, 'change-role'),
});

/** A password stored as a SCRAM secret. */
export const passwordSet = (name: string): Step => ({
  ...sql('primary', passwordAsked(name), 'set-password'),
  role: name,
  asksPassword: true,
});

/**
 * psql asks for the password and sends a SCRAM secret, whatever the server's default is (13 still has md5): every character
 * can be typed as it is, and no statement, log or history has it (psql/command.c, exec_command_password).
 */
const passwordAsked = (name: string): string => `SET password_encryption = 'scram-sha-256';\n${passwordOf(name)}`;

/** psql's commands know no U&"…": a variable has the name. */
const passwordOf = (name: string): string =>
  needsEscapes(name) ? `SELECT ${literal(name)} AS role \\gset\n\\password :"role"` : `\\password ${identifier(name)}`;
