import type { FileSystem } from '../hosts/host.ts';
import type { BackupLabel } from '../postgres/backup-label.ts';
import type { ControlFile, ControlFileFault } from '../postgres/control-file.ts';
import type { WrittenLines } from '../postgres/written-lines.ts';
import type { FoundPostmaster } from './machine.ts';

/** backup_label, or what the first start makes of it. */
interface WrittenLabel {
  readonly text: string;
  readonly label: BackupLabel | undefined;
  /** It is there, and the user of the server cannot read it: the text is not known. */
  readonly isUnread?: true;
}

/** The data directory of a standby that exists, read without any server program. */
export interface DataDirectory {
  /** As it was given to -D. */
  readonly given: string;
  /** Absolute, links resolved. */
  readonly path: string;
  readonly owner: { readonly uid: number; readonly gid: number; readonly name: string };
  readonly mode: number;
  readonly fileSystem: FileSystem | undefined;
  /** PG_VERSION as it stands there, trimmed; undefined: the file is not there. */
  readonly versionText: string | undefined;
  /** Why PG_VERSION, which may be there, could not be read. */
  readonly versionUnread?: string | undefined;
  /** The major release that it names; undefined where it makes no sense. */
  readonly major: number | undefined;
  readonly signals: SignalFiles;
  readonly backupLabel: WrittenLabel | undefined;
  readonly backupLabelOld: WrittenLabel | undefined;
  /** backup_manifest: `temporary` is what pg_basebackup renames last, so the copy did not finish. */
  readonly manifest: 'there' | 'temporary' | 'absent';
  readonly tablespaces: readonly TablespaceLink[];
  /** Directories without which no server starts and that are not there, by name: `base`, `global`, `pg_xact`. */
  readonly missingDirectories: readonly string[];
  /** When the file PG_VERSION came to be on this file system; undefined where the file system does not tell. */
  readonly bornAt?: Date | undefined;
  /** Entries of the data directory that pg_basebackup never copies and a server makes: postmaster.opts, pg_replslot/… */
  readonly neverInABackup: readonly string[];
  /** What postmaster.opts keeps of the last start; undefined: the file is not there or makes no sense. */
  readonly lastStart: LastStart | undefined;
  /** Entries that the server needs and that belong to another user than the directory. */
  readonly ofOthers: readonly { readonly path: string; readonly owner: string; readonly uid: number }[];
  /** The data directory that postmaster.pid names, where it is another one than this. */
  readonly lockFileOf: string | undefined;
  readonly postmaster: FoundPostmaster | undefined;
  /** postmaster.pid is there and cannot be read as one. */
  readonly pidFileUnreadable: string | undefined;
}

/** The last start of a server, as postmaster.opts keeps it. */
export interface LastStart {
  readonly program: string;
  /** -D; undefined where the environment named it. */
  readonly directory: string | undefined;
  /** The other arguments. */
  readonly options: readonly string[];
  /** It was a start on this very directory; undefined where that cannot be told. A raw copy brings another one's file. */
  readonly here: boolean | undefined;
  readonly at: Date | undefined;
}

/** Whether anything of a cluster is there; false for a directory that something else lies in, or nothing. */
export const isDataDirectory = ({ versionText, missingDirectories }: DataDirectory): boolean =>
  versionText !== undefined || !missingDirectories.includes('global') || !missingDirectories.includes('base');

export interface SignalFiles {
  readonly standby: boolean;
  readonly recovery: boolean;
  /** Of the two names those that are links which lead nowhere: a server takes them for not there. */
  readonly deadLinks?: readonly string[];
  /** Of the two names those that are directories, as a mount of a file that does not exist makes them: a promotion fails. */
  readonly directories?: readonly string[];
  /** Names that look like one and are none: `standby.signal.txt`. */
  readonly misnamed: readonly { readonly name: string; readonly meant: 'standby.signal' | 'recovery.signal' }[];
  /** recovery.conf of a release before 12, and its settings. */
  readonly recoveryConf:
    | {
        readonly path: string;
        /** Secrets in the values are masked. */
        readonly settings: readonly { readonly name: string; readonly value: string; readonly line: number }[];
        readonly written?: WrittenLines;
      }
    | undefined;
}

export interface TablespaceLink {
  readonly oid: number;
  readonly link: string;
  /** Where it leads; undefined when it is no link. */
  readonly target: string | undefined;
  readonly state: 'directory' | 'missing' | 'not-a-directory' | 'not-a-link' | 'unreadable';
  /** It has no PG_N_… directory in it, as even an empty tablespace has; undefined where that could not be seen. */
  readonly empty: boolean | undefined;
  /** It cannot be renamed; absent where it is no directory. */
  readonly isMountPoint?: boolean;
  /** Where it lies; absent where it is no directory. */
  readonly fileSystem?: FileSystem | undefined;
  /** tablespace_map names it, and the server will make the link when it first starts on the backup. */
  readonly fromMap: boolean;
}

/** A directory in pg_replslot whose state a server cannot read. */
export interface DamagedSlot {
  readonly name: string;
  /** `it does not exist`, `its checksum is wrong`, … */
  readonly because: string;
}

/** The base backup that the data directory was made by: what it copied, and how long that took. */
export interface LastCopy {
  /** Of all files that backup_manifest lists: the data, without WAL. */
  readonly bytes: bigint;
  /** From the first file that was written (the label) to the last (the manifest). */
  readonly seconds: number;
}

/** What the standby's directories hold now, on their disks. */
export interface LocalSize {
  /** Without pg_wal and without tablespaces of their own. */
  readonly dataBytes: bigint;
  readonly tablespaces: readonly { readonly oid: number; readonly bytes: bigint | undefined }[];
}

/** global/pg_control, read twice before a checksum that differs is believed. */
export type ControlFileRead =
  | { readonly ok: true; readonly value: ControlFile }
  | { readonly ok: false; readonly absent: true }
  | { readonly ok: false; readonly absent: false; readonly fault: ControlFileFault };
