import { posix } from 'node:path';

import type { ClosedEntry } from '../facts/server-files.ts';
import type { FileStatus, Host } from '../hosts/host.ts';
import type { UserWithGroups } from '../hosts/host-of-user.ts';
import { hasAccessList } from './access-list.ts';
import { mostOpened } from './data-files.ts';
import { lockedPaths } from './file-attributes.ts';
import type { DataFile } from './internal-facts.ts';

/** What a server does with an entry of its data directory, by the entry's name there. */
export interface Wanted {
  readonly name: string;
  readonly kind: 'file' | 'directory';
  readonly wanted: 'read' | 'write';
}

/** Whoever is root can open everything: what the account may do is computed from the mode. */
export async function closedTo(
  host: Host,
  directory: string,
  account: UserWithGroups,
  { name, kind, wanted }: Wanted,
): Promise<ClosedEntry | undefined> {
  if (account.uid === 0) return undefined;
  const given = posix.join(directory, name);
  const status = await host.status(given, { followLinks: true });
  if (!status.ok || status.value.kind !== kind) return undefined;
  const { uid } = status.value;
  const bits = wanted === 'write' ? 0o6 : 0o4;
  if (allowed(status.value, account, kind === 'directory' ? bits | 0o1 : bits)) return undefined;
  // an access control list may allow what the mode does not; of the owner it says the same
  if (uid !== account.uid && host.account.uid === account.uid) {
    const may = await host.may(given, wanted);
    if (may.ok && may.value) return undefined;
  } else if (uid !== account.uid && (kind === 'directory' || wanted === 'read') && (await hasAccessList(host, given)))
    return undefined;
  return entryOf(host, given, status.value, account, { kind, wanted });
}

/** The first directory on the way to a path that the account cannot enter, whatever the path itself allows. */
export async function closedAbove(host: Host, path: string, account: UserWithGroups): Promise<string | undefined> {
  if (account.uid === 0) return undefined;
  const above = path.split('/').map((_, at, parts) => parts.slice(0, at).join('/'));
  for (const directory of above.filter((one) => one !== '')) {
    const status = await host.status(directory, { followLinks: true });
    if (!status.ok || status.value.kind !== 'directory') return undefined;
    if (!allowed(status.value, account, 0o1) && !(await hasAccessList(host, directory))) return directory;
  }
  return undefined;
}

/** The directory that keeps the account from the data directory, or from where links of it lead to. */
export async function closedWays(
  host: Host,
  directory: string,
  links: readonly string[],
  account: UserWithGroups,
): Promise<readonly ClosedEntry[]> {
  const targets = await Promise.all(
    links.map(async (name) => {
      const link = await host.readLink(posix.join(directory, name));
      return link.ok ? posix.resolve(posix.join(directory, name, '..'), link.value) : undefined;
    }),
  );
  const found = await Promise.all(
    [directory, ...targets.filter((one) => one !== undefined)].map(async (leadsTo) => {
      const closed = await closedAbove(host, leadsTo, account);
      const status = closed === undefined ? undefined : await host.status(closed, { followLinks: true });
      if (closed === undefined || status?.ok !== true) return undefined;
      const entry = await entryOf(host, closed, status.value, account, { kind: 'directory', wanted: 'pass' });
      return { ...entry, leadsTo };
    }),
  );
  return found.filter((one) => one !== undefined);
}

async function entryOf(
  host: Host,
  given: string,
  { mode, uid }: FileStatus,
  account: UserWithGroups,
  what: Pick<ClosedEntry, 'kind' | 'wanted' | 'attribute'>,
): Promise<ClosedEntry> {
  const [real, owner] = await Promise.all([host.realPath(given), host.userName(uid)]);
  return {
    path: real.ok ? real.value : given,
    owner: { uid, name: owner.ok ? owner.value : String(uid) },
    own: uid === account.uid,
    mode,
    ...what,
  };
}

/**
 * What the server writes and nobody can change: immutable or append-only by an attribute of its file system. Of a
 * configuration that is meant. lsattr(1) opens what it looks at: of the files only so many, those of databases last. Nothing
 * where it is missing, or does not end in time.
 */
export async function lockedEntries(
  host: Host,
  directory: string,
  account: UserWithGroups,
  known: { readonly directories: readonly string[]; readonly files: readonly DataFile[] } | undefined,
): Promise<readonly ClosedEntry[]> {
  const listed = await (known === undefined
    ? attributesBelow(host, directory)
    : attributesOf(host, directory, known.directories, known.files));
  const found = listed.flatMap((line) => {
    const [, flags, path] = /^([-A-Za-z]+) +(\/.*)$/u.exec(line) ?? [];
    return flags === undefined || path === undefined ? [] : [{ flags, path: path.replace(/\/$/u, '') }];
  });
  const looked = await Promise.all(
    found.map(async ({ flags, path }): Promise<readonly ClosedEntry[]> => {
      const status = await host.status(path, { followLinks: false });
      if (!status.ok) return [];
      const { kind } = status.value;
      const name = posix.relative(directory, path);
      const isWritten =
        kind === 'directory' || (kind === 'file' && (ofTheServer.test(name) || name === 'global/pg_control'));
      if (!isWritten || (kind !== 'directory' && kind !== 'file')) return [];
      const attribute = flags.includes('i') ? 'immutable' : 'append-only';
      return [await entryOf(host, path, status.value, account, { kind, wanted: 'write', attribute })];
    }),
  );
  return looked.flat();
}

/** Of what was found already: one program instead of nine. */
async function attributesOf(
  host: Host,
  directory: string,
  directories: readonly string[],
  files: readonly DataFile[],
): Promise<readonly string[]> {
  const own = files.filter(({ isBehindLink }) => !isBehindLink).map(({ path }) => path);
  const written = own.filter((path) => ofTheServer.test(path) || path === 'global/pg_control');
  const [last, first] = [written.filter(isOfDatabase), written.filter((path) => !isOfDatabase(path))];
  const above = new Set([...directories, ...own.map((path) => path.slice(0, path.lastIndexOf('/')))]);
  const names = [...above, ...[...first, ...last].slice(0, mostOpened)];
  const root = directory.replace(/(?<=.)\/+$/u, '');
  const locked = await lockedPaths(
    host,
    names.map((name) => (name === '' ? root : `${root}/${name}`)),
  );
  return locked.slice(0, mostSuspects);
}

const isOfDatabase = (path: string): boolean => path.startsWith('base/');

async function attributesBelow(host: Host, directory: string): Promise<readonly string[]> {
  const script = `command -v lsattr >/dev/null || exit 3
{ find "$1" -type d; { find "$1" -type f ! -path "$1base/*"; find "$1base" -type f; } | head -n ${mostOpened}; } 2>/dev/null | tr '\\n' '\\0' | xargs -0 -r lsattr -d -- 2>/dev/null | grep -E '^[-[:alpha:]]*[ia][-[:alpha:]]* +/' | head -n ${mostSuspects}`;
  const ran = await host.run('sh', ['-c', script, 'sh', `${directory}/`], { timeoutMs: longestMs });
  return ran.ok ? ran.value.stdout.split('\n') : [];
}

function allowed({ mode, uid, gid }: FileStatus, account: UserWithGroups, bits: number): boolean {
  const shift = uid === account.uid ? 6 : gid === account.gid || account.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

export interface ClosedFiles {
  readonly closed: readonly ClosedEntry[];
  /** Undefined: all of them were looked at. */
  readonly sample: number | undefined;
}

/**
 * The files of tables, of transaction status and of WAL that the account cannot use: find(1) looks at all of them for as
 * long as a look may take, and where it cannot, some of each directory are looked at. Files that no server makes do not
 * matter to one.
 */
export async function closedFiles(
  host: Host,
  directory: string,
  account: UserWithGroups,
  directories: readonly string[],
  files: readonly DataFile[] | undefined,
): Promise<ClosedFiles> {
  if (account.uid === 0) return { closed: [], sample: undefined };
  const { names, sample } =
    suspectsAmong(files, account, directories) ??
    (await suspects(host, directory, account, directories)) ??
    (await some(host, directory, directories));
  const looked = await Promise.all(
    names
      .filter((name) => ofTheServer.test(name))
      .map(async (name) => closedTo(host, directory, account, { name, kind: 'file', wanted: 'write' })),
  );
  return { closed: looked.filter((one) => one !== undefined), sample };
}

/** relpath.h, slru.c, xlog_internal.h: forks and parts of relations, transaction status, segments and histories. */
const ofTheServer =
  /(?:^|\/)(?:(?:base\/\d+|global|PG_\d+_\d+\/\d+)\/\d+(?:_(?:fsm|vm|init))?(?:\.\d+)?|(?:pg_xact|pg_multixact\/(?:members|offsets)|pg_commit_ts|pg_subtrans)\/[\dA-F]{4,}|pg_wal\/(?:[\dA-F]{24}|[\dA-F]{8}\.history))$/u;

interface Named {
  readonly names: readonly string[];
  readonly sample: number | undefined;
}

/** The same, of files that were looked at. */
function suspectsAmong(
  files: readonly DataFile[] | undefined,
  { uid }: UserWithGroups,
  directories: readonly string[],
): Named | undefined {
  const found = files?.filter(
    (file) =>
      !file.isBehindLink &&
      (file.uid !== uid || (file.mode & 0o600) !== 0o600) &&
      directories.some((name) => file.path.startsWith(`${name}/`)),
  );
  return found && { names: found.slice(0, mostSuspects).map(({ path }) => path), sample: undefined };
}

/** Those that the owner's bits do not open to the account. Undefined: find(1) is missing, or did not end in time. */
async function suspects(
  host: Host,
  directory: string,
  { uid }: UserWithGroups,
  directories: readonly string[],
): Promise<Named | undefined> {
  const paths = directories
    .filter((name) => !directories.some((other) => name.startsWith(`${other}/`)))
    .map((name) => `${posix.join(directory, name)}/`);
  const script = `find "$@" -type f '(' ! -user ${uid} -o ! -perm -600 ')' -print 2>/dev/null | head -n ${mostSuspects}`;
  const ran = await host.run('sh', ['-c', `command -v find >/dev/null || exit 3; ${script}`, 'sh', ...paths], {
    timeoutMs: longestMs,
  });
  if (!ran.ok || ran.value.exitCode !== 0) return undefined;
  const found = ran.value.stdout.split('\n').filter((path) => path !== '');
  return { names: found.map((path) => posix.relative(directory, path)), sample: undefined };
}

const mostSuspects = 500;
const longestMs = 3_000;

async function some(host: Host, directory: string, directories: readonly string[]): Promise<Named> {
  const listed = await Promise.all(
    directories
      .filter((name) => name !== 'base')
      .slice(0, 24)
      .map(async (name) => {
        const listing = await host.list(posix.join(directory, name), { limit: someOfEach });
        return (listing.ok ? listing.value.entries : []).map((entry) => posix.join(name, entry.name));
      }),
  );
  const names = listed.flat();
  return { names, sample: names.length };
}

const someOfEach = 40;
