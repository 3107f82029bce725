import { posix } from 'node:path';

import type { TablespaceLink } from '../../facts/data-directory.ts';
import type { Host } from '../../hosts/host.ts';
import { parseTablespaceMap } from '../../postgres/tablespace-map.ts';
import { textFile } from '../text-file.ts';

/** What pg_tblspc holds, and what tablespace_map will make of it when a server first starts on the backup. */
export async function tablespaceLinks(
  host: Host,
  dataDirectory: string,
  backup: { readonly hasLabel: boolean; readonly major: number },
): Promise<readonly TablespaceLink[]> {
  const folder = posix.join(dataDirectory, 'pg_tblspc');
  const [listing, map] = await Promise.all([
    host.list(folder, { limit: 10_000 }),
    // without backup_label the server does not look at it (xlogrecovery.c, InitWalRecovery)
    backup.hasLabel ? textFile(host, posix.join(dataDirectory, 'tablespace_map'), 1024 * 1024) : undefined,
  ]);
  const parsed = map?.ok === true ? parseTablespaceMap(map.value, backup.major) : undefined;
  const mapped = new Map(parsed?.ok === true ? parsed.value.map(({ oid, location }) => [oid, location]) : []);
  const present = (listing.ok ? listing.value.entries : [])
    .filter(({ name }) => /^\d{1,10}$/u.test(name))
    .map(({ name }) => Number(name));
  const oids = [...new Set([...present, ...mapped.keys()])].toSorted((a, b) => a - b);
  return Promise.all(
    oids.map(async (oid) => {
      const location = mapped.get(oid);
      const link = posix.join(folder, String(oid));
      return location === undefined
        ? linkAt(host, oid, link)
        : { oid, link, ...(await leadingTo(host, location)), fromMap: true };
    }),
  );
}

async function linkAt(host: Host, oid: number, link: string): Promise<TablespaceLink> {
  const target = await host.readLink(link);
  if (target.ok) {
    const whole = posix.resolve(posix.dirname(link), target.value);
    return { oid, link, ...(await leadingTo(host, whole)), fromMap: false };
  }
  // EINVAL: it is no link
  const state = target.problem.code === 'EINVAL' ? 'not-a-link' : 'unreadable';
  return { oid, link, target: undefined, state, empty: await isEmpty(host, link), fromMap: false };
}

async function isEmpty(host: Host, directory: string): Promise<boolean | undefined> {
  const listing = await host.list(directory, { limit: 1_000 });
  return listing.ok ? !listing.value.entries.some(({ name }) => /^PG_\d+_\d+$/u.test(name)) : undefined;
}

async function leadingTo(
  host: Host,
  target: string,
): Promise<Pick<TablespaceLink, 'target' | 'state' | 'empty' | 'isMountPoint' | 'fileSystem'>> {
  const status = await host.status(target, { followLinks: true });
  if (!status.ok) {
    const missing = status.problem.code === 'ENOENT' || status.problem.code === 'ENOTDIR';
    return { target, state: missing ? 'missing' : 'unreadable', empty: undefined };
  }
  if (status.value.kind !== 'directory') return { target, state: 'not-a-directory', empty: undefined };
  const [empty, system, real] = await Promise.all([
    isEmpty(host, target),
    host.fileSystem(target),
    host.realPath(target),
  ]);
  return {
    target,
    state: 'directory',
    empty,
    fileSystem: system.ok ? system.value : undefined,
    isMountPoint: system.ok && real.ok && system.value.mountPoint === real.value,
  };
}
