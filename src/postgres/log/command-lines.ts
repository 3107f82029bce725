import type { ProgramLine } from './program-lines.ts';

/**
 * What a program says that the server runs in a shell, restore_command above all: it writes to the server's standard error,
 * without log_line_prefix. PostgreSQL itself puts two blanks behind the colon. Undefined: no line of a program that is known.
 */
export function commandLine(line: string): ProgramLine | undefined {
  // pgBackRest, src/common/log.c, logPre: with log-timestamp=n, which is how archive-get writes to standard error
  const own = /^(ERROR|WARN): (\[\d{3}\]: \S.*|repo\d+: \S.*)$/su.exec(line);
  if (own !== null)
    return {
      program: 'pgbackrest',
      level: { severity: own[1] === 'ERROR' ? 'ERROR' : 'WARNING' },
      text: own[2] ?? '',
    };
  const [, text] = ofBarman.exec(line) ?? [];
  return text === undefined ? undefined : { program: 'barman', level: { severity: 'ERROR' }, text };
}

/** barman/clients/walrestore.py; barman/server.py, get_wal; barman/cli.py, get_server. That a file is not there is no fault. */
const ofBarman =
  /^ERROR: (Connection problem with ssh|Error executing "ssh": .*|Impossible to invoke remote get-wal.*|Failure copying .*|Cannot (?:open|create) '.*|WAL_DEST cannot be a directory: .*|Unknown server '.*|Server '.*' is (?:not active|inactive).*|Archiver.*)$/su;
