import type { Answer, Candidate } from '../answer.ts';

const ofWindows = [
  'permission-open-file',
  'bb-open-file',
  'read-file',
  'os-eacces',
  'create-file-xlog',
  'windows-sharing-violation',
] as const;

const deniedOnWindows =
  'Windows refuses this program access to {file|the file in the message}. It reports "Permission denied" also for a file that another program holds open.';

const causesOnWindows: readonly Candidate[] = [
  {
    cause: 'A virus scanner, a file backup, the indexing service or a second copy job has the file open.',
    on: 'standby',
    check: 'tasklist /FI "IMAGENAME eq postgres.exe"; Get-MpPreference | Select ExclusionPath',
  },
  {
    cause:
      'The account that runs the program (for the service: NT AUTHORITY\\NetworkService) has no rights on the directory: it was copied by an administrator.',
    on: 'standby',
    check: 'icacls {directory}',
  },
];

const todoOnWindows =
  'Exclude the data directory and the backup directory from the virus scanner and from file backups, and give the account of the service full access to the directory. Then try again.';

/** What Windows does with files that PostgreSQL wants to open or rename. */
export const answersAboutWindowsFiles: readonly Answer[] = [
  {
    of: ofWindows,
    beside: /exception 0xC[0-9A-F]{7}|compiled by Visual C\+\+|\bmingw|NT AUTHORITY/iu,
    when: /Permission denied/u,
    kind: 'cause',
    matters: 5,
    means: deniedOnWindows,
    causes: causesOnWindows,
    todo: todoOnWindows,
  },
  {
    of: ofWindows,
    when: /(?:\b[A-Z]:[\\/]|\.exe\b|\bWindows\b)[^]*Permission denied|Permission denied[^]*(?:\b[A-Z]:[\\/]|\.exe\b)|\b(?:rename|remove) file "pg_wal\/[^"]*": Permission denied/u,
    kind: 'cause',
    matters: 5,
    means: deniedOnWindows,
    causes: causesOnWindows,
    todo: todoOnWindows,
  },
];
