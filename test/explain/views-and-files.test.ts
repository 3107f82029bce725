import { describe, expect, it } from 'vitest';

import { shapesIn } from '../../src/explain/shapes.ts';

const said = (text: string): string =>
  shapesIn(text)
    .flatMap(({ means, candidates }) => [means, ...candidates.map(({ cause }) => cause)])
    .join('\n');

/** What somebody pastes who has no message, with what must be said of it. */
const cases: readonly (readonly [name: string, text: string, ...words: readonly string[]])[] = [
  [
    'a WAL receiver that waits',
    ' status  | sender_host | slot_name\n---------+-------------+-----------\n waiting | db1         | s1\n(1 row)\n',
    'no more WAL on this timeline',
  ],
  [
    'no WAL receiver',
    ' status | sender_host | slot_name\n--------+-------------+-----------\n(0 rows)\n',
    'receives no WAL',
  ],
  [
    'an archiver that fails',
    'archived_count     | 12\nfailed_count       | 7\nlast_archived_time | 2025-04-02 08:00:00+00\nlast_failed_wal    | 00000001000000000000000D\nlast_failed_time   | 2025-04-02 09:00:00+00\n',
    '00000001000000000000000D',
    'stays in pg_wal',
  ],
  [
    'an archiver that works again',
    'archived_count     | 12\nfailed_count       | 7\nlast_archived_time | 2025-04-02 09:00:00+00\nlast_failed_wal    | 00000001000000000000000D\nlast_failed_time   | 2025-04-02 08:00:00+00\n',
    'works again',
  ],
  [
    'a standby that streams all',
    ' application_name | state     | sent_lsn  | replay_lsn | sync_state\n------------------+-----------+-----------+------------+------------\n s1               | streaming | 0/5000148 | 0/5000148  | async\n',
    'All of them stream and have replayed all that was sent',
    'which is the default',
  ],
  [
    'one that would be synchronous next',
    ' application_name | state     | sync_state\n------------------+-----------+------------\n s2               | streaming | potential\n',
    'becomes synchronous when one before it',
  ],
  [
    'a paused replay among other columns',
    ' pg_is_wal_replay_paused | pg_last_wal_replay_lsn\n-------------------------+------------------------\n t                       | 6/10000028\n',
    'is paused',
  ],
  [
    'files that wait for the archive',
    '$ ls pg_wal/archive_status | wc -l\n48211\n$ ls pg_wal/archive_status | head -3\n0000000100000A1200000001.ready\n0000000100000A1200000002.ready\n0000000100000A1200000003.ready\n',
    '48211 or more',
    'archive_command fails, or is slower',
  ],
  ['one file that waits for the archive', '0000000100000A1200000001.ready\n', 'A few are normal'],
  [
    'primary_conninfo in a sentence',
    "my standby has primary_conninfo = 'host=localhost user=copy' and receives nothing",
    'the standby itself',
  ],
  [
    'a copy from localhost in a container',
    'The container runs: pg_basebackup -h localhost -U copy -D /srv/pg -R\n',
    'localhost is the container itself',
  ],
  [
    'a copy that an entrypoint makes as root',
    'The entrypoint runs pg_basebackup -h db -U copy -D /srv/pg -R && postgres -D /srv/pg\nand the server refuses to run as root.\n',
    'the files belong to root',
  ],
  [
    'an option of old releases',
    'pg_basebackup -h db -U copy -D /srv/pg -R --xlog\non 9.6 it worked\n',
    'names of releases before 10',
  ],
  [
    'a cluster of Patroni that is well',
    '| Member | Host | Role | State | TL | Lag in MB |\n+---+---+---+---+---+---+\n| a | 10.0.0.1 | Leader | running | 4 | |\n| b | 10.0.0.2 | Replica | streaming | 4 | 0 |\n',
    'All of them run, on one timeline and without lag',
  ],
  [
    'a service of Debian that failed',
    '● postgresql@14-main.service - PostgreSQL Cluster 14-main\n     Active: failed (Result: protocol) since Fri 2024-02-02 10:22:01 UTC; 12s ago\n',
    'did not start',
  ],
  ['a primary', ' pg_is_in_recovery \n-------------------\n f\n(1 row)\n', 'it is a primary', 'without standby.signal'],
  ['a standby', ' pg_is_in_recovery \n-------------------\n t\n(1 row)\n', 'it is a standby'],
  [
    'clusters of Debian',
    'Ver Cluster Port Status          Owner    Data directory              Log file\n16  main    5432 online,recovery postgres /var/lib/postgresql/16/main /var/log/postgresql/postgresql-16-main.log\n16  copy    5433 down            postgres /var/lib/postgresql/16/copy /var/log/postgresql/postgresql-16-copy.log\n',
    '16/main runs on port 5432 as a standby',
    '16/copy is not running: /var/log/postgresql/postgresql-16-copy.log',
  ],
  [
    'a slot that is about to be lost',
    ' slot_name | active | restart_lsn | wal_status\n-----------+--------+-------------+------------\n s1        | f      | 0/B0000000  | unreserved\n',
    'about to be lost',
  ],
  [
    'repmgr.conf',
    "node_id=2\nnode_name=db2\nconninfo='host=localhost user=repmgr dbname=repmgr'\nfailover=automatic\npromote_command='repmgr standby promote'\n",
    'node db2 (ID 2)',
    'data_directory is missing',
    'leads to the machine itself',
    'follow_command is missing',
  ],
  [
    'patroni.yml',
    'scope: ledger\nrestapi:\n  connect_address: 127.0.0.1:8008\npostgresql:\n  create_replica_methods:\n    - pgbackrest\n    - basebackup\n  authentication:\n    superuser:\n      username: postgres\n',
    'connect_address is 127.0.0.1:8008',
    'no replication user',
    'pgbackrest, then by basebackup',
  ],
  [
    'one setting, as psql shows it',
    'postgres=# SHOW wal_level;\n wal_level \n-----------\n minimal\n(1 row)\n',
    'no base backup and no standby are possible',
  ],
  [
    'pgbackrest.conf',
    '[ledger]\npg1-path=/data/pg\npg1-port=5432\n\n[global]\nbackup-standby=y\narchive-async=y\n',
    'needs the primary as well',
    '/var/lib/pgbackrest on this host',
    '/var/spool/pgbackrest must be writable',
  ],
  [
    "a server's configuration of Barman",
    '[ledger]\nconninfo = host=db1 user=barman dbname=postgres\nbackup_method = postgres\nstreaming_archiver = on\n',
    'streaming_conninfo is missing',
    'without slot_name',
  ],
  [
    'repmgr.nodes',
    ' node_id | node_name |  type   | active | upstream_node_id\n---------+-----------+---------+--------+------------------\n       1 | db1       | primary | f      |\n       2 | db2       | primary | t      |\n',
    'db2 is its primary',
    'db1 is marked inactive',
  ],
  [
    'a backup of CloudNativePG',
    'apiVersion: postgresql.cnpg.io/v1\nkind: Backup\nstatus:\n  phase: walArchivingFailing\n',
    'walArchivingFailing',
  ],
  [
    'a cluster of CloudNativePG',
    'apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata:\n  name: ledger\nspec:\n  instances: 1\n  bootstrap:\n    recovery:\n      source: old\n',
    'CloudNativePG',
    'has no standby',
    'only when the cluster is made',
  ],
];

describe('texts that hold no message', () => {
  it.each(cases)('%s', (_, text, ...words) => {
    for (const word of words) expect(said(text)).toContain(word);
  });

  it.each([
    'The scope: of this document is the restapi: of our shop.',
    'status: running\nscope: none\n',
    'apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 1\n',
    'node_id = 7\ncolour = red\n',
  ])('nothing is said of %j', (text) => {
    expect(shapesIn(text)).toEqual([]);
  });
});
