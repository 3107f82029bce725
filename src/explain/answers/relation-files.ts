import type { Answer } from '../answer.ts';

const opened = ['permission-open-file', 'bb-open-file', 'read-file', 'rewind-open-file-reading'] as const;

/** What belongs to a data directory and is not there. */
export const answersAboutRelationFiles: readonly Answer[] = [
  {
    of: ['backup-segment-number'],
    when: /pg_internal\.init\.\d+/u,
    matters: 5,
    means:
      'The source server refuses the base backup: {file} is a half-written file of its relation cache, left behind by a session that was killed. PostgreSQL does not use it, and takes it for a data file whose checksums cannot be verified.',
    causes: [
      {
        cause:
          'A crash or a kill -9 in the moment when the cache was written. Several of them are left after repeated crashes.',
        on: 'primary',
        check: "find <data directory>/base <data directory>/global -name 'pg_internal.init.*' -exec ls -l {} +",
      },
    ],
    todo: 'Move those files (with a number at the end, never pg_internal.init itself) out of the data directory, and take the backup again. Newer minor releases leave them out by themselves.',
  },
  {
    id: 'relation-file-missing',
    of: opened,
    when: /"(?:[^"\n]*\/)?(?:base\/\d+|global|pg_tblspc\/\d+\/[^"\n]*|PG_\d+_\d+\/\d+)\/\d+(?:[._]\w+)?"[^\n]*: No such file/u,
    kind: 'cause',
    matters: 5,
    means:
      'The file of a table or index, {file}, does not exist on the server that printed this: its data directory has lost it, or never had it.',
    causes: [
      {
        cause:
          'A standby or a restored copy: the copy is incomplete (made without backup mode or with excludes, a tablespace left out, backup_label removed, files deleted). Then the file exists on the primary.',
        on: 'primary',
        check: 'ls -l <data directory>/{file}',
        rule: 'standby/files-lost',
      },
      {
        cause:
          'The server itself lost it: a crash with fsync off, a damaged file system, a virus scanner, a deletion by hand.',
        on: 'server',
        check: 'psql -c "SHOW fsync"; dmesg -T | grep -iE "i/o error|ext4|xfs" | tail',
        rule: 'primary/files-missing',
      },
      {
        cause: 'A table of an extension that keeps files of its own (columnar stores): they are not in the WAL.',
        on: 'server',
        check: 'psql -c "SELECT extname FROM pg_extension"',
      },
    ],
    todo: 'A standby: make a new base backup. A primary: promote a standby that has the file, or restore the table from a backup. If only an index is lost, REINDEX makes it again; pg_filenode_relation(0, <number>) says what it was.',
  },
  {
    id: 'cluster-file-missing',
    of: opened,
    when: /"(?:[^"\n]*\/)?(?:global\/pg_filenode\.map|base\/\d+\/(?:pg_filenode\.map|PG_VERSION|\d+_\w+)|pg_(?:xact|clog|multixact\/\w+|subtrans|commit_ts|filenode)[^"\n]*)"[^\n]*: No such file/u,
    kind: 'cause',
    matters: 5,
    means:
      'The file {file}, which every data directory has, does not exist on the server that printed this: the directory is incomplete or damaged.',
    causes: [
      {
        cause:
          'The copy is incomplete: broken off, made without backup mode or with excludes, or backup_label was removed.',
        on: 'server',
        check: 'ls -la <data directory> <data directory>/global',
        rule: 'standby/files-lost',
      },
      { cause: 'Storage that lost files in a crash, or files that were deleted by hand.' },
    ],
    todo: 'A standby: make a new base backup. A primary: promote a standby, or restore a backup; keep this directory as it is until then.',
  },
  {
    of: ['open-target-block'],
    matters: 5,
    means:
      'A table or index, {file}, is shorter than the server expects: one of its segment files is cut off or missing.',
    causes: [
      {
        cause:
          'A standby or a restored copy: the data directory is not a complete copy. Then the primary has the file whole.',
        on: 'primary',
        check: 'ls -l <data directory>/{file}*',
        rule: 'standby/files-lost',
      },
      {
        cause: 'The server itself lost a part: a damaged file system, a crash with fsync off, a full disk.',
        on: 'server',
        check: 'psql -c "SHOW fsync"; dmesg -T | grep -iE "i/o error|ext4|xfs" | tail',
        rule: 'primary/files-missing',
      },
    ],
    todo: 'A standby: make a new base backup. A primary: promote a standby that has the file, or restore the table from a backup. An index alone: REINDEX.',
  },
];
