import { posix } from 'node:path';

import type { FoundPostmaster, Place } from '../facts/machine.ts';
import { seen, unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { DataDirectory, LastStart } from '../facts/data-directory.ts';
import type { Host } from '../hosts/host.ts';
import { parseBackupLabel } from '../postgres/backup-label.ts';
import { parsePostmasterOpts, parsePostmasterPid, withoutDirectory } from '../postgres/postmaster-files.ts';
import { defineCheck } from './check.ts';
import { closedAbove } from './closed-files.ts';
import { entriesOfOthers, missingDirectories, neverInABackup } from './data-directory/content.ts';
import { signalFiles } from './data-directory/signal-files.ts';
import { tablespaceLinks } from './data-directory/tablespaces.ts';
import { foundPostmaster, postmasterWithoutLockFile } from './found-postmaster.ts';
import { lookAtPlace } from './place.ts';
import { accountOf } from './server-account.ts';
import { noStandbyYet } from './subject.ts';
import { textFile } from './text-file.ts';

/**
 * The data directory of a standby, read without any program of the server. Of its relations nothing is listed: a
 * directory of 200,000 files costs as much as an empty one.
 */
export const dataDirectoryCheck = defineCheck({
  brings: ['dataDirectoryPlace', 'dataDirectory'],
  after: [],
  async look(_facts, { subject, host, now }) {
    if (subject.command !== 'postmortem') return { dataDirectoryPlace: noStandbyYet, dataDirectory: noStandbyYet };
    const [place, dataDirectory] = await Promise.all([
      lookAtPlace(host, subject.dataDirectory, now()),
      lookInto(host, subject.dataDirectory),
    ]);
    const own = await asItsOwner(host, place);
    const { configFile } = subject;
    return {
      dataDirectoryPlace:
        own.status === 'seen' && configFile !== undefined ? { ...own, value: { ...own.value, configFile } } : own,
      dataDirectory,
    };
  },
});

/** Root can rename anything; who types the steps is the user of the server. Access control lists are not known here. */
async function asItsOwner(host: Host, place: Observed<Place>): Promise<Observed<Place>> {
  if (place.status !== 'seen' || place.value.state.kind !== 'directory') return place;
  const { state } = place.value;
  if (host.account.uid !== 0 || state.owner.uid === 0 || !state.movable) return place;
  const [own, above] = await Promise.all([
    host.status(state.realPath),
    host.status(posix.dirname(state.realPath), { followLinks: true }),
  ]);
  if (!own.ok || !above.ok) return place;
  const user = await accountOf(host, own.value.uid, own.value.gid);
  const { mode, uid, gid } = above.value;
  const shift = uid === user.uid ? 6 : gid === user.gid || user.groups.includes(gid) ? 3 : 0;
  const movable = ((mode >> shift) & 0o3) === 0o3;
  return { ...place, value: { ...place.value, state: { ...state, movable } } };
}

async function lookInto(host: Host, given: string): Promise<Observed<DataDirectory>> {
  const real = await host.realPath(posix.resolve(host.workingDirectory, given));
  if (!real.ok)
    return real.problem.code === 'EACCES'
      ? notOurs(given, real.problem.message, host)
      : unseen('unreadable', `${given}: ${real.problem.message}`);
  const path = real.value;
  const at = (name: string): string => posix.join(path, name);
  const [status, mayList] = await Promise.all([host.status(path), host.list(path, { limit: 1 })]);
  if (!status.ok) return unseen('unreadable', `${path}: ${status.problem.message}`);
  if (status.value.kind !== 'directory') return unseen('unreadable', `${path} is not a directory`);
  if (!mayList.ok) return notOurs(path, mayList.problem.message, host);
  const { uid, gid, mode } = status.value;
  const [owner, fileSystem, version, signals, label, labelOld, manifest, manifestDraft, pidFile, lastStart, rest] =
    await Promise.all([
      host.userName(uid),
      host.fileSystem(path),
      textFile(host, at('PG_VERSION'), 64),
      signalFiles(host, path),
      textFile(host, at('backup_label'), 64 * 1024),
      textFile(host, at('backup_label.old'), 64 * 1024),
      host.status(at('backup_manifest')),
      host.status(at('backup_manifest.tmp')),
      textFile(host, at('postmaster.pid'), 4_096),
      lastStartOf(host, path),
      Promise.all([missingDirectories(host, path), neverInABackup(host, path), entriesOfOthers(host, path, uid, gid)]),
    ]);
  const major = version.ok ? majorIn(version.value) : undefined;
  // what a base backup leaves tells how the directory was made
  const tellsItsMaking = label.ok || labelOld.ok || manifest.ok;
  const [tablespaces, postmaster, lockFileOf, bornAt] = await Promise.all([
    tablespaceLinks(host, path, { hasLabel: label.ok, major: major ?? 18 }),
    postmasterOn(host, path, pidFile),
    pidFile.ok ? lockFileElsewhere(host, path, pidFile.value) : undefined,
    tellsItsMaking ? undefined : birthOf(host, at('PG_VERSION')),
  ]);
  const read = pidFile.ok ? parsePostmasterPid(pidFile.value) : undefined;
  return seen(
    {
      given,
      path,
      owner: { uid, gid, name: owner.ok ? owner.value : String(uid) },
      mode,
      fileSystem: fileSystem.ok ? fileSystem.value : undefined,
      versionText: version.ok ? version.value.trim() : undefined,
      versionUnread: version.ok || version.problem.code === 'ENOENT' ? undefined : version.problem.message,
      major,
      signals,
      backupLabel: labelIn(label),
      backupLabelOld: labelIn(labelOld),
      manifest: manifest.ok ? 'there' : manifestDraft.ok ? 'temporary' : 'absent',
      tablespaces,
      bornAt,
      missingDirectories: rest[0],
      neverInABackup: rest[1],
      ofOthers: rest[2],
      lastStart,
      lockFileOf,
      postmaster,
      pidFileUnreadable: pidFileFault(pidFile, read),
    },
    path,
  );
}

/** GNU stat alone tells it, as 0 or "-" where the file system does not know. */
async function birthOf(host: Host, path: string): Promise<Date | undefined> {
  const ran = await host.run('stat', ['-c', '%W', path]);
  const seconds = ran.ok && ran.value.exitCode === 0 ? Number(ran.value.stdout.trim()) : 0;
  return seconds > 0 ? new Date(seconds * 1000) : undefined;
}

/**
 * A server that is being started or stopped shows, for a moment, what another one would have lost: its lock file or its
 * socket, or a process that has ended and is still listed. What another look does not find is no fault.
 */
async function postmasterOn(host: Host, path: string, pidFile: TextFile): Promise<FoundPostmaster | undefined> {
  const first = await postmasterBy(host, path, pidFile);
  if (first === undefined || !isFleeting(first)) return first;
  await new Promise((resolve) => setTimeout(resolve, fleetingMs));
  host.anew?.();
  return postmasterBy(host, path, await textFile(host, posix.join(path, 'postmaster.pid'), 4_096));
}

async function postmasterBy(host: Host, path: string, pidFile: TextFile): Promise<FoundPostmaster | undefined> {
  const named = pidFile.ok ? await foundPostmaster(host, path, pidFile.value) : undefined;
  return named ?? postmasterWithoutLockFile(host, path);
}

const isFleeting = ({ withoutLockFile, missingSocket, process }: FoundPostmaster): boolean =>
  withoutLockFile === true || missingSocket !== undefined || process === 'ended';

const fleetingMs = 500;

type TextFile = Awaited<ReturnType<typeof textFile>>;

async function notOurs(path: string, message: string, host: Host): Promise<Observed<never>> {
  const { place } = host;
  const account = await accountOf(host, host.account.uid, host.account.gid);
  const closed = await closedAbove(host, posix.resolve(host.workingDirectory, path), account);
  return unseen(
    'permission',
    closed === undefined ? `${path}: ${message}` : `${path}: ${message} (${account.name} cannot enter ${closed})`,
    place?.kind === 'ssh'
      ? `log in as the user that owns the data directory or as root, or, if sudo works there without a password, write -D ssh+sudo:${place.destination}:${path}`
      : closed === undefined
        ? 'run standbylint as the user that owns the data directory, or as root'
        : 'run standbylint as root',
  );
}

/** PG_VERSION of 10 and later holds the major release alone. */
const majorIn = (text: string): number | undefined => {
  const [, digits] = /^\s*(\d{1,3})(?:\.\d{1,3})?\s*$/u.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

function labelIn(file: Awaited<ReturnType<typeof textFile>>): DataDirectory['backupLabel'] {
  if (!file.ok) return file.problem.code === 'EACCES' ? { text: '', label: undefined, isUnread: true } : undefined;
  const parsed = parseBackupLabel(file.value);
  return { text: file.value, label: parsed.ok ? parsed.value : undefined };
}

function pidFileFault(
  file: Awaited<ReturnType<typeof textFile>>,
  read: ReturnType<typeof parsePostmasterPid> | undefined,
): string | undefined {
  if (!file.ok) return file.problem.code === 'ENOENT' ? undefined : file.problem.message;
  if (read === undefined || read.ok) return undefined;
  return read.fault.kind === 'empty' ? 'it is empty' : 'its first line is not a PID';
}

async function lockFileElsewhere(host: Host, path: string, text: string): Promise<string | undefined> {
  const parsed = parsePostmasterPid(text);
  const named = parsed.ok ? parsed.value.dataDirectory : null;
  if (named === null || named === path) return undefined;
  return (await sameDirectory(host, named, path)) === true ? undefined : named;
}

async function lastStartOf(host: Host, path: string): Promise<LastStart | undefined> {
  const file = posix.join(path, 'postmaster.opts');
  const text = await textFile(host, file, 64 * 1024);
  const parsed = text.ok ? parsePostmasterOpts(text.value) : undefined;
  if (parsed?.ok !== true) return undefined;
  const status = await host.status(file);
  const directory = parsed.value.dataDirectory ?? undefined;
  return {
    program: parsed.value.program,
    directory,
    options: withoutDirectory(parsed.value.arguments),
    here:
      directory === undefined || !posix.isAbsolute(directory) ? undefined : await startedHere(host, directory, path),
    at: status.ok ? status.value.modifiedAt : undefined,
  };
}

/** -D may name the directory of the configuration, which is no data directory (manual: File Locations). */
async function startedHere(host: Host, named: string, path: string): Promise<boolean | undefined> {
  const same = await sameDirectory(host, named, path);
  if (same !== false) return same;
  const hasVersion = await host.status(posix.join(named, 'PG_VERSION'));
  return hasVersion.ok ? false : undefined;
}

/** Undefined when the other one cannot be looked at; it may be this one as a container sees it. */
async function sameDirectory(host: Host, one: string, other: string): Promise<boolean | undefined> {
  const [a, b] = await Promise.all([
    host.status(one, { followLinks: true }),
    host.status(other, { followLinks: true }),
  ]);
  if (!a.ok || !b.ok) return undefined;
  return a.value.device === b.value.device && a.value.inode === b.value.inode;
}
