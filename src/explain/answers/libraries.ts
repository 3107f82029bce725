import { ofPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** What the machine must have beside PostgreSQL: extensions' libraries, collations, locales. */
export const answersAboutLibraries: readonly Answer[] = [
  {
    id: 'extension-not-installed',
    says: ['extension "%s" is not available', 'could not open extension control file "%s": %m'],
    source: 'PostgreSQL, src/backend/commands/extension.c',
    matters: 5,
    means:
      'The files of the extension {value} are not installed on this server for the release that runs. Every standby needs the same ones: it may become the primary.',
    causes: [
      {
        cause: 'The package is missing (postgresql-<release>-…, …_<release>), or it is of another release.',
        on: 'primary',
        check: 'ls "$(pg_config --sharedir)/extension" | grep control; psql -c "SHOW server_version"',
      },
    ],
    todo: 'Install the package of the extension for this release on the primary and on every standby. If it must be loaded at the start, add it to shared_preload_libraries and restart.',
  },
  {
    id: 'library-not-found-musl',
    says: [
      'Error loading shared library %s: No such file or directory (needed by %s)',
      'Error relocating %s: %s: symbol not found',
    ],
    source: 'musl, ldso/dynlink.c',
    among: ofPostgres,
    matters: 5,
    means:
      'The loader of this system (musl, as in Alpine) does not find a library, or the right release of it, that a program of PostgreSQL was built with. The program did not start.',
    causes: [
      {
        cause:
          'Programs or libraries were copied from another image or another release of Alpine: what they need (libssl, libcrypto, ICU) has another number there.',
        on: 'standby',
        check:
          'cat /etc/os-release | head -3; ls /usr/lib/libssl* /lib/libssl* 2>/dev/null; ldd "$(command -v postgres)"',
      },
      { cause: 'A package was upgraded alone: the others of the same release are older.' },
    ],
    todo: 'Use one image for server and tools, or install both from the packages of the same release (apk add). The data directory has no fault by this.',
  },
  {
    of: ['rewind-open-file-reading'],
    when: /Permission denied/u,
    means:
      'The program that reported this has no permission to read {file|the file}: a server reads as its own user, a tool as the user that runs it.',
    causes: [
      {
        cause:
          'The file, or one of its parent directories, belongs to another user: it was copied or restored as root, or the tool runs as another user.',
        on: 'standby',
        check: 'namei -l {file}; ps -o user= -C postgres | sort -u',
      },
    ],
    todo: 'Run the tool as the user of the server (postgres). If the files of a data directory belong to another user, give them to the user of its server: chown -R postgres: <data directory>, as root and while the server is stopped.',
  },
  {
    of: ['rewind-open-file-reading'],
    means: '{file|The file} does not exist, or may not be read, on the machine where this was printed.',
    causes: [
      {
        cause:
          'On a standby: an extension keeps data in files of its own (cstore_fdw, file_fdw, columnar stores). They are not in the WAL, so a standby does not have them.',
        on: 'standby',
        check: 'psql -c "SELECT extname FROM pg_extension"; ls -l {file}',
      },
      { cause: 'From pg_rewind, pg_combinebackup or pg_verifybackup: the directory on its command line is wrong.' },
    ],
    todo: 'Query such tables on the primary, or copy the files yourself. For a tool: correct the directory.',
  },
  {
    of: ['extension-library-missing', 'load-library', 'incompatible-library-version'],
    when: /undefined symbol|version mismatch|incompatible library|invalid ELF header|wrong ELF class|GLIBC/iu,
    matters: 5,
    means:
      'The library that the message names is there and does not fit this server: it was built for another release, or needs another library that is loaded before it.',
    causes: [
      {
        cause: 'It was built for another major release, a fork, or another system than the server that loads it.',
        on: 'standby',
        check: 'ls -l "$(pg_config --pkglibdir)"; pg_config --version',
        rule: 'standby/library-missing',
      },
      { cause: 'It uses symbols of another extension: that one must come before it in shared_preload_libraries.' },
    ],
    todo: 'Install the package of the extension that belongs to this release, then start again.',
  },
  {
    of: ['extension-library-missing'],
    when: /\$libdir\//u,
    matters: 4,
    means:
      'A function of an extension in the database needs the library {file|that the message names}, and this server does not have it.',
    causes: [
      {
        cause:
          'The data came from a server (or an image) with another version of the extension: a base backup, a restore and an upgraded image bring the catalog, and not the libraries.',
        on: 'standby',
        check: 'ls "$(pg_config --pkglibdir)"',
        rule: 'standby/library-missing',
      },
      { cause: 'The package was upgraded or removed, and ALTER EXTENSION … UPDATE has not run in this database.' },
    ],
    todo: 'Install the version of the extension that the message names beside the new one (or use an image that has it). Then, on the primary, ALTER EXTENSION … UPDATE.',
  },
  {
    of: ['extension-library-missing', 'load-library', 'incompatible-library-version'],
    matters: 5,
    means: 'A library cannot be loaded: the message names it.',
    causes: [
      {
        cause:
          'shared_preload_libraries came from the primary, and the extension is not installed here for this release.',
        on: 'standby',
        check: 'ls "$(pg_config --pkglibdir)"',
        rule: 'standby/library-missing',
      },
      { cause: 'It is installed for another major release.' },
    ],
    todo: 'Install the package of the extension on this machine, then start again.',
  },
  {
    of: ['collation-version-mismatch'],
    says: [
      'database "%s" has no actual collation version, but a version was recorded',
      'collation "%s" has no actual version, but a version was recorded',
      'collation "%s" has version mismatch',
      'no actual collation version, but a version was recorded',
    ],
    id: 'collation-version',
    matters: 4,
    means:
      'The collations of the operating system (glibc or ICU) differ from those with which the database was written: another distribution release, another image (Debian and Alpine), or a moved volume. Indexes on text may be wrong.',
    causes: [
      {
        cause:
          'The standby (or the new image) has another C library than the primary; "no actual collation version": musl (Alpine) gives none.',
        on: 'standby',
        check: 'ldd --version | head -1',
      },
    ],
    todo: 'Run primary and standby on the same operating system release. After a move: REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION.',
  },
  {
    of: ['locale-incompatible'],
    means: 'A locale that the database uses is not installed on this machine.',
    causes: [
      {
        cause: "The standby's operating system or image lacks the locale.",
        on: 'standby',
        check: 'locale -a',
        rule: 'platform/locale-missing',
      },
    ],
    todo: 'Install or generate the locale (Debian: locale-gen), then start again.',
  },
  {
    of: ['load-library', 'extension-library-missing'],
    when: /could not load library "[^"]*": lib[\w.+-]+: cannot open shared object file/u,
    matters: 5,
    means:
      'The library in quotes is there. Another one that it needs, named after it, is not found by the loader of the system.',
    causes: [
      {
        cause:
          'PostgreSQL is installed in a directory that the loader does not search, and LD_LIBRARY_PATH is set in a shell only: not for systemd, cron, sudo or Patroni, which start the server.',
        on: 'standby',
        check: 'ldd "$(pg_config --pkglibdir)/libpqwalreceiver.so" | grep "not found"',
      },
      { cause: 'The package with that library (libpq, a client library, ICU) is missing or of another release.' },
    ],
    todo: 'Name the directory of the library in a file below /etc/ld.so.conf.d and run ldconfig, or give LD_LIBRARY_PATH to the service that starts the server. Then restart it.',
  },
  {
    id: 'loader-library-missing',
    says: [
      'error while loading shared libraries: %s: cannot open shared object file: No such file or directory',
      'error while loading shared libraries: %s',
    ],
    among: /postgres|libpq|\bpg_|psql|repmgr|pgbackrest|barman|patroni|pgbouncer|pgpool/iu,
    source: 'ld.so of glibc, elf/dl-load.c',
    matters: 5,
    means:
      'The program was not started: the loader of the system does not find a library that it needs. No connection was tried.',
    causes: [
      {
        cause:
          'It is installed in a directory that the loader does not search. LD_LIBRARY_PATH of a shell may name it, but sudo and services drop that variable.',
        on: 'client',
        check: 'ldd "$(command -v pg_basebackup)" | grep "not found"',
      },
      { cause: 'The package of the library (libpq5, postgresql-libs) is missing, or was removed or upgraded.' },
    ],
    todo: 'Install the package of that library, or name its directory in a file below /etc/ld.so.conf.d and run ldconfig.',
  },
  {
    id: 'loader-symbol-missing',
    says: ['symbol lookup error: %s: undefined symbol: %s'],
    among: /postgres|pgsql|libpq|\bpg_|psql|repmgr|pgbackrest|pgbouncer|pgpool/iu,
    source: 'ld.so of glibc, elf/dl-lookup.c',
    matters: 5,
    means:
      'The program was built for a newer library than the one that the loader gives it, mostly libpq: another, older libpq.so.5 is found first.',
    causes: [
      {
        cause: 'LD_LIBRARY_PATH or /etc/ld.so.conf.d names the directory of an older installation first.',
        on: 'client',
        check:
          'ldd "$(command -v repmgr || command -v psql)" | grep libpq; ls -l /usr/lib*/libpq.so* /usr/pgsql-*/lib/libpq.so* 2>/dev/null; env | grep LD_LIBRARY_PATH',
      },
    ],
    todo: 'Take the older directory out of LD_LIBRARY_PATH or /etc/ld.so.conf.d (then ldconfig), or put that of the release of the program first.',
  },
  {
    id: 'library-not-allowed',
    says: ['access to library "%s" is not allowed'],
    source: 'PostgreSQL, src/backend/utils/fmgr/dfmgr.c, check_restricted_library_name',
    matters: 5,
    means:
      'local_preload_libraries names a library outside $libdir/plugins, and only those may be loaded that way. So no session begins; the server itself runs.',
    causes: [
      {
        cause: 'It was meant for shared_preload_libraries (repmgr, pg_stat_statements and others need that).',
        on: 'server',
        check:
          'grep -rn local_preload_libraries <data directory>/postgresql.conf <data directory>/postgresql.auto.conf',
      },
      { cause: 'ALTER ROLE or ALTER DATABASE … SET local_preload_libraries, or PGOPTIONS of the client.' },
    ],
    todo: "In postgresql.conf: take it out of local_preload_libraries, write its bare name into shared_preload_libraries ('repmgr', no path), and restart.",
  },
];
