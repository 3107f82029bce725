import type { Answer } from '../answer.ts';

const log =
  'grep -hE "pgsqlms" /var/log/pacemaker/pacemaker.log /var/log/messages /var/log/syslog 2>/dev/null | tail -30';

/** What PAF's agent pgsqlms decides about a promotion or a switchover, beside its states in pacemaker.ts. */
export const answersAboutPaf: readonly Answer[] = [
  {
    id: 'paf-better-candidate',
    says: ['%s is the best candidate to promote, aborting current promotion'],
    source: 'PAF, script/pgsqlms, pgsql_promote',
    matters: 4,
    elsewhere: true,
    means:
      'The agent compared what the standbys have received, and {value|another node} has more WAL than the one that Pacemaker chose. It gives up this promotion on purpose and gives that node the higher score, so that Pacemaker promotes it next: no data is lost that way.',
    causes: [
      {
        cause:
          'The score of the chosen node was older than the last changes, or the promotion was asked for by hand on a node that lags.',
        on: 'that node',
        check: 'crm_mon -A1; psql -c "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"',
      },
      {
        cause:
          'It happens again and again: a constraint of the location or a ban forbids the better node, or its server does not run.',
        on: 'that node',
        check: 'pcs constraint; pcs status --full',
      },
    ],
    todo: 'Let Pacemaker do it. If it does not, remove the constraint, then pcs resource cleanup. Do not promote the other node by force: what the better one has more would be lost.',
  },
  {
    id: 'paf-lags-too-far',
    says: [
      'Update score of "%s" from %s to %s because replication lag (%s) is higher than given maxlag (%s).',
      'because replication lag (%s) is higher than given maxlag (%s)',
    ],
    source: 'PAF, script/pgsqlms, _check_locations (maxlag)',
    matters: 4,
    elsewhere: true,
    means:
      'This standby is further behind the primary than maxlag of the resource allows (in bytes), so it may not be promoted until it has caught up.',
    causes: [
      {
        cause: 'maxlag is small compared with what is written in a moment (one segment is 16777216 bytes).',
        on: 'primary',
        check: 'pcs resource config | grep -i maxlag',
      },
      {
        cause: 'The standby is slow or the network is: it stays behind.',
        on: 'primary',
        check:
          'psql -c "SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), write_lsn) AS bytes FROM pg_stat_replication"',
      },
    ],
    todo: 'If the score goes up and down, raise maxlag. If all standbys are at -1000, a failover is not possible at the moment.',
  },
  {
    id: 'paf-switchover-cancelled',
    says: [
      'switchover has been canceled from pre-promote action',
      'did not received the shutdown checkpoint from the old master!',
      'did not received the shutdown checkpoint from the old primary!',
    ],
    source: 'PAF, script/pgsqlms, _check_switchover, pgsql_promote',
    matters: 5,
    elsewhere: true,
    means:
      'The former primary was stopped, and the standby has not received its last record (the shutdown checkpoint). The agent cancels the switchover: the former primary could not follow this standby.',
    causes: [
      {
        cause: 'The standby did not stream, or lagged, when the primary was stopped.',
        on: 'standby',
        check: 'psql -c "SELECT status, flushed_lsn FROM pg_stat_wal_receiver"; tail -n 30 <log of PostgreSQL>',
      },
      { cause: 'The primary was ended without a clean shutdown.', on: 'primary', check: log },
    ],
    todo: 'Start the former primary again (Pacemaker does), wait until the standby streams without lag (pg_stat_replication), then repeat the switchover.',
  },
  {
    id: 'paf-node',
    says: [
      'PGDATA "%s" does not exist',
      'PGDATA "%s" does not exists',
      'data_directory "%s" does not exist',
      'data_directory "%s" does not exists',
      'PG_VERSION does not exist in "%s"',
      'PG_VERSION does not exists in "%s"',
      'System user "%s" does not exist',
      'wal_level must be one of "hot_standby", "logical" or "replica"',
      'wal_level must be "hot_standby" or "logical"',
    ],
    among: /^(?![^]*pg_autoctl)[^]*(?:pgsqlms|PGDATA|pacemaker|ocf|data_directory|PG_VERSION|wal_level)/iu,
    source: 'PAF, script/pgsqlms, pgsql_validate_all',
    matters: 5,
    elsewhere: true,
    means:
      'The agent checked this node before any action, and a parameter of the resource does not fit it. It does nothing with PostgreSQL until that is corrected.',
    causes: [
      {
        cause:
          'pgdata, datadir, bindir or system_user of the resource is wrong for this node, or the volume with the data is not mounted there.',
        on: 'that node',
        check: 'pcs resource config; ls -ld <data directory>; findmnt -T <data directory>',
      },
    ],
    todo: 'Correct the resource (pcs resource update) or the node, then pcs resource cleanup. Do not run initdb in a directory that is only not mounted.',
  },
  {
    id: 'paf-demote-fails',
    says: [
      'pgsql_demote: failed to stop "%s" using pg_ctl (returned %d)',
      'pgsql_demote: starting "%s" as a standby failed (returned %d)',
      'pgsql_promote: error during promotion',
      'pgsql_promote: failed to start the instance "%s"',
      'pgsql_stop: instance "%s" failed to stop',
      'pgsql_notify: could not query the current node LSN',
    ],
    source: 'PAF, script/pgsqlms',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means: 'An action of the agent failed, because PostgreSQL on this node did not do what it was asked for.',
    causes: [
      {
        cause: 'Its own log has the reason at this minute.',
        on: 'that node',
        check: 'tail -n 40 <log of PostgreSQL>',
      },
    ],
    todo: 'When its cause is gone: pcs resource cleanup.',
  },
];
