import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ClosedEntry, ServerFiles } from '../facts/server-files.ts';

/**
 * postgresql.auto.conf where the server's account cannot read it: the server skips it without an error, and starts without
 * its settings (src/backend/utils/misc/guc-file.l: ParseConfigFile(), not strict).
 */
export const skippedSettings = (serverFiles: Observed<ServerFiles>): ClosedEntry | undefined =>
  ifSeen(serverFiles)?.closed.find(isSkippedIfClosed);

/** A server that may not read postgresql.auto.conf starts without it. */
export const isSkippedIfClosed = ({ path }: Pick<ClosedEntry, 'path'>): boolean =>
  path.endsWith('/postgresql.auto.conf');
