import type { Answer } from '../answer.ts';

/** pg_resetwal, pg_waldump, pg_controldata and initdb. */
export const answersAboutRepairTools: readonly Answer[] = [
  {
    id: 'resetwal-refuses',
    says: [
      'database server was not shut down cleanly',
      'The database server was not shut down cleanly.',
      'not proceeding because control file values were guessed',
      'Is a server running?  If not, delete the lock file and try again.',
      'pg_control exists but is broken or wrong version; ignoring it',
      'pg_control exists but has invalid CRC; proceed with caution',
      'Resetting the write-ahead log might cause data to be lost.',
    ],
    among: /pg_reset(?:wal|xlog)|pg_control|reset|lock file/iu,
    source: 'PostgreSQL, src/bin/pg_resetwal/pg_resetwal.c',
    matters: 5,
    means:
      'pg_resetwal has stopped to warn. With -f it throws away WAL that has not been applied: the data is then no longer consistent, and no standby or backup of this cluster can be continued from it.',
    causes: [
      {
        cause:
          'The server crashed or still runs. A crash alone needs no pg_resetwal: start the server, and it recovers by itself.',
        on: 'primary',
        check: 'pg_ctl -D <data directory> status; pg_controldata <data directory> | grep "cluster state"',
      },
      { cause: 'A standby never needs it: make a new base backup instead.' },
    ],
    todo: 'Before anything else, stop the server and copy the whole data directory. pg_resetwal -f is only for reading out what is left, into a new cluster (pg_dump).',
  },
  {
    id: 'waldump-end',
    says: [
      'error in WAL record at %X/%X: %s',
      'could not find a valid record after %X/%X',
      'could not locate WAL file "%s"',
    ],
    among: /pg_waldump|pg_xlogdump|waldump|WAL/u,
    source: 'PostgreSQL, src/bin/pg_waldump/pg_waldump.c',
    kind: 'consequence',
    matters: 3,
    means:
      'pg_waldump reached the end of the valid WAL in these files. At the end of the newest segment of a running server that is normal.',
    causes: [
      {
        cause:
          'In the middle of the WAL: the next segment is missing in this directory, or this one is damaged. Compare it with the archive.',
        on: 'standby',
        check: 'ls -l <data directory>/pg_wal | tail',
      },
    ],
  },
  {
    id: 'initdb-locale',
    says: [
      'invalid locale settings; check LANG and LC_* environment variables',
      'The encoding you selected (%s) and the encoding that the selected locale uses (%s) do not match.',
      'could not find suitable encoding for locale "%s"',
      'Encoding "%s" is not allowed as a server-side encoding.',
    ],
    source: 'PostgreSQL, src/bin/initdb/initdb.c',
    matters: 4,
    means: 'initdb cannot make a cluster with this locale and encoding on this machine. Nothing usable was created.',
    causes: [
      {
        cause: 'The locale of the environment is not installed here (containers often have C and C.UTF-8 only).',
        on: 'client',
        check: 'locale -a; env | grep -E "^(LANG|LC_)"',
      },
    ],
    todo: 'Install the locale, or name one that exists: initdb --locale=C.UTF-8. A standby is not made with initdb at all, and needs the locales of its primary.',
  },
];
