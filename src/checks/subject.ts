import type { BaseBackupCommand } from '../facts/base-backup.ts';
import { notApplicable } from '../facts/observed.ts';
import type { ResolvedConnection } from '../servers/connection.ts';

/** What is to be examined: made from the command line by src/cli, and nothing else. */
export type Subject = BaseBackupSubject | PostmortemSubject;

/** A standby that is to be made. */
export interface BaseBackupSubject {
  readonly command: 'preflight' | 'clone';
  readonly baseBackup: BaseBackupCommand;
  /** The connection that pg_basebackup would make. */
  readonly connection: ResolvedConnection;
  /** --admin; undefined when it was not given. */
  readonly admin: ResolvedConnection | undefined;
}

/** A standby that exists. */
export interface PostmortemSubject {
  readonly command: 'postmortem';
  /** -D as it was given, or the data_directory that leads on from there. */
  readonly dataDirectory: string;
  /** The postgresql.conf of the directory that -D names, where that is the one of the configuration. */
  readonly configFile?: string | undefined;
  /** --standby: an ordinary session to the standby's own server; undefined when it was not given. */
  readonly standby: ResolvedConnection | undefined;
  /** --admin: a session to its primary; undefined when it was not given. */
  readonly admin: ResolvedConnection | undefined;
  /** --log, as given: globs of paths. */
  readonly logs: readonly string[];
  /** --log-bytes: how much of each log is read, from its end. */
  readonly logBytes: number | 'all';
}

/** What concerns a copy that is to be made, where a standby is examined that exists. */
export const noCopyIsMade = notApplicable('no copy is to be made: a standby that exists is examined');

/** What concerns a standby that exists, before one is made. */
export const noStandbyYet = notApplicable('the standby does not exist yet');
