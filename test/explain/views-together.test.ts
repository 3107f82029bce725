import { describe, expect, it } from 'vitest';

import { shapesIn } from '../../src/explain/shapes.ts';
import { explained } from './explained.ts';

const all = (text: string): string =>
  shapesIn(text)
    .flatMap(({ text: head, means, candidates, next }) => [
      head,
      means,
      ...candidates.map(({ cause }) => cause),
      ...next.map(({ command }) => command),
    ])
    .join('\n');

const view = (head: string, ...rows: readonly string[]): string =>
  [
    ` ${head}`,
    head
      .replaceAll(/[^|]/gu, '-')
      .replaceAll('|', '+')
      .padEnd(head.length + 2, '-'),
    ...rows.map((row) => ` ${row}`),
    `(${rows.length} rows)`,
    '',
  ].join('\n');

const show = (name: string, value: string): string => ` ${name}\n${'-'.repeat(name.length + 2)}\n ${value}\n(1 row)\n`;

describe('what several parts of one text say together', () => {
  it('a small difference is named where somebody misses data, and that it was received', () => {
    const rows = view(
      'application_name | state | sent_lsn | flush_lsn | replay_lsn | sync_state',
      'db2 | streaming | 0/5000148 | 0/5000148 | 0/5000060 | async',
    );
    expect(all(rows)).not.toContain('has not replayed');
    const asked = all(`${rows}\nBut new tables do not show on the standby.`);
    expect(asked).toContain('"db2" has not replayed all that was sent');
    expect(asked).toContain('It has received them: replay there is paused');
  });

  it.each([
    [
      'a lag of a standby that has replayed all',
      `${show('lag', '7466.49')}\n${show('pg_last_wal_receive_lsn', '1/3E029AE8')}\n${show('pg_last_wal_replay_lsn', '1/3E029AE8')}`,
      'there is no lag on this side',
    ],
    [
      'a lag of a primary',
      `${show('lag', '7466.49')}\n${show('pg_is_in_recovery', 'f')}`,
      'this server is a primary, and has no lag',
    ],
    ['a lag of a standby alone', show('lag', '7466.49'), 'compare positions, not times'],
    [
      'a standby that is asynchronous because nothing is named',
      `${view('application_name | state     | sync_state', 'db2              | streaming | async')}\n${show('synchronous_standby_names', '')}`,
      'synchronous_standby_names is empty',
    ],
    [
      'a standby that is not the one that is named',
      `${view('application_name | state     | sync_state', 'walreceiver      | streaming | async')}\nsynchronous_standby_names = 'db2'`,
      'does not name it',
    ],
    [
      'a standby that follows a server that is gone',
      `postgres=# select * from pg_stat_wal_receiver;\n(0 rows)\n\n${show('primary_conninfo', 'user=rep host=10.9.8.7 port=5432')}`,
      'primary_conninfo names 10.9.8.7',
    ],
    [
      'a copy beside the directory that the service starts',
      'pg_basebackup -h db1 -U rep -D /srv/pg/copy -R\n\nsystemctl cat shows Environment=PGDATA=/var/lib/pgsql/16/data/',
      'the service starts the server in /var/lib/pgsql/16/data',
    ],
    [
      'a port that no cluster has',
      "Ver Cluster Port Status Owner    Data directory              Log file\n16  main    5433 online postgres /var/lib/postgresql/16/main /var/log/pg.log\n\nprimary_conninfo = 'host=db1 port=5432 user=rep passfile=/p'",
      'asks for port 5432',
    ],
    [
      'a port that is published on this machine only',
      'services:\n  db:\n    image: postgres:16\n    ports:\n      - "127.0.0.1:5432:5432"\n',
      'published on 127.0.0.1 only',
    ],
    [
      'variables that the official image does not know',
      'services:\n  b:\n    image: postgres:16\n    environment:\n      PRIMARY_HOST: a\n',
      'knows no variable that makes a standby',
    ],
    [
      'an image that copies from a service that is not there',
      'services:\n  b:\n    image: example/postgresql:16\n    environment:\n      - REPLICATION_HOST=main-db\n',
      'no service, container or alias of that name',
    ],
    [
      'a deleted signal file',
      '  12  rm /srv/pg/standby.signal\n  13  systemctl start postgresql',
      'removes standby.signal',
    ],
    [
      'hot_standby before release 10',
      'wal_level = hot_standby\n#hot_standby = off\nmax_wal_senders = 3',
      'before 10 the default is off',
    ],
  ])('%s', (_, text, words) => {
    expect(all(text)).toContain(words);
  });

  it('does not judge what SHOW prints as a line of a file', () => {
    expect(all(show('primary_conninfo', 'user=rep host=10.9.8.7 port=5432 passfile=/p'))).not.toContain(
      'single quotes',
    );
  });

  it('takes a signal file that is put in place for none that is taken away', () => {
    expect(all('mv /tmp/standby.signal /srv/pg/')).toBe('');
  });
});

describe('views of the catalogs', () => {
  it.each([
    [
      'pg_hba_file_rules without the keyword',
      view(
        'type | database | user_name | address  | netmask   | auth_method',
        'host | {all}    | {rep}     | 10.0.0.0 | 255.0.0.0 | scram-sha-256',
      ),
      '"all" does not include',
    ],
    [
      'pg_hba_file_rules with an error',
      view(
        'line_number | database | user_name | auth_method | error',
        '97 |          |           |             | invalid authentication method "scram"',
      ),
      'Line 97 of pg_hba.conf has an error: invalid authentication method "scram"',
    ],
    [
      'pg_settings with a change that waits for a restart',
      view('name | setting | pending_restart', 'wal_level | minimal | t', 'max_wal_senders | 10 | f'),
      'the server still runs with minimal',
    ],
    [
      'a subscription without a worker',
      view('subname | pid | relid | received_lsn', 'copy | | | '),
      'No apply worker runs',
    ],
    ['a disabled subscription', view('subname | subenabled', 'copy | f'), 'is disabled'],
    [
      'an archiver without its counters',
      'last_archived_wal  |\nlast_failed_wal    | 0000000100000000000000FC\n',
      'archive_command fails',
    ],
    [
      'a slot beside a position of another name',
      'redo_lsn    | 3C85/C80000D8\nslot_name   | node_b\nrestart_lsn | 3C75/69CC0000\n',
      'holds 65 GB of WAL',
    ],
    ['a slot of a running backup', view('slot_name | temporary | active', 'pg_basebackup_18 | t | t'), 'is temporary'],
  ])('%s', (_, text, words) => {
    expect(all(text)).toContain(words);
  });

  it('a few kilobytes under way are no finding', () => {
    const row = (replayed: string): string =>
      view('application_name | state | sent_lsn | replay_lsn', `db2 | streaming | AF/68284000 | ${replayed}`);
    expect(all(row('AF/68282590'))).not.toContain('has not replayed');
    expect(all(row('AF/60282590'))).toContain('has not replayed');
    expect(
      all(
        view(
          'application_name | state | sent_lsn | replay_lsn | replay_lag',
          'db2 | streaming | AF/68284000 | AF/68282590 | 00:00:14.8',
        ),
      ),
    ).toContain('has not replayed');
  });

  const wide = [
    ' application_name | client_addr | state     | sent_lsn  | write_lsn | flush_lsn | replay_lsn | sync_state ',
    '------------------+-------------+-----------+-----------+-----------+-----------+------------+------------',
    ' db2              | 10.0.0.2    | streaming | 5/3000060 | 5/3000060 | 5/3000060 | 4/2000060  | async      ',
    ' db3              | 10.0.0.3    | streaming | 5/3000060 | 5/3000060 | 5/3000060 | 5/3000060  | async      ',
  ];
  it.each([40, 55, 64, 72, 80, 95])('are read where a terminal of %i columns has broken them', (width) => {
    const broken = wide.flatMap((line) =>
      Array.from({ length: Math.ceil(line.length / width) }, (_, part) => line.slice(part * width, (part + 1) * width)),
    );
    const found = all(`${broken.join('\n')}\n(2 rows)\n`);
    expect(found).toBe(all(`${wide.join('\n')}\n(2 rows)\n`));
    expect(found).toContain('"db2" has not replayed');
  });
});

describe('a listing of a data directory', () => {
  const names = [
    'PG_VERSION',
    'backup_label',
    'base',
    'global',
    'pg_wal',
    'pg_xact',
    'postgresql.auto.conf',
    'postmaster.opts',
  ];
  const lines = names.map((name) => `-rw-------  1 postgres postgres  4096 Nov 21 20:00 ${name}`);
  const claims = /pg_wal is missing|standby\.signal does not exist/u;

  it.each(names.map((_, index) => index))(
    'that was cut after %i entries shows nothing of what is missing',
    (length) => {
      expect(all(`$ ls -la /srv/pg | head -${length}\n${lines.slice(0, length).join('\n')}`)).not.toMatch(claims);
    },
  );

  it('that is whole shows it', () => {
    expect(all(`$ ls -la /srv/pg\n${lines.join('\n')}`)).toContain('standby.signal does not exist');
  });

  it('names the directory that was listed, of several', () => {
    expect(
      all(
        `# ls -la /srv\ndrwx------ 3 postgres postgres 4096 Nov 21 20:00 pg\n\n# ls -la /srv/pg\n${lines.join('\n')}`,
      ),
    ).toContain('postmortem -D /srv/pg');
  });
});

it('a line below a table is not the rest of its last row', async () => {
  const slots = view(
    'slot_name | slot_type | active | restart_lsn | wal_status',
    'db2 | physical | f | 0/15000000 | lost',
  );
  const lines = slots.replace(/\(1 rows\)\n/u, 'Standby log: could not start WAL streaming');
  const texts = (await explained(lines)).map(({ text }) => text);
  expect(texts).toContain('Standby log: could not start WAL streaming');
});
