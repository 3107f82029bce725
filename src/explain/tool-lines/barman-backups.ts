import type { Answer } from '../answer.ts';

/** What the errors and remarks of Barman mean, by what they are about. */
export const linesOfBarmanBackups: readonly Answer[] = [
  {
    id: 'barman-wal-archiving',
    source: 'Barman 3.4.0',
    matters: 4,
    elsewhere: true,
    means:
      'Barman could not take a WAL file into its archive, compress, decompress or hand it on; PostgreSQL keeps it until it works.',
    causes: [
      {
        cause: 'Room, rights and what is there.',
        on: 'barman host',
        check: 'df -h <barman home>; tail -n 50 /var/log/barman/barman.log; ls <barman home>/<server>/incoming | head',
      },
    ],
  },
  {
    id: 'barman-receive',
    source: 'Barman 3.4.0',
    matters: 4,
    elsewhere: true,
    means: 'receive-wal of Barman does not run, or its slot is missing or not used.',
    causes: [
      {
        cause: 'The slot on the server, and the process here.',
        on: 'barman host',
        check: 'barman check <server>; pgrep -af receive-wal',
      },
    ],
    todo: 'barman receive-wal --create-slot <server> makes the slot; barman cron starts receive-wal.',
  },
  {
    id: 'barman-sync',
    source: 'Barman 3.4.0',
    matters: 4,
    elsewhere: true,
    means: 'The synchronization of a passive Barman server with its primary Barman did not do what was asked.',
    causes: [
      {
        cause: 'primary_ssh_command must be set on the passive one and lead to the other without a password.',
        on: 'barman host',
        check: 'barman show-servers <server> | grep -E "passive_node|primary_ssh"; barman sync-info <server>',
      },
    ],
    todo: 'barman cron on the passive server begins again.',
  },
  {
    id: 'barman-backup-failed-line',
    source: 'Barman 3.4.0',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The backup, its upload, its deletion or its check did not finish; the cause is after the colon or in the lines before.',
    causes: [
      {
        cause: 'The state of the backups.',
        on: 'barman host',
        check: 'barman list-backups <server>; barman check <server>; tail -n 50 /var/log/barman/barman.log',
      },
    ],
    todo: 'A failed backup is of no use for a restore: repeat it when the cause is gone.',
  },
  {
    id: 'barman-snapshots',
    source: 'Barman 3.4.0',
    matters: 3,
    elsewhere: true,
    means: 'A snapshot backup did not find its instance, disks, mount points or snapshots in the cloud.',
    causes: [
      {
        cause: 'Names and zone in the configuration against what the cloud has.',
        on: 'barman host',
        check: 'barman show-servers <server> | grep snapshot; barman show-backup <server> latest',
      },
    ],
  },
  {
    id: 'barman-interrupted',
    source: 'Barman 3.4.0',
    kind: 'consequence',
    matters: 2,
    elsewhere: true,
    means:
      'The program was ended by the user or by a signal (a terminal closed, a job was stopped). What it began is incomplete.',
    todo: 'Start it again.',
  },
  {
    id: 'barman-processes',
    source: 'Barman 3.4.0',
    matters: 3,
    elsewhere: true,
    means: 'Barman could not read the lock of one of its processes or end it.',
    causes: [{ cause: 'Which run.', on: 'barman host', check: 'pgrep -af barman; ls -la <barman home>/.*.lock' }],
  },
  {
    id: 'barman-restore-files',
    source: 'Barman 3.4.0',
    matters: 4,
    elsewhere: true,
    means:
      'The restore could not make or fill a directory on the target (tablespace, archive_status, configuration files).',
    causes: [
      {
        cause: 'Owner and room there; a remote restore needs ssh as the user that owns the directory.',
        on: 'standby',
        check: 'namei -l <path>; df -h <path>',
      },
    ],
  },
  {
    id: 'barman-files',
    source: 'Barman 3.4.0',
    matters: 3,
    elsewhere: true,
    means: 'Barman could not read, write, move or remove a file or directory; the reason follows.',
    causes: [
      {
        cause: 'Owner, mode and room. Barman runs as the user barman, not as root.',
        on: 'barman host',
        check: 'namei -l <path>; df -h <path>',
      },
    ],
  },
  {
    id: 'barman-ordinary',
    source: 'Barman 3.4.0',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'Barman reports what it does. That line needs no attention.',
  },
  {
    id: 'barman-no-horizon',
    source: 'Barman 3.4.0, barman/recovery_executor.py',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means:
      'Barman does not find when this destination was copied the last time (.barman-recover.info), as in each directory that is new. So it compares all files by their content, which only takes longer.',
  },
  {
    id: 'barman-remark',
    source: 'Barman 3.4.0',
    matters: 2,
    elsewhere: true,
    means: 'A note or an error of Barman.',
    causes: [
      {
        cause: 'What it finds wrong.',
        on: 'barman host',
        check: 'barman check <server>; tail -n 50 /var/log/barman/barman.log',
      },
    ],
  },
];
