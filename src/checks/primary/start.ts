import { posix } from 'node:path';

import { notApplicable, seen, unseen } from '../../facts/observed.ts';
import type { Observed } from '../../facts/observed.ts';
import type { KeyOfServer, PrimaryStart } from '../../facts/primary-start.ts';
import type { Host } from '../../hosts/host.ts';
import { isPrivateKeyOpen } from '../../postgres/private-key.ts';
import { startFiles } from '../../servers/catalogue.ts';
import type { Catalogue } from '../../servers/catalogue.ts';
import { closedTo } from '../closed-files.ts';
import { accountOf } from '../server-account.ts';
import { fromCatalogue, whyOf } from './look-by-sql.ts';
import type { LookBySql } from './look-by-sql.ts';

/**
 * What the next start of a server that runs goes by: it has read these files at its last one, and does not look at them
 * until then. `here`: its data directory on this machine, which shows owners and modes too.
 */
export async function primaryStartOf(
  bySql: LookBySql,
  here: { readonly path: string; readonly host: Host } | undefined,
): Promise<Observed<PrimaryStart>> {
  const local = bySql.seen && here !== undefined ? await lookedAt(bySql.catalogue, here.path, here.host) : undefined;
  if (local !== undefined) return local;
  return fromCatalogue(bySql, (catalogue) => {
    const paths = pathsOf(catalogue);
    if (paths === undefined) return unseen('permission', 'data_directory: the role may not see this setting');
    const { startFiles: sizes } = catalogue;
    if (!sizes.seen) return { status: 'unseen', why: whyOf(sizes) };
    const isThere = (path: string): boolean => sizes.value.get(path) !== undefined;
    return seen(
      {
        dataDirectory: paths.dataDirectory,
        files: startFiles.filter((name) => isThere(name)),
        hba: { file: paths.hba, missing: !isThere(paths.hba) },
      },
      'pg_stat_file()',
    );
  });
}

function pathsOf({ settings }: Catalogue): { readonly dataDirectory: string; readonly hba: string } | undefined {
  const [dataDirectory, hba] = ['data_directory', 'hba_file'].map((name) => settings.get(name)?.value ?? '');
  return dataDirectory === undefined || dataDirectory === '' || hba === undefined || hba === ''
    ? undefined
    : { dataDirectory, hba };
}

async function lookedAt(catalogue: Catalogue, path: string, host: Host): Promise<Observed<PrimaryStart> | undefined> {
  const paths = pathsOf(catalogue);
  const own = await host.status(path, { followLinks: true });
  if (!own.ok || paths === undefined) return undefined;
  const { uid, gid, mode } = own.value;
  if (uid === 0) return notApplicable(`${path} belongs to root, as no server's directory does`);
  const account = await accountOf(host, uid, gid);
  const [files, hba, closed, key] = await Promise.all([
    Promise.all(startFiles.map(async (name) => host.status(posix.join(path, name), { followLinks: true }))),
    host.status(paths.hba, { followLinks: true }),
    closedTo(host, '/', account, { name: paths.hba, kind: 'file', wanted: 'read' }),
    keyOf(catalogue, path, uid, host),
  ]);
  // of this user's view alone nothing follows
  if ([...files, hba].some((one) => !one.ok && one.problem.code !== 'ENOENT')) return undefined;
  return seen(
    {
      dataDirectory: path,
      files: startFiles.filter((_, index) => files[index]?.ok === true),
      hba: { file: paths.hba, missing: !hba.ok, closed },
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
