import type { Answer } from '../answer.ts';

/** What a data directory leads to by links: pg_wal and the tablespaces. */
export const answersAboutLinkedDirectories: readonly Answer[] = [
  {
    of: ['required-wal-dir-missing'],
    means: 'pg_wal is missing in the data directory, or its symbolic link leads nowhere on this machine.',
    causes: [
      {
        cause: 'The copy left it out (an rsync --exclude pg_wal), or the link points to a path of the other machine.',
        on: 'standby',
        check: 'ls -ld <data directory>/pg_wal',
        rule: 'standby/wal-directory-missing',
      },
    ],
    todo: 'Create the directory or correct the link (owner postgres, mode 0700). An empty pg_wal is enough only for a standby that gets its WAL from the primary or the archive.',
  },
  {
    of: ['could-not-read-symlink'],
    when: /Invalid argument/iu,
    matters: 5,
    means:
      'In pg_tblspc of the server that is copied there is a directory where a symbolic link to the tablespace must be. The base backup leaves it out, so the copy lacks its tables.',
    causes: [
      {
        cause:
          'The data directory was copied with a tool that follows links, or the file system has no symbolic links.',
        on: 'primary',
        check: 'ls -l <data directory>/pg_tblspc; psql -c "\\db"',
        rule: 'standby/tablespace-link-broken',
      },
    ],
    todo: 'With the server stopped, move the content to a directory of its own and put a link to it in its place, or move the tables to another tablespace and drop this one. Then copy again.',
  },
  {
    of: ['could-not-read-symlink'],
    means:
      'A symbolic link that belongs to the data directory (in pg_tblspc, or pg_wal) could not be read. The text after the last colon is the reason.',
    causes: [
      {
        cause:
          '"No such file or directory": the link is gone. A copy left it out, or it was removed by hand; the tables of that tablespace cannot be read on this server.',
        on: 'server',
        check: 'ls -l <data directory>/pg_tblspc; psql -c "SELECT oid, spcname FROM pg_tablespace"',
        rule: 'standby/tablespace-link-broken',
      },
      { cause: '"Permission denied": the directory belongs to another user.' },
    ],
    todo: 'If the directory of the tablespace still has its data: stop the server and put the link back, <data directory>/pg_tblspc/<oid> to that directory, owned by postgres. Otherwise a standby needs a new base backup. Do not make an empty directory in its place.',
  },
  {
    of: ['tblspc-symlink-create-failed'],
    means:
      'The server could not make the link of a tablespace in its pg_tblspc. The text after the last colon is the reason.',
    causes: [
      {
        cause:
          '"File exists": a directory is at the place of the link. The copy followed the links, or two copies were mixed.',
        on: 'standby',
        check: 'ls -la <data directory>/pg_tblspc',
        rule: 'standby/tablespace-link-broken',
      },
      {
        cause: 'The file system has no symbolic links or forbids them, or pg_tblspc belongs to another user.',
        on: 'standby',
        check: 'findmnt -T <data directory>; ls -ldn <data directory>/pg_tblspc; id postgres',
      },
    ],
    todo: 'Move what is there out of pg_tblspc (do not delete it: it may hold the data) and start the server again. In doubt, make a new base backup.',
  },
  {
    of: ['tblspc-unexpected-entry'],
    means:
      'pg_tblspc has the entry "{value}", which is a directory and no symbolic link. With allow_in_place_tablespaces = off, no server gets past the point where its recovery becomes consistent.',
    causes: [
      {
        cause: 'The copy followed the links (cp -L, rsync -L, a tool that knows none).',
        on: 'standby',
        check: 'ls -l <data directory>/pg_tblspc/ <data directory>/pg_tblspc/{value}',
        rule: 'standby/tablespace-link-broken',
      },
      {
        cause: 'The primary made the tablespace within its data directory (LOCATION is empty).',
        on: 'primary',
        check: 'psql -c "SELECT oid, spcname, pg_tablespace_location(oid) FROM pg_tablespace"',
        rule: 'primary/in-place-tablespace',
      },
    ],
    todo: 'If the directory has the data (PG_…): write allow_in_place_tablespaces = on into postgresql.conf, and start the server. If it is empty, make a new base backup. Do not remove it.',
  },
  {
    of: ['tblspc-dir-missing-replay'],
    means: 'The standby replays a tablespace whose directory does not exist on this machine.',
    causes: [
      {
        cause:
          'CREATE TABLESPACE on the primary names a path that was not created here (it must exist on every standby, owned by postgres).',
        on: 'standby',
        check: 'ls -ld {directory}; ls -l <data directory>/pg_tblspc',
        rule: 'standby/tablespace-link-broken',
      },
    ],
    todo: 'As root: mkdir -p {directory} && chown postgres: {directory} && chmod 0700 {directory} , then start the standby again.',
  },
];
