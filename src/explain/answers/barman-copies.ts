import type { Answer } from '../answer.ts';

/** Barman's copies by rsync, and exclusive backups; `source` names the file that prints it. */
export const answersAboutBarmanCopies: readonly Answer[] = [
  {
    id: 'barman-connection-lost',
    says: ['Connection lost, reconnection not allowed'],
    source: 'barman/postgres.py',
    matters: 5,
    elsewhere: true,
    means:
      'The session in which Barman began the backup ended before the copy did. A concurrent backup must be ended in the same session, so this one is void.',
    causes: [
      {
        cause:
          'The idle session was cut: a firewall or NAT, idle_session_timeout (PostgreSQL 14 and later; newer releases of Barman turn it off for their session), or a pooler between.',
        on: 'barman host',
        check: 'sudo -u barman psql "<conninfo>" -c "SHOW idle_session_timeout" -c "SHOW tcp_keepalives_idle"',
      },
      {
        cause: 'The server was restarted during the copy.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()"',
      },
    ],
    todo: 'keepalives_idle=60 in conninfo keeps the session alive; backup_method = postgres does not need it.',
  },
  {
    id: 'exclusive-backup-gone',
    says: ['exclusive backup not in progress', 'Cannot terminate exclusive backup'],
    source: 'PostgreSQL before 15, src/backend/access/transam/xlog.c; barman/backup_executor.py',
    matters: 5,
    elsewhere: true,
    means: 'An exclusive backup was to be ended, and the server has none in progress: the copy is not usable.',
    causes: [
      {
        cause:
          'Another session or backup job called pg_stop_backup() in between, or the server was restarted during the copy.',
        on: 'primary',
        check: 'psql -c "SELECT pg_postmaster_start_time()" -c "SELECT pg_is_in_backup()"',
      },
    ],
    todo: 'Use concurrent backups (backup_options = concurrent_backup) and begin a new one. Exclusive backups are gone since PostgreSQL 15.',
  },
  {
    id: 'rsync-failed',
    says: [
      'rsync error: some files/attrs were not transferred (see previous errors) (code 23)',
      'rsync error: error in rsync protocol data stream (code 12)',
      'rsync error: syntax or usage error (code 1)',
      'rsync error: some files vanished before they could be transferred (code 24)',
      'rsync error: error in socket IO (code 10)',
      'rsync error: timeout in data send/receive (code 30)',
    ],
    among: /barman|base backup|backup|pgdata|pgsql|postgres|RsyncPgData/iu,
    source: 'rsync, errcode.h, log.c',
    matters: 4,
    elsewhere: true,
    means:
      'rsync did not finish its copy. Code 1: the two rsync do not understand the options; 10, 12, 30: the connection or the rsync on the other side ended; 23: some files could not be read or written; 24: files vanished, which is normal while a server runs.',
    causes: [
      {
        cause:
          'The lines before name the files or the reason: rights, a full disk, temporary files that vanished (with code 23 by an old rsync), a bug of one rsync release.',
        on: 'barman host',
        check: 'rsync --version | head -1; ssh postgres@<server> "rsync --version | head -1"; df -h',
      },
    ],
    todo: 'A copy that ended with 23 is complete only if the missing files do not matter; take it again after the cause is gone. backup_method = postgres does without rsync.',
  },
];
