import { identifier } from './quoting.ts';

/**
 * A role that can replicate and nothing more. Its password is stored as a SCRAM secret, whatever the server's default is
 * (13 still has md5); both statements are one step, for a SET ends with its session.
 */
export const createRole = (name: string): string =>
  `SET password_encryption = 'scram-sha-256'; CREATE ROLE ${identifier(name)} WITH LOGIN REPLICATION PASSWORD '<password>';`;

/** A password stored as a SCRAM secret. */
export const setPassword = (name: string): string =>
  `SET password_encryption = 'scram-sha-256'; ALTER ROLE ${identifier(name)} PASSWORD '<password>';`;
