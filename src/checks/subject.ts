import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { ResolvedConnection } from '../servers/connection.ts';

/** What is to be examined: made from the command line by src/cli, and nothing else. */
export interface Subject {
  readonly command: 'preflight' | 'clone' | 'postmortem';
  readonly baseBackup: BaseBackupCommand;
  /** The connection that pg_basebackup would make. */
  readonly connection: ResolvedConnection;
  /** --admin; undefined when it was not given. */
  readonly admin: ResolvedConnection | undefined;
  /** Of a post-mortem; absent elsewhere. */
  readonly standby?: StandbySubject;
}

/** The standby that a post-mortem is about. */
export interface StandbySubject {
  /** -D, as it was given. */
  readonly directory: string;
  /** --standby: an ordinary session on the standby's own server; undefined when it was not given. */
  readonly session: ResolvedConnection | undefined;
}
