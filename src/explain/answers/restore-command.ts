import type { Answer } from '../answer.ts';

/** restore_command, by what it ended with. */
export const answersAboutRestoreCommands: readonly Answer[] = [
  {
    of: ['could-not-restore-file', 'fe-could-not-restore'],
    when: /return code (?:32512|32256)|exit code 12[67]\b|command not (?:found|executable)/u,
    matters: 5,
    means:
      'The server could not run restore_command: exit code 127 says that its program was not found, 126 that it may not be executed. The server takes neither for "the file is not there", and stops.',
    causes: [
      {
        cause:
          'The program is not installed on this host, or not in the short PATH of the server: write its whole path in restore_command. The setting came with the copy from a host that has it.',
        on: 'standby',
        check: `postgres -C restore_command -D <data directory>; sudo -u postgres sh -c 'command -v pgbackrest wal-g barman-wal-restore; echo $PATH'`,
        rule: 'recovery/restore-command-fails',
      },
      {
        cause:
          '126: the user of the server may not execute the script, its first line names a missing shell, or its file system is mounted noexec.',
        on: 'standby',
        check: 'ls -l <script>; head -1 <script>; findmnt -T <script>',
      },
    ],
    todo: 'Run restore_command by hand as the user of the server, with the name of a segment for %f and a path for %p. Then start the server.',
  },
  {
    of: ['could-not-restore-file', 'fe-could-not-restore'],
    when: /return code 65280|exit code 255/u,
    means:
      'restore_command ended with exit code 255 for {file|a segment}. Above 125, the server takes it for a command that could not run, and stops.',
    causes: [
      {
        cause:
          'ssh (also below rsync and scp) ends with 255 when it cannot connect or log in. That the file is not there gives another code.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>; sudo -u postgres ssh <archive host> true',
      },
    ],
    todo: 'Fix the ssh login of the user of the server. A script between them can turn 255 into 1: then the standby tries again instead of stopping.',
  },
  {
    of: ['could-not-restore-file', 'fe-could-not-restore'],
    when: /signal (?:2|3|15)\b|: Quit|: Terminated|: Interrupt/u,
    kind: 'consequence',
    matters: 4,
    means:
      'restore_command was stopped by a signal because the server itself was stopping or restarting after a crash. The archive works.',
    causes: [
      {
        cause:
          'A server process ended abnormally just before ("server process … exited with exit code" or "was terminated by signal").',
        on: 'standby',
        check: 'dmesg -T | grep -iE "out of memory|oom-kill|segfault"',
      },
      { cause: 'The server was stopped (fast or immediate shutdown).' },
    ],
  },
  {
    of: ['could-not-restore-file', 'fe-could-not-restore'],
    means: 'restore_command failed for a file.',
    causes: [
      {
        cause:
          'The command was ended by a signal or could not be run (exit code above 125): wrong path, missing program, missing permission.',
        on: 'standby',
        check: 'postgres -C restore_command -D <data directory>',
        rule: 'recovery/restore-command-fails',
      },
      { cause: 'The archive cannot be reached. A file that simply is not there yet is normal, and not this message.' },
    ],
  },
];
