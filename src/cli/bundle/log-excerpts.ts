import { posix } from 'node:path';

import { logTail } from '../../checks/server-log/log-tail.ts';
import type { ReadLogFile } from '../../facts/server-log.ts';
import type { Host } from '../../hosts/host.ts';
import { readLog } from '../../postgres/log/read-log.ts';
import { shownRecord } from '../../postgres/log/shown-record.ts';
import { messageCatalogue } from '../../postgres/messages/catalogue.ts';
import { recognise } from '../../postgres/messages/recognise.ts';
import type { Document, LeftOut } from '../../recording/bundle-file.ts';

/** The ends of the newest logs that were read: all of it would be large, and what it says is in the facts. */
export async function logExcerpts(
  host: Host,
  files: readonly ReadLogFile[],
  major: number | undefined,
  timeoutMs: number,
): Promise<readonly (Document | LeftOut)[]> {
  if (files.length === 0) return [{ what: 'log/', because: 'no log was read' }];
  const newest = files.slice(-mostFiles);
  const found: (Document | LeftOut)[] = files
    .slice(0, -mostFiles)
    .map(({ path }) => ({ what: path, because: `only the ${mostFiles} newest logs are in it` }));
  for (const [at, { path }] of newest.entries()) {
    const before = newest.slice(0, at).filter((one) => posix.basename(one.path) === posix.basename(path)).length;
    const name = `log/${before === 0 ? '' : `${before + 1}-`}${nameOf(path, host)}.txt`;
    found.push(await excerpt(host, path, name, major, timeoutMs));
  }
  return found;
}

const mostFiles = 4;
const mostBytes = 1024 ** 2;

const nameOf = (path: string, host: Host): string =>
  path === host.console ? 'console' : posix.basename(path).slice(0, 60);

async function excerpt(
  host: Host,
  path: string,
  name: string,
  major: number | undefined,
  timeoutMs: number,
): Promise<Document | LeftOut> {
  if (path === 'standard input') return { what: path, because: 'it can be read only once' };
  const status = path === host.console ? undefined : await host.status(path, { followLinks: true });
  if (status?.ok === false) return { what: path, because: status.problem.message };
  const place = { path, packed: path.endsWith('.gz'), sizeBytes: status?.value.sizeBytes, modifiedAt: undefined };
  const tail = await logTail(host, place, mostBytes, timeoutMs);
  if (!tail.ok) return { what: path, because: tail.problem.message };
  const catalogue = await messageCatalogue();
  const lines: string[] = [];
  const users = new Set<string>();
  const databases = new Set<string>();
  for await (const record of readLog(tail.value.pieces, { torn: tail.value.torn })) {
    const shown = shownRecord(record, recognise(catalogue, record, { major }) !== undefined);
    if (shown !== undefined) lines.push(`${shown}\n`);
    if (record.user !== undefined) users.add(record.user);
    if (record.database !== undefined) databases.add(record.database);
  }
  const from = `${tail.value.torn ? `the last ${mostBytes / 1024 ** 2} MB of ` : ''}${path}`;
  return { name, from, text: lines.join(''), parsed: { users: [...users], databases: [...databases] } };
}
