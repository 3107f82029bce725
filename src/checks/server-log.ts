import type { FactTypes } from '../facts/facts.ts';
import { ifSeen, seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { ServerLog } from '../facts/server-log.ts';
import type { Host } from '../hosts/host.ts';
import type { LogRecord } from '../postgres/log/log-record.ts';
import { defineCheck } from './check.ts';
import type { Surroundings } from './check.ts';
import { processOf } from './manager/processes.ts';
import { copiedAt } from './server-log/copied-at.ts';
import { findLogs, givenLogs } from './server-log/find.ts';
import { newestPart } from './server-log/newest-part.ts';
import { noStandbyYet } from './subject.ts';
import type { StandbySettings } from './internal-facts.ts';

/**
 * The logs of the standby's server: those that --log names, or those that are found by the settings, by the process, or
 * where packages and pg_ctl put them; the newest part of them, up to --log-bytes, folded into what was said, how often,
 * and what came after it.
 */
export const serverLogCheck = defineCheck({
  brings: ['serverLog'],
  after: ['dataDirectory', 'standbySettings', 'manager'],
  endsByItself: true,
  async look({ dataDirectory, standbySettings, manager }, surroundings) {
    const settings = ifSeen(standbySettings);
    const by = ifSeen(manager);
    // a server that Patroni starts writes where Patroni does, and is gone again
    const pid =
      settings !== undefined && settings.pid === undefined && by?.kind === 'patroni'
        ? await processOf(surroundings.host, by)
        : settings?.pid;
    return { serverLog: await lookAtLogs(surroundings, ifSeen(dataDirectory), settings && { ...settings, pid }) };
  },
});

async function lookAtLogs(
  surroundings: Surroundings,
  directory: FactTypes['dataDirectory'] | undefined,
  settings: StandbySettings | undefined,
): Promise<Observed<ServerLog>> {
  const { subject, host, now, signal, timeoutMs } = surroundings;
  if (subject.command !== 'postmortem') return noStandbyYet;
  const places =
    subject.logs.length > 0
      ? await givenLogs(host, subject.logs, settings?.dataDirectory ?? subject.dataDirectory)
      : settings === undefined
        ? []
        : await findLogs(host, { ...settings, major: directory?.major }, timeoutMs);
  if (places.length === 0)
    return unseen('not-asked', notFound(subject.logs), 'add --log PATH, or --log - and the log on standard input');

  // what PostgreSQL's messages are known by is loaded when there is a log to read
  const { LogReader } = await import('./server-log/log-reader.ts');
  const copied = await copiedAt(host, directory);
  const reader = new LogReader(host, directory?.major, timeoutMs * looksPerPiece);
  for (const part of newestPart(places, subject.logBytes)) {
    if (signal.aborted) return unseen('not-asked', 'the examination was interrupted');
    const since = settings !== undefined && isIn(settings.dataDirectory, part.place.path) ? copied : undefined;
    await reader.read(part.place, part.bytes, since);
  }
  const { files, problems } = reader;
  if (files.length === 0)
    return unseen('unreadable', problems.join('; '), reader.hint ?? 'run this as the user of the server, or as root');
  const paths = files.map(({ path }) => path);
  const summary = reader.summary.result(now());
  const missing = await missingPaths(host, summary.startFailure?.record);
  return seen({ files, problems, summary, missing }, paths.at(-1) ?? '');
}

/** PostgreSQL quotes the paths in its messages. */
async function missingPaths(host: Host, record: LogRecord | undefined): Promise<readonly string[]> {
  const named = [...(record?.message ?? '').matchAll(/"(\/[^"]+)"/gu)].flatMap(([, path]) => path ?? []);
  const looks = await Promise.all(named.map(async (path) => ({ path, status: await host.status(path) })));
  return looks.flatMap(({ path, status }) => (!status.ok && status.problem.code === 'ENOENT' ? [path] : []));
}

const isIn = (directory: string, path: string): boolean => path.startsWith(`${directory}/`);

/** Who writes into a pipe may have to look for it first. */
const looksPerPiece = 6;

const notFound = (globs: readonly string[]): string =>
  globs.length > 0 ? `no file fits --log ${globs.join(' ')}` : "no log of the standby's server was found";
