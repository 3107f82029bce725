import { describe, expect, it } from 'vitest';

import { shapesIn } from '../../src/explain/shapes.ts';

const saidOf = (text: string): string =>
  shapesIn(text)
    .flatMap(({ means, candidates }) => [means, ...candidates.map(({ cause }) => cause)])
    .join('\n');
const rulesOf = (text: string): readonly string[] =>
  shapesIn(text).flatMap(({ candidates }) => candidates.flatMap(({ rule }) => rule ?? []));

/** As psql draws a table. */
const drawn = (head: string, ...rows: readonly string[]): string =>
  [` ${head}`, '-'.repeat(40), ...rows.map((row) => ` ${row}`), `(${rows.length} rows)`].join('\n');
/** As psql -x draws a row. */
const expanded = (values: Readonly<Record<string, string>>): string =>
  [
    '-[ RECORD 1 ]-------+-----------',
    ...Object.entries(values).map(([name, value]) => `${name.padEnd(20)}| ${value}`),
  ].join('\n');

describe('a setting', () => {
  it.each([
    ['wal_level = replca', 'the server takes one of minimal, replica, logical'],
    ['hot_standby = jes', 'the server takes on or off'],
    ['max_wal_senders = 3GB', 'a whole number from 0 to'],
    ["primary_slot_name = 'Standby-1'", "'standby_1' can"],
    ["recovery_target_timeline = 'lates'", 'read as timeline 0'],
    ["synchronous_standby_names = 'standby-1'", `'FIRST 1 ("standby-1")'`],
    ["archive_command = 'cp %f /archive/%p'", 'It is the other way round'],
    ["restore_command = 'cp /archive/%p %f'", 'It is the other way round'],
  ])('%s: what is not taken is said', (text, said) => expect(saidOf(text)).toContain(said));

  it.each([
    'wal_level = hot_standby',
    'hot_standby = yes',
    "primary_slot_name = 'standby_1'",
    "primary_slot_name = ''",
    "recovery_target_timeline = '3'",
    'synchronous_standby_names = \'ANY 1 (s1, "standby-2")\'',
    "archive_command = 'test ! -f /archive/%f && cp %p /archive/%f'",
    "restore_command = 'cp /archive/%f %p'",
    'restore_command = \'pgbackrest --stanza=main archive-get %f "%p"\'',
  ])('%s: nothing is refused', (text) => expect(saidOf(text)).not.toMatch(/refused|cannot|other way/u));
});

describe('pg_controldata', () => {
  const control = (state: string, ...more: readonly string[]): string =>
    [
      'pg_control version number:            1300',
      `Database cluster state:               ${state}`,
      "Latest checkpoint's TimeLineID:       3",
      'Backup start location:                0/0',
      'wal_level setting:                    replica',
      ...more,
    ].join('\n');

  it.each([
    ['in production', ['standby/signal-missing'], 'It is or was a primary'],
    ['in archive recovery', [], 'It is a standby'],
    ['shut down in recovery', [], 'It is a standby'],
    ['shut down', [], 'the cluster is "shut down", on timeline 3'],
  ])('%s', (state, rules, said) => {
    expect(rulesOf(control(state))).toEqual(rules);
    expect(saidOf(control(state))).toContain(said);
  });

  it('tells a copy whose WAL has not been replayed to its end', () => {
    const text = control('in archive recovery').replace(
      'location:                0/0',
      'location:                0/2000028',
    );
    expect(saidOf(text)).toContain('Backup start location is 0/2000028');
    expect(saidOf('Backup start location:                0/2000028')).toContain('has not reached its end');
  });

  it('tells a wal_level that no standby can follow', () => {
    expect(rulesOf(control('in archive recovery').replace('replica', 'minimal'))).toEqual([
      'primary/wal-level-minimal',
    ]);
  });
});

describe('pg_replication_slots', () => {
  const head = 'slot_name | slot_type | active | restart_lsn | wal_status';

  it.each([
    ['s1        | physical  | t      | 0/3000060   | reserved', [], 'the slots are in use'],
    ['s1        | physical  | f      | 0/3000060   | extended', [], 'keeps all WAL from 0/3000060'],
    ['s1        | physical  | f      |             | lost', ['slot/lost'], 'Slot "s1" is lost'],
    ['s1        | physical  | t      |             | reserved', [], 'no standby has ever streamed through it'],
    ['s1        | physical  | t      | 0/3000060   | extended', [], 'holds more WAL than max_wal_size: its standby'],
    ['s1        | logical   | t      | 0/3000060   | extended', [], 'a long transaction on this server'],
  ])('%s', (row, rules, said) => {
    expect(rulesOf(drawn(head, row))).toEqual(rules);
    expect(saidOf(drawn(head, row))).toContain(said);
  });

  it('without a slot', () => {
    expect(saidOf(drawn(head))).toContain('there is no slot');
  });

  it('says how much WAL they hold, where the position of the server stands beside them', () => {
    const beside = (row: string, at: string): string =>
      `${drawn(head, row)}\n pg_current_wal_lsn \n--------------------\n ${at}\n(1 row)`;
    const row = 's1        | logical   | t      | 1/3000060   | reserved';
    expect(saidOf(beside(row, '9/3000060'))).toContain('holds 32 GB of WAL');
    expect(saidOf(beside(row, '1/3000148'))).toContain('the slots are in use');
  });

  it('as psql -x draws it', () => {
    expect(
      saidOf(expanded({ slot_name: 's1', slot_type: 'physical', active: 'f', restart_lsn: '0/5000000' })),
    ).toContain('keeps all WAL from 0/5000000');
  });
});

describe('pg_stat_replication', () => {
  const head = 'application_name | client_addr | state     | sent_lsn  | replay_lsn | sync_state';

  it.each([
    ['db2              | 10.0.0.2    | startup   | 0/3000060 | 0/3000060  | async', 'has not begun to stream'],
    ['db2              | 10.0.0.2    | catchup   | 0/3000060 | 0/2000060  | async', 'is catching up'],
    ['pg_basebackup    | 10.0.0.2    | backup    | 0/3000060 |            | async', 'is a base backup that is running'],
    ['db2              | 10.0.0.2    | streaming | 0/3000060 | 0/2000060  | async', '0/2000060 of 0/3000060'],
  ])('%s', (row, said) => {
    expect(saidOf(drawn(head, row))).toContain(said);
  });

  it('says nothing of a receiver that has replayed all', () => {
    const row = 'db2              | 10.0.0.2    | streaming | 0/3000060 | 0/3000060  | async';
    expect(shapesIn(drawn(head, row))[0]?.candidates).toEqual([]);
  });

  it('without a row', () => {
    expect(saidOf(drawn(head))).toContain('no standby is connected to this server');
    const recovery = ' pg_is_in_recovery \n-------------------\n f\n(1 row)\n\n';
    expect(saidOf(`${recovery}${drawn(head)}`)).toContain('its own log says which');
    expect(shapesIn(`${recovery}${drawn(head)}`)[1]?.text).toBe('pg_is_in_recovery: f');
  });

  it('whose head a terminal has broken', () => {
    const broken = ' pid | application_name | client_addr | state | sent_lsn | replay\n_lsn | sync_state\n';
    const rule = '-----+------------------+-------------+-------+----------+-------\n-----+------------\n';
    expect(saidOf(`${broken}${rule}(0 rows)`)).toContain('no standby is connected to this server');
  });
});

describe('ls -la of a data directory', () => {
  const entry = (name: string, mode = '-rw-------', owner = 'postgres'): string =>
    `${mode}  1 ${owner} ${owner}  4096 Nov 21 20:00 ${name}`;
  const listing = (...more: readonly string[]): string =>
    [
      'total 64',
      entry('.', 'drwx------'),
      entry('PG_VERSION'),
      entry('base', 'drwx------'),
      ...more,
      entry('postmaster.opts'),
    ].join('\n');
  const whole = [entry('pg_wal', 'drwx------'), entry('standby.signal')];

  it('says nothing of one that is whole', () => {
    expect(shapesIn(listing(...whole))[0]?.candidates).toEqual([]);
  });

  it.each([
    [[entry('standby.signal')], 'standby/wal-directory-missing'],
    [[entry('pg_wal', 'drwx------')], 'standby/signal-missing'],
    [[...whole, entry('recovery.conf')], 'standby/recovery-conf-present'],
    [[...whole, entry('recovery.signal')], 'standby/recovery-signal-instead'],
    [[...whole, entry('postmaster.pid')], 'standby/stale-pid-file'],
    [[...whole, entry('global', 'drwx------', 'root')], 'standby/wrong-owner'],
  ])('%#: %s', (more, rule) => {
    expect(rulesOf(listing(...more))).toEqual([rule]);
  });

  it('tells a directory that is open to others, and a copy on which no server was started', () => {
    const open = listing(...whole).replace(
      'drwx------  1 postgres postgres  4096 Nov 21 20:00 .\n',
      entry('.', 'drwxr-xr-x') + '\n',
    );
    expect(rulesOf(open)).toEqual(['standby/permissions']);
    expect(saidOf(listing(...whole, entry('backup_label')))).toContain('Leave it in place');
  });

  it('is no other listing', () => {
    expect(shapesIn(entry('holiday.jpg'))).toEqual([]);
  });
});

describe('lines of pg_hba.conf', () => {
  it.each([
    ['host all all 10.0.0.0/8 scram-sha-256', ['hba/no-replication-entry'], '"all" does not include'],
    ['host replication rep 10.0.0.0/8 reject', ['hba/rejected'], 'refuses replication connections of rep'],
    ['host replication rep 10.0.0.0/8 ident', ['hba/shadowed'], 'asks an ident server'],
    ['host replication all all trust', [], 'from everywhere'],
    ['host replication rep 10.0.0.0/8 trust', [], 'from these addresses'],
    ['hostssl replication rep 10.0.0.0/8 scram-sha-256', [], 'encrypted only'],
    ['host replication all 10.0.0.0/8 scram-sha-256', [], 'every role with REPLICATION'],
    ['local replication all peer', [], 'every role with REPLICATION'],
    // on a local line ident means peer (hba.c, parse_hba_line)
    ['local replication all ident', [], 'every role with REPLICATION'],
    ['host replication rep 10.0.0.0/99 scram-sha-256', ['hba/invalid-line'], 'The server cannot read'],
    ['hostssl replication rep all cert clientcert=1', ['hba/invalid-line'], 'release 14 or later cannot read'],
    ['host replication rep 10.0.0.0/8 peer', ['hba/invalid-line'], 'only supported on local sockets'],
  ])('%s', (line, rules, said) => {
    expect(rulesOf(line)).toEqual(rules);
    expect(saidOf(line)).toContain(said);
  });

  it('is no sentence that begins with "host"', () => {
    expect(shapesIn('host names are resolved by the client')).toEqual([]);
  });
});
