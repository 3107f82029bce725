import { describe, expect, it } from 'vitest';

import { shapesIn } from '../../src/explain/shapes.ts';

const causesOf = (text: string): readonly string[] =>
  shapesIn(text).flatMap(({ candidates }) => candidates.map(({ cause }) => cause));

const members = (...rows: readonly string[]): string =>
  [
    '+ Cluster: ledger (7341234567890123456) ------+----+-----------+',
    '| Member | Host     | Role    | State            | TL | Lag in MB |',
    '+--------+----------+---------+------------------+----+-----------+',
    ...rows,
    '+--------+----------+---------+------------------+----+-----------+',
  ].join('\n');

describe('patronictl list', () => {
  it('says nothing of members that are well', () => {
    const well = members(
      '| pg-0   | 10.0.0.1 | Leader  | running          |  3 |           |',
      '| pg-1   | 10.0.0.2 | Replica | streaming        |  3 |         0 |',
    );
    expect(shapesIn(well)[0]?.means).toContain('pg-0 leads');
    expect(causesOf(well)).toEqual([]);
  });

  it.each([
    ['| pg-1   | 10.0.0.2 |         | creating replica |    |   unknown |', 'is being copied'],
    ['| pg-1   | 10.0.0.2 | Replica | start failed     |    |   unknown |', 'is not running'],
    ['| pg-1   | 10.0.0.2 | Replica | starting         |    |   unknown |', 'does not stream'],
    ['| pg-1   | 10.0.0.2 | Replica | running          |  2 |        16 |', 'is on timeline 2'],
    ['| pg-1   | 10.0.0.2 | Replica | running          |  3 |   unknown |', 'is unknown'],
    ['| pg-1   | 10.0.0.2 | Replica | streaming        |  3 |      4711 |', '4711 MB behind'],
  ])('%s', (row, said) => {
    const causes = causesOf(members('| pg-0   | 10.0.0.1 | Leader  | running          |  3 |           |', row));
    expect(causes).toHaveLength(1);
    expect(causes[0]).toContain(said);
  });

  it('names a cluster without a leader', () => {
    expect(causesOf(members('| pg-1   | 10.0.0.2 | Replica | running          |  3 |         0 |'))[0]).toContain(
      'no leader',
    );
  });
});

describe('patronictl list -f', () => {
  const rows: readonly Readonly<Record<string, string | number>>[] = [
    { Cluster: 'ledger', Member: 'pg-0', Host: '10.0.0.1', Role: 'Leader', State: 'running', TL: 3, 'Lag in MB': '' },
    {
      Cluster: 'ledger',
      Member: 'pg-1',
      Host: '10.0.0.2',
      Role: 'Replica',
      State: 'start failed',
      TL: '',
      'Lag in MB': 'unknown',
    },
    {
      Cluster: 'ledger',
      Member: 'pg-2',
      Host: '10.0.0.3',
      Role: 'Replica',
      State: 'streaming',
      TL: 3,
      'Lag in MB': 4711,
    },
  ];
  const names = Object.keys(rows[0] ?? {});
  const formats: Readonly<Record<string, string>> = {
    json: JSON.stringify(rows),
    yaml: rows
      .map((row) => names.map((name, index) => `${index === 0 ? '- ' : '  '}${name}: ${row[name]}`).join('\n'))
      .join('\n'),
    tsv: [names, ...rows.map((row) => names.map((name) => String(row[name])))]
      .map((cells) => cells.join('\t'))
      .join('\n'),
  };

  it.each(Object.entries(formats))('%s is read as the table is', (_name, text) => {
    expect(shapesIn(`$ patronictl list\n${text}\n`)[0]?.means).toContain('pg-0 leads');
    const causes = causesOf(`$ patronictl list\n${text}\n`);
    expect(causes).toHaveLength(2);
    expect(causes[0]).toContain('pg-1 is not running');
    expect(causes[1]).toContain('4711 MB behind');
  });
});

const nodes = (...rows: readonly string[]): string =>
  [
    ' ID | Name | Role    | Status               | Upstream | Location | Priority',
    '----+------+---------+----------------------+----------+----------+---------',
    ...rows,
  ].join('\n');

describe('repmgr cluster show', () => {
  it('says nothing of nodes that are well', () => {
    expect(
      causesOf(
        nodes(
          ' 1  | a    | primary | * running            |          | default  | 100',
          ' 2  | b    | standby |   running            | a        | default  | 100',
        ),
      ),
    ).toEqual([]);
  });

  it.each([
    [' 1  | a    | primary | - failed             | ?        | default  | 100', 'former primary'],
    [' 3  | c    | standby | ? unreachable        | b        | default  | 100', 'cannot be reached'],
    [' 3  | c    | standby | ! running as primary |          | default  | 100', '2 nodes run as primaries: c and b'],
    [' 3  | c    | standby |   running            | ! b      | default  | 100', 'not attached'],
  ])('%s', (row, said) => {
    const causes = causesOf(nodes(row, ' 2  | b    | primary | * running            |          | default  | 100'));
    expect(causes).toHaveLength(1);
    expect(causes[0]).toContain(said);
  });
});

it.each([
  ['user=repmgr dbname=repmgr connect_timeout=2', 'has no host'],
  ['host=localhost user=repmgr dbname=repmgr', 'has no host'],
  ['host=10.0.0.1 user=repmgr dbname=repmgr', 'is registered as the primary and runs as a standby'],
])('repmgr cluster show, where a node is reached with %j', (conninfo, said) => {
  const table = [
    ' ID | Name | Role    | Status               | Upstream | Location | Priority | Timeline | Connection string',
    '----+------+---------+----------------------+----------+----------+----------+----------+------------------',
    ` 1  | a    | primary | ! running as standby |          | default  | 100      | 1        | ${conninfo}`,
  ].join('\n');
  expect(causesOf(table)[0]).toContain(said);
});

const formation = (...rows: readonly string[]): string =>
  [
    '  Name |  Node |     Host:Port |       TLI: LSN |   Connection |      Reported State |      Assigned State',
    '-------+-------+---------------+----------------+--------------+---------------------+--------------------',
    ...rows,
  ].join('\n');

describe('pg_autoctl show state', () => {
  it('says nothing of nodes that are well', () => {
    expect(
      causesOf(
        formation(
          'node_1 |     1 | 10.0.0.1:5432 |   1: 0/4000060 |   read-write |             primary |             primary',
          'node_2 |     2 | 10.0.0.2:5432 |   1: 0/4000060 |    read-only |           secondary |           secondary',
        ),
      ),
    ).toEqual([]);
  });

  it.each([
    [
      'node_2 |     2 | 10.0.0.2:5432 |   1: 0/4000060 |    read-only |          catchingup |          catchingup',
      'has not caught up',
    ],
    [
      'node_2 |     2 | 10.0.0.2:5432 |   1: 0/4000060 |  read-only ! |           secondary |           secondary',
      'cannot connect',
    ],
    [
      'node_2 |     2 | 10.0.0.2:5432 |   1: 0/4000060 |    read-only |             demoted |          catchingup',
      'from demoted to catchingup',
    ],
  ])('%s', (row, said) => {
    const causes = causesOf(formation(row));
    expect(causes).toHaveLength(1);
    expect(causes[0]).toContain(said);
  });
});

describe('patronictl topology', () => {
  it('names the members without its tree', () => {
    expect(causesOf(members('| + pg-1 | 10.0.0.2 | Replica | start failed     |    |   unknown |'))[1]).toMatch(
      /server of pg-1/u,
    );
  });
});

describe('a single row of a table', () => {
  it.each([
    [
      'patronictl list',
      '| Member | Host     | Role    | State            | TL | Lag in MB |\n| pg-1   | 10.0.0.2 | Replica | creating replica |    |   unknown |',
      /leader, so|none of them/u,
    ],
    [
      'SHOW pool_nodes',
      ' node_id | hostname | port | status | role\n---------+----------+------+--------+---------\n 1       | pg2      | 5432 | down   | standby',
      /knows no primary/u,
    ],
    [
      'repmgr.nodes',
      ' node_id | node_name | type    | active\n---------+-----------+---------+--------\n 2       | pg2       | standby | f',
      /0 active primaries/u,
    ],
  ])('of %s says nothing of the rows that are not there', (_, text, claim) => {
    expect(shapesIn(text)).toHaveLength(1);
    expect(JSON.stringify(shapesIn(text))).not.toMatch(claim);
    // a count of the rows shows that there are no more
    expect(JSON.stringify(shapesIn(`${text}\n(1 row)`))).toMatch(claim);
  });
});

describe('SHOW pool_nodes without pg_status', () => {
  it('says how a node that runs comes back', () =>
    expect(
      causesOf(
        ' node_id | hostname | port | status | role\n---------+----------+------+--------+---------\n 0       | db1      | 5432 | up     | primary\n 1       | db2      | 5432 | down   | standby\n(2 rows)',
      ),
    ).toEqual([expect.stringContaining('pcp_attach_node -n 1')]));
});

describe('the status of Pacemaker', () => {
  const before21 = (...roles: readonly string[]): string =>
    [' Master/Slave Set: pgsql-ha [pgsqld]', ...roles.map((role) => `     ${role}`)].join('\n');

  it('says nothing of nodes that are well', () => {
    expect(causesOf(before21('Masters: [ db1 ]', 'Slaves: [ db2 ]'))).toEqual([]);
    expect(
      causesOf('  * Clone Set: pgsql-ha [pgsqld] (promotable):\n    * Promoted: [ db1 ]\n    * Unpromoted: [ db2 ]'),
    ).toEqual([]);
  });

  it.each([
    [['Slaves: [ db1 db2 ]'], 'No node runs as the primary (db1, db2'],
    [['Masters: [ db1 ]', 'Stopped: [ db2 ]'], 'does not run on db2'],
  ])('%j', (roles, said) => expect(causesOf(before21(...roles))[0]).toContain(said));

  it('names the node that the agent does not see streaming', () =>
    expect(
      causesOf(
        'Node Attributes:\n  * Node: db1:\n    * pgsql-data-status : LATEST\n    * pgsql-status : PRI\n  * Node: db2:\n    * pgsql-data-status : DISCONNECT\n    * pgsql-status : HS:alone',
      ),
    ).toEqual([expect.stringMatching(/^db2 does not stream.*application_name is db2/u)]));

  it('of another resource is not told', () =>
    expect(shapesIn(' Master/Slave Set: drbd-ha [drbd]\n     Slaves: [ db1 db2 ]')).toEqual([]));
});

describe('repmgr node status', () => {
  const status = (...issues: readonly string[]): string =>
    [
      'Node "db2":',
      '\tPostgreSQL version: 16.2',
      '\tRole: standby',
      '\tWAL archiving: enabled',
      '\tWALs pending archiving: 0 pending files',
      '\tReplication connections: 0 (of maximal 10)',
      '\tUpstream node: db1 (ID: 1)',
      '\tReplication lag: 0 seconds',
      ...(issues.length === 0 ? [] : ['', 'WARNING: following issue(s) were detected:', ...issues]),
    ].join('\n');

  it('says nothing of a node that is well', () => {
    expect(shapesIn(status())[0]?.means).toContain('registered as standby');
    expect(causesOf(status())).toEqual([]);
  });

  it.each([
    ['  - node is registered as standby but running as primary', 'runs as a primary'],
    ['  - 1 of 2 downstream nodes not attached:\n\n  - db3 (ID: 3)\n', '(db3 (ID: 3))'],
    [
      '  - replication slots missing for following 1 node(s):\n    - db3 (ID: 3, slot name: "repmgr_slot_3")',
      "pg_create_physical_replication_slot('repmgr_slot_3', true)",
    ],
    ['  - node has 1 inactive physical replication slots\n    - repmgr_slot_3', '(repmgr_slot_3)'],
  ])('%s', (issue, said) => expect(causesOf(status(issue))[0]).toContain(said));

  it.each([
    ['WALs pending archiving: 0 pending', 'WALs pending archiving: 400 pending', '400 WAL segments'],
    ['0 (of maximal 10)', '10 (of maximal 10)', 'All 10 WAL senders'],
    ['Replication lag: 0', 'Replication lag: 900', 'a lag of 900 seconds'],
  ])('%s', (well, ill, said) => expect(causesOf(status().replace(well, ill))[0]).toContain(said));

  it('of a check tells what is not OK', () => {
    const check =
      'Node "db2":\n\tServer role: OK (node is standby)\n\tReplication lag: CRITICAL (4711 seconds, critical threshold: 600))\n\tUpstream connection: OK (x)';
    expect(causesOf(check)).toEqual(['Replication lag of db2: CRITICAL (4711 seconds, critical threshold: 600)).']);
  });
});
