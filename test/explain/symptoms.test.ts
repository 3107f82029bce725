import { describe, expect, it } from 'vitest';

import { symptomIn } from '../../src/explain/symptoms.ts';

/** Complaints in people's words; the first words of what must be said of them. */
const complaints: readonly (readonly [means: string, ...said: readonly string[]])[] = [
  [
    'Not of a running server without more',
    'Can I just rsync the data directory of the running primary to the standby?',
    'Is it ok to cp the data directory while postgres is running?',
  ],
  ['Minor releases of one major release may differ', 'Can the primary run 15.4 and the replica 15.6?'],
  [
    'A standby that was promoted is a primary with a timeline',
    'A colleague promoted the standby by mistake, the primary is still in use',
  ],
  [
    'recovery_min_apply_delay makes a standby replay',
    'I want a replica that stays 6 hours behind as a protection against DROP TABLE',
  ],
  [
    'The standby is an ordinary client of its primary',
    'How do I encrypt the replication connection?',
    'Is it possible to use TLS between primary and standby for streaming replication?',
  ],
  [
    'A standby receives all WAL that the primary writes',
    'How can we reduce the bandwidth that streaming replication to the standby takes?',
  ],
  [
    'By default it does not: replication is asynchronous',
    'Does a slow standby slow down the primary?',
    'What is the performance impact of two replicas on the master?',
  ],
  [
    'On a network of one site',
    'How much replication lag is normal for an async standby?',
    'What lag is acceptable for a replica?',
  ],
  [
    'PostgreSQL has no relay log: the WAL receiver',
    'What is the equivalent of MySQL relay logs in PostgreSQL replication?',
  ],
  [
    'Another process listens at the address and port',
    'Address already used, port 5432',
    'postgres does not start because port 5432 is already in use',
    'The replica says its port is already taken by something',
  ],
  [
    'A standby must be of the same major release',
    'Can I stream from a PostgreSQL 13 primary to a PostgreSQL 15 standby?',
    'Is a Postgres 16 replica of a Postgres 14 master possible?',
  ],
  [
    'A connection that streams is not asked for its password again',
    'How do I rotate the password of the replication user without breaking the replicas?',
    'Which steps are needed to change the replication password of our standby?',
  ],
  [
    'systemd gave up waiting',
    'systemctl start of postgres on the replica ends with a timeout while it still replays WAL',
  ],
  [
    'Logical slots are on the primary only, up to 16',
    'How do I keep logical replication slots across a failover with Patroni?',
  ],
  [
    'Not with kill -9',
    'Can I kill -9 the postmaster of the standby?',
    'Is it safe to delete postmaster.pid of postgres when it hangs?',
  ],
  [
    'A slot keeps exactly what its standby has not received',
    'What is better, replication slots or wal_keep_size?',
    'Should I use a slot instead of an archive?',
  ],
  [
    'Yes: pg_basebackup can copy from a standby',
    'Can I take the base backup for another replica from the first standby?',
    'How do I set up a cascading replica in postgres?',
  ],
  ['A few things on the primary', 'What should we monitor on a postgres streaming replication setup?'],
  [
    'Streaming replication has one primary',
    'How do I set up master-master replication in postgres?',
    'Can postgres do multi-master with streaming replication?',
  ],
  [
    'pg_basebackup makes the copy and knows the position',
    'What replaces mysqldump --master-data to seed a slave in postgres?',
  ],
  [
    'A primary that was restored',
    'We restored the primary from a backup and the standbys do not connect any more',
    'The master was rolled back to a snapshot, do the replicas have to be rebuilt?',
  ],
  [
    'A container keeps its data only in a volume',
    'After each docker compose down and up our postgres replica is an empty standalone database again',
  ],
  [
    'Usually shared_preload_libraries came with',
    "The replica says it can't access the file timescaledb",
    'pg_stat_statements is missing on the standby',
  ],
  [
    'The service runs as another account',
    'On Windows the service of the standby starts and stops immediately after pg_basebackup',
  ],
  [
    'In PostgreSQL the WAL is what the binary log is, and the primary keeps it by amount',
    'What is the Postgres equivalent of expire_logs_days?',
    'I want to hold three days of binlogs on our postgres master',
  ],
  [
    'A physical standby is always read-only',
    'How do I make a postgres slave read_only?',
    'Is our postgres replica read only for superusers as well, like in MySQL?',
  ],
  [
    'A physical standby has no statements that could fail or be skipped',
    'How do I skip the broken transaction on my postgres slave?',
    'I miss sql_slave_skip_counter on the standby',
  ],
  [
    'Do not: a standby that is started without standby.signal',
    'Can I remove standby.signal for an hour to test writes?',
    'What happens if I delete standby.signal and restart?',
  ],
  [
    'By hand, a switchover is',
    'What is the right order of a planned switchover with plain postgres and one standby?',
    'How do I swap the roles of primary and standby in postgres?',
  ],
  [
    'A standby has everything if',
    'How can I see that my replica is up-to-date before I promote it?',
    'Is the standby safe to promote?',
  ],
  [
    'Not on a physical standby: it is read-only and the same',
    'Can I create an index only on the standby?',
    'I want to have extra tables on the read replica only',
  ],
  ['The server runs and lets no session in', 'pg_isready says rejecting connections on my standby'],
  [
    'pg_wal is a link to a directory',
    'The pg_wal symlink on the replica leads to /mnt/wal, which does not exist there',
  ],
  [
    'On a primary, pg_stat_wal_receiver has no row',
    'On the primary, pg_stat_wal_receiver is empty',
    'pg_stat_wal_receiver on the master returns 0 rows',
  ],
  ['On a standby, pg_stat_replication has no row', 'On our replica pg_stat_replication returns no rows'],
  [
    'The server needs the WAL since its last checkpoint',
    'A colleague deleted old files from pg_wal and the primary is down',
    'I removed half of the wal files to make room',
  ],
  [
    'Never delete files from pg_wal by hand',
    'Can I safely delete the oldest files in pg_wal?',
    'Is it ok to remove old WAL files on the master?',
  ],
  ['max_slot_wal_keep_size limits the WAL that slots may keep', 'What does max_slot_wal_keep_size = -1 mean?'],
  [
    'A standby must be of the same major release',
    'Our primary has PG 13 and the new replica came with PG 15',
    'The replica runs postgres 16.2 and the primary postgres 14.11',
  ],
  [
    'A standby that is always behind by the same time',
    'The reporting replica is constantly 30 minutes behind',
    'Our slave is always exactly 2 hours late, never more',
  ],
  [
    'This setting is read at the start',
    'I edited wal_level and reloaded, and SHOW wal_level still says minimal',
    'max_wal_senders = 5 in the file has no effect, I set it and did pg_reload_conf()',
  ],
  [
    'A standby logs in to its primary with the password',
    'We rotated the password of the replication user and since then the standby does not stream',
  ],
  [
    'With a synchronous standby every commit takes a round trip',
    'Commits take two seconds since synchronous_commit is remote_apply',
    'Every insert of the app is slow with the synchronous standby in the other data center',
  ],
  ['A standby can keep vacuum', 'With hot_standby_feedback on, the tables of the master bloat'],
  ['A server that should follow runs', 'Both of our nodes say they are primary'],
  ['Replay on the standby is paused', 'pg_is_wal_replay_paused = true on the standby since the exercise last week'],
  [
    'pg_rewind reads the WAL of the old primary back',
    'pg_rewind exited 1 because WAL segment 000000020000000000000004 was missing',
    "pg_rewind fails, the WAL it needs isn't there any more",
  ],
  [
    'That Pgpool-II shows "waiting" is normal',
    'pcp_node_info shows status waiting for both backends',
    'SHOW pool_nodes says waiting for our database node',
  ],
  [
    'From 18 on, the official image keeps its data',
    'After recreating the postgres:18 container with its volume all data was gone',
    'The volume of our postgres 18 container is empty after a restart, all databases are lost',
  ],
  [
    'The rows are there, and most of their columns are empty',
    'In pg_stat_replication most columns are null for the monitoring user',
    'pg_stat_replication shows the pid, all other columns are empty',
  ],
  ['write_lag, flush_lag and replay_lag are empty', 'replay_lag is null in pg_stat_replication'],
  ['A physical standby has the same tables', 'The replica is slower than the primary and uses a different query plan'],
  [
    'How far a standby is behind',
    'How to check the replication delay in PostgreSQL?',
    'How can I see if the standby is in sync?',
    'how do I see Seconds_Behind_Master',
    'show slave status',
  ],
  [
    'Streaming replication copies files',
    'Is streaming replication between different major versions possible?',
    'streaming replication from a windows primary to a linux standby',
  ],
  [
    'Streaming replication copies the whole cluster',
    'How can I replicate only one database with streaming replication?',
  ],
  ['pg_basebackup reads one file after', 'pg_basebackup is very slow', 'The base backup takes hours'],
  ['Sequences log 32 values ahead', 'Our sequence jumped by 32 after the failover'],
  ['Unlogged tables are not in the WAL', 'unlogged tables are empty on the standby'],
  [
    'State catchup in pg_stat_replication',
    'Is state "catchup" in pg_stat_replication an error?',
    'the replica stays in state catchup for hours',
  ],
  ['recovery_min_apply_delay makes', 'Our template has recovery_min_apply_delay = 30min'],
  ['primary_conninfo counts only', 'We edited primary_conninfo and SHOW primary_conninfo still has the old host'],
  ['A standby archives nothing', 'WAL is not archived on the standby'],
  [
    'From 12 on there is no recovery.conf',
    'Postgres 13 fails to start because recovery.conf is present',
    'the image still creates a recovery.conf and the replica dies',
  ],
  [
    'At its first start a copy recreates the links',
    'the symlinks of the tablespaces are lost when the restored copy starts and those of the source are used',
  ],
  ['The server runs archive_command only', 'archive_command is never executed'],
  ['hot_standby_feedback keeps vacuum', 'hot_standby_feedback is on and queries are still canceled'],
  ['pg_is_in_recovery() tells it', 'How do I know which server is the primary?'],
  ['A line of pg_hba.conf counts only', 'I changed pg_hba.conf and still get the same error'],
  ['libpq takes a password', 'pg_basebackup asks for a password although there is a .pgpass'],
  ['primary_conninfo counts only', 'my change of primary_conninfo has no effect'],
  ['A standby needs at least the values', 'I raised max_connections on the primary and now the standby stops'],
  ['Tables and indexes have the same size', 'Why does the standby use more disk than the primary?'],
  ['The position does not move', 'pg_last_wal_replay_lsn is not moving on the replica'],
  ['psql makes an ordinary connection', 'psql works but pg_basebackup does not'],
  ['A standby is made again', 'How to rebuild a standby?'],
  ['Roles and their passwords are replicated', 'A new user cannot log in on the replica'],
  [
    'The standby is behind its primary',
    'standby is not catching up with the primary',
    'replication lag keeps growing on my replica',
    'My read replica is 3 hours behind and falls further behind.',
    'The slave cannot keep up with the master',
    'Replica lag is very high after we moved to new disks',
    'our postgres secondary never catches up',
    'The streaming replication replica falls 2GB behind the primary.',
  ],
  [
    'No standby is connected',
    'pg_stat_replication is empty on the primary',
    'select * from pg_stat_replication returns no rows',
    'On the master, pg_stat_replication shows nothing at all',
  ],
  [
    'This standby receives no WAL',
    'pg_stat_wal_receiver is empty on the replica',
    'select * from pg_stat_wal_receiver gives 0 rows',
  ],
  [
    'A standby that was away for longer',
    'Our replica was offline for two weeks and cannot catch up any more',
    'WAL retention was too short, the secondary lost the segments it needs',
    'The wal files were recycled too early for our slave',
  ],
  [
    'Pgpool-II keeps a backend that it once marked',
    'pgpool does not attach the standby again after it came back',
    'In pgpool the node is still down although the server is running again',
  ],
  [
    'A probe asks a server that cannot answer yet',
    'the liveness probe kills our replica while it is still cloning',
    'readiness probe too aggressive: the standby restarts during the base backup',
    'Our new replica is in CrashLoopBackOff because the copy is very large',
  ],
  [
    'A standby needs no new copy after a restart',
    'our standby clones again at every restart of the container',
    'The replica re-syncs each time we deploy the stack',
  ],
  [
    'PostgreSQL itself drops no slot',
    'Why did our replication slot disappear by itself?',
    'The logical slot of the subscription is gone since the primary was restarted',
  ],
  [
    'PostgreSQL moves no address',
    'the virtual IP still points to the old primary after the failover',
    'haproxy keeps sending writes to the former master',
    'After a switchover pgbouncer still connects to the old leader',
  ],
  [
    'The session that cannot write is on a standby',
    'cannot create the table, it is a read-only transaction',
    'When node 2 became the leader, all transactions went read-only',
  ],
  ['Slots belong to the server', 'Why is pg_replication_slots empty on the standby?'],
  [
    'The standby does not follow',
    'slave shows old data',
    'Changes on the master do not appear on the slave',
    'The replica stopped syncing after a reboot',
    'streaming replication is not working any more',
    'new rows are not replicated to the standby server',
    'my read replica returns stale data',
  ],
  ['All files are copied', 'pg_basebackup hangs at 100%', 'pg_basebackup gets to 100% and never finishes'],
  [
    'A base backup that shows nothing',
    'pg_basebackup hangs without any output',
    'the pg_basebackup is stuck, no progress',
    'pg_basebackup through the mesh hangs after a few hundred MB and never completes',
  ],
  [
    'What comes back at certain times',
    'replication stops every night',
    'The standby loses its connection every 2 hours',
  ],
  [
    'Something keeps the server from removing',
    'pg_wal keeps growing and fills the disk',
    'The pg_xlog folder is getting huge on the master',
    'WAL files are not removed on the primary',
    'pg_wal uses 132G out of 150G of the volume',
  ],
  [
    'Commits on the primary wait',
    'All inserts hang when the synchronous standby is down',
    'commit blocks because the standby is stopped',
  ],
  [
    'After a failover the old primary',
    'How can the old primary rejoin the cluster after failover?',
    'the former master cannot follow the new one',
  ],
  ['A server that should follow runs', 'after pg_basebackup the replica accepts writes', 'both nodes are primary now'],
  [
    'PostgreSQL itself never promotes',
    'automatic failover does not happen when I stop the primary',
    'the standby was not promoted after a crash',
  ],
  [
    'Why a standby does not start',
    'my replica container keeps restarting',
    'The standby server does not start after the restore',
    'the replica is stuck in recovery mode',
  ],
  [
    'Nothing is connected through that slot',
    'the replication slot of my standby is inactive',
    'slot node2 shows active = f on the primary',
  ],
  ['sync_state says what the primary makes', 'sync_state stays async although the standby is in the list'],
  ['Patroni does not know how far', 'patronictl list shows Lag in MB unknown for one member'],
  ['The session that cannot write', 'After failover my application gets errors that the database is read-only'],
  ['After a promotion the primary is on', 'My replica is on timeline 3 but the primary is on timeline 4'],
  ['A server whose disk was full', 'the cluster does not recover after a full disk on the master'],
  ['A standby that loses its primary', 'The standby lost the connection to the primary'],
  ['Replay on a standby goes before', 'long queries on the standby get cancelled'],
  ['A standby can keep vacuum', 'vacuum cannot remove dead rows because of the replica'],
  [
    'From 12 on, an empty file standby.signal',
    'which file makes a server a standby?',
    'where is recovery.conf in postgres 16',
    'What is the difference between recovery.signal and standby.signal?',
  ],
  [
    'A standby is a copy of the whole server',
    'how do I set up a standby',
    'How can I create a streaming replica in PostgreSQL?',
  ],
  ['A standby can be stopped at any time', 'How do I remove a standby for good?'],
  [
    'A standby becomes an independent server',
    'how do I stop replication and make the slave a stand-alone postgres server',
  ],
  ['Replay can be paused on the standby', 'How can I pause replication?'],
  ['A standby follows the server that primary_conninfo names', 'how do I change the primary of a standby server'],
  ['pg_drop_replication_slot() drops a slot', 'how to delete a replication slot'],
  [
    'The primary has one row in pg_stat_replication',
    'How do I know if streaming replication works?',
    'Is there a show slave hosts in Postgres?',
  ],
  [
    'PostgreSQL has no such statements',
    'In postgres, what do I type instead of CHANGE MASTER TO?',
    'where is the binlog position of a postgres slave',
  ],
  [
    'A physical standby has no statements that could fail',
    'how to skip an error on the postgres slave like sql_slave_skip_counter',
  ],
  ['Streaming replication works between minor releases', 'How do I upgrade a postgres cluster with a standby?'],
  ['A base backup locks nothing', 'Does pg_basebackup lock the primary?'],
  ['pg_basebackup writes into an empty directory only', 'can pg_basebackup overwrite an existing data directory'],
  ['A password for pg_basebackup', 'pg_basebackup asks for a password, how do I give it in a script?'],
  ['wal_keep_size (before 13', 'How much wal_keep_size do I need?'],
  ['Configuration is not replicated', 'Do I have to copy postgresql.conf to the replica?'],
  ['hot_standby_feedback = on tells the primary', 'should I enable hot_standby_feedback?'],
  ['Yes: pg_basebackup, pg_dump', 'Can I take a backup from the standby?'],
  ['No: a physical standby is the same', 'can I create an index on the replica of postgres only'],
  ['A standby goes on answering reads', 'What happens to the standby when the primary crashes?'],
  ['Streaming replication needs no archive', 'do I need archive_mode for streaming replication'],
  ['A physical standby needs wal_level', 'Do I need wal_level logical for a replica?'],
  ['Replication uses the port of the server', 'which port does streaming replication use'],
  ['A standby has the system identifier of its primary', 'Why do primary and standby have the same system identifier?'],
  ['A role with LOGIN and REPLICATION', 'Which privileges does the replication user need?'],
  ['A promoted standby stays a primary', 'what if I restart the promoted standby, will it be a slave again?'],
  ['Streaming replication replicates everything', 'Do schema changes replicate to a streaming standby?'],
  ['A negative lag cannot be', 'Our replication lag of the standby is negative'],
  ['Replication is asynchronous by default', 'How can I avoid data loss when the standby is promoted?'],
  ['The witness server of repmgr', 'the witness still follows the old primary after the switchover'],
  ['A snapshot of a running server', 'we make the postgres replica from an EBS snapshot of the running primary'],
  ['pg_upgrade upgrades one data directory', 'after pg_upgrade of the primary the old standby does not start'],
  ['The standby cannot connect to its primary', 'it only logs could not connect to the primary and tries again'],
  [
    'Up to 15, a standby is promoted as soon as',
    'the trigger_file makes my standby a primary again after each restart',
  ],
  ['By files alone, a standby gets WAL', 'with log shipping the standby is always some minutes behind'],
  [
    'A standby whose replay is paused is still written to',
    'can I pause replay and rsync the directory of the standby?',
  ],
  ['Where nothing is written', 'replication lag grows although there is no activity on the primary'],
];

/** Sentences that complain of nothing, or of something else. */
const others = [
  'pg_stat_replication is not empty on the primary',
  'Can a standby ever accept inserts?',
  'The primary has PG 15.2 and the replica PG 15.4',
  'I want to be alerted when the replica is more than 30 s behind',
  'The captain hung a replica of the sword on the wall, and the master did not follow the slave',
  'The crew is on standby and does not start',
  'The standby replays what it receives from the primary.',
  'To avoid that the standby falls behind, use a slot.',
  'If the replica lags, reads are stale.',
  'Replication lag is monitored every ten seconds by the exporter.',
  'MySQL replication lag keeps growing on my replica',
  'This library keeps two replicas of every document in sync.',
  'My build hangs at 100% and never finishes',
  'the server does not start after the update',
  'LOG:  restartpoint starting: time, standby is behind the primary',
  'old data',
  'Which column is the primary in this table?',
  'the two replicas of my deployment use different versions of node',
  'I added a new user to the secondary school and he cannot log in',
  'We replicate only some tables to the warehouse',
  'password file not found',
  'How to check if my kubernetes replica is up to date',
  'the readiness probe of my web app restarts it during a large import',
  'The replica was two hours behind on Monday, it has caught up since and everything is fine',
];

/** What one sentence begins and the next one ends. */
const stories: readonly (readonly [means: string, story: string])[] = [
  [
    'After a failover the old primary',
    'Yesterday our postgres primary crashed and we promoted the standby. Today the old master is repaired, but it will not rejoin.',
  ],
  [
    'A standby needs at least the values',
    'We raised max_connections on the master of our postgres cluster. Now the hot standby does not come up.',
  ],
  [
    'A probe asks a server',
    'The replica pod restarts again and again while pg_basebackup runs.\n\n  livenessProbe:\n    exec:\n      command: ["pg_isready"]',
  ],
  [
    'Commits on the primary wait',
    'We have set up synchronous replication with repmgr.\n\nSince then each INSERT hangs for ever.',
  ],
  [
    'A switchover of repmgr waits',
    'We use repmgr on two nodes.\nThe switchover never completes and I have to interrupt it.',
  ],
  [
    'A member whose lag is above',
    'Patroni has maximum_lag_on_failover at its default.\nThe remaining member with a lag of 784 MB is not elected.',
  ],
  [
    'Patroni keeps a leader only while',
    'Three members with Patroni and raft.\nOne was rebooted, and the leader could not update the leader lock.',
  ],
  [
    'The leader of a standby cluster stays in recovery',
    'We use Patroni.\nAfter we promoted the standby cluster, its leader is still in recovery.',
  ],
  [
    'Patroni creates slots for the members',
    'A standby cluster of Patroni asks for a slot.\nThe primary does not create the replication slot.',
  ],
  [
    'The session that cannot write',
    'I use Patroni on three nodes. When the leader goes to another one, all transactions become read only.',
  ],
];

it('puts what somebody has ruled out at the end', () => {
  const grows = 'Our pg_wal on the primary keeps growing.';
  const first = (text: string) => symptomIn(text)?.candidates[0]?.cause;
  expect(first(grows)).toContain('An unused replication slot');
  expect(first(`${grows} There are no replication slots.`)).toContain('archive_command fails');
  expect(symptomIn(`${grows} There are no replication slots.`)?.candidates).toHaveLength(4);
});

/** Told of other things than servers of PostgreSQL that follow one another. */
const otherStories = [
  'ZFS send/receive replica cannot catch up with the source pool, snapshots pile up on the primary NAS',
  'My clutch slave cylinder is leaking and the master cylinder has no pressure, how do I replace the slave?',
  'The Active Directory secondary domain controller does not replicate with the primary.',
  'Secondary DNS does not get updates from the primary name server, zone transfer fails.',
  'The SPI slave does not respond to the master, the clock line is stuck.',
  'The backup generator on standby does not start automatically.',
  'The scheduler keeps two replicas of the web server. One replica restarts every hour because the liveness probe fails.',
  'GitLab Geo secondary is not syncing repositories',
  '1. Run a primary/standby pair as two deployments\n2. Start the replica\n3. Promote it',
  'primary: start\nreplica: isready OK\nprimary: stop',
];

describe('what somebody tells in two sentences', () => {
  it.each(stories)('%s', (means, story) => {
    expect(symptomIn(story)?.means).toContain(means);
  });

  it.each(otherStories)('has nothing to say of "%s"', (story) => {
    expect(symptomIn(story)?.means).toBeUndefined();
  });
});

describe('what somebody says of it in words', () => {
  it.each(complaints.flatMap(([means, ...said]) => said.map((one) => [one, means] as const)))('%s', (said, means) => {
    expect(symptomIn(said)?.means).toContain(means);
    // among the lines of a question
    expect(symptomIn(`Hello,\n\n${said}\n\nThanks!`)?.means).toContain(means);
  });

  it.each(others)('has nothing to say of "%s"', (said) => {
    expect(symptomIn(said)?.means).toBeUndefined();
  });

  it('takes "it" for what the sentence before names', () => {
    const said = 'We run pg_basebackup -h db1 -D /srv/pg -R against the big one.\nIt just hangs and prints nothing.';
    expect(symptomIn(said)?.means).toContain('A base backup that shows nothing');
    expect(symptomIn('We run pg_dump against the big one. It just hangs and prints nothing.')).toBeUndefined();
  });

  it('tells of several sentences the one that is a fault before one that is none', () => {
    const said =
      'We connect to the standby, and pg_is_in_recovery() = true. Every day its pg_is_wal_replay_paused() = true again.';
    expect(symptomIn(said)?.means).toContain('Replay on the standby is paused');
  });
});
