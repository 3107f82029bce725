import type { Answer } from '../answer.ts';

/** What Windows and macOS (with Homebrew) say when the server does not start there. */
export const answersAboutDesktopSystems: readonly Answer[] = [
  {
    of: ['rename-file'],
    when: /(?:pg_wal|pg_xlog|RECOVERYXLOG|xlogtemp)[^]*Permission denied/u,
    matters: 5,
    means:
      'The server may not put a WAL file in its place. On Windows that is said of a file that another process holds open; elsewhere it is about the owner of the directory.',
    causes: [
      {
        cause:
          'Windows: a virus scanner, a backup program or a process of the server (a standby that streams on to others) has the old segment open.',
        on: 'standby',
        check: 'handle.exe pg_wal',
      },
      {
        cause: 'Linux: the directory or the file belongs to another user, for example root after a copy.',
        on: 'standby',
        check: 'ls -ldn <data directory>/pg_wal/. <data directory>/pg_wal; id',
        rule: 'standby/wrong-owner',
      },
    ],
    todo: 'Windows: exclude the data directory from scanners and file backups, and start the server again. Linux: as root, give pg_wal to the user of the server.',
  },

  {
    id: 'windows-file-in-use',
    says: ['The process cannot access the file because it is being used by another process'],
    among: /pg_ctl|server to start|postgres|archive|restore/iu,
    source: 'Windows (ERROR_SHARING_VIOLATION), printed by the cmd.exe that pg_ctl or the server starts',
    matters: 5,
    means:
      'Windows would not open a file because another program holds it. After "waiting for server to start" it is the log file of pg_ctl -l; in an archive or restore command it is the file that is copied.',
    causes: [
      {
        cause: 'The old server, or a process that it left behind, still runs and holds the log file.',
        on: 'server',
        check: 'tasklist /FI "IMAGENAME eq postgres.exe"',
      },
      {
        cause: 'Another program reads it without sharing it: an editor, a log shipper, a virus scanner, a backup.',
        on: 'server',
        check: 'handle.exe <file>',
      },
    ],
    todo: 'Wait until the old processes are gone, or end the program that holds the file, and start again; or give pg_ctl -l another file. Exclude the data directory and the logs from the virus scanner.',
  },
  {
    id: 'windows-access-denied',
    says: ['Access is denied.'],
    among: /waiting for server to start|pg_ctl|archive command|restore_command/iu,
    source: 'Windows (ERROR_ACCESS_DENIED), printed by the cmd.exe that pg_ctl or the server starts',
    matters: 5,
    means:
      'Windows refused the program a file. After "waiting for server to start" it is the log file of pg_ctl -l; in an archive or restore command it is the file or the share that is copied to.',
    causes: [
      {
        cause: 'The user may not write there (the root of a drive, C:\\Program Files, a file that a service made).',
        on: 'server',
        check: 'icacls <file>',
      },
      {
        cause: 'The service runs as NETWORK SERVICE, which has no login on the other machine of a share.',
        on: 'server',
        check: 'sc qc <service> | findstr SERVICE_START_NAME',
      },
    ],
    todo: 'Give the user of the server write access to that file and its directory, or name a log file in a directory of its own.',
  },
  {
    of: ['server-process-exception'],
    when: /0xC0000142/iu,
    matters: 5,
    means:
      'Windows could not start another process for the server (0xC0000142, a library could not be initialized): mostly the desktop heap of the session of the service is used up.',
    causes: [
      {
        cause: 'Too many processes: many connections of the server, or several services under one account.',
        on: 'server',
        check: 'tasklist /FI "IMAGENAME eq postgres.exe" | find /C "postgres"',
      },
      { cause: 'The machine is being shut down or the user logged off.' },
    ],
    todo: 'Lower max_connections (with a pooler in front). On a standby it must not be lower than on its primary. Otherwise raise the third value of SharedSection in the registry (Session Manager\\SubSystems) and restart Windows.',
  },
  {
    of: ['server-process-exception'],
    when: /0xC000013A/iu,
    matters: 4,
    means:
      'The console window in which the server ran was closed, or Ctrl-C was pressed in it (0xC000013A). The server itself did not fail.',
    todo: 'Start the server as a service (pg_ctl register), which no window ends.',
  },
  {
    of: ['server-process-exception'],
    when: /0xC0000(?:005|01D|0FD|374|409)\b/iu,
    kind: 'cause',
    matters: 5,
    means:
      'A process of the server crashed on Windows: access outside its memory (0xC0000005), a stack or heap that was overwritten, or abort() (0xC0000409, 0xC0000374, 0xC00000FD). The server ends all sessions and recovers.',
    causes: [
      {
        cause:
          'An extension or a library that it loads is faulty or of another release. DETAIL "Failed process was running" names the statement.',
        on: 'server',
        check: 'psql -c "SHOW shared_preload_libraries" -c "SELECT extname, extversion FROM pg_extension"',
      },
      {
        cause: 'An antivirus program or another that puts its own code into every process.',
        on: 'server',
        check: 'wevtutil qe Application /c:5 /rd:true /f:text /q:"*[System[Provider[@Name=\'Application Error\']]]"',
      },
      {
        cause: 'A fault of this minor release, or of the memory of the machine.',
        on: 'server',
        check: 'postgres --version',
      },
    ],
    todo: 'Install the latest minor release and the extensions made for it, and leave the directories of PostgreSQL out of the antivirus program.',
  },
  {
    of: ['server-process-exception'],
    when: /0xC0000135/iu,
    matters: 5,
    means: 'A library (DLL) that the server needs was not found (0xC0000135).',
    causes: [
      {
        cause:
          'The installation is incomplete, of another Visual C++ runtime, or was copied without its bin directory.',
        on: 'server',
        check: 'where postgres.exe libcrypto*.dll libintl*.dll',
      },
    ],
    todo: 'Repair the installation of PostgreSQL with its installer. The data directory stays as it is.',
  },
  {
    id: 'windows-service-manager',
    says: ['could not open service manager'],
    source: 'PostgreSQL, src/bin/pg_ctl/pg_ctl.c',
    matters: 4,
    means: 'pg_ctl register and unregister need an administrator: this console is not one.',
    todo: 'Open the console with "Run as administrator" and type the command again.',
  },
  {
    id: 'homebrew-service',
    says: [
      'Bootstrap failed: 5: Input/output error',
      'error %d %s ~/Library/LaunchAgents/homebrew.mxcl.postgresql%s',
      '/bin/launchctl bootstrap %s',
    ],
    among: /postgres/iu,
    source: 'launchctl of macOS; Homebrew, services/cli.rb',
    matters: 4,
    means:
      'launchd could not keep the service of PostgreSQL running, or not load it. It does not say why: that is in the log of the server.',
    causes: [
      {
        cause:
          'The server itself does not start: postmaster.pid was left over by a forced stop, or brew upgraded PostgreSQL to another major release than that of the data.',
        on: 'server',
        check: 'tail -20 "$(ls -t "$(brew --prefix)"/var/log/postgresql*.log | head -1)"',
      },
      {
        cause: 'It is loaded already, or was once started with sudo, so that its files belong to root.',
        on: 'server',
        check: 'brew services list; ls -l ~/Library/LaunchAgents/homebrew.mxcl.postgresql* "$(brew --prefix)"/var',
      },
    ],
    todo: 'Read the log first. Then: brew services stop postgresql@<release>; brew services start postgresql@<release>, without sudo. Move postmaster.pid aside only when ps shows no postgres process.',
  },
  {
    id: 'homebrew-library',
    says: ['Library not loaded: %s'],
    among: /postgres|libpq|\bpg_\w+|psql/iu,
    source: 'dyld of macOS',
    matters: 5,
    means:
      'A program of PostgreSQL was built against a library that is no longer there in that version: Homebrew upgraded the library (icu4c, openssl) and not the program.',
    causes: [
      {
        cause: 'Which library it looks for, and which is installed.',
        on: 'server',
        check: 'otool -L "$(command -v postgres)"; brew list --versions | grep -E "postgresql|icu4c|openssl"',
      },
    ],
    todo: 'brew reinstall postgresql@<release>, with the release of the data (cat <data directory>/PG_VERSION). The data directory stays as it is. After a change of icu4c: REINDEX of indexes on text with ICU collations.',
  },
];
