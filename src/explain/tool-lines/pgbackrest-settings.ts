import type { Answer } from '../answer.ts';

/** What the errors and remarks of pgBackRest mean, by what they are about. */
export const linesOfPgBackRestSettings: readonly Answer[] = [
  {
    id: 'pgbackrest-backup-set',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means: 'No backup in the repository fits what was asked for: the label, the time or the LSN.',
    causes: [
      {
        cause: 'Which there are, with their times.',
        on: 'repository host',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> info',
      },
    ],
    todo: 'Give a label with --set, or a target later than the end of a backup (with its time zone).',
  },
  {
    id: 'pgbackrest-get',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means: 'pgBackRest could not get or push a WAL file: for each repository the reason is in the lines below.',
    causes: [
      {
        cause: 'Whether each repository can be reached and is whole.',
        on: 'primary',
        check: 'sudo -u postgres pgbackrest --stanza=<stanza> --log-level-console=detail check',
      },
    ],
  },
  {
    id: 'pgbackrest-stop-file',
    source: 'pgBackRest 2.45',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'pgbackrest stop or start found what it was to do done already: there is a stop file, or there is none.',
    todo: 'While a stop file is there, no command of pgBackRest runs, archive-push included: pgbackrest start removes it. Only stanza-delete wants pgbackrest stop first.',
  },
  {
    id: 'pgbackrest-option',
    source: 'pgBackRest 2.45',
    matters: 3,
    elsewhere: true,
    means:
      'An option of pgBackRest (command line, environment, pgbackrest.conf) is missing, unknown, or has a value that it does not take. The message names it. Nothing was done.',
    causes: [
      {
        cause: 'Where it is set. An unknown option is often one of a newer release.',
        on: 'primary',
        check:
          'pgbackrest version; pgbackrest help; grep -nvE "^ *(#|;|$)" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf; env | grep PGBACKREST | cut -d= -f1',
      },
    ],
  },
  {
    id: 'pgbackrest-damaged',
    source: 'pgBackRest 2.45',
    matters: 5,
    elsewhere: true,
    means: 'A file in the database or in the repository does not have the content that its checksum says.',
    causes: [
      {
        cause: 'Pages in the database: which, and whether the disk reports errors.',
        on: 'primary',
        check:
          'dmesg -T | grep -iE "i/o error|nvme|sd[a-z]" | tail; psql -c "SELECT datname, checksum_failures FROM pg_stat_database"',
      },
    ],
    todo: 'Do not overwrite older backups. Verify the repository (pgbackrest verify), and compare with a standby.',
  },
  {
    id: 'pgbackrest-tls-auth',
    source: 'pgBackRest 2.45',
    matters: 4,
    elsewhere: true,
    means: 'The pgBackRest server on the other host does not allow this client for this stanza.',
    causes: [
      {
        cause: 'tls-server-auth there must have the common name of the certificate that this host shows.',
        on: 'repository host',
        check:
          'grep -n tls-server /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf; openssl x509 -in <certificate of the client> -noout -subject',
      },
    ],
  },
  {
    id: 'pgbackrest-check-of-itself',
    source: 'pgBackRest 2.45',
    matters: 2,
    elsewhere: true,
    means: 'A check that pgBackRest makes of itself failed. It says nothing about the servers.',
    causes: [{ cause: 'Its release.', on: 'primary', check: 'pgbackrest version' }],
    todo: 'Update it; if it stays, report it with --log-level-console=debug.',
  },
  {
    id: 'pgbackrest-standby-behind-line',
    source: 'pgBackRest 2.45',
    matters: 3,
    means: 'The standby had not reached the start of the backup in its data files: its restartpoint is older.',
    causes: [
      {
        cause: 'Whether it replays.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), (pg_control_checkpoint()).redo_lsn"',
      },
    ],
    todo: 'Run CHECKPOINT on the primary, then on the standby, and repeat the backup.',
  },
  {
    id: 'pgbackrest-clock',
    source: 'pgBackRest 2.45',
    matters: 3,
    elsewhere: true,
    means:
      'The clock of this machine does not advance as it should, or jumped back: pgBackRest names backups after it.',
    causes: [{ cause: 'Whether it is synchronized.', on: 'primary', check: 'timedatectl; date -u' }],
    todo: 'Correct the clock on all hosts (chrony, ntp), then repeat the backup.',
  },
  {
    id: 'pgbackrest-delta-on',
    source: 'pgBackRest 2.45',
    kind: 'course',
    matters: 2,
    elsewhere: true,
    means:
      'pgBackRest compares checksums for this backup instead of times, as something changed since the last one. That costs time, and needs no attention.',
    todo: 'A timeline switch is normal after a failover or a restore; with other reasons, look at the clock and at who writes into the data directory.',
  },
  {
    id: 'pgbackrest-changed-by-itself',
    source: 'pgBackRest 2.45',
    kind: 'course',
    matters: 2,
    elsewhere: true,
    means: 'pgBackRest changed or ignored something by itself and goes on. It needs no attention.',
    todo: 'If that is not what you want: correct the option in pgbackrest.conf.',
  },
  {
    id: 'pgbackrest-standby-missing',
    source: 'pgBackRest 2.45',
    matters: 4,
    means: 'backup-standby is on, and among the configured pg<n> hosts no running standby was found that can be asked.',
    causes: [
      {
        cause: 'Which hosts are configured, whether the standby runs, and whether it is one.',
        on: 'standby',
        check:
          'psql -c "SELECT pg_is_in_recovery()"; grep -nE "^pg[0-9]+-(host|path|port)|backup-standby" /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf',
      },
    ],
    todo: 'A WARN line above says why a host could not be checked. Until it is repaired: pgbackrest --stanza=<stanza> --no-backup-standby backup.',
  },
  {
    id: 'pgbackrest-standby-changed',
    source: 'pgBackRest 2.45',
    matters: 4,
    means:
      'The primary or the standby changed its role or its timeline while the backup ran. This backup is not usable.',
    causes: [
      {
        cause: 'Who is what now.',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_recovery(), (pg_control_checkpoint()).timeline_id"',
      },
    ],
    todo: 'Wait until the failover is over, then take the backup again.',
  },
];
