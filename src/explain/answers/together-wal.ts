import type { Answer } from '../answer.ts';

/** Recovery reads the same WAL again and again, and it is the WAL that is bad. */
export const damagedWal: Answer = {
  id: 'wal-damaged',
  kind: 'cause',
  matters: 5,
  means:
    'Recovery stops at WAL position {lsn} every time, also after it fetched the WAL again: a record there is damaged or incomplete. This is not the normal end of WAL, and waiting does not help.',
  causes: [
    {
      cause: 'The copy in the archive is damaged or incomplete, and restore_command fetches it again each time.',
      on: 'standby',
      check: 'pg_waldump --start={lsn} <directory of the archive>/<segment>',
      rule: 'wal/segment-damaged',
    },
    {
      cause: "The copy in the standby's pg_wal is damaged: its disk or memory, a copy by hand.",
      on: 'standby',
      check: 'pg_waldump --start={lsn} <data directory>/pg_wal/<segment>',
      rule: 'wal/segment-damaged',
    },
    {
      cause: "The primary's own copy is damaged (disk, memory): then every standby stops at this position.",
      on: 'primary',
      check: 'pg_waldump --start={lsn} <data directory>/pg_wal/<segment>',
    },
  ],
  todo: "Find a copy that pg_waldump reads past {lsn}. If the primary still has one: stop the standby, move the segment out of the standby's pg_wal, set a damaged copy in the archive aside, and start the standby: it streams the segment again. If there is no good copy, the standby needs a new base backup, and backups from before this position cannot be recovered past it.",
};

/** No archive is asked: what the primary sends is read again and again. */
export const streamedWalDamaged: Answer = {
  ...damagedWal,
  id: 'streamed-wal-damaged',
  means:
    'Recovery stops at WAL position {lsn} every time, also after the primary sent this WAL again: a record there is damaged. This is not the normal end of WAL, and waiting does not help.',
  causes: [
    {
      cause: "The primary's own copy is damaged (disk, memory): then every standby stops at this position.",
      on: 'primary',
      check: 'pg_waldump --start={lsn} <data directory>/pg_wal/<segment>',
      rule: 'wal/segment-damaged',
    },
    {
      cause: 'It is damaged on its way or here: the memory or the disk of the standby.',
      on: 'standby',
      check:
        'pg_waldump --start={lsn} <data directory>/pg_wal/<segment>; dmesg -T | grep -iE "ecc|mce|i/o error" | tail',
    },
  ],
  todo: "If pg_waldump on the primary reads past {lsn}: stop the standby, move the segment out of the standby's pg_wal, and start it. If it does not: a record in the WAL of the primary is lost, while its tables may be whole. Check the primary (amcheck, its hardware), and make a new base backup of the standby, which does not need this WAL.",
};

/** The primary has removed the segment, and the archive only seems to bring it. */
export const archiveBringsNothing: Answer = {
  id: 'archive-brings-nothing',
  kind: 'cause',
  matters: 5,
  means:
    'The primary has removed WAL segment {segment}, and the archive does not help: restore_command reports success without putting a file at %p, so recovery asks the primary, in vain.',
  causes: [
    {
      cause:
        'restore_command hides its failure: it ends with "|| true", "exit 0" or a pipe, or its script goes on after an error. The segment may be missing in the archive.',
      on: 'standby',
      check: 'postgres -C restore_command -D <data directory>',
      rule: 'recovery/restore-command-fails',
    },
    {
      cause:
        'It writes the file to another place than %p, which is a path relative to the data directory (a script that changes its directory first).',
    },
  ],
  todo: 'Look for the segment in the archive. If it is there, correct restore_command: it must write to %p and end with a status other than 0 when it fails; the standby then catches up. If it is not there, the standby needs a new base backup.',
};

/** WAL stays until it is archived. */
export const archivingFillsDisk: Answer = {
  id: 'archiving-fills-disk',
  kind: 'cause',
  matters: 5,
  means:
    'The file system of pg_wal is full. As this text shows, archiving fails on this server: it keeps every segment until archive_command succeeds.',
  causes: [
    {
      cause: 'archive_command fails; the lines around it and its DETAIL say why.',
      on: 'server',
      check:
        'df -h <data directory>/pg_wal; ls <data directory>/pg_wal/archive_status | grep -c "ready$"; postgres -C archive_command -D <data directory>',
      rule: 'primary/archive-failing',
    },
    {
      cause:
        'On a standby, archive_mode = always makes it archive, too: a command that came with the copy may have no archive there.',
      on: 'standby',
      check: 'postgres -C archive_mode -D <data directory>',
    },
  ],
  todo: 'Make archive_command work again (or, if nothing needs this archive, archive_mode = off at the next start), and enlarge the file system or make room outside pg_wal so that the server can start. Never delete files from pg_wal: it removes archived ones by itself.',
};

/** Both ends gave up on a connection that neither had closed. */
export const networkCut: Answer = {
  id: 'network-cut',
  kind: 'cause',
  matters: 5,
  means:
    'The primary and the standby both stopped hearing each other: the text has a timeout of either side. The network between them was cut, or one of the machines stood still.',
  causes: [
    {
      cause: 'A firewall, NAT, VPN, switch or a moved virtual machine between them.',
      on: 'standby',
      check: 'pg_isready -h <primary> -p 5432; ping -c 3 <primary>',
      rule: 'network/unreachable',
    },
    {
      cause: 'One of the two machines hung or was suspended (a snapshot, memory, storage).',
      on: 'primary',
      check: 'uptime; journalctl -k -n 50 --no-pager',
    },
  ],
  todo: 'The standby connects again by itself when the network is back. Until then a slot keeps WAL on the primary: watch its disk.',
};
