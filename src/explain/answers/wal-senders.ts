import type { Answer } from '../answer.ts';

/** A server that has no WAL sender left, or none at all. */
export const answersAboutWalSenders: readonly Answer[] = [
  {
    of: ['too-many-walsenders'],
    when: /currently 0/u,
    means: 'WAL senders are switched off on the primary: max_wal_senders is 0.',
    causes: [
      {
        cause: 'max_wal_senders = 0 in the configuration, often together with wal_level = minimal.',
        on: 'primary',
        check: 'psql -c "SHOW max_wal_senders" -c "SHOW wal_level"',
        rule: 'primary/no-wal-senders',
      },
    ],
    todo: 'Set max_wal_senders = 10 and, if wal_level is minimal, wal_level = replica at the same time: with wal_level = minimal the server does not start when max_wal_senders is above 0. Then restart.',
  },
  {
    of: ['too-many-walsenders'],
    when: /currently 1\)/u,
    means:
      'The primary allows one WAL sender (max_wal_senders = 1). A base backup with -X stream needs two, and so does a base backup beside a standby.',
    causes: [
      {
        cause: 'max_wal_senders is 1 on the primary.',
        on: 'primary',
        check: 'psql -c "SHOW max_wal_senders"',
        rule: 'primary/wal-senders-exhausted',
      },
    ],
    todo: 'Set max_wal_senders = 10, the default, on the primary and restart it (standbys first: they need at least as many).',
  },
  {
    of: ['too-many-walsenders'],
    means: 'All WAL senders of the primary are taken (max_wal_senders). A base backup with -X stream needs two.',
    causes: [
      {
        cause: 'Standbys, backups and receivers together need more.',
        on: 'primary',
        check: 'psql -c "SELECT pid, application_name, client_addr, state, backend_start FROM pg_stat_replication"',
        rule: 'primary/wal-senders-exhausted',
      },
      { cause: 'Dead connections have not ended yet, or a failed backup is still there.' },
    ],
    todo: 'Raise max_wal_senders on the primary (restart; raise it on the standbys first), or end what is not needed.',
  },
];
