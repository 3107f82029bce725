import type { Answer } from '../answer.ts';

/** pg_basebackup and the base backup that the server sends. */
export const answersAboutBackups: readonly Answer[] = [
  {
    id: 'backup-segment-number',
    of: ['backup-segment-number'],
    says: ['invalid segment number %d in file "%s"'],
    source: 'PostgreSQL 11 to 16, src/backend/backup/basebackup.c, sendFile',
    matters: 5,
    means:
      'The source server refuses the base backup: file {file} in its data directory has a dot in its name and is not a data file of PostgreSQL, so its checksums cannot be verified.',
    causes: [
      {
        cause: 'An extension or a person left a file of their own in the data directory.',
        on: 'primary',
        check: "find <data directory> -name '{file}' -exec ls -l {} +",
      },
    ],
    todo: 'Find out who uses the file and move it out of base/ and global/. Or run pg_basebackup with --no-verify-checksums, which skips this check.',
  },
  {
    id: 'checkpoint-signal',
    says: ['could not signal for checkpoint: %m'],
    source: 'PostgreSQL, src/backend/postmaster/checkpointer.c, RequestCheckpoint',
    matters: 5,
    means:
      'The source server could not send a signal to its own checkpointer process, so no base backup can begin. The fault is on the source, not in the directory of the backup.',
    causes: [
      {
        cause:
          'A security module or the container runtime forbids signals between the processes of the server (AppArmor or SELinux profile, seccomp, a runtime update).',
        on: 'primary',
        check: 'psql -c CHECKPOINT; dmesg -T | grep -iE "apparmor|selinux|avc" | tail',
      },
      {
        cause: 'The processes of the server run under different user ids.',
        on: 'primary',
        check: 'ps -eo user,pid,args | grep "[p]ostgres"',
      },
    ],
    todo: 'Fix the profile or runtime, restart the source server, and check with psql -c CHECKPOINT as a superuser.',
  },
  {
    of: ['bb-could-not-send-data-13', 'could-not-send-to-client', 'unexpected-eof-standby'],
    when: /BASE_BACKUP|base backup/u,
    kind: 'consequence',
    matters: 4,
    means:
      'The base backup that this server was sending broke off because the receiving side went away: pg_basebackup ended, its container was restarted, or the network was cut. This server has no fault.',
    causes: [
      {
        cause:
          'pg_basebackup or its pod was stopped: a full disk, a liveness probe or timeout of the container, memory.',
        on: 'standby',
        check: 'df -h; kubectl describe pod <pod> | tail -20',
      },
    ],
    todo: 'Read what pg_basebackup printed on the receiving side.',
  },
  {
    of: ['pgbb-copy-ended'],
    matters: 5,
    means:
      'The connection ended in the middle of the base backup. This end does not know why; the log of the source server at this minute does.',
    causes: [
      {
        cause:
          'The source ended it: wal_sender_timeout (this side wrote too slowly), a restart, a crash, or a file that it could not read.',
        on: 'primary',
        check: 'psql -c "SHOW wal_sender_timeout" -c "SELECT pg_postmaster_start_time()"',
      },
      { cause: 'The disk here is full or slow.', on: 'standby', check: 'df -h' },
    ],
    todo: 'Run it again after that. The unfinished copy cannot be used.',
  },
  {
    of: [
      'pgbb-read-copy',
      'pgbb-copy-stream',
      'pgbb-backup-failed',
      'pgbb-could-not-initiate',
      'pgbb-could-not-send-command',
      'pgbb-final-receive',
      'copy-ended',
    ],
    kind: 'consequence',
    matters: 4,
    means:
      'The base backup was broken off. The text after the colon is the reason; if the connection was closed, the log of the primary says why.',
    causes: [
      { cause: 'The disk here is full or slow, so that the primary gave up waiting.', on: 'client', check: 'df -h' },
      { cause: "The primary's process ended or the network cut the connection: see its log at that minute." },
    ],
  },
  {
    of: [
      'pgbb-could-not-initiate',
      'pgbb-could-not-send-command',
      'pgbb-backup-failed',
      'pgbb-read-copy',
      'pgbb-copy-stream',
    ],
    when: /(?:ERROR|FATAL): {1,2}(?!.*syntax error)/u,
    kind: 'consequence',
    matters: 4,
    means: 'The server itself ended the base backup: its own message, after "ERROR:", is the reason.',
    causes: [
      {
        cause: 'The log of the server has the same message, with what led to it.',
        on: 'primary',
        check: 'tail -50 "$(ls -t <data directory>/log/* /var/log/postgresql/* 2>/dev/null | head -1)"',
      },
    ],
  },
  {
    of: ['pgbb-could-not-initiate', 'pgbb-could-not-send-command'],
    when: /syntax error/iu,
    matters: 5,
    means: 'What answers there does not understand the command of the base backup.',
    causes: [
      {
        cause: 'The program and the server are of different releases, and the server is the older one.',
        on: 'client',
        check: 'pg_basebackup --version; psql -h {server} -U {role} -d postgres -c "SHOW server_version"',
        rule: 'client/older-than-server',
      },
      {
        cause:
          'The connection leads to an ordinary session (a pooler or proxy), or to another product that speaks the same protocol.',
      },
    ],
    todo: "Use the pg_basebackup of the server's release, and connect to the server itself.",
  },
  {
    of: ['pgbb-incompatible-server', 'pgrw-incompatible-newer', 'pgrw-incompatible-older'],
    matters: 5,
    means:
      'pg_basebackup and the server are of different major releases: the program must not be older than the server.',
    causes: [
      {
        cause: 'An older pg_basebackup comes first in the PATH.',
        on: 'client',
        check: 'type -a pg_basebackup; pg_basebackup --version',
        rule: 'client/older-than-server',
      },
    ],
    todo: "Install the client of the server's release and call it by its full path. The standby must have the same major release as its primary.",
  },
  {
    of: ['pgbb-waiting-checkpoint'],
    kind: 'course',
    matters: 5,
    means:
      'pg_basebackup waits for a checkpoint on the primary. That is normal, and takes up to checkpoint_timeout: it does not hang.',
    todo: "To begin at once, add -c fast (--checkpoint=fast). If it lasts much longer, look at the primary: SELECT pid, state, query FROM pg_stat_activity WHERE query LIKE '%BASE_BACKUP%'.",
  },
  {
    of: ['base-backup-done-waiting-archive'],
    kind: 'course',
    means: 'The files are copied, and the server waits for the archiver to finish the last WAL segments of the backup.',
    todo: 'If it stays like this, archive_command fails or is slow. On the primary: psql -c "SELECT last_failed_wal, last_failed_time, last_archived_wal FROM pg_stat_archiver"',
  },
  {
    of: ['still-waiting-archive'],
    means: 'The backup is copied, and the server waits until its WAL is archived. archive_command fails or hangs.',
    causes: [
      {
        cause: 'archive_command fails or is slow.',
        on: 'primary',
        check:
          'psql -c "SELECT archived_count, failed_count, last_failed_wal FROM pg_stat_archiver" -c "SHOW archive_command"',
        rule: 'primary/archive-failing',
      },
      {
        cause:
          'The backup is taken from a standby: it waits for a segment that the primary has not finished yet. Let the primary switch to the next one.',
        on: 'primary',
        check: 'psql -c "SELECT pg_switch_wal()"',
      },
    ],
  },
  {
    of: ['pgbb-removing-data', 'pgbb-removing-contents', 'pgbb-failed-remove', 'pgbb-tblspc-not-undone'],
    kind: 'course',
    means: 'pg_basebackup cleans up what it had written, because it failed. The reason is in the lines before.',
  },
  {
    of: [
      'bb-checksum-failures-total',
      'bb-checksum-verification-failure',
      'bb-checksum-failed-block',
      'pgbb-checksum-error',
      'bb-file-total-failures',
    ],
    matters: 5,
    means:
      'Blocks with a wrong checksum were found on the server while the base backup was made: data on that server is damaged.',
    causes: [
      {
        cause: 'The disk, its controller or memory of the primary damaged the file.',
        on: 'primary',
        check: 'dmesg -T | grep -iE "i/o error|ata|nvme|ecc"',
      },
    ],
    todo: 'Find the relation of the file (SELECT pg_filenode_relation(…)), restore it from an older backup, and check the hardware. --no-verify-checksums only copies the damage.',
  },
  {
    of: ['pgbb-only-tar-compressed'],
    means: 'This pg_basebackup compresses only tar backups (-Ft): -z and -Z do not go with the plain format.',
    todo: 'Leave out -z/-Z for a standby. To save network traffic from 15 on: --compress=server-gzip with the plain format.',
    causes: [{ cause: '-z or -Z was given with -Fp (the default).', rule: 'command/options-conflict' }],
  },
  {
    of: ['pgbb-slots-need-stream'],
    means: 'A slot (-S) goes only with -X stream.',
    todo: 'Give -X stream together with -S.',
    causes: [{ cause: '-S was given with -X fetch or -X none.', rule: 'command/options-conflict' }],
  },
];
