import { describe, expect, it } from 'vitest';

import { serverIn } from '../../src/explain/of-server.ts';
import { explained } from './explained.ts';

describe('what a text tells of its server', () => {
  it.each([
    ['pg_ctl -D /srv/pg/data start', '/srv/pg/data', undefined],
    ['FATAL:  data directory "/srv/my data" has invalid permissions', '/srv/my data', undefined],
    ['could not open file "/srv/data/global/pg_control": No such file', '/srv/data', undefined],
    ['touch "/srv/data/standby.signal" or "/srv/data/recovery.signal"', '/srv/data', undefined],
    ['could not open file "/srv/data/pg_wal/000000050000000000000008": No such file', '/srv/data', undefined],
    ['mv /old/standby.signal /new/standby.signal', undefined, undefined],
    ['/etc/postgresql/16/main/pg_hba.conf', undefined, 16],
    ['starting PostgreSQL 16.2 (Debian 16.2-1.pgdg120+2)', undefined, 16],
    ['pg_basebackup (PostgreSQL) 13.14', undefined, 13],
    ['psql (15.6)', undefined, 15],
    ['psql (PostgreSQL) 12.1', undefined, 12],
    ['PostgreSQL 18beta1 on x86_64', undefined, 18],
    ['/usr/pgsql-14/bin/postgres', undefined, 14],
    ['image: postgres:17-alpine', undefined, 17],
    ['pg_upgrade from PostgreSQL 12.4 to PostgreSQL 16.2', undefined, undefined],
    ['since 16 it is so', undefined, undefined],
  ])('%s', (text, dataDirectory, release) => {
    const told = serverIn(text);
    expect([told.names.get('data directory'), told.release]).toEqual([dataDirectory, release]);
  });
});

it.each([
  ['pg_basebackup -h db1 -U rep -D /data', 'db1'],
  ["primary_conninfo = 'host=10.0.0.1 user=rep'", '10.0.0.1'],
  ['pg_basebackup -h db1; pg_basebackup -h db2', undefined],
  ['psql -h db1', undefined],
])('its primary: %j', (text, primary) => expect(serverIn(text).names.get('primary')).toBe(primary));

it.each([
  ["CREATE USER rep WITH PASSWORD 'x';", 'rep'],
  ['create role "rep" login;\npg_basebackup -h db1 -U rep -D /data', 'rep'],
  ['CREATE ROLE app LOGIN; CREATE ROLE rep REPLICATION LOGIN;', undefined],
  ['the user was made by CREATE USER with a password', undefined],
])('its role: %j', (text, role) => expect(serverIn(text).names.get('role')).toBe(role));

it('where it archives to, and the segment', async () => {
  const [first] = await explained(
    [
      'LOG:  archive command failed with exit code 1',
      'DETAIL:  The failed archive command was: test ! -f /mnt/wal/000000010000000000000007 && cp pg_wal/000000010000000000000007 /mnt/wal/000000010000000000000007',
    ].join('\n'),
  );
  expect(first?.candidates[0]?.check?.command).toBe(
    'cmp <data directory>/pg_wal/000000010000000000000007 /mnt/wal/000000010000000000000007; ls -l /mnt/wal | tail -3',
  );
});

it.each([
  ['CONTEXT:  line 12 of configuration file "/srv/pg/pg_hba.conf"', '/srv/pg/pg_hba.conf'],
  ['LOG:  /etc/postgresql/16/main/pg_hba.conf was not reloaded', '/etc/postgresql/16/main/pg_hba.conf'],
  ['LOG:  could not open file "/a/pg_hba.conf"\nLOG:  could not open file "/b/pg_hba.conf"', undefined],
  ['pg_hba.conf', undefined],
])('its pg_hba.conf: %j', (text, file) => expect(serverIn(text).names.get('pg_hba.conf')).toBe(file));

it.each([
  ['pg_basebackup -h db1 -U rep -D /data', 'rep'],
  ['repmgr -h db1 \\\n  -U repmgr standby clone', 'repmgr'],
  ["primary_conninfo = 'host=db1 user=rep'", 'rep'],
  ['pg_basebackup -U rep; pg_basebackup -U other', undefined],
  ['psql -U postgres', undefined],
  ['user=app,db=shop,client=10.0.0.9 FATAL:  x', undefined],
])('who connects to it: %j', (text, role) => expect(serverIn(text).names.get('role')).toBe(role));

describe('an explanation speaks of that server', () => {
  const message = (release: string, directory: string): string =>
    [
      `2026-03-11 09:12:33.123 UTC [1] LOG:  starting PostgreSQL ${release} on x86_64-pc-linux-gnu`,
      '2026-03-11 09:12:33.211 UTC [29] FATAL:  could not locate required checkpoint record',
      `2026-03-11 09:12:33.211 UTC [29] HINT:  If you are restoring from a backup, touch "${directory}/recovery.signal" or "${directory}/standby.signal" and add required recovery options.`,
      `\tIf you are not restoring from a backup, try removing the file "${directory}/backup_label".`,
    ].join('\n');

  it.each(['/var/lib/postgresql/data', "/srv/it's data"])('in %s', async (directory) => {
    const [first] = await explained(message('16.2', directory));
    expect(JSON.stringify(first)).not.toContain('<data directory>');
    const word = directory.includes(' ') ? `'/srv/it'\\''s data'` : directory;
    expect(first?.candidates[0]?.check?.command).toBe(`cat ${word}/backup_label; ls ${word}/pg_wal`);
    expect(first?.next[0]?.command).toBe(`standbylint postmortem -D ${word}`);
  });

  it('of its release: only up to 14 a crash leaves an exclusive backup behind', async () => {
    const causes = async (release: string): Promise<string> =>
      JSON.stringify((await explained(message(release, '/data')))[0]?.candidates);
    expect(await causes('14.9')).toContain('exclusive backup');
    expect(await causes('16.2')).not.toContain('exclusive backup');
  });

  const refused = (host: string): string =>
    `FATAL:  no pg_hba.conf entry for replication connection from host "${host}", user "rep", no encryption`;

  it.each([
    ['a container of Compose', `replica_1  | ${refused('172.20.0.3')}`, 'samenet'],
    ['a log of docker', `$ docker logs pg\n${refused('192.168.96.3')}`, 'samenet'],
    ['an address that no engine gives', `replica_1  | ${refused('203.0.113.9')}`, '203.0.113.9/32'],
    ['no container', refused('172.20.0.3'), '172.20.0.3/32'],
  ])('%s', async (_, text, address) => {
    const [first] = await explained(text);
    expect(first?.steps[0]?.text).toContain(`host replication rep ${address} scram-sha-256`);
  });
});

describe('an image that found a data directory', () => {
  const kept = 'PostgreSQL Database directory appears to contain a database; Skipping initialization\n';

  it.each([
    'FATAL:  role "mirror" does not exist',
    'FATAL:  password authentication failed for user "mirror"',
    'FATAL:  database "shop" does not exist',
    'FATAL:  no pg_hba.conf entry for replication connection from host "172.20.0.3", user "mirror", no encryption',
  ])('is the likeliest reason: %s', async (message) => {
    const [alone] = await explained(message);
    const [beside] = await explained(kept + message);
    expect(beside?.candidates[0]?.cause).toMatch(/volume/u);
    expect(alone?.candidates[0]?.cause).not.toMatch(/volume/u);
  });
});

it.each([
  [
    'connection to server at "shop.cab1.eu-central-1.rds.amazonaws.com" (18.1.2.3), port 5432 failed',
    'Amazon RDS or Aurora',
  ],
  ['Host=shop.postgres.database.azure.com;Username=web', 'Azure Database for PostgreSQL'],
  ['role "cloudsqlsuperuser"', 'Google Cloud SQL'],
  ['db.projectx.supabase.co', 'Supabase'],
  ['from shop.cab1.eu-central-1.rds.amazonaws.com to shop.postgres.database.azure.com', undefined],
  ['We use RDS for PostgreSQL, and it says:', 'Amazon RDS or Aurora'],
  ['We moved off RDS for PostgreSQL and have our own servers now. The standby says:', undefined],
  ['We moved off RDS for PostgreSQL, but shop.cab1.eu-central-1.rds.amazonaws.com says:', 'Amazon RDS or Aurora'],
  ['In place of Azure Database for PostgreSQL it is self-hosted, in /var/lib/postgresql/17/main', undefined],
  ['aws s3 cp s3://bucket.s3.amazonaws.com/base.tar', undefined],
  ['FATAL:  no pg_hba.conf entry for replication connection from host "10.3.0.7"', undefined],
])('whose server it is: %j', (text, name) => expect(serverIn(text).managed?.name).toBe(name));

it('leaves what a server of one’s own says to that server, and takes away what cannot be done at a managed one', async () => {
  const refusal =
    'FATAL:  no pg_hba.conf entry for replication connection from host "10.3.0.7", user "copy", no encryption';
  const of = async (host: string) =>
    (
      await explained(
        `# shop.cab1.eu-central-1.rds.amazonaws.com\npg_basebackup: error: connection to server at "${host}", port 5432 failed: ${refusal}`,
      )
    )[0];
  expect((await of('10.3.0.4'))?.steps.length).toBeGreaterThan(0);
  const managed = await of('shop.cab1.eu-central-1.rds.amazonaws.com');
  expect([managed?.steps, managed?.next]).toEqual([[], []]);
  expect(managed?.means).toContain('physical replication');
});

describe('a provider that runs the server', () => {
  const lower =
    'FATAL:  hot standby is not possible because max_connections = 100 is a lower setting than on the master server (its value was 300)';

  it.each(['Cloud SQL read replica fails to start:', 'Our AWS RDS replica:', 'Azure Flexible Server, replica:'])(
    'is known by its name, and nothing is typed on its machine: %s',
    async (said) => {
      const [first] = await explained(`${said}\n${lower}`);
      expect(first?.candidates.map(({ check }) => check)).toEqual([null]);
      expect(first?.next).toEqual([]);
    },
  );

  it.each(['We migrated from Amazon RDS to two VMs.', 'We moved off Google Cloud SQL last year.'])(
    'that was left runs it no more: %s',
    async (said) => {
      const [first] = await explained(`${said}\n${lower}`);
      expect(first?.candidates[0]?.check?.command).toContain('postgres -C max_connections');
    },
  );
});
