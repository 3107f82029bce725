import { posix } from 'node:path';

import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { InstalledTools, Place } from '../facts/machine.ts';
import type { Primary, ServerControl, Slot, Tablespace } from '../facts/primary.ts';
import type { Remedy, Step } from '../findings/report.ts';
import type { DataDirectory } from '../facts/data-directory.ts';
import type { StandbyConfiguration, StandbyConninfo, StandbyControl } from '../facts/standby-configuration.ts';
import type { LocalWal } from '../facts/standby-wal.ts';
import { settingDefinition } from '../postgres/settings.ts';
import { backupName, editFile } from './edit-file.ts';
import { puttingBack } from './copy-files.ts';
import { movedInto, upwards } from './moving-content.ts';
import { connectionFilesIn, withFilesIn } from './connection-files.ts';
import { shellWord } from './quoting.ts';
import { destructive, manual, shell } from './remedy.ts';
import { asTyped } from './typed-conninfo.ts';
import { binDirectoryOf, program, start, stop } from './server-control.ts';

/** What is known of the standby that is to be made again. `slots` and `tablespaces` are the primary's. */
export interface NewCopySeen {
  readonly now: Date;
  readonly dataDirectory: Wanted<DataDirectory>;
  readonly dataDirectoryPlace: Wanted<Place>;
  readonly localWal: Wanted<LocalWal>;
  readonly standbyConfiguration: Wanted<StandbyConfiguration>;
  readonly standbyConninfo: Wanted<StandbyConninfo>;
  readonly standbyControl: Observed<StandbyControl>;
  readonly slots: Observed<readonly Slot[]>;
  readonly tablespaces: Observed<readonly Tablespace[]>;
  readonly primary: Wanted<Primary>;
  readonly installedTools: Observed<InstalledTools>;
}

/** A fact that a rule wants, or the value of one that it needs. */
type Wanted<T extends object> = Observed<T> | T;

export function valueOf<T extends object>(fact: Wanted<T>): T | undefined {
  return isObserved(fact) ? ifSeen(fact) : fact;
}

const isObserved = <T extends object>(fact: Wanted<T>): fact is Observed<T> =>
  'status' in fact && (fact.status === 'seen' || fact.status === 'unseen' || fact.status === 'not-applicable');

/** The facts that {@link newCopy} goes by, for a rule's `wants`. */
export const newCopyFacts = [
  'dataDirectory',
  'dataDirectoryPlace',
  'localWal',
  'standbyConfiguration',
  'standbyConninfo',
  'standbyControl',
  'slots',
  'tablespaces',
  'primary',
  'installedTools',
] as const;

/**
 * Makes the standby again: its server is stopped, the data directory (and what of it lies elsewhere) moved aside and never
 * deleted, a base backup taken with the parameters of primary_conninfo, the standby's own configuration put back,
 * and the server started.
 */
export const newCopy = (
  seen: NewCopySeen,
  summary = 'Take a new base backup of the primary; the old directory is moved aside.',
  unlinked: readonly number[] = [],
): Remedy => destructive(summary, ...newCopySteps(seen, unlinked));

/** The steps of {@link newCopy}. @param unlinked tablespaces of which nothing is known here: what lies at their locations on the primary may be another's */
export function newCopySteps(seen: NewCopySeen, unlinked: readonly number[] = []): readonly Step[] {
  const directory = valueOf(seen.dataDirectory);
  const conninfo = valueOf(seen.standbyConninfo);
  const place = valueOf(seen.dataDirectoryPlace);
  const { control: now, running } = ifSeen(seen.standbyControl) ?? { control: unknownControl, running: false };
  const path = directory?.path ?? place?.path;
  if (path === undefined || conninfo?.text === undefined || conninfo.problem !== undefined)
    return [
      byHand(
        'Move the data directory aside, take a new base backup of the primary with `standbylint clone`, and start the server on it.',
      ),
    ];
  // where a server was started on what lies there, it is what was meant
  if (place?.missingMount !== undefined && directory?.lastStart?.here !== true)
    return [
      manual(
        'standby',
        `As root: mount ${shellWord(place.missingMount)} (/etc/fstab has a file system for it, but it is not mounted: the files now in ${path} are not those of this standby). Then run standbylint again.`,
      ),
    ];
  const { major } = valueOf(seen.primary) ?? {};
  const other = major === undefined || directory?.major === undefined || directory.major === major ? undefined : major;
  const control = other === undefined ? now : controlOfRelease(now, other, ifSeen(seen.installedTools));
  if (typeof control === 'string') return [byHand(control)];
  const state = place?.state.kind === 'directory' ? place.state : undefined;
  const aside = place?.aside ?? backupName(path, seen.now);
  if (state?.movable === false && isWalMountedIn(seen, path))
    return [
      ...(running ? [stop('standby', control)] : []),
      byHand(
        `Neither ${path} nor ${path}/pg_wal, which is a separate file system, can be renamed. Move all files of both to another place, and unmount pg_wal. Then run: ${baseBackup(seen, control, path, conninfo)}. Move the new files in pg_wal to the file system of pg_wal, and mount it at pg_wal again.`,
      ),
      start('standby', control),
    ];
  const data = roomAt(path, ending(path, aside), state?.movable !== false, {
    into: place === undefined ? 'data' : posix.basename(place.subdirectory),
    taken: state?.entries ?? [],
  });
  // they are moved aside, too, and come back with the configuration
  const files = connectionFilesIn(path, conninfo.text);
  const connection = { ...conninfo, text: withFilesIn(data.old, files, asTyped(conninfo.text)) };
  const [wal, tablespaces] = [walRoom(seen, path, aside), tablespaceRooms(seen, path, aside)];
  const rooms = [data, ...(wal === undefined ? [] : [wal]), ...tablespaces.map(({ room }) => room)];
  return [
    ...(running ? [stop('standby', control)] : []),
    ...rooms.map(({ clearing, from, old }) => shell('standby', clearing, 'move-aside', from, old)),
    copying(
      baseBackup(seen, control, data.copy, connection, {
        wal: wal?.copy,
        tablespaces: [...mappings(seen, tablespaces), ...besides(seen, unlinked, path)],
      }),
      connection,
      rooms.map(({ copy }) => copy),
    ),
    // a server looks for its data at the top
    ...(data.copy === path ? [] : [shell('standby', upwards(data.copy), 'put-back', data.copy)]),
    ...ownFiles(
      seen,
      path,
      data.old,
      files.map(({ name }) => name),
    ),
    ...(other === undefined ? [] : unknownTo(other, seen)),
    start('standby', control),
  ];
}

/** A new copy that a person makes. */
const byHand = (text: string): Step => ({ ...manual('standby', text), does: 'copy' });

const unknownControl = { kind: 'unknown' } as const;

/**
 * A server of the primary's release is to run on the copy, where the old one was of another: the programs that make it and
 * start it are of that release. A sentence where that needs a person first.
 */
function controlOfRelease(
  control: ServerControl,
  major: number,
  tools: InstalledTools | undefined,
): ServerControl | string {
  if (control.kind === 'pg_ctlcluster')
    return `As root: pg_createcluster ${major} ${shellWord(control.cluster)}, and copy the configuration of the old cluster to it. Take a base backup into its data directory with standbylint clone, and start it with pg_ctlcluster.`;
  const server = tools?.servers.find((tool) => tool.major === major);
  if (server === undefined || !tools?.basebackups.some((tool) => tool.major === major))
    return `Install PostgreSQL ${major} (server and pg_basebackup) on this machine: no programs of that release were found. Then run standbylint again.`;
  return control.kind === 'pg_ctl'
    ? { ...control, binDirectory: server.binDirectory }
    : `Run PostgreSQL ${major} on this machine: move the data directory aside, take a base backup of the primary in its place with standbylint clone, and let ${control.kind === 'systemd' ? `the unit ${control.unit}` : control.kind === 'container' ? 'a container of that release' : 'the programs of that release'} start the server on it.`;
}

/** A server does not start with settings that its release does not have: their lines become comments. */
function unknownTo(major: number, seen: NewCopySeen): readonly Step[] {
  const configuration = valueOf(seen.standbyConfiguration);
  const lines = (configuration?.files.assignments ?? []).flatMap(({ name, source }) =>
    source.kind !== 'file' || name.includes('.') || settingDefinition(name, major) !== undefined ? [] : [source],
  );
  return [...new Set(lines.map(({ file }) => file))].map((file) =>
    editFile(
      'standby',
      // the old directory's own file, which was put into the copy
      { file, now: seen.now, written: configuration?.written?.get(file) },
      { act: 'comment-out', lines: lines.filter((one) => one.file === file).map(({ line }) => line) },
    ),
  );
}

/** A directory that the copy writes to, cleared of what is in it. */
interface Room {
  readonly from: string;
  readonly clearing: string;
  /** Where the old content is. */
  readonly old: string;
  /** Where the copy goes. */
  readonly copy: string;
}

/**
 * A directory is renamed. One that cannot be (a mount point: rename(2), EBUSY) is emptied into a new one within it, on the
 * same file system, and the copy goes into another one there: pg_basebackup wants it empty, and the old content and
 * lost+found are not nothing (pgcheckdir.c).
 */
function roomAt(
  path: string,
  suffix: string,
  movable: boolean,
  within: { readonly into: string; readonly taken: readonly string[] },
): Room {
  if (movable)
    return {
      from: path,
      clearing: `mv ${shellWord(path)} ${shellWord(path + suffix)}`,
      old: path + suffix,
      copy: path,
    };
  const wanted = suffix.replace(/^\./u, '');
  const names = [wanted, ...[2, 3, 4, 5, 6, 7, 8, 9].map((number) => `${wanted}-${number}`)];
  const name = names.find((one) => !within.taken.includes(one)) ?? wanted;
  const old = posix.join(path, name);
  return {
    from: path,
    clearing: movedInto(path, name),
    old,
    copy: posix.join(path, within.into),
  };
}

/** What the data directory's new name has at its end. */
const ending = (path: string, aside: string): string =>
  aside.startsWith(path) ? aside.slice(path.length) : '.before-standby';

/** WAL behind a link: what the link leads to. */
function walRoom(seen: NewCopySeen, path: string, aside: string): Room | undefined {
  const wal = valueOf(seen.localWal);
  if (wal?.state !== 'directory' || posix.dirname(wal.path) === path) return undefined;
  return roomAt(wal.path, ending(path, aside), wal.fileSystem?.mountPoint !== wal.path, { into: 'pg_wal', taken: [] });
}

const isWalMountedIn = (seen: NewCopySeen, path: string): boolean => {
  const wal = valueOf(seen.localWal);
  return wal !== undefined && posix.dirname(wal.path) === path && wal.fileSystem?.mountPoint === wal.path;
};

interface TablespaceRoom {
  readonly oid: number;
  readonly room: Room;
}

/** Tablespaces that are not empty. */
function tablespaceRooms(seen: NewCopySeen, path: string, aside: string): readonly TablespaceRoom[] {
  return (valueOf(seen.dataDirectory)?.tablespaces ?? []).flatMap(({ oid, target, state, empty, isMountPoint }) => {
    if (target === undefined || state !== 'directory' || empty === true) return [];
    const into = `pg_tblspc_${oid}`;
    return [{ oid, room: roomAt(target, ending(path, aside), isMountPoint !== true, { into, taken: [] }) }];
  });
}

/** As whoever runs the server: the password file of primary_conninfo serves, and what was written there is asked for. */
export function baseBackup(
  seen: NewCopySeen,
  control: ServerControl,
  path: string,
  conninfo: StandbyConninfo,
  places: { readonly wal?: string | undefined; readonly tablespaces?: readonly string[] } = {},
): string {
  const { wal, tablespaces = mappings(seen, []) } = places;
  const slot = valueOf(seen.standbyConfiguration)?.files.settings.get('primary_slot_name')?.value ?? '';
  const known = ifSeen(seen.slots)?.find(({ name }) => name === slot);
  const gone = ifSeen(seen.slots) !== undefined && known === undefined;
  const words = [
    program(binDirectoryOf(control), 'pg_basebackup'),
    '-d',
    shellWord(asTyped(conninfo.text ?? '')),
    '-D',
    shellWord(path),
    ...(wal === undefined ? [] : [`--waldir=${shellWord(wal)}`]),
    ...tablespaces,
    '-R -X stream -c fast -P',
    ...(conninfo.hasPassword ? ['-W'] : []),
    // a slot that has lost its WAL serves nobody (slot.c, ReplicationSlotAcquire)
    ...(slot === '' || known?.walStatus === 'lost' ? [] : [...(gone ? ['-C'] : []), '-S', shellWord(slot)]),
  ];
  return words.join(' ');
}

/** The base backup as a step: pg_basebackup itself asks for the password, and `-R` writes it in whatever quotes it needs. */
export const copying = (command: string, { hasPassword, text }: StandbyConninfo, places: readonly string[]): Step => ({
  ...shell('standby', command, 'copy', ...places),
  connects: asTyped(text ?? ''),
  ...(hasPassword ? { asksPassword: true } : {}),
});

/** A tablespace that lies in another place here than on the primary goes there again. */
function mappings(seen: NewCopySeen, rooms: readonly TablespaceRoom[]): readonly string[] {
  const theirs = ifSeen(seen.tablespaces) ?? [];
  return (valueOf(seen.dataDirectory)?.tablespaces ?? []).flatMap(({ oid, target }) => {
    const location = theirs.find((one) => one.oid === oid)?.location ?? '';
    const place = rooms.find((one) => one.oid === oid)?.room.copy ?? target;
    return place === undefined || location === '' || location === place ? [] : mapping(location, place);
  });
}

/** Beside the data directory. */
const besides = (seen: NewCopySeen, oids: readonly number[], path: string): readonly string[] =>
  (ifSeen(seen.tablespaces) ?? [])
    .filter(({ oid, location }) => oids.includes(oid) && location !== '')
    .flatMap(({ oid, location }) => mapping(location, posix.join(`${path}-tablespaces`, String(oid))));

/** pg_basebackup.c, tablespace_list_append: a sign of equality within a path is escaped. */
export function mapping(location: string, place: string): readonly string[] {
  const [from, to] = [location, place].map((path) => path.replaceAll('=', String.raw`\=`));
  return ['-T', shellWord(`${from}=${to}`)];
}

/**
 * The copy brings the primary's configuration: where the standby has one of its own in the directory, that one is put back,
 * and with it the files of its connection.
 */
function ownFiles(seen: NewCopySeen, path: string, aside: string, ofConnection: readonly string[]): readonly Step[] {
  const kept = [...new Set([...ownConfiguration(seen, path), ...ofConnection])];
  return kept.length === 0 ? [] : [puttingBack(aside, path, kept)];
}

function ownConfiguration(seen: NewCopySeen, path: string): readonly string[] {
  const configuration = valueOf(seen.standbyConfiguration);
  if (configuration === undefined || configuration.files.faults.length > 0) return [];
  const files = configuration.ownFiles;
  // -R wrote primary_conninfo into postgresql.auto.conf just now; the old one says the same, unless it came from elsewhere
  const inForce = configuration.files.settings.get('primary_conninfo')?.source;
  return inForce?.kind === 'file' && files.includes(inForce.file.slice(path.length + 1))
    ? files
    : files.filter((file) => file !== 'postgresql.auto.conf');
}
