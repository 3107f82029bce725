import { posix } from 'node:path';

import { ifSeen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';
import type { Place } from '../facts/machine.ts';
import type { Slot, Tablespace } from '../facts/primary.ts';
import type { Remedy, Step } from '../facts/report.ts';
import type {
  DataDirectory,
  LocalWal,
  StandbyConfiguration,
  StandbyConninfo,
  StandbyControl,
} from '../facts/standby.ts';
import { backupName } from './edit-file.ts';
import { copyFiles, ownFiles } from './own-files.ts';
import { shellWord } from './quoting.ts';
import { destructive, manual, shell } from './remedy.ts';
import { binDirectoryOf, program, start, stop } from './server-control.ts';

/** What is known of the standby that is to be made anew. `slots` and `tablespaces` are the primary's. */
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
}

/** A fact that a rule wants, or the value of one that it needs. */
type Wanted<T extends object> = Observed<T> | T;

function valueOf<T extends object>(fact: Wanted<T>): T | undefined {
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
] as const;

/**
 * Makes the standby anew: its server is stopped, the data directory (and what of it lies elsewhere) moved aside and never
 * deleted, a base backup taken with the very parameters of primary_conninfo, the standby's own configuration put back,
 * and the server started.
 */
export const newCopy = (
  seen: NewCopySeen,
  summary = 'Make a new copy of the primary; the old directory is moved aside.',
): Remedy => destructive(summary, ...newCopySteps(seen));

export function newCopySteps(seen: NewCopySeen): readonly Step[] {
  const directory = valueOf(seen.dataDirectory);
  const conninfo = valueOf(seen.standbyConninfo);
  const place = valueOf(seen.dataDirectoryPlace);
  const { control, running } = ifSeen(seen.standbyControl) ?? { control: { kind: 'unknown' } as const, running: false };
  const path = directory?.path ?? place?.path;
  if (path === undefined || conninfo?.text === undefined || conninfo.problem !== undefined)
    return [
      manual(
        'standby',
        'Move the data directory aside, take a new base backup of the primary with `standbylint clone`, and start the server on it.',
      ),
    ];
  const state = place?.state.kind === 'directory' ? place.state : undefined;
  const aside = place?.aside ?? backupName(path, seen.now);
  if (state !== undefined && !state.movable)
    return [
      ...(running ? [stop('standby', control)] : []),
      manual(
        'standby',
        `${path} cannot be renamed: ${state.isMountPoint ? 'it is a mount point' : 'its parent directory is not writable'}. Move all that is in it to another place, so that it is empty, then run: ${baseBackup(seen, path, conninfo)}`,
      ),
      start('standby', control),
    ];
  return [
    ...(running ? [stop('standby', control)] : []),
    shell('standby', `mv ${shellWord(path)} ${shellWord(aside)}`),
    ...elsewhere(seen, path).map((other) =>
      shell('standby', `mv ${shellWord(other)} ${shellWord(backupOf(other, aside, path))}`),
    ),
    shell('standby', baseBackup(seen, path, conninfo)),
    ...ownConfiguration(seen, path, aside),
    start('standby', control),
  ];
}

/** The same ending as the data directory's new name has. */
const backupOf = (other: string, aside: string, path: string): string =>
  `${other}${aside.startsWith(path) ? aside.slice(path.length) : '.before-standby'}`;

/** Directories that the copy will write to as well: WAL behind a link, and tablespaces that are not empty. */
function elsewhere(seen: NewCopySeen, path: string): readonly string[] {
  const wal = walElsewhere(seen, path);
  const tablespaces = (valueOf(seen.dataDirectory)?.tablespaces ?? []).flatMap(({ target, state, empty }) =>
    target !== undefined && state === 'directory' && empty !== true ? [target] : [],
  );
  return [...(wal === undefined ? [] : [wal]), ...tablespaces];
}

function walElsewhere(seen: NewCopySeen, path: string): string | undefined {
  const wal = valueOf(seen.localWal);
  if (wal?.state !== 'directory') return undefined;
  return posix.dirname(wal.path) === path ? undefined : wal.path;
}

/** As whoever runs the server: the password file of primary_conninfo serves, and a password goes by the environment. */
function baseBackup(seen: NewCopySeen, path: string, conninfo: StandbyConninfo): string {
  const { control } = ifSeen(seen.standbyControl) ?? { control: { kind: 'unknown' } as const };
  const slot = valueOf(seen.standbyConfiguration)?.files.settings.get('primary_slot_name')?.value ?? '';
  const known = ifSeen(seen.slots)?.find(({ name }) => name === slot);
  const gone = ifSeen(seen.slots) !== undefined && known === undefined;
  const wal = walElsewhere(seen, path);
  const words = [
    program(binDirectoryOf(control), 'pg_basebackup'),
    '-d',
    shellWord(withoutPassword(conninfo.text ?? '')),
    '-D',
    shellWord(path),
    ...(wal === undefined ? [] : [`--waldir=${shellWord(wal)}`]),
    ...mappings(seen),
    '-R -X stream -c fast -P',
    // a slot that has lost its WAL serves nobody (slot.c, ReplicationSlotAcquire)
    ...(slot === '' || known?.walStatus === 'lost' ? [] : [...(gone ? ['-C'] : []), '-S', shellWord(slot)]),
  ];
  return `${conninfo.hasPassword ? "PGPASSWORD='<password>' " : ''}${words.join(' ')}`;
}

/** A tablespace that lies in another place here than on the primary goes there again. */
function mappings(seen: NewCopySeen): readonly string[] {
  const theirs = ifSeen(seen.tablespaces) ?? [];
  return (valueOf(seen.dataDirectory)?.tablespaces ?? []).flatMap(({ oid, target }) => {
    const location = theirs.find((one) => one.oid === oid)?.location ?? '';
    if (target === undefined || location === '' || location === target) return [];
    // pg_basebackup.c, tablespace_list_append: a sign of equality within a path is escaped
    const [from, to] = [location, target].map((path) => path.replaceAll('=', String.raw`\=`));
    return ['-T', shellWord(`${from}=${to}`)];
  });
}

/** The masked password is taken out of a connection string: the process list shows command lines to everybody. */
const withoutPassword = (masked: string): string =>
  masked
    .replaceAll(
      /(^|\s)(?:password|sslpassword|scram_client_key|scram_server_key|oauth_client_secret)\s*=\s*\*\*\*(?=\s|$)/gu,
      '$1',
    )
    .replaceAll(/(:\/\/[^:@/]*):\*\*\*@/gu, '$1@')
    .trim()
    .replaceAll(/ {2,}/gu, ' ');

/** The copy brings the primary's configuration: where the standby has one of its own in the directory, that one is put back. */
function ownConfiguration(seen: NewCopySeen, path: string, aside: string): readonly Step[] {
  const configuration = valueOf(seen.standbyConfiguration);
  if (configuration === undefined || configuration.files.faults.length > 0) return [];
  const files = ownFiles(path, configuration);
  // -R wrote primary_conninfo into postgresql.auto.conf just now; the old one says the same, unless it came from elsewhere
  const inForce = configuration.files.settings.get('primary_conninfo')?.source;
  const kept =
    inForce?.kind === 'file' && files.includes(inForce.file.slice(path.length + 1))
      ? files
      : files.filter((file) => file !== 'postgresql.auto.conf');
  return kept.length === 0 ? [] : [shell('standby', copyFiles(aside, path, kept))];
}
