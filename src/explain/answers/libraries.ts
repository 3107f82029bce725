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
];
