import { expect, it } from 'vitest';

import { explained } from './explained.ts';

/** What the text itself shows to be over is not told as if it lasted. */
const texts: readonly (readonly [what: string, text: string])[] = [
  [
    'a line of pg_hba.conf that a later reload found corrected',
    `2025-04-01 08:00:01.100 UTC [1] LOG:  received SIGHUP, reloading configuration files
2025-04-01 08:00:01.101 UTC [1] LOG:  invalid connection type "hostt"
2025-04-01 08:00:01.101 UTC [1] CONTEXT:  line 97 of configuration file "/srv/db/pg_hba.conf"
2025-04-01 08:00:01.102 UTC [1] LOG:  /srv/db/pg_hba.conf was not reloaded
2025-04-01 08:00:31.100 UTC [1] LOG:  received SIGHUP, reloading configuration files`,
  ],
  [
    'a restart of the primary, seen from its standby',
    `2025-04-01 08:00:01.100 UTC [9] LOG:  replication terminated by primary server
2025-04-01 08:00:01.100 UTC [9] DETAIL:  End of WAL reached on timeline 1 at 1/70000A0.
2025-04-01 08:00:01.101 UTC [5] LOG:  invalid record length at 1/70000A0: expected at least 24, got 0
2025-04-01 08:00:01.200 UTC [5] LOG:  waiting for WAL to become available at 1/70000B8
2025-04-01 08:00:06.200 UTC [13] LOG:  started streaming WAL from primary at 1/7000000 on timeline 1`,
  ],
  [
    'sessions that were refused while a server recovered',
    `2025-04-01 08:00:01.100 UTC [1] LOG:  server process (PID 811) was terminated by signal 9: Killed
2025-04-01 08:00:01.101 UTC [1] LOG:  terminating any other active server processes
2025-04-01 08:00:01.102 UTC [90] FATAL:  the database system is in recovery mode
2025-04-01 08:00:01.103 UTC [1] LOG:  all server processes terminated; reinitializing
2025-04-01 08:00:02.000 UTC [1] LOG:  database system is ready to accept connections`,
  ],
  [
    'what a sentence says does not come any more',
    'Since the upgrade we no longer get "FATAL:  no pg_hba.conf entry for replication connection from host "10.8.0.7", user "copy", no encryption".',
  ],
  [
    'what went away',
    'After we set listen_addresses, the "connection refused" of pg_basebackup went away and the standby streams.',
  ],
  [
    'streams that ended once in a while',
    `2025-04-01 08:00:00.000 UTC [9] FATAL:  could not receive data from WAL stream: server closed the connection unexpectedly
2025-04-01 08:00:05.000 UTC [10] LOG:  started streaming WAL from primary at 1/7000000 on timeline 1`,
  ],
  [
    'entries of which the newest comes first',
    `2025-04-01 08:00:06.200 UTC [13] LOG:  started streaming WAL from primary at 1/7000000 on timeline 1
2025-04-01 08:00:01.200 UTC [5] LOG:  waiting for WAL to become available at 1/70000B8
2025-04-01 08:00:01.100 UTC [9] LOG:  replication terminated by primary server`,
  ],
  [
    'a copy that a script tried until the primary was up',
    `replica-1  | pg_basebackup: error: connection to server at "primary" (172.18.0.2), port 5432 failed: Connection refused
replica-1  | 	Is the server running on that host and accepting TCP/IP connections?
replica-1  | 2025-04-01 08:00:10.100 UTC [29] LOG:  started streaming WAL from primary at 0/3000000 on timeline 1`,
  ],
  [
    'a node of Patroni whose server is at work again',
    `2025-04-01 08:00:01,100 WARNING: Postgresql is not running.
2025-04-01 08:00:01,200 INFO: starting as a secondary
2025-04-01 08:00:11,100 INFO: no action. I am (pg-1), a secondary, and following a leader (pg-0)`,
  ],
  [
    'what is solved',
    'First we had "no pg_hba.conf entry for replication connection", but that is solved since we added the line.',
  ],
  [
    'a standby that was made again',
    'Last month it said "FATAL: requested WAL segment 000000010000000A000000F1 has already been removed" and I rebuilt it, it streams fine since.',
  ],
  [
    'a question that was answered',
    'EDIT: solved! The port was closed. pg_basebackup: error: connection to server at "10.0.0.5", port 5432 failed: Connection timed out',
  ],
  [
    'what was fixed',
    'Fix: the agent no longer fails with "could not connect to the primary server: connection refused" on a restart.',
  ],
];

/** What only may come, or is quoted, has come to no server. */
it.each([
  'The docs say: "If a standby falls behind too far it has to be made again (FATAL: requested WAL segment has already been removed)".',
  'If a replica falls behind, raise wal_keep_size. See the FAQ for "requested WAL segment has already been removed".',
  '16.3: Fix crash of walsender. Prevent "requested WAL segment 000000010000000000000003 has already been removed" after a restart.',
  '# until the server stops saying "the database system is starting up"\ndef wait(host):\n    return poll(host);',
])('has not happened: %s', async (text) => {
  expect((await explained(text)).filter(({ kind }) => kind !== 'course')).toEqual([]);
});

it.each(texts)('%s', async (_, text) => {
  const told = (await explained(text)).filter(({ kind }) => kind !== 'course');
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter(({ over }) => !over)).toEqual([]);
});

const noEntry =
  'FATAL:  no pg_hba.conf entry for replication connection from host "10.8.0.7", user "copy", no encryption';
const removed = 'FATAL:  requested WAL segment 000000010000000A000000F1 has already been removed';

it.each([
  // what works is something else, or was before
  `${removed}. The primary runs fine.`,
  `The standby logs "${removed}", the other standby is streaming fine.`,
  `${removed} and my slot has disappeared`,
  `2025-04-01 08:00:00 UTC ${removed}\nThe standby was running fine since March.`,
  `2025-04-01 08:00:00 UTC ${removed}\nIt worked well for years.`,
  `${noEntry}. If I set it to trust, it works again.`,
  'FATAL:  password authentication failed for user "rep". With psql it works fine.',
  'FATAL:  database system identifier differs between the primary and standby. Logical replication works fine.',
  'ERROR:  replication slot "node_b" does not exist and I don\'t see it in pg_replication_slots on the primary',
  // what is denied is something else
  `We do not get any data since Monday: ${removed}`,
  `The standby does not have the WAL: ${removed}`,
  `Fix this please: ${removed}`,
  `1. fix the line\n2. start: ${noEntry}`,
  'Fixed the password, restarted, and got FATAL:  password authentication failed for user "rep"',
  // what is solved is something else
  `update: resolved the DNS problem, next is ${noEntry}`,
  `Resolved address 10.0.0.5\n${noEntry}`,
  // what is read, run or expected, and happens all the same
  `The docs for pg_basebackup were followed: ${noEntry}`,
  `See the log: ${noEntry}`,
  `When I start it, you can see the error ${noEntry}`,
  `If the standby starts, it would connect, then prints ${noEntry}`,
  `The standby does not start as expected: ${noEntry}`,
  'Retry: FATAL:  could not connect to the primary server: connection refused',
  'I rebuilt it and it works again for a while, then the same: FATAL:  requested WAL segment 000000010000000A000000F1 has already been removed',
  'We fixed the first problem, but now it says: FATAL:  no pg_hba.conf entry for replication connection from host "10.8.0.7", user "copy", no encryption',
  'The standby can no longer connect: FATAL:  no pg_hba.conf entry for replication connection from host "10.8.0.7", user "copy", no encryption',
])('lasts: %s', async (text) => {
  expect((await explained(text)).map(({ over }) => over)).toContain(false);
});
