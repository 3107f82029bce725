import { describe, expect, it } from 'vitest';

import { shapesIn } from '../../src/explain/shapes.ts';

type Row = Readonly<Record<string, string>>;

/** Rows of views, and what must be said of them, whatever printed them. */
const views: readonly (readonly [view: string, said: readonly string[], rows: readonly Row[]])[] = [
  [
    'pg_replication_slots',
    ['"north" is lost', '"south" is not in use', 'keeps all WAL from 7/C3000148 onward'],
    [
      { slot_name: 'north', slot_type: 'physical', active: 'f', restart_lsn: '', wal_status: 'lost' },
      { slot_name: 'south', slot_type: 'physical', active: 'f', restart_lsn: '7/C3000148', wal_status: 'reserved' },
    ],
  ],
  [
    'pg_stat_replication',
    ['"west" has not replayed all that was sent (1/10000000 of 2/E0000000): 7.3 GB', '"east" is catching up'],
    [
      { application_name: 'west', state: 'streaming', sent_lsn: '2/E0000000', replay_lsn: '1/10000000' },
      { application_name: 'east', state: 'catchup', sent_lsn: '2/E0000000', replay_lsn: '2/E0000000' },
    ],
  ],
  [
    'pg_stat_archiver',
    ['archive_command fails for 000000010000000A00000028'],
    [
      {
        archived_count: '1831',
        last_archived_wal: '000000010000000A00000027',
        last_archived_time: '2024-05-02 11:20:08+02',
        failed_count: '44210',
        last_failed_wal: '000000010000000A00000028',
        last_failed_time: '2024-05-03 09:31:44+02',
      },
    ],
  ],
  [
    'pg_stat_wal_receiver',
    ['The standby streams from 10.4.0.10'],
    [{ status: 'streaming', receive_start_lsn: '7/11000000', sender_host: '10.4.0.10' }],
  ],
  [
    'pg_stat_activity',
    ['Replay waits for a session of this standby that holds a lock (here 902)'],
    [
      { pid: '211', backend_type: 'startup', wait_event_type: 'Lock', wait_event: 'relation', state: '' },
      {
        pid: '902',
        backend_type: 'client backend',
        wait_event_type: 'Client',
        wait_event: 'ClientWrite',
        state: 'active',
      },
    ],
  ],
  [
    'pg_stat_database_conflicts',
    ['1841 were canceled because vacuum', '3 were canceled because the primary took an exclusive lock'],
    [{ datname: 'shop', confl_tablespace: '0', confl_lock: '3', confl_snapshot: '1841' }],
  ],
  [
    'pg_subscription_rel',
    ['The first copy of orders is not finished'],
    [
      { subname: 's', srrelid: 'orders', srsubstate: 'd' },
      { subname: 's', srrelid: 'items', srsubstate: 'r' },
    ],
  ],
];

const namesOf = (rows: readonly Row[]): readonly string[] => Object.keys(rows[0] ?? {});
const lines = (rows: readonly Row[], between: string, cell: (value: string) => string = (value) => value): string =>
  [namesOf(rows), ...rows.map((row) => Object.values(row))]
    .map((cells) => cells.map((value) => cell(value)).join(between))
    .join('\n');
const widths = (rows: readonly Row[]): readonly number[] =>
  namesOf(rows).map((name) => Math.max(name.length, ...rows.map((row) => (row[name] ?? '').length)));
const padded = (rows: readonly Row[], between: string): readonly string[] =>
  [namesOf(rows), ...rows.map((row) => Object.values(row))].map((cells) =>
    cells.map((value, index) => value.padEnd(widths(rows)[index] ?? 0)).join(between),
  );
const underlined = (rows: readonly Row[], between: string, mark: string, cross: string): string => {
  const [head = '', ...rest] = padded(rows, between);
  return [
    head,
    widths(rows)
      .map((width) => mark.repeat(width))
      .join(cross),
    ...rest,
  ].join('\n');
};
const valueOf = (value: string): string | null | boolean => (value === 'f' ? false : value === '' ? null : value);
const objects = (rows: readonly Row[]): readonly object[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, valueOf(value)])));

/** How programs print rows. */
const layouts: readonly (readonly [program: string, print: (rows: readonly Row[]) => string])[] = [
  ['psql', (rows) => ` ${underlined(rows, ' | ', '-', '-+-')}\n(${rows.length} rows)`],
  ['psql, border 0', (rows) => underlined(rows, ' ', '-', ' ')],
  ['psql, border 2 and Unicode', (rows) => `│ ${padded(rows, ' │ ').join(' │\n│ ')} │`],
  [
    String.raw`psql, \x`,
    (rows) =>
      rows
        .map((row, index) =>
          [
            `-[ RECORD ${index + 1} ]------`,
            ...Object.entries(row).map(([name, value]) => `${name.padEnd(20)} | ${value}`),
          ].join('\n'),
        )
        .join('\n'),
  ],
  ['CSV', (rows) => lines(rows, ',')],
  ['CSV with quotes and semicolons', (rows) => lines(rows, ';', (value) => `"${value}"`)],
  ['pgAdmin', (rows) => lines(rows, '\t', (value) => (value === '' ? '[null]' : `"${value}"`))],
  [
    'Markdown',
    (rows) =>
      [namesOf(rows), namesOf(rows).map(() => '---'), ...rows.map((row) => Object.values(row))]
        .map((cells) => `| ${cells.join(' | ')} |`)
        .join('\n'),
  ],
  ['JSON', (rows) => JSON.stringify(objects(rows))],
  ['JSON on several lines', (rows) => JSON.stringify({ count: rows.length, rows: objects(rows) }, null, 2)],
  [
    'JSON, a row a line',
    (rows) =>
      objects(rows)
        .map((row) => JSON.stringify(row))
        .join('\n'),
  ],
  [
    'YAML',
    (rows) =>
      rows
        .map((row) =>
          Object.entries(row)
            .map(([name, value], index) => `${index === 0 ? '- ' : '  '}${name}: ${value === '' ? 'null' : value}`)
            .join('\n'),
        )
        .join('\n'),
  ],
  [
    'a column a line',
    (rows) =>
      rows
        .map((row) =>
          Object.entries(row)
            .map(([name, value]) => `${name} = ${value}`)
            .join('\n'),
        )
        .join('\n'),
  ],
];

const saidOf = (text: string): string =>
  shapesIn(text)
    .flatMap(({ means, candidates }) => [means, ...candidates.map(({ cause }) => cause)])
    .join('\n');

describe.each(views)('%s', (view, said, rows) => {
  // one name on each line says too little where only one of them is a view's own
  const shown = layouts.filter(([program]) => view !== 'pg_subscription_rel' || !/YAML|a column a line/u.test(program));

  it.each(shown)('as %s prints it', (_program, print) => {
    const text = print(rows);
    for (const one of said) {
      expect(saidOf(text)).toContain(one);
      expect(saidOf(`Hello,\n\nthis is what I see:\n\n${text}\n\nWhat can I do?`)).toContain(one);
    }
  });
});

describe('what is no view', () => {
  it.each([
    'name,application_name\n',
    'The columns slot_name, active and restart_lsn are there.',
    '{"slot_name": "north", "active": ',
    'application_name: shop\nreplicas: 2\n',
    '[{"name": "state", "type": "string"}]',
    'a,b,c\n1,2,3',
  ])('%j', (text) => {
    expect(saidOf(text)).toBe('');
  });
});
