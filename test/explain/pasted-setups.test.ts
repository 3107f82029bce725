import { describe, expect, it } from 'vitest';

import { confirmedBy } from '../../src/explain/weighing/confirmed.ts';
import { proofsIn, shapesIn } from '../../src/explain/shapes.ts';
import { maskLines } from '../../src/postgres/secrets-in-text.ts';
import { settingStory } from '../../src/explain/paste/setting-story.ts';
import { explained } from './explained.ts';

const said = (text: string): string =>
  shapesIn(maskLines(text), text)
    .flatMap(({ text: head, means, candidates, advice, next }) => [
      head,
      means,
      ...candidates.map(({ cause }) => cause),
      advice ?? '',
      ...next.map(({ command }) => command),
    ])
    .join('\n');

/** The first cause that is named for the message of a text. */
async function firstCause(text: string): Promise<string | undefined> {
  return confirmedBy(proofsIn(maskLines(text)), await explained(text))[0]?.candidates[0]?.cause;
}

const refused = (host: string, user = 'mirror'): string =>
  `FATAL:  no pg_hba.conf entry for replication connection from host "${host}", user "${user}", no encryption\n`;

describe('what somebody pastes who asks about a setup', () => {
  it.each([
    [
      'a password at the end of a value',
      "primary_conninfo = 'host=db1 user=mirror password=s3cret'\nport = 5433",
      'settings of PostgreSQL',
    ],
    ...[
      ["primary_conninfo = 'host=db1 user=mirror password=s3c'ret port=5433'", 'ends it too early'],
      ["primary_conninfo = 'host=db1 user=mirror password=s3cret''", 'ends it too early'],
      ["primary_conninfo = 'host=db1 user=mirror password=s3cret", 'closing quote is missing'],
      ['primary_conninfo = host=db1 user=mirror password=s3cret', 'must be in single quotes'],
      ["primary_conninfo = 'host=db1 password=s3cret'", 'names no user'],
    ].map(([line = '', fault = '']) => [`behind a password: ${fault}`, line, fault]),
    [
      'a standby that follows itself',
      "listen_addresses = '10.1.2.3'\nport = 5433\nprimary_conninfo = 'host=10.1.2.3 port=5433 user=mirror passfile=/p'",
      'it follows itself',
    ],
    [
      'a standby that follows itself on this machine',
      "port = 5433\nprimary_conninfo = 'host=localhost port=5433 user=mirror passfile=/p'",
      'it follows itself',
    ],
    [
      'recovery.conf',
      "standby_mode = 'on'\nprimary_conninfo = 'host=db1 user=mirror password=s3cret'\ntrigger_file = '/tmp/go'",
      'lines of recovery.conf',
      'trigger_file became',
    ],
    [
      'a line that is commented out',
      "#listen_addresses = 'localhost'\nmax_wal_senders = 8",
      'listen_addresses is commented out',
    ],
    [
      'settings in a question',
      'I have set this and nothing happens:\n\nwal_level = minimal\n\nWhat is missing?',
      'no standby are possible',
    ],
    [
      'lines of pg_hba.conf in a question',
      'I added\nhost all mirror 10.1.2.3/32 md5\nand it is still refused.',
      '"all" does not include',
    ],
    ['a quoted keyword', 'host "replication" mirror 10.1.2.3/32 md5', 'is the name of a database'],
    ['the keyword in the wrong column', 'host all replication 10.1.2.3/32 md5', 'belongs in the database column'],
    [
      'a line without effect',
      'host replication all 10.0.0.0/8 md5\nhost replication mirror 10.1.2.3/32 scram-sha-256',
      'has no effect',
    ],
    [
      'docker run',
      'docker run -d --name standby -e POSTGRES_PASSWORD=x -v sb:/var/lib/postgresql/data postgres:17',
      'starts a container',
      'runs initdb on an empty data directory',
    ],
    [
      'the umbrella service of Debian',
      '● postgresql.service - PostgreSQL RDBMS\n     Active: active (exited) since Mon 2025-01-06',
      'says nothing of them',
      'pg_lsclusters',
    ],
    [
      'a service that failed',
      '● postgresql-16.service - PostgreSQL 16\n   Active: failed (Result: exit-code) since Mon',
      'did not start',
    ],
    [
      'processes that stream',
      'postgres 11 1 0 ? 00:00 /usr/lib/postgresql/16/bin/postgres -D /srv/pg/16\npostgres 12 11 0 ? 00:00 postgres: walreceiver streaming 3/4000060',
      'the standby receives WAL',
      '-D /srv/pg/16',
    ],
    [
      'processes without a receiver',
      'postgres 11 1 0 ? 00:00 postgres: checkpointer\npostgres 12 11 0 ? 00:00 postgres: startup waiting for 000000010000000300000004',
      'waits for WAL segment 000000010000000300000004',
      'has no walreceiver',
    ],
    [
      'a full disk',
      'Filesystem      Size  Used Avail Use% Mounted on\n/dev/vdb        80G   80G     0 100% /srv/pg',
      '/srv/pg is 100 % full',
      'by hand',
    ],
    [
      'a server on the loopback address',
      'LISTEN 0 200 127.0.0.1:5432 0.0.0.0:* users:(("postgres",pid=9,fd=6))',
      'no other machine can connect',
    ],
    ['a server on every address', 'tcp 0 0 0.0.0.0:5432 0.0.0.0:* LISTEN 9/postgres', 'on every address', 'firewall'],
    [
      'a password file',
      'db1:5432:shop:mirror:s3cret',
      'db1:5432:shop:mirror:***',
      'not used for replication connections',
    ],
    [
      'the mode of a password file',
      '-rw-r--r-- 1 postgres postgres 33 Jan  6 10:00 /var/lib/postgresql/.pgpass',
      'libpq ignores such a file',
    ],
    [
      'backup_label',
      'START WAL LOCATION: 1/2000028 (file 000000010000000100000002)\nBACKUP METHOD: streamed\nBACKUP FROM: standby',
      'recovery of this base backup begins at 1/2000028',
      'Leave the file in place',
    ],
    [
      'a history file',
      '1\t0/5000148\tno recovery target specified\n2\t0/70000A0\tno recovery target specified',
      'ended at 0/70000A0 on timeline 2',
    ],
    [
      'roles',
      ' Role name | Attributes \n-----------+------------\n mirror_repl | Create DB\n',
      'Role mirror_repl does not have the attribute Replication',
    ],
    [
      'segments',
      '000000030000000A00000001\n000000030000000A00000002\n000000030000000A00000003',
      'on timeline 3: from 000000030000000A00000001',
    ],
    ['a measure of lag', ' replication_lag \n-----------------\n 00:12:01.5\n(1 row)', 'replication lag: 00:12:01.5'],
    ['MySQL', "ERROR 1045 (28000): Access denied for user 'mirror'@'db2'", 'MySQL or MariaDB'],
    [
      'root, who copies',
      'root@db2:~# pg_basebackup -h db1 -U mirror -D /srv/pg -R -X stream',
      'the files belong to root',
    ],
    [
      'an option of long ago',
      'pg_basebackup -h db1 -D /srv/pg -U mirror -R --xlog-method=stream',
      'names of releases before 10',
    ],
    [
      'a directory of root',
      'ls -la /srv/pg\ndrwx------ 9 root root 4096 Jan 6 10:00 .\n-rw------- 1 root root 3 Jan 6 10:00 PG_VERSION\ndrwx------ 5 root root 41 Jan 6 10:00 base\ndrwx------ 3 root root 41 Jan 6 10:00 pg_wal\n-rw------- 1 root root 0 Jan 6 10:00 standby.signal',
      'It belongs to root',
      '-D /srv/pg',
    ],
  ])('%s', (_, text, ...words) => {
    for (const one of words) expect(said(text)).toContain(one);
    expect(said(text)).not.toContain('s3cret');
  });

  it('makes no fault of a connection string whose password is hidden to its end', () => {
    expect(said("primary_conninfo = 'host=db1 user=mirror password=s3cret'")).not.toContain('not a valid');
  });

  it('takes a command line out of the sentence around it', () => {
    const typed =
      'I run pg_basebackup -h db1 -U mirror -l "the nightly one" -D /srv/pg -R on the new machine as postgres';
    expect(said(typed)).toContain('pg_basebackup -h db1 -U mirror -l "the nightly one" -D /srv/pg -R\n');
    expect(said(typed)).not.toContain('on the new machine');
  });

  it('asks a cluster that belongs to root for its owner', () => {
    const clusters =
      '14  main    5432 down   root  /var/lib/postgresql/14/main /var/log/postgresql/postgresql-14-main.log';
    expect(said(clusters)).toContain('14/main belongs to root');
  });

  it('offers no command line that a terminal has cut', () => {
    expect(said('├─7 /usr/bin/pg_basebackup --pgdata=/srv/pg -X stream "--dbname=user=mirror >')).toBe('');
  });
});

describe('what else stands in the text decides between the causes of a message', () => {
  it.each([
    [
      'the nearest line',
      `${refused('10.1.2.9')}host replication mirror 10.1.2.3/32 md5`,
      '10.1.2.9 is outside this network',
    ],
    [
      'a line that matches',
      `${refused('10.1.2.3')}host replication mirror 10.1.2.3/32 md5`,
      'has not reloaded the file',
    ],
    [
      'a line within a sentence',
      `${refused('10.1.2.3')}I added "host replication mirror 10.1.2.3/32 md5" to the file.`,
      'has not reloaded the file',
    ],
    [
      'another role',
      `${refused('10.1.2.3', 'copy')}host replication mirror 10.1.2.3/32 md5`,
      'for role "mirror", not "copy"',
    ],
    [
      'where the server listens',
      'listen_addresses = \'localhost\'\npg_basebackup: error: connection to server at "db1" (10.1.2.3), port 5432 failed: Connection refused',
      'from this machine only',
    ],
    [
      'a removed backup_label',
      '$ rm backup/backup_label\nPANIC:  could not locate a valid checkpoint record',
      'takes away backup_label',
    ],
    [
      'a mount of Windows',
      'docker run -v C:\\pg:/var/lib/postgresql/data postgres:16\nFATAL:  data directory "/var/lib/postgresql/data" has wrong ownership',
      'is a directory of Windows',
    ],
    [
      'a password file for another database',
      'db1:5432:shop:mirror:s3cret\npg_basebackup: error: connection to server at "db1" (10.1.2.3), port 5432 failed: fe_sendauth: no password supplied',
      'is not used for replication connections',
    ],
    [
      'what initdb remarks',
      'initdb: error: directory "/data" exists but is not empty\ninitdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.',
      'As this text shows: the directory is the mount point of a volume',
    ],
    [
      'an upgrade of the primary',
      'After pg_upgrade of the primary the standby says:\nFATAL:  database files are incompatible with server\nDETAIL:  The data directory was initialized by PostgreSQL version 13, which is not compatible with this version 16.3.',
      'As this text shows: the primary was upgraded with pg_upgrade, and the standby was not',
    ],
    [
      'where libpq took the password from',
      'FATAL:  password authentication failed for user "mirror"\n\tpassword retrieved from file "/srv/.pgpass"',
      'As this text shows: the first entry of /srv/.pgpass that matches',
    ],
    [
      'a script of the image, which comes after initdb',
      'replica_1  | /usr/local/bin/docker-entrypoint.sh: running /docker-entrypoint-initdb.d/setup.sh\nreplica_1  | pg_basebackup: error: directory "/var/lib/postgresql/data" exists but is not empty',
      'As this text shows: /docker-entrypoint-initdb.d/setup.sh runs after',
    ],
  ])('%s', async (_, text, words) => {
    expect(await firstCause(text)).toContain(words);
  });

  it('says nothing of lines for replication to a session in a database', async () => {
    const text =
      'FATAL:  no pg_hba.conf entry for host "10.1.2.3", user "app", database "shop", no encryption\nhost replication app 10.1.2.3/32 md5';
    expect(await firstCause(text)).toContain('covers physical replication only');
  });

  it('says nothing of a standby where one server was upgraded', () =>
    expect(proofsIn('After pg_upgrade:\nFATAL:  database files are incompatible with server')).toEqual([]));

  const compose = (mount: string, command = 'postgres'): string =>
    `services:\n  primary:\n    image: postgres:15\n    command: ${command}\n    volumes: ["./pg_hba.conf:${mount}"]\n${refused('172.20.0.3')}`;

  it.each([
    ['is not read there', compose('/etc/pg_hba.conf'), true],
    ['is not read among the scripts of the image', compose('/docker-entrypoint-initdb.d/pg_hba.conf'), true],
    ['is named by the command', compose('/etc/pg_hba.conf', 'postgres -c hba_file=/etc/pg_hba.conf'), false],
    ['is in the data directory', compose('/var/lib/postgresql/data/pg_hba.conf'), false],
    ['is copied by a script', `${compose('/tmp/pg_hba.conf')}cp /tmp/pg_hba.conf $PGDATA`, false],
  ])('a pg_hba.conf that is mounted %s', async (_, text, inVain) => {
    expect(said(text).includes('pg_hba.conf is mounted at')).toBe(inVain);
    expect((await firstCause(text))?.startsWith('As this text shows: pg_hba.conf is mounted')).toBe(inVain);
  });
});

it.each([
  [['PG_VERSION postgres', 'base postgres', 'backup_label root'], 'backup_label belongs to root'],
  [
    ['PG_VERSION postgres', 'base postgres', 'global postgres', 'a root', 'b 999'],
    'a belongs to root, b belongs to 999',
  ],
  [
    [
      'PG_VERSION postgres',
      'base postgres',
      'c postgres',
      'd postgres',
      'e postgres',
      'w root',
      'x root',
      'y root',
      'z root',
    ],
    'w, x, y and 1 more belong to root',
  ],
])('a listing names what belongs to others: %j', (entries, words) => {
  const lines = entries.map((entry) => {
    const [name = '', owner = ''] = entry.split(' ');
    return `-rw-------  1 ${owner} ${owner}   3 May  1 09:00 ${name}`;
  });
  const causes = shapesIn(lines.join('\n')).flatMap(({ candidates }) => candidates.map(({ cause }) => cause));
  expect(causes.join('\n')).toContain(`belong to different users: ${words}.`);
});

describe('a setting that a server does not know', () => {
  it.each([
    ['wal_keep_segments', 'is wal_keep_size since 13'],
    ['summarize_wal', 'Release 17 has it and 15 does not'],
    ['vacuum_defer_cleanup_age', 'gone since 16'],
    ['promote_trigger_file', 'Release 15 has it and 17 does not'],
    ['primary_conninfo', 'recovery.conf'],
  ])('%s', (name, words) => {
    expect(settingStory(name)).toContain(words);
  });

  it('is nothing that any release has', () => {
    expect(settingStory('wal_levle')).toBeUndefined();
  });
});
