import type { Answer } from '../answer.ts';

/** What the errors and remarks of Barman mean, by what they are about. */
export const linesOfBarmanServers: readonly Answer[] = [
  {
    id: 'barman-check-policy',
    source: 'Barman 3.4.0',
    matters: 3,
    elsewhere: true,
    means:
      'The backups of this server do not meet what its configuration wants: the newest is too old or too small, there are too few, or some failed.',
    causes: [
      {
        cause: 'Which there are.',
        on: 'barman host',
        check:
          'barman list-backups <server>; barman show-servers <server> | grep -E "minimum_redundancy|maximum_age|minimum_size"',
      },
    ],
    todo: 'Take a backup (barman backup <server>), and look why the planned one did not run or failed: /var/log/barman/barman.log.',
  },
  {
    id: 'barman-system-identity',
    source: 'Barman 3.4.0',
    matters: 5,
    means:
      'The server that Barman now reaches is another cluster than the one that it has backups of, or conninfo and streaming_conninfo lead to different servers.',
    causes: [
      {
        cause: 'Compare the identifiers.',
        on: 'barman host',
        check:
          'cat <barman home>/<server>/identity.json; psql "<conninfo>" -c "SELECT system_identifier FROM pg_control_system()"',
        rule: 'timeline/system-identifier-differs',
      },
    ],
    todo: 'After an upgrade or a new initdb: give the new cluster its own server name in Barman, and keep the old one for its backups.',
  },
  {
    id: 'barman-programs',
    source: 'Barman 3.4.0',
    matters: 3,
    elsewhere: true,
    means: 'A program that Barman calls is missing, cannot be run, or is of another release.',
    causes: [
      {
        cause:
          "PostgreSQL's client programs of the release of the server must be in the PATH of the user barman (path_prefix).",
        on: 'barman host',
        check:
          'sudo -u barman sh -c "command -v pg_basebackup pg_receivewal rsync psql"; barman show-servers <server> | grep path_prefix',
      },
    ],
  },
  {
    id: 'barman-privileges',
    source: 'Barman 3.4.0',
    matters: 4,
    means: "Barman's role in the database lacks rights that a backup or a switch of WAL needs.",
    causes: [{ cause: 'What it may do.', on: 'primary', check: 'psql -c "\\\\du barman"' }],
    todo: 'GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean), pg_switch_wal(), pg_create_restore_point(text) TO barman; GRANT pg_read_all_settings, pg_read_all_stats, pg_checkpoint TO barman; before 15: pg_start_backup(text, boolean, boolean), pg_stop_backup(boolean, boolean), and no pg_checkpoint.',
  },
  {
    id: 'barman-copy',
    source: 'Barman 3.4.0',
    matters: 4,
    elsewhere: true,
    means: 'Copying files failed (rsync, ssh, pg_basebackup): the reason is in the line, or just below it.',
    causes: [
      {
        cause: 'ssh without a password to the server, and rsync on both sides.',
        on: 'barman host',
        check:
          'barman show-servers <server> | grep ssh_command; sudo -u barman ssh postgres@<server> true | wc -c; tail -n 50 /var/log/barman/barman.log',
      },
    ],
  },
  {
    id: 'barman-usage',
    source: 'Barman 3.4.0',
    matters: 3,
    elsewhere: true,
    means:
      'Barman was called with options or names that it does not take, or that do not fit this backup. The message names them. Nothing was changed.',
    causes: [
      {
        cause: 'What the command takes, and which servers and backups there are.',
        on: 'barman host',
        check: 'barman list-servers; barman list-backups <server>; barman <command> --help',
      },
    ],
  },
  {
    id: 'barman-retry-hook',
    source: 'Barman 3.4.0',
    kind: 'course',
    matters: 1,
    elsewhere: true,
    means: 'A hook script asked Barman to stop, and Barman goes on: after this step that is not possible any more.',
  },
  {
    id: 'barman-hook',
    source: 'Barman 3.4.0',
    matters: 3,
    elsewhere: true,
    means: 'A hook script of Barman failed or asked it to stop.',
    causes: [
      {
        cause: 'Run it by hand as barman; its name is in the configuration.',
        on: 'barman host',
        check: 'grep -rnE "_script *=" /etc/barman.conf /etc/barman.d/; tail -n 30 /var/log/barman/barman.log',
      },
    ],
  },
  {
    id: 'barman-configuration-wrong',
    source: 'Barman 3.4.0',
    matters: 4,
    elsewhere: true,
    means:
      'A value in barman.conf (or in the file of the server) is missing or cannot be used; Barman falls back to another value, or does not run.',
    causes: [
      {
        cause: 'What Barman makes of it.',
        on: 'barman host',
        check: 'barman show-servers <server> | head -60; grep -rnvE "^ *(;|#|$)" /etc/barman.conf /etc/barman.d/',
      },
    ],
  },
  {
    id: 'barman-server-connection',
    source: 'Barman 3.4.0',
    matters: 4,
    elsewhere: true,
    means:
      'Barman could not ask the PostgreSQL server: it does not run, is not reachable from this host, or does not let the role in; the reason follows.',
    causes: [
      {
        cause: 'The connection strings by hand.',
        on: 'barman host',
        check:
          'barman show-servers <server> | grep conninfo; psql "<conninfo>" -c "SELECT version()"; barman check <server>',
      },
    ],
  },
  {
    id: 'barman-wal-missing',
    source: 'Barman 3.4.0',
    matters: 5,
    elsewhere: true,
    means:
      'WAL that this backup needs is not in the archive of Barman (yet): it cannot be restored to a consistent state without it.',
    causes: [
      {
        cause: 'Whether it still arrives: archiving and receive-wal.',
        on: 'barman host',
        check: 'barman check <server>; barman show-backup <server> latest | grep -iE "wal|status"',
      },
      {
        cause: 'What the server archived last, or fails to.',
        on: 'primary',
        check: 'psql -c "SELECT last_archived_wal, last_failed_wal, last_failed_time FROM pg_stat_archiver"',
      },
    ],
    todo: 'If it is on the server still, archiving repaired brings it. If not: take a new backup.',
  },
  {
    id: 'barman-wal-foreign',
    source: 'Barman 3.4.0',
    matters: 4,
    elsewhere: true,
    means:
      'In the WAL archive, or in the directory where WAL arrives, are files that Barman does not expect there: of a newer or other timeline, of another server, or no WAL.',
    causes: [
      {
        cause: 'What they are. Barman puts what it does not know into errors, and deletes nothing of it.',
        on: 'barman host',
        check:
          'ls -lt <barman home>/<server>/errors | head; ls <barman home>/<server>/incoming <barman home>/<server>/streaming | head',
      },
    ],
    todo: 'Two servers must never archive to the same place: give each its own server in Barman. barman-cloud: an own server name.',
  },
  {
    id: 'barman-check-line',
    source: 'Barman 3.4.0, server.py and output.py',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'A check of this server failed, by name where the line has one. barman check says of each what it found.',
    causes: [
      {
        cause: 'All checks at once, and what Barman logged of them.',
        on: 'barman host',
        check: 'barman check <server>; tail -n 50 /var/log/barman/barman.log',
      },
    ],
    todo: 'Begin with the check that comes first: "PostgreSQL" or "PostgreSQL streaming" make most others fail, too.',
  },
];
