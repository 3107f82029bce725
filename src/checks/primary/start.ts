import { posix } from 'node:path';

import { notApplicable, seen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { PrimaryPaths } from '../../facts/primary.ts';
import type { KeyOfServer, PrimaryStart } from '../../facts/primary-start.ts';
import type { Host } from '../../hosts/host.ts';
import { isPrivateKeyOpen } from '../../postgres/private-key.ts';
import { startFiles } from '../../servers/catalogue.ts';
import type { Catalogue } from '../../servers/catalogue.ts';
import { closedTo } from '../closed-files.ts';
import { accountOf } from '../server-account.ts';
import { pathsOf } from './facts.ts';
import { fromCatalogue, whyOf } from './look-by-sql.ts';
import type { LookBySql } from './look-by-sql.ts';

interface Here {
  readonly path: string;
  readonly host: Host;
}

/**
 * What the next start of a server that runs goes by: it has read these files at its last one, and does not look at them
 * until then. `here`: its data directory on this machine, which shows owners and modes too.
 */
export async function primaryStartOf(bySql: LookBySql, here: Here | undefined): Promise<Observed<PrimaryStart>> {
  const paths = pathsOf(bySql);
  const local =
    bySql.seen && paths.status === 'seen' && here !== undefined
      ? await lookedAt(bySql.catalogue, paths.value, here)
      : undefined;
  if (local !== undefined) return local;
  return fromCatalogue(bySql, (catalogue) => {
    if (paths.status !== 'seen') return paths;
    const { dataDirectory, hbaFile } = paths.value;
    const { startFiles: sizes } = catalogue;
    if (!sizes.seen) return { status: 'unseen', why: whyOf(sizes) };
    const isThere = (path: string): boolean => sizes.value.get(path) !== undefined;
    return seen(
      {
        dataDirectory,
        files: startFiles.filter((name) => isThere(name)),
        hba: { file: hbaFile, missing: !isThere(hbaFile) },
      },
      'pg_stat_file()',
    );
  });
}

async function lookedAt(
  catalogue: Catalogue,
  { hbaFile }: PrimaryPaths,
  { path, host }: Here,
): Promise<Observed<PrimaryStart> | undefined> {
  const own = await host.status(path, { followLinks: true });
  if (!own.ok) return undefined;
  const { uid, gid, mode } = own.value;
  if (uid === 0) return notApplicable(`${path} belongs to root, as no server's directory does`);
  const account = await accountOf(host, uid, gid);
  const [files, hba, closed, key] = await Promise.all([
    Promise.all(startFiles.map(async (name) => host.status(posix.join(path, name), { followLinks: true }))),
    host.status(hbaFile, { followLinks: true }),
    closedTo(host, '/', account, { name: hbaFile, kind: 'file', wanted: 'read' }),
    keyOf(catalogue, path, uid, host),
  ]);
  // of this user's view alone nothing follows
  if ([...files, hba].some((one) => !one.ok && one.problem.code !== 'ENOENT')) return undefined;
  return seen(
    {
      dataDirectory: path,
      files: startFiles.filter((_, index) => files[index]?.ok === true),
      hba: { file: hbaFile, missing: !hba.ok, closed },
      account: account.name,
      openMode: (mode & groupAndOthers) === 0 ? undefined : mode,
      key,
    },
    path,
  );
}

/** What checkDataDir() of miscinit.c refuses: writing for the group, anything for others (file_perm.h, PG_MODE_MASK_GROUP). */
const groupAndOthers = 0o027;

async function keyOf(
  { settings }: Catalogue,
  directory: string,
  uid: number,
  host: Host,
): Promise<KeyOfServer | undefined> {
  const name = settings.get('ssl_key_file')?.value ?? '';
  if (settings.get('ssl')?.value !== 'on' || name === '') return undefined;
  const file = posix.resolve(directory, name);
  const status = await host.status(file, { followLinks: true });
  if (!status.ok) return status.problem.code === 'ENOENT' ? { file, problem: 'missing' } : undefined;
  const { uid: owner, mode } = status.value;
  // of a third user it is refused whatever its mode is
  if ((owner !== uid && owner !== 0) || !isPrivateKeyOpen(status.value)) return undefined;
  return { file, problem: 'open', mode, ...(owner === 0 ? { ofRoot: true } : {}) };
}
