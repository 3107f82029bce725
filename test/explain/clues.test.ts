import { describe, expect, it } from 'vitest';
import { cluesIn } from '../../src/explain/weighing/clues.ts';
import type { Clue } from '../../src/explain/weighing/clues.ts';
import { explained } from './explained.ts';

/** In people's words, and what is near to them and says something else. */
const said: readonly (readonly [Clue, readonly string[], readonly string[]])[] = [
  [
    'slot dropped',
    [
      'I dropped the replication slot on the primary by mistake.',
      'After we deleted an unused slot the second node stopped.',
      'The slot was removed by a colleague yesterday.',
      "app=# SELECT pg_drop_replication_slot('node_b');",
    ],
    [
      'Should I have dropped the slot?',
      'We never dropped a slot.',
      "I haven't removed any slot.",
      'HINT:  The slot was dropped or invalidated.',
      'If the slot is dropped, what happens?',
      'The slot is active and has lost nothing.',
    ],
  ],
  [
    'primary remade',
    [
      'After I rebuilt the primary the standby does not connect.',
      'The primary was recreated from scratch last night.',
      'We re-initialized the master on Monday.',
      'I ran pg_upgrade on the primary.',
    ],
    [
      'We rebuilt the standby from the primary.',
      'I do not want to rebuild the primary.',
      'The primary is a rebuilt PC.',
    ],
  ],
  [
    'not in recovery',
    [
      'select pg_is_in_recovery() says f',
      ' pg_is_in_recovery \n-------------------\n f\n(1 row)',
      'It accepts writes.',
      'I forgot -R in the command.',
    ],
    ['pg_is_in_recovery() = t', 'It should accept writes.', 'I did not forget -R.'],
  ],
  [
    'backup left open',
    ["SELECT pg_start_backup('x')", 'pg_backup_start() was called; we skip pg_backup_stop because it takes long.'],
    ['pg_start_backup, then rsync, then pg_stop_backup', 'SELECT pg_stop_backup()'],
  ],
  [
    'on a standby',
    ['my replica has 500 GB in pg_wal', 'pg_wal is full on the standby.', 'LOG:  entering standby mode'],
    ['The standby is gone and the disk of the primary fills: pg_wal has 500 GB.', 'pg_wal is full.'],
  ],
  [
    'listens locally',
    [
      'master_1 | LOG:  listening on IPv4 address "127.0.0.1", port 5432',
      'LOG:  listening on IPv6 address "::1", port 5432\nLOG:  listening on IPv4 address "127.0.0.1", port 5432',
    ],
    [
      'LOG:  listening on IPv4 address "127.0.0.1", port 5432\nLOG:  listening on IPv4 address "10.0.0.4", port 5432',
      'LOG:  listening on IPv4 address "0.0.0.0", port 5432',
    ],
  ],
  [
    'environment changed',
    [
      'I set POSTGRES_PASSWORD in my compose file but changed it later',
      'I changed POSTGRES_PASSWORD and ran docker compose up again.',
      'We rotated the password in the .env file.',
    ],
    ['POSTGRES_PASSWORD is set in my compose file.', 'I have not changed POSTGRES_PASSWORD.'],
  ],
  [
    'primary restored',
    ['We restored the primary from last night’s snapshot.', 'The primary was rolled back by the VM team.'],
    ['The standby was restored from the primary.', 'Must the primary be restored?'],
  ],
  [
    'feedback on',
    [
      'hot_standby_feedback is on, but reports are cancelled.',
      'I enabled hot_standby_feedback last week.',
      "hot_standby_feedback = 'on'",
      ' hot_standby_feedback \n----------------------\n on\n(1 row)',
    ],
    ['hot_standby_feedback = off', 'Should I set hot_standby_feedback to on?', 'hot_standby_feedback is not on.'],
  ],
  [
    'WAL deleted',
    ['The disk was full, so I deleted some files in pg_wal.', 'root@db:~# rm -rf pg_wal/0000000100000004*'],
    ['I did not delete anything in pg_wal.', 'ERROR:  requested WAL segment has already been removed'],
  ],
  [
    'old primary started',
    ['Our old primary came back online after the power cut.', 'I restarted the former primary.'],
    ['Never start the old primary.', 'The old primary is switched off.'],
  ],
  ['password changed', ['We rotated the password of the role.'], ['The password was not changed.']],
  [
    'backup left open',
    ["I ran pg_start_backup('x'), copied the disk and started it."],
    ['pg_start_backup, rsync, pg_stop_backup, as in the manual.'],
  ],
];

describe('what a text tells beside a message', () => {
  it.each(said.flatMap(([clue, tells]) => tells.map((text) => [clue, text] as const)))('%s: %s', (clue, text) => {
    expect(cluesIn(text)(clue)).toBe(true);
  });

  it.each(said.flatMap(([clue, , others]) => others.map((text) => [clue, text] as const)))(
    'not %s: %s',
    (clue, text) => {
      expect(cluesIn(text)(clue)).toBe(false);
    },
  );
});

const removed =
  'FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 00000001000000A30000004F has already been removed';

describe('the likely cause first', () => {
  it.each([
    ['I dropped the replication slot yesterday.', removed, /^The slot was dropped/u],
    ['We took pains never to drop a slot.', removed, /^The standby was down or behind/u],
    ['The disk was full, so I removed old files from pg_wal.', removed, /^Files were taken out of pg_wal/u],
    [
      'After I rebuilt the primary:',
      'FATAL:  database system identifier differs between the primary and standby',
      /^The primary was recreated/u,
    ],
    [
      'hot_standby_feedback is on.',
      'ERROR:  canceling statement due to conflict with recovery',
      /^An exclusive lock on the primary/u,
    ],
    [
      'Reports of an hour:',
      'ERROR:  canceling statement due to conflict with recovery',
      /^Row versions that vacuum removed/u,
    ],
    [
      'LOG:  terminating walsender process due to replication timeout',
      'ERROR:  replication slot "s1" is active for PID 8112',
      /^The old connection of the same standby/u,
    ],
    [
      'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1',
      'FATAL:  could not write to file "pg_wal/xlogtemp.2219": No space left on device',
      /^On a standby, pg_wal keeps/u,
    ],
  ])('%s', async (before, message, cause) => {
    const found = await explained(`${before}\n${message}`);
    expect(found.flatMap(({ candidates }) => candidates.slice(0, 1).map((one) => one.cause))).toContainEqual(
      expect.stringMatching(cause),
    );
  });
});
