import { describe, expect, it } from 'vitest';

import type { Patroni } from '../../src/facts/manager.ts';
import { notApplicable, seen } from '../../src/facts/observed.ts';
import type { Remedy, Step } from '../../src/findings/report.ts';
import { configurationOf, withVariables } from '../../src/postgres/patroni.ts';
import { disruptive, manual, reload, safe, shell, sql } from '../../src/remedies/remedy.ts';
import { throughManager } from '../../src/remedies/through-manager.ts';
import { aConninfo } from '../rules/standby-world.ts';
import { anAdminServer, someSettings } from '../rules/world.ts';

const manager: Patroni = {
  kind: 'patroni',
  operator: undefined,
  state: undefined,
  ttlSeconds: 30,
  cluster: 'shop',
  member: "db'2",
  configFile: '/etc/patroni/config.yml',
  runs: true,
  paused: false,
  writesHba: true,
  hba: ['local all all trust', 'host all all all scram-sha-256'],
};
const through = (remedy: Remedy, changed: Partial<Patroni> = {}): readonly string[] =>
  throughManager(remedy, { manager: seen({ ...manager, ...changed }, 'a file') }).steps.map(
    ({ on, text }) => `${on}: ${text}`,
  );
const ctl = 'patronictl -c /etc/patroni/config.yml';

const sender = { pid: 7, address: undefined, syncState: undefined, sentLsn: undefined, replayLsn: undefined };

const edited = (file: string, text: string): Step => ({
  ...shell('standby', `edit ${file}`, 'edit-file', file),
  edit: { file, copy: `${file}.before`, changes: [{ act: 'append', text }] },
});
const hba: Remedy = safe(
  'add it',
  { ...edited('/data/pg_hba.conf', 'host replication r all scram-sha-256'), on: 'primary' },
  reload('primary'),
);

describe('under Patroni', () => {
  it('nothing changes where no manager was found', () => {
    expect(throughManager(hba, { manager: notApplicable('none') })).toBe(hba);
    expect(throughManager(hba, {})).toBe(hba);
  });

  it('a start is that of Patroni, or through it', () => {
    const start = safe('start it', shell('standby', 'pg_ctl start', 'start'));
    expect(through(start)).toEqual([`standby: ${ctl} restart shop 'db'\\''2' --force`]);
    expect(through(start, { paused: true })).toEqual([
      `standby: ${ctl} resume shop`,
      `standby: ${ctl} restart shop 'db'\\''2' --force`,
    ]);
    expect(through(start, { runs: false })).toEqual([
      'standby: Start Patroni, which starts the server: systemctl start patroni as root, or as its user: patroni /etc/patroni/config.yml',
    ]);
    expect(through(start, { runs: false, configFile: undefined })).toEqual([
      'standby: Start Patroni, which starts the server: systemctl start patroni as root.',
    ]);
  });

  it('what keeps the server from starting on its machine is done first', () => {
    const closed = safe(
      'close it, and start it',
      shell('standby', 'chmod 0700 /data', 'change-mode', '/data'),
      shell('standby', 'mkdir -m 0700 /data/pg_wal', 'make-directory', '/data/pg_wal'),
      shell('standby', 'touch /data/standby.signal', 'make-file', '/data/standby.signal'),
      shell('standby', 'pg_ctl start', 'start'),
    );
    const first = ['standby: chmod 0700 /data', 'standby: mkdir -m 0700 /data/pg_wal'];
    expect(through(closed)).toEqual([...first, `standby: ${ctl} restart shop 'db'\\''2' --force`]);
    expect(through(closed, { runs: false })).toEqual([
      ...first,
      expect.stringContaining('Start Patroni, which starts the server'),
    ]);
    const others = [
      { kind: 'pg_auto_failover', directory: '/data', runs: false },
      { kind: 'stolon', cluster: 'shop', member: 'db2' },
    ] as const;
    for (const other of others) {
      const steps = throughManager(closed, { manager: seen(other, 'a file') }).steps.map(
        ({ on, text }) => `${on}: ${text}`,
      );
      expect(steps).toEqual([...first, expect.stringMatching(/[Ss]tart/u)]);
    }
  });

  it('what it does not write is edited first, and what it writes is corrected where it takes it from', () => {
    const struck = (file: string, was: string): Step => ({
      ...shell('standby', `edit ${file}`, 'edit-file', file),
      edit: { file, copy: `${file}.before`, changes: [{ act: 'replace', line: 7, was, text: `# ${was}` }] },
    });
    const start = shell('standby', 'pg_ctl start', 'start');
    const restart = `standby: ${ctl} restart shop 'db'\\''2' --force`;
    const base = safe('comment it out', struck('/data/postgresql.base.conf', 'wal_levle = replica'), start);
    expect(through(base)).toEqual(['standby: edit /data/postgresql.base.conf', restart]);
    const alter = safe('comment it out', struck('/data/postgresql.auto.conf', "work_mem = 'x'"), start);
    expect(through(alter)).toEqual(['standby: edit /data/postgresql.auto.conf', restart]);
    const led = safe('comment it out', struck('/data/postgresql.auto.conf', "primary_slot_name = 'x'"), start);
    expect(through(led)).toEqual([restart]);
    const written = safe('comment it out', struck('/data/postgresql.conf', "work_mem = 'x'"), start);
    expect(through(written, { parameters: { own: [], shared: ['work_mem'] } })).toEqual([
      `standby: ${ctl} edit-config shop -s postgresql.parameters.work_mem=null --force`,
      restart,
    ]);
    // its own configuration beats that of the cluster
    for (const parameters of [{ own: ['work_mem'], shared: ['work_mem'] }, undefined])
      expect(through(written, { parameters })).toEqual([
        expect.stringContaining('Correct work_mem in postgresql.parameters in /etc/patroni/config.yml'),
        restart,
      ]);
    const library = safe('install it', manual('standby', 'Install the package that contains x.so.'), start);
    expect(through(library)).toEqual(['standby: Install the package that contains x.so.', restart]);
  });

  it('a setting of recovery is no parameter, and a server that is down is started by its Patroni', () => {
    const unset = safe(
      'unset it',
      edited('/data/postgresql.auto.conf', "restore_command = ''"),
      shell('standby', 'pg_ctl start', 'start'),
    );
    const steps = [`standby: ${ctl} edit-config shop -s postgresql.recovery_conf.restore_command=null --force`];
    expect(through(unset)).toEqual([...steps, `standby: ${ctl} restart shop 'db'\\''2' --force`]);
    expect(through(unset, { runs: false })).toEqual([...steps, expect.stringContaining('Start Patroni')]);
  });

  it('a setting of its own configuration is set there', () => {
    const raised = safe('raise it', edited('/data/postgresql.auto.conf', "max_connections = '200'"));
    expect(through(raised, { parameters: { own: ['max_connections'], shared: [] } })).toEqual([
      'standby: In /etc/patroni/config.yml, under postgresql.parameters, set max_connections: 200: that beats the configuration of the cluster.',
      `standby: ${ctl} reload shop 'db'\\''2' --force`,
    ]);
  });

  it('the leader is restarted by Patroni, where --admin reaches it', () => {
    const again = disruptive('restart it', shell('primary', 'pg_ctl restart', 'restart'));
    expect(through(again)).toEqual(['primary: pg_ctl restart']);
    const steps = throughManager(again, {
      manager: seen(manager, 'a file'),
      adminServer: seen(anAdminServer({ settings: someSettings({ cluster_name: 'shop' }) }), '--admin'),
    }).steps;
    expect(steps.map(({ text }) => text)).toEqual([`${ctl} restart shop --role leader --force`]);
  });

  it('a password that only this member has wrong is corrected in its own configuration', () => {
    const role = safe(
      'correct it, or set a new one',
      { ...edited('/db2.pgpass', '***'), edit: { file: '/db2.pgpass', copy: '/x', changes: [], secret: true } },
      sql('primary', '\\password replicator', 'change-role'),
    );
    expect(through(role)[0]).toContain('Read the password of postgresql.authentication.replication');
    const withOthers = (user: string): readonly string[] =>
      throughManager(role, {
        manager: seen(manager, 'a file'),
        standbyConninfo: seen(aConninfo({ user: 'replicator', reportsAs: "db'2" }), 'a file'),
        walSenders: seen([{ ...sender, user, applicationName: 'db3', state: 'streaming' }], 'a view'),
      }).steps.map(({ on, text }) => `${on}: ${text}`);
    expect(withOthers('replicator')).toEqual([
      expect.stringContaining('in /etc/patroni/config.yml, on this member only'),
      `standby: ${ctl} reload shop 'db'\\''2' --force`,
    ]);
    expect(withOthers('another')[0]).toContain('Read the password');
  });

  it('where the leader is said to be is corrected in its configuration', () => {
    const led = safe('lead it there', edited('/data/postgresql.auto.conf', "primary_conninfo = 'host=db3 port=5433'"));
    const steps = (file: string): readonly string[] =>
      throughManager(led, {
        manager: seen(manager, 'a file'),
        standbyConninfo: seen(aConninfo({ file }), 'a file'),
      }).steps.map(({ on, text }) => `${on}: ${text}`);
    expect(steps('/data/postgresql.conf')).toEqual([
      expect.stringContaining('set postgresql.connect_address to db3:5433'),
      `standby: ${ctl} reload shop --role leader --force`,
    ]);
    // by hand: Patroni takes it out again
    expect(steps('/data/postgresql.auto.conf')).toEqual([`standby: ${ctl} restart shop 'db'\\''2' --force`]);
  });

  it('of the connection to the leader only the way of logging in is set, where Patroni has it', () => {
    const encrypted = safe(
      'turn TLS on',
      sql('primary', "ALTER SYSTEM SET ssl = 'on';", 'set-configuration'),
      reload('primary'),
      sql(
        'standby',
        "ALTER SYSTEM SET primary_conninfo = 'user=rep host=db1 sslmode=require gssencmode=prefer';",
        'set-configuration',
      ),
      reload('standby'),
    );
    expect(through(encrypted)).toEqual([
      `standby: ${ctl} edit-config shop -s postgresql.parameters.ssl=on --force`,
      'standby: Set in postgresql.authentication.replication in /etc/patroni/config.yml of every member: sslmode: require.',
      `standby: ${ctl} reload shop --force`,
    ]);
  });

  it('a new base backup is one of Patroni, once', () => {
    const steps = [
      shell('standby', 'pg_ctl stop', 'stop'),
      shell('standby', 'mv /data /data.old', 'move-aside'),
      shell('standby', 'pg_basebackup', 'copy'),
      shell('standby', 'pg_ctl start', 'start'),
    ];
    const remedy = throughManager(safe('copy it', ...steps), { manager: seen(manager, 'a file') });
    expect(remedy.risk).toBe('destructive');
    expect(remedy.steps.map(({ text }) => text)).toEqual([`${ctl} reinit shop 'db'\\''2' --force`]);
    // reinit asks a Patroni that runs
    expect(through(safe('copy it', ...steps), { runs: false })).toEqual([
      'standby: pg_ctl stop',
      'standby: mv /data /data.old',
      expect.stringContaining('Start Patroni'),
    ]);
  });

  it('what an operator writes is changed in its resource', () => {
    expect(through(hba, { operator: 'crunchy', cluster: 'shop-ha' })).toEqual([
      'primary: In the resource of the cluster (kubectl edit postgrescluster shop), add "host replication r all scram-sha-256" to spec.patroni.dynamicConfiguration.postgresql.pg_hba, before the entries that are there.',
    ]);
    const set = sql('primary', "ALTER SYSTEM SET wal_keep_size = '1GB';", 'set-configuration');
    expect(through(safe('set it', set, reload('primary')), { operator: 'zalando' })).toEqual([
      "primary: In the resource of the cluster (kubectl edit postgresql shop), set wal_keep_size to '1GB' in spec.postgresql.parameters.",
    ]);
  });

  it('what Patroni writes at each start is written by one', () => {
    for (const step of [
      edited('/data/postgresql.auto.conf', "primary_conninfo = 'host=db1'"),
      shell('standby', 'touch /data/standby.signal', 'make-file'),
    ])
      expect(through(safe('write it', step, reload('standby')))).toEqual([
        `standby: ${ctl} restart shop 'db'\\''2' --force`,
      ]);
  });

  it('a setting goes to the configuration of the cluster', () => {
    const step = sql('primary', "ALTER SYSTEM SET wal_keep_size = '1GB';", 'set-configuration');
    expect(through(safe('set it', step, reload('primary')))).toEqual([
      `standby: ${ctl} edit-config shop -s postgresql.parameters.wal_keep_size=1GB --force`,
    ]);
    const several = edited('/data/postgresql.auto.conf', 'max_connections = 200\nmax_worker_processes = 16');
    expect(through(safe('set them', several, reload('standby')))).toEqual([
      `standby: ${ctl} edit-config shop -s postgresql.parameters.max_connections=200 -s postgresql.parameters.max_worker_processes=16 --force`,
    ]);
    const restarted = safe(
      'set it',
      edited('/data/postgresql.conf', "max_connections = '200'"),
      shell('standby', 'x', 'restart'),
    );
    expect(through(restarted)).toEqual([
      `standby: ${ctl} edit-config shop -s postgresql.parameters.max_connections=200 --force`,
      `standby: ${ctl} restart shop --pending --force`,
    ]);
  });

  it('an entry of pg_hba.conf goes to where Patroni writes it from', () => {
    expect(through(hba)).toEqual([
      `standby: printf '%s\\n' '{"postgresql":{"pg_hba":["host replication r all scram-sha-256","local all all trust","host all all all scram-sha-256"]}}' | ${ctl} edit-config shop --force --apply -`,
    ]);
    expect(through(hba, { hba: undefined })[0]).toContain('primary: In postgresql.pg_hba of Patroni');
    expect(throughManager(hba, { manager: seen({ ...manager, writesHba: false }, 'a file') })).toEqual(hba);
  });

  it('what the primary is asked alone stays', () => {
    const role = safe('grant it', sql('primary', 'ALTER ROLE r REPLICATION;', 'change-role'));
    expect(throughManager(role, { manager: seen(manager, 'a file') })).toEqual(role);
  });
});

describe('the configuration of Patroni', () => {
  it.each([
    ['scope: shop\nname: db1\npostgresql:\n  data_dir: /srv/data # here', 'shop', 'db1', '/srv/data'],
    [`scope: "my shop"\nname: 'db1'\npostgresql:\n    data_dir: "/srv/my data"\n`, 'my shop', 'db1', '/srv/my data'],
    ['namespace: /x\nbootstrap:\n  users:\n    name: other\n', undefined, undefined, undefined],
  ])('%j', (text, scope, name, dataDirectory) => {
    expect(configurationOf(text)).toMatchObject({ scope, name, dataDirectory, restApi: undefined });
  });

  it.each([
    ['restapi:\n  listen: 0.0.0.0:8008\n  connect_address: db1:8008\n', { address: '127.0.0.1', port: 8008 }],
    ['restapi: {listen: "127.0.0.1:8009"}\npostgresql: {listen: "127.0.0.1:1"}', { address: '127.0.0.1', port: 8009 }],
    ['restapi:\n  listen: 10.0.0.1:8008\n  certfile: /x.crt\nname: a', undefined],
  ])('its REST API: %j', (text, restApi) => {
    expect(configurationOf(text).restApi).toEqual(restApi);
  });

  it.each([
    ['scope: a\n', {}, 'service', []],
    [
      'namespace: /db/\netcd3:\n  hosts:\n  - "10.0.0.1:2379"\n  - e2:2379\nname: a',
      {},
      'db',
      ['10.0.0.1:2379', 'e2:2379'],
    ],
    ['etcd3: {host: "127.0.0.1:2"}\npostgresql: {listen: "127.0.0.1:1"}', {}, 'service', ['127.0.0.1:2']],
    ['etcd: {host: e1:1}', { PATRONI_NAMESPACE: 'x', PATRONI_ETCD3_HOSTS: "'e2:2','e3:3'" }, 'x', ['e2:2', 'e3:3']],
  ])('where its cluster is: %j with %j', (text, variables, namespace, store) => {
    expect(withVariables(text, variables)).toMatchObject({ namespace, store });
  });

  it.each([
    [
      'postgresql:\n  data_dir: /d\n  parameters:\n    work_mem: 4MB\n    "wal_level": replica\n  pgpass: x\n',
      ['work_mem', 'wal_level'],
    ],
    ["postgresql:\n  parameters: {a.b: 'x, y: z', port: 1}\n", ['a.b', 'port']],
    [
      'bootstrap:\n  dcs:\n    postgresql:\n      parameters:\n        work_mem: 4MB\npostgresql:\n  data_dir: /d\n',
      [],
    ],
  ])('what it sets itself: %j', (text, parameters) => {
    expect(configurationOf(text).parameters).toEqual(parameters);
  });

  it('variables of the process beat its file, and may take its place', () => {
    const file = 'scope: shop\nname: db2\nlog: {dir: /var/log/a}\npostgresql:\n  data_dir: /data\n';
    expect(withVariables(file, {})).toEqual(configurationOf(file));
    const variables = { PATRONI_NAME: 'db3', PATRONI_LOG_DIR: '/var/log/b/', PATRONI_RESTAPI_LISTEN: '0.0.0.0:8008' };
    expect(withVariables(file, variables)).toMatchObject({
      ...{ scope: 'shop', name: 'db3', dataDirectory: '/data', logFile: '/var/log/b/patroni.log' },
      restApi: { address: '127.0.0.1', port: 8008 },
    });
    expect(withVariables(file, { ...variables, PATRONI_RESTAPI_CERTFILE: '/etc/c.pem' }).restApi).toBeUndefined();
    expect(
      withVariables(undefined, { PATRONI_CONFIGURATION: file, PATRONI_POSTGRESQL_DATA_DIR: '/home' }),
    ).toMatchObject({
      ...{ scope: 'shop', name: 'db2', dataDirectory: '/home', logFile: '/var/log/a/patroni.log', restApi: undefined },
    });
  });
});
