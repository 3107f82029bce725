import { posix } from 'node:path';

import type { Host } from '../../hosts/host.ts';
import { labelOf } from '../../postgres/log/labels.ts';

/**
 * The logs that other logs lead to. Where a server stops writing into a file, it says where it goes on: "redirecting log
 * output to logging collector process", with the directory in the hint (syslogger.c, SysLogger_Start), and "ending log
 * output to stderr", with the destination (postmaster.c, PostmasterMain; syslogger.c). The hint's label and the quoted name in it tell, in any
 * language.
 */
export async function redirectedLogs(
  host: Host,
  paths: readonly string[],
  dataDirectory: string,
): Promise<readonly string[]> {
  const found = new Set(paths);
  // a Set also gives what is added while it is gone through: server.log, the collector's .log, its .csv
  for (const path of found)
    if (!path.endsWith('.gz') && path !== '-' && found.size < mostRead)
      for (const named of await namedAtItsEnd(host, path))
        for (const next of await logsNamed(host, path, named, dataDirectory)) found.add(next);
  return [...found].slice(paths.length);
}

const mostRead = 200;
const tailBytes = 4_096;

async function namedAtItsEnd(host: Host, path: string): Promise<readonly string[]> {
  const status = await host.status(path, { followLinks: true });
  if (!status.ok || status.value.kind !== 'file') return [];
  const read = await host.read(path, {
    from: Math.max(0, status.value.sizeBytes - tailBytes),
    maxBytes: tailBytes,
  });
  if (!read.ok) return [];
  return new TextDecoder()
    .decode(read.value.bytes)
    .split('\n')
    .flatMap((line) => {
      const [, word = '', name = ''] = /(\S+)\s*: {2}.*?["«»“”„]\s?([^"«»“”„]+?)\s?["«»“”„]/u.exec(line) ?? [];
      const label = labelOf(word);
      return label?.kind === 'part' && label.part === 'hint' ? [name] : [];
    });
}

async function logsNamed(host: Host, from: string, named: string, dataDirectory: string): Promise<readonly string[]> {
  // log_destination, beside which the files of the collector have the same name
  if (/^[\w, ]*(?:csv|json)log[\w, ]*$/u.test(named) && from.endsWith('.log'))
    return ['csv', 'json']
      .filter((form) => named.includes(`${form}log`))
      .map((form) => from.replace(/\.log$/u, `.${form}`))
      .slice(0, 1);
  const directory = posix.resolve(dataDirectory, named);
  const listing = await host.list(directory, { limit: 20_000 });
  if (!listing.ok) return [];
  const names = listing.value.entries.filter(({ kind }) => kind === 'file').map(({ name }) => name);
  // all destinations say the same
  const logs = ['log', 'csv', 'json'].map((end) => names.filter((name) => name.endsWith(`.${end}`)));
  return (logs.find((some) => some.length > 0) ?? [])
    .toSorted()
    .slice(-mostRead)
    .map((name) => posix.join(directory, name));
}
