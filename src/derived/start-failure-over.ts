import { posix } from 'node:path';

import type { Facts } from '../facts/facts.ts';
import { ifSeen } from '../facts/observed.ts';
import { startFailureIn } from './start-failure.ts';

/**
 * Why what ended the last start is over although nobody has started the server since: the message names a file, and the
 * configuration, which was changed after it, names that file no more. Undefined where it may be so still.
 */
export function startFailureOver({
  dataDirectory,
  standbyConfiguration,
  serverLog,
}: Partial<Pick<Facts, 'dataDirectory' | 'standbyConfiguration' | 'serverLog'>>): string | undefined {
  const directory = ifSeen(dataDirectory)?.path;
  const configuration = ifSeen(standbyConfiguration);
  const log = ifSeen(serverLog);
  const failure = log && startFailureIn(log.summary);
  if (directory === undefined || configuration === undefined || failure === undefined) return undefined;
  const { files, changed } = configuration;
  const { record, time } = failure;
  if (changed === undefined || time === undefined || changed.at.getTime() <= time.getTime()) return undefined;
  const [, verb, kind = '', named] = namedFile.exec(record.message) ?? [];
  if (named === undefined) return undefined;
  const isLock = kind === 'lock file';
  const isLibrary = !posix.isAbsolute(named);
  // what has a default would be looked for although no line names it; a socket may lie where none says
  const isOwn = isLibrary ? verb !== 'access' || kind !== 'file' || named.includes('/') : isWithin(named, directory);
  if (isOwn) return undefined;
  if (isLock && !files.settings.has('unix_socket_directories')) return undefined;
  const wanted = isLock ? posix.dirname(named) : named;
  const isNamed = [...files.settings.values()].some(({ value }) => value.includes(wanted));
  return isNamed ? undefined : `${changed.file} was changed after that, and no setting names ${wanted} any more`;
}

const isWithin = (path: string, directory: string): boolean => `${path}/`.startsWith(`${directory}/`);

/**
 * be-secure-openssl.c, miscinit.c, syslogger.c: what a setting names, as the server says it in English. A name without a
 * directory is a library's where it is said that it cannot be accessed (dfmgr.c), else a file of the data directory.
 */
const namedFile =
  /^could not (load|access|open|create) ((?:server certificate |private key |root certificate |log |lock )?file|directory) "([^"]+)"/u;
