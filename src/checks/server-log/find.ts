import { posix } from 'node:path';

import type { Host } from '../../hosts/host.ts';
import { isOn } from '../../postgres/settings.ts';
import { debianLog } from '../debian-log.ts';
import { redirectedLogs } from './redirected.ts';
import type { LogPlace } from './log-place.ts';
import { unitJournals } from './unit-journal.ts';
import type { StandbySettings } from '../internal-facts.ts';

/** --log: globs, and `-` for standard input; and where a file of them says that the log goes on. */
export async function givenLogs(
  host: Host,
  globs: readonly string[],
  dataDirectory: string,
): Promise<readonly LogPlace[]> {
  const found = await host.glob(globs.filter((glob) => glob !== '-'));
  const named = found.ok ? found.value : [];
  const places = await placesOf(host, [...named, ...(await redirectedLogs(host, named, dataDirectory))]);
  return globs.includes('-') ? [...places, unsized('-')] : places;
}

/**
 * Where a server's log lies: in log_directory where the logging collector writes it; where the standard error of the
 * running server leads (pg_ctl -l, a redirection); what Docker keeps of a container's output; where Debian's pg_ctlcluster
 * puts it; in systemd's journal, where none of these is there; and, for one that is down, in or beside the data directory,
 * as people call such a file. What is written before the collector starts is only in the
 * latter: a server that does not start may have said so there.
 */
export async function findLogs(
  host: Host,
  settings: StandbySettings & { readonly major: number | undefined },
  timeoutMs: number,
): Promise<readonly LogPlace[]> {
  const [collected, own, debian] = await Promise.all([
    collectorLogs(host, settings),
    ownOutput(host, settings.pid),
    debianLogs(host, settings),
  ]);
  const certain = [...collected, ...own, ...debian];
  const kept = host.console === undefined ? [] : [unsized(host.console)];
  const places =
    (settings.pid !== undefined && certain.length > 0) || kept.length > 0
      ? certain
      : [...certain, ...(await logsBeside(host, settings.dataDirectory))];
  const all = [...places, ...(await redirectedLogs(host, places, settings.dataDirectory))];
  const journals = certain.length > 0 || kept.length > 0 ? [] : await unitJournals(host, settings, timeoutMs);
  return [...kept, ...journals, ...(await placesOf(host, [...new Set(all)]))];
}

/** How long it is shows at its end. */
export const unsized = (path: string): LogPlace => ({
  path,
  packed: false,
  sizeBytes: undefined,
  modifiedAt: undefined,
});

export async function placesOf(host: Host, paths: readonly string[]): Promise<readonly LogPlace[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const status = await host.status(path, { followLinks: true });
      if (!status.ok || status.value.kind !== 'file') return [];
      const { sizeBytes, modifiedAt, device, inode } = status.value;
      return [{ key: `${device}:${inode}`, place: { path, packed: path.endsWith('.gz'), sizeBytes, modifiedAt } }];
    }),
  );
  // the same file under two names is read once
  return [...new Map(found.flat().map(({ key, place }) => [key, place])).values()];
}

/** log_directory and log_filename (manual: Error Reporting and Logging); the names of csvlog and jsonlog come from it. */
async function collectorLogs(
  host: Host,
  { configuration, dataDirectory }: StandbySettings,
): Promise<readonly string[]> {
  const valueOf = (name: string): string | undefined => configuration.settings.get(name)?.value;
  if (!isOn(valueOf('logging_collector'))) return [];
  const directory = posix.resolve(dataDirectory, valueOf('log_directory') ?? 'log');
  const listing = await host.list(directory, { limit: mostFiles });
  if (!listing.ok) return [];
  const name = namePattern(
    valueOf('log_filename') ?? 'postgresql-%Y-%m-%d_%H%M%S.log',
    extensions(valueOf('log_destination') ?? 'stderr'),
  );
  return listing.value.entries
    .map((entry) => entry.name)
    .filter((entry) => name.test(entry))
    .toSorted()
    .slice(-mostRead)
    .map((entry) => posix.join(directory, entry));
}

const mostFiles = 20_000;
const mostRead = 200;

/** All destinations say the same; what comes before csvlog or jsonlog begins stands in the plain file. */
function extensions(destination: string): string {
  const names = new Set(destination.split(',').map((word) => word.trim().toLowerCase()));
  if (names.has('stderr')) return '';
  if (names.has('csvlog')) return String.raw`|\.csv`;
  return names.has('jsonlog') ? String.raw`|\.json` : '';
}

/** What else may not have a backslash before it: a blank in the name of a directory, for one. */
const special = /[.[\]{}()*+?^$|\\/]/gu;

/** strftime's escapes stand for anything; logrotate and people put numbers and .gz behind. */
function namePattern(logFilename: string, more: string): RegExp {
  const stem = logFilename.replace(/\.log$/u, '');
  const source = stem
    .replaceAll(special, String.raw`\$&`)
    .replaceAll(/%(.)/gu, (_, letter: string) => (letter === '%' ? '%' : '.+'));
  const own = stem === logFilename ? '' : String.raw`\.log`;
  return new RegExp(String.raw`^${source}(?:${own}${more})(?:[.-]\d+)?(?:\.gz)?$`, 'u');
}

/** Standard error and output of a process where they are files: the kernel shows that to its user and to root. */
export async function ownOutput(host: Host, pid: number | undefined): Promise<readonly string[]> {
  if (pid === undefined) return [];
  const links = await Promise.all([2, 1].map((descriptor) => host.readLink(`/proc/${pid}/fd/${descriptor}`)));
  return links.flatMap((link) =>
    link.ok && link.value.startsWith('/') && !link.value.startsWith('/dev/') ? [link.value] : [],
  );
}

/** That of pg_ctlcluster, and what logrotate has made of it. */
async function debianLogs(host: Host, { configFile, dataDirectory }: StandbySettings): Promise<readonly string[]> {
  const [, version, cluster] =
    /^\/etc\/postgresql\/([^/]+)\/([^/]+)\//u.exec(configFile) ??
    /^\/var\/lib\/postgresql\/([^/]+)\/([^/]+)$/u.exec(dataDirectory) ??
    [];
  if (version === undefined || cluster === undefined) return [];
  const log = await debianLog(host, version, cluster);
  const [folder, start] = [posix.dirname(log), posix.basename(log)];
  const listing = await host.list(folder, { limit: mostFiles });
  return (listing.ok ? listing.value.entries : [])
    .filter(({ name }) => name === start || name.startsWith(`${start}.`))
    .map(({ name }) => posix.join(folder, name));
}

/**
 * Files called like a log in the data directory, and beside it where it lies alone: what stands beside several data
 * directories may be another server's.
 */
async function logsBeside(host: Host, dataDirectory: string): Promise<readonly string[]> {
  const parent = posix.dirname(dataDirectory);
  const [inside, beside] = await Promise.all([
    host.list(dataDirectory, { limit: 1000 }),
    host.list(parent, { limit: 200 }),
  ]);
  const own = (inside.ok ? inside.value.entries : [])
    .filter(({ name }) => likeALog.test(name))
    .map(({ name }) => posix.join(dataDirectory, name));
  if (!beside.ok || beside.value.truncated) return own;
  const folders = beside.value.entries.filter(
    ({ name, kind }) => kind === 'directory' && name !== posix.basename(dataDirectory),
  );
  const others = await Promise.all(folders.map(({ name }) => host.status(posix.join(parent, name, 'PG_VERSION'))));
  const alone = others.every(({ ok }) => !ok);
  const named = new RegExp(
    String.raw`^${posix.basename(dataDirectory).replaceAll(special, String.raw`\$&`)}\.(?:log|logfile)$`,
    'u',
  );
  return [
    ...own,
    ...beside.value.entries
      .filter(({ name }) => named.test(name) || (alone && likeALog.test(name)))
      .map(({ name }) => posix.join(parent, name)),
  ];
}

const likeALog = /^(?:[\w-]*\.log|logfile)$/u;
