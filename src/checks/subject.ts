import type { BaseBackupCommand } from '../facts/base-backup.ts';
import type { Secret } from '../postgres/secret.ts';

/** What is to be examined: made from the command line by src/cli, and nothing else. */
export interface Subject {
  readonly command: 'preflight' | 'clone';
  readonly baseBackup: BaseBackupCommand;
  /** `-d` as it was given, which can hold a password. */
  readonly conninfo: Secret | undefined;
  /** Typed at the prompt (-W, or because the server asked). */
  readonly password: Secret | undefined;
  /** --admin */
  readonly admin: Secret | undefined;
}
