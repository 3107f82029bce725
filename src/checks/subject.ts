import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { ResolvedConnection } from '../servers/connection.ts';

/** What is to be examined: made from the command line by src/cli, and nothing else. */
export interface Subject {
  readonly command: 'preflight' | 'clone';
  readonly baseBackup: BaseBackupCommand;
  /** The connection that pg_basebackup would make. */
  readonly connection: ResolvedConnection;
  /** --admin; undefined when it was not given. */
  readonly admin: ResolvedConnection | undefined;
}
