import { describe, expect, it } from 'vitest';

import { LastWords } from '../../src/postgres/manager-log/last-words.ts';
import type { ManagerWord } from '../../src/postgres/manager-log/last-words.ts';
import { managerWords } from '../../src/postgres/manager-log/words.ts';

function read(by: 'patroni' | 'repmgr', log: string): readonly ManagerWord[] {
  const words = new LastWords(by);
  for (const line of log.split('\n')) words.add(line);
  return words.result();
}

const said = (by: 'patroni' | 'repmgr', log: string): readonly string[] => read(by, log).map(({ text }) => text);

const follows = 'INFO: no action. I am (db2), a secondary, and following a leader (db1)';

describe('what Patroni has said last', () => {
  it.each<[string, string, readonly string[]]>([
    ['nothing', '', []],
    ['that all is well', `2026-11-30 03:31:02,001 ${follows}`, [follows.slice(6)]],
    [
      'what ended it',
      '2026-11-30 03:31:02,001 CRITICAL: system ID mismatch, node db2 belongs to a different cluster: 71 != 72',
      ['system ID mismatch, node db2 belongs to a different cluster: 71 != 72'],
    ],
    ...[
      '2026-11-30 03:31:02,001 [812] ERROR patroni.ha: %s',
      '2026-11-30 03:31:02,001 - patroni - [ERROR] %s',
      '2026-11-30 03:31:02,001 ERROR - %s',
      '{"asctime": "2026-11-30 03:31:02,001", "levelname": "ERROR", "message": "%s"}',
      '{"@timestamp": "2026-11-30T03:31:02.001Z", "level": "ERROR", "module": "ha", "msg": "%s", "pid": 812}',
      'Nov 30 03:31:02 db2 patroni[812]: {"asctime": "2026-11-30 03:31:02,001", "levelname": "ERROR", "message": "%s"}',
    ].map((format): [string, string, readonly string[]] => [
      `in another format: ${format}`,
      format.replace('%s', 'system ID is invalid'),
      ['system ID is invalid'],
    ]),
    [
      'nothing in JSON that is no log, or a server’s (jsonlog)',
      [
        '{"a": 1}',
        '{"levelname": "ERROR"',
        '{"timestamp":"2026-11-30 03:31:02.001 UTC","error_severity":"ERROR","message":"system ID is invalid"}',
      ].join('\n'),
      [],
    ],
    [
      'what keeps it from its store',
      `2026-11-30 03:31:02,001 ERROR: Failed to get list of machines from http://etcd1:2379/v3: MaxRetryError()
2026-11-30 03:31:02,002 INFO: waiting on etcd`,
      ['Failed to get list of machines from http://etcd1:2379/v3: MaxRetryError()'],
    ],
    [
      'that it has reached its store since',
      `2026-11-30 03:31:02,001 ERROR: Failed to get list of machines from http://etcd1:2379/v3: MaxRetryError()
2026-11-30 03:31:02,002 INFO: waiting on etcd
2026-11-30 03:31:09,002 INFO: Lock owner: db1; I am db2
2026-11-30 03:31:09,003 INFO: starting as a secondary`,
      [],
    ],
    [
      'what pg_rewind printed',
      `2026-11-30 03:31:02,001 INFO: running pg_rewind from dbname=postgres user=postgres host=db1
2026-11-30 03:31:03,001 INFO: pg_rewind exit code=1
2026-11-30 03:31:03,001 INFO:  stdout=
2026-11-30 03:31:03,001 INFO:  stderr=pg_rewind: servers diverged at WAL location 0/3000000 on timeline 1
pg_rewind: error: could not open file "/data/pg_wal/000000010000000000000002": No such file or directory

2026-11-30 03:31:03,501 ERROR: Failed to rewind from healty primary: db1`,
      [
        'pg_rewind exit code=1: pg_rewind: error: could not open file "/data/pg_wal/000000010000000000000002": No such file or directory',
      ],
    ],
    [
      'a rewind that failed is not over when the server runs',
      `2026-11-30 03:31:03,501 ERROR: Failed to rewind from healthy primary: db1\n2026-11-30 03:31:04,501 ${follows}`,
      ['Failed to rewind from healthy primary: db1'],
    ],
    [
      'a rewind that succeeded',
      '2026-11-30 03:31:03,001 INFO: pg_rewind exit code=1\n2026-11-30 03:31:09,001 INFO: pg_rewind exit code=0',
      [],
    ],
    [
      'why there is no copy, without a secret',
      `pg_basebackup: error: connection to server at "db1" failed: FATAL:  no entry for password=geheim host=db1
2026-11-30 03:31:03,001 ERROR: Error when fetching backup: pg_basebackup exited with code=1
2026-11-30 03:31:04,001 ERROR: failed to bootstrap from leader 'db1'`,
      [
        'Error when fetching backup: pg_basebackup exited with code=1: pg_basebackup: error: connection to server at "db1" failed: FATAL: no entry for password=*** host=db1',
      ],
    ],
    [
      'a copy that was made at last',
      `2026-11-30 03:31:04,001 ERROR: failed to bootstrap from leader 'db1'
2026-11-30 03:31:44,001 INFO: replica has been created using basebackup`,
      [],
    ],
    [
      'a store that is back',
      `2026-11-30 03:31:04,001 INFO: DCS is not accessible\n2026-11-30 03:31:09,1 x`,
      ['DCS is not accessible'],
    ],
    [
      'a start after that',
      `2026-11-30 03:31:04,001 INFO: DCS is not accessible\n2026-11-30 03:31:09,001 ${follows}`,
      [follows.slice(6)],
    ],
    ['in a pause', '2026-11-30 03:31:02,001 INFO: PAUSE: postgres is not running', ['postgres is not running']],
    [
      'among the lines of a server, in a journal',
      `2026-11-30T03:31:02+0000 h patroni[7]: 2026-11-30 03:31:02.001 UTC [9] FATAL:  system ID mismatch, node x
2026-11-30T03:31:02+0000 h patroni[7]: 2026-11-30 03:31:02,501 INFO: failed to start postgres
2026-11-30T03:31:03+0000 h patroni[7]: 2026-11-30 03:31:03.001 UTC [9] FATAL:  password authentication failed`,
      ['failed to start postgres'],
    ],
  ])('%s', (_, log, expected) => {
    expect(said('patroni', log)).toEqual(expected);
  });

  it('since when, and not how often', () => {
    const line = (second: number): string => `2026-11-30 03:31:0${second},001 INFO: failed to start postgres`;
    const [once] = read('patroni', line(1));
    expect(once).toMatchObject({ since: '2026-11-30 03:31:01', repeatedly: false });
    expect(read('patroni', [1, 2, 3].map(line).join('\n'))).toEqual([{ ...once, repeatedly: true }]);
  });
});

describe('what repmgrd has said last', () => {
  const start = '[2026-11-30 03:31:00] [NOTICE] repmgrd (repmgrd 5.3.3) starting up';
  const lost = '[2026-11-30 03:31:02] [WARNING] unable to ping "user=repmgr password=geheim host=db1"';

  it.each<[string, string, readonly string[]]>([
    ['nothing that decides', start, []],
    ['its upstream is gone', `${start}\n${lost}`, ['unable to ping "user=repmgr password=*** host=db1"']],
    ['before its last start', `${lost}\n${start}`, []],
    [
      'its upstream is back',
      `${lost}\n[2026-11-30 03:32:02] [NOTICE] reconnected to upstream node "db1" (ID: 1) after 9 seconds, resuming monitoring`,
      [],
    ],
    [
      'with what libpq says',
      `[2026-11-30 03:31:02] [ERROR] connection to database failed
[2026-11-30 03:31:02] [DETAIL]
connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "repmgr"`,
      [
        'connection to database failed: connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL: password authentication failed for user "repmgr"',
      ],
    ],
    [
      'its own server is down, and up again',
      `[2026-11-30 03:31:02] [WARNING] unable to connect to local node "db2" (ID: 2), marking inactive
[2026-11-30 03:31:12] [NOTICE] reconnected to local node "db2" (ID: 2), marking active`,
      [],
    ],
    ['a line of Patroni', `2026-11-30 03:31:02,001 ${follows}`, []],
  ])('%s', (_, log, expected) => {
    expect(said('repmgr', log)).toEqual(expected);
  });
});

it('knows each line of its table', () => {
  for (const [id, { by, is, says }] of Object.entries(managerWords))
    for (const format of says) {
      const text = format.replaceAll(/%[a-z]/gu, '7');
      const line =
        by === 'patroni' ? `2026-11-30 03:31:02,001 INFO: ${text}` : `[2026-11-30 03:31:02] [NOTICE] ${text}`;
      const found = read(by, line).map((word) => word.id);
      expect(found.length, text).toBe(is === 'trouble' || is === 'well' ? 1 : 0);
      if (found.length === 1) expect(Object.keys(managerWords), id).toContain(found[0]);
    }
});
