import { describe, expect, it } from 'vitest';

import { shapesIn } from '../../src/explain/shapes.ts';

const said = (text: string): string =>
  shapesIn(text)
    .flatMap(({ text: title, means, candidates }) => [title, means, ...candidates.map(({ cause }) => cause)])
    .join('\n');

const causes = (text: string): readonly string[] =>
  shapesIn(text).flatMap(({ candidates }) => candidates.map(({ cause }) => cause));

const stanza = (status: string, ...rest: readonly string[]): string =>
  ['stanza: ledger', `    status: ${status}`, '    cipher: none', '', ...rest, ''].join('\n');

const archive = (first: string): string =>
  `    db (current)\n        wal archive min/max (17): ${first === '' ? 'none present' : `${first}/0000000200000001000000F0`}`;

const backup = (start: string): string =>
  [
    '',
    '        full backup: 20250102-030405F',
    '            timestamp start/stop: 2025-01-02 03:04:05+00 / 2025-01-02 03:14:05+00',
    `            wal start/stop: ${start} / ${start}`,
  ].join('\n');

describe('pgbackrest info', () => {
  it('says nothing of a stanza that is well', () => {
    expect(causes(stanza('ok', archive('000000020000000100000010'), backup('000000020000000100000011')))).toEqual([]);
  });

  it.each([
    ['no stanza', 'No stanzas exist in the repository.\n', 'no stanza was created'],
    ['another path', stanza('error (missing stanza path)'), 'stanza-create was not run'],
    ['no backup yet', stanza('error (no valid backups)', archive('000000020000000100000010')), 'archiving works'],
    ['no WAL', stanza('error (no valid backups)', archive('')), 'No WAL of ledger'],
    [
      'WAL that begins too late',
      stanza('ok', archive('000000020000000100000012'), backup('000000020000000100000011')),
      'cannot be restored',
    ],
    [
      'a busy stanza',
      stanza('ok (backup/expire running)', archive('000000020000000100000010'), backup('000000020000000100000011')),
      'is running now',
    ],
    [
      'JSON',
      '[{"archive":[{"database":{"id":1,"repo-key":1},"id":"17-1","max":"0000000200000001000000F0","min":"000000020000000100000010"}],"backup":[],"cipher":"none","db":[{"id":1,"repo-key":1,"system-id":7341234567890123456,"version":"17"}],"name":"ledger","status":{"code":2,"lock":{"backup":{"held":false}},"message":"no valid backups"}}]',
      'ledger has no backup yet',
    ],
  ])('%s', (_, text, words) => {
    expect(said(text)).toContain('pgbackrest info');
    expect(said(text)).toContain(words);
  });

  it('does not blame archiving for a repository that could not be read', () => {
    expect(causes(stanza('error (other)', archive('')))).toEqual([expect.stringContaining('could not read')]);
  });
});

describe('subscriptions', () => {
  const status = (state: string, slot = 'pgl_ledger_hub_s1'): string =>
    ` subscription_name | status | provider_node | provider_dsn | slot_name | replication_sets | forward_origins \n-------------------+--------+---------------+--------------+-----------+------------------+-----------------\n s1 | ${state} | hub | host=db1 | ${slot} | {default} | {all}\n(1 row)\n`;

  it('says nothing of one that replicates', () => {
    expect(causes(status('replicating'))).toEqual([]);
  });

  it.each([
    ['down', status('down'), 'its apply worker does not run'],
    ['disabled', status('disabled'), "pglogical.alter_subscription_enable('s1')"],
    ['disabled in Spock', status('disabled', 'spk_ledger_hub_s1'), "spock.sub_enable('s1')"],
    [
      'without a worker',
      ' subid | subname | pid | received_lsn | latest_end_lsn \n-------+---------+-----+--------------+----------------\n 16400 | s1      |     |              | \n(1 row)\n',
      'No apply worker runs for subscription "s1"',
    ],
  ])('%s', (_, text, words) => {
    expect(said(text)).toContain(words);
  });
});

describe('failed actions of Pacemaker', () => {
  it.each([
    [
      'since 1.1.15',
      "Failed Resource Actions:\n* pgsqld_start_0 on db2 'not configured' (6): call=44, status=complete, exitreason='Parameter \"recovery_target_timeline\" MUST be set to 'latest'. It is currently set to ''',\n    last-rc-change='Mon May  6 07:08:09 2024', queued=0ms, exec=220ms\n",
      'start failed on db2',
      'recovery_target_timeline',
    ],
    [
      'older',
      'Failed actions:\n    pgsqld_promote_0 (node=db1, call=21, rc=1, status=complete, last-rc-change=Mon May  6 07:08:09 2024\n, queued=10ms, exec=0ms\n): unknown error\n',
      'promote failed on db1',
      'log of Pacemaker',
    ],
  ])('%s', (_, text, ...words) => {
    for (const word of words) expect(said(text)).toContain(word);
  });

  it('leaves those of other resources alone', () => {
    expect(
      shapesIn(
        "Failed Resource Actions:\n* web_start_0 on db2 'error' (1): call=44, status=complete, exitreason='',\n    last-rc-change='Mon May  6 07:08:09 2024', queued=0ms, exec=220ms\n",
      ),
    ).toEqual([]);
  });
});

describe('repmgr and Patroni', () => {
  const nodes = (...rows: readonly string[]): string =>
    [
      ' ID | Name | Role    | Status    | Upstream | Location | Priority',
      '----+------+---------+-----------+----------+----------+---------',
      ...rows,
    ].join('\n');

  it('names a standby that follows a node which failed, while another one is the primary', () => {
    expect(
      said(
        nodes(
          ' 1  | db1  | primary | - failed  |          | default  | 100',
          ' 2  | db2  | standby |   running | db1      | default  | 100',
          ' 3  | db3  | primary | * running |          | default  | 100',
        ),
      ),
    ).toContain('db2 is registered as following db1, which cannot be reached, while db3 is the primary');
  });

  it('knows a standby that streams under another application_name', () => {
    const cluster = nodes(
      ' 1  | db1  | primary | * running |          | default  | 100',
      ' 2  | db2  | standby |   running | ! db1    | default  | 100',
    );
    const receivers = (name: string): string =>
      `\n\n application_name | state     \n------------------+-----------\n ${name} | streaming\n(1 row)\n`;
    expect(said(cluster + receivers('walreceiver'))).toContain('application_name = db2');
    expect(said(cluster + receivers('db2'))).not.toContain('application_name = db2');
  });

  it('does not tell a member on a newer timeline than the leader to wait', () => {
    const told = said(
      [
        '+ Cluster: ledger (7341234567890123456) -----------+----+-----------+',
        '| Member | Host               | Role    | State   | TL | Lag in MB |',
        '+--------+--------------------+---------+---------+----+-----------+',
        '| pg-0   | 127.0.0.1,10.0.0.1 | Leader  | running |  4 |           |',
        '| pg-1   | 127.0.0.1,10.0.0.2 | Replica | running |  5 |         0 |',
        '+--------+--------------------+---------+---------+----+-----------+',
      ].join('\n'),
    );
    expect(told).toContain('pg-1 is on timeline 5, and the leader on 4');
    expect(told).toContain('leads each node to itself');
  });
});

describe('barman list-backups', () => {
  const [failed, done] = [
    'ledger 20250103T040506 - FAILED',
    'ledger 20250102T040506 - Thu Jan  2 04:15:06 2025 - Size: 38.5 GiB - WAL Size: 897.7 MiB',
  ];

  it('tells failed backups from complete ones', () => {
    expect(said(`${failed}\n${done}\n`)).toContain('20250103T040506');
    expect(said(`${done}\n`)).toContain('the newest is complete');
    expect(causes(`${done}\n`)).toEqual([]);
  });
});

describe('pcp_node_info and pcp_watchdog_info', () => {
  const server = (name: string, state: string, real: string, role: string, realRole: string): string =>
    `${name} 5432 2 0.500000 ${state} ${real} ${role} ${realRole} 0 none none 2025-01-02 03:04:05`;

  it('never has a server recovered that runs as a primary', () => {
    const told = said(
      [server('db1', 'down', 'up', 'standby', 'primary'), server('db2', 'up', 'up', 'primary', 'standby')].join('\n'),
    );
    expect(told).toContain('db1 runs as a primary');
    expect(told).toContain('Never recover it');
  });

  it('says nothing of servers that are well', () => {
    expect(
      causes(
        [server('db1', 'up', 'up', 'primary', 'primary'), server('db2', 'up', 'up', 'standby', 'standby')].join('\n'),
      ),
    ).toEqual([]);
  });

  it.each([
    ['LEADER 0 MEMBER', 'STANDBY 0 MEMBER', 'STANDBY 0 MEMBER', 'holds the virtual address'],
    ['LEADER 0 MEMBER', 'STANDBY 0 MEMBER', 'LOST 0 MEMBER', 'Pgpool-II on pool3 is LOST'],
    ['STANDBY 0 MEMBER', 'LOST 0 MEMBER', 'LOST 0 MEMBER', 'no majority'],
  ])('%s, %s, %s', (...states) => {
    const words = states.pop() ?? '';
    expect(
      said(
        `3 3 NO pool1:9999 Linux pool1 pool1\n\n${states
          .map((state, n) => `pool${n + 1}:9999 Linux pool${n + 1} pool${n + 1} 9999 9000 7 ${state}`)
          .join('\n')}\n`,
      ),
    ).toContain(words);
  });
});

describe('wal-g wal-verify', () => {
  const verified = (row: string, highest: number): string =>
    [
      '[wal-verify] integrity check status: FAILURE',
      '[wal-verify] integrity check details:',
      '+-----+--------------------------+--------------------------+----------------+--------------+',
      '| TLI | START                    | END                      | SEGMENTS COUNT |       STATUS |',
      '+-----+--------------------------+--------------------------+----------------+--------------+',
      '|   3 | 000000030000000100000010 | 000000030000000100000020 |             17 |        FOUND |',
      row,
      '+-----+--------------------------+--------------------------+----------------+--------------+',
      '[wal-verify] timeline check status: OK',
      '[wal-verify] timeline check details:',
      `Highest timeline found in storage: ${highest}`,
      'Current cluster timeline: 3',
    ].join('\n');
  const row = (status: string): string =>
    `|   3 | 000000030000000100000021 | 000000030000000100000022 |              2 | ${status} |`;

  it('says nothing of WAL that is whole', () => {
    expect(causes(verified(row('FOUND'), 3))).toEqual([]);
  });

  it.each([
    ['MISSING_LOST', 3, 'will not come by itself'],
    ['MISSING_DELAYED', 3, 'the archiver is behind'],
    ['MISSING_UPLOADING', 3, 'probably being sent'],
    ['FOUND', 4, 'WAL of timeline 4, and this server is on 3'],
  ])('%s, timeline %d', (status, highest, words) => {
    expect(causes(verified(row(status), highest))).toEqual([expect.stringContaining(words)]);
  });
});
