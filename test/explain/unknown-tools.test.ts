import { describe, expect, it } from 'vitest';

import { explained } from './explained.ts';

/** Errors that no catalogue has, in the form of each tool's log. */
const logged: Readonly<Record<string, (error: string) => string>> = {
  repmgr: (error) => `[2025-03-04 05:06:07] [ERROR] ${error} repmgr`,
  patroni: (error) =>
    `2025-03-04 05:06:07,123 ERROR: ${error}\n2025-03-04 05:06:08,123 INFO: Lock owner: db1; I am db2`,
  patronictl: (error) => `$ patronictl reinit shop db2\nError: ${error}`,
  barman: (error) => `2025-03-04 05:06:07,123 [77] barman.server ERROR: ${error}`,
  pgbackrest: (error) => `2025-03-04 05:06:07.123 P00  ERROR: [199]: ${error}`,
  pgpool: (error) => `2025-03-04 05:06:07.123: main pid 77: ERROR:  ${error}`,
  pg_auto_failover: (error) => `05:06:07 77 ERROR ${error}\n05:06:07 77 INFO  pg_autoctl goes on`,
  pg_probackup: (error) => `INFO: Backup start, pg_probackup version: 2.5.13\nERROR: ${error}`,
  stolon: (error) => `2025-03-04T05:06:07.123+0100\tERROR\tcmd/keeper.go:777\t${error}`,
  'stolon before 0.9': (error) => `[E] 2025-03-04T05:06:07Z keeper.go:77: ${error}`,
  pgbouncer: (error) => `2025-03-04 05:06:07.123 UTC [77] ERROR S-0x55d1f2a0: shop/app@10.0.0.2:5432 ${error}`,
  pacemaker: (error) => `Mar  4 05:06:07 db2 pgsqlms(pgsqld)[77]: ERROR: ${error}`,
  'pacemaker, what the agent wrote': (error) =>
    `Mar  4 05:06:07 db2 lrmd[9]:  notice: pgsqld_notify_0:7:stderr [ ${error} ]`,
  efm: (error) => `2025-03-04 05:06:07 com.enterprisedb.efm.nodes SEVERE: ${error}`,
  keepalived: (error) => `Mar  4 05:06:07 db2 Keepalived_vrrp[77]: postgres: failed, ${error}`,
  terraform: (error) => `$ terraform apply\n│ Error: postgres: ${error}\n│\n│   on db.tf line 7`,
  ansible: (error) => `fatal: [db2]: FAILED! => {"changed": false, "msg": "postgres: ${error}", "rc": 1}`,
  'patroni as JSON': (error) =>
    `{"asctime": "2025-03-04 05:06:07,123", "levelname": "ERROR", "message": "${error}", "module": "patroni.ha"}`,
  'an operator as JSON': (error) =>
    `{"level":"error","ts":"2025-03-04T05:06:07Z","msg":"${error}","controllerKind":"PostgresCluster","stacktrace":"main"}`,
  'pg_auto_failover before 1.4': (error) => `05:06:07 ERROR ${error}\n05:06:07 INFO  pg_autoctl goes on`,
};

const about: readonly (readonly [error: string, subject: string])[] = [
  ['the frobnicator did not connect at its peer', 'about a connection'],
  ['frobnicated the slot in vain', 'about a replication slot'],
  ['frobnicator: both timelines frobnicated', 'histories that separated'],
  ['frobnication needs more privileges', 'about a right'],
  ['frobnicator promotion frobnicated', 'starting, stopping or promoting'],
  ['frobnicator got an unknown option', 'what the tool was told'],
];

describe('an error of a tool that is not known', () => {
  for (const [tool, line] of Object.entries(logged))
    it.each(about)(`says what it is about: ${tool}, %s`, async (error, subject) => {
      const [first] = await explained(line(error));
      expect(first?.names[0]).toMatch(/^unknown-of-/u);
      expect(first?.means).toContain('does not know');
      expect(first?.text).toContain(error);
      expect(first?.text).not.toMatch(/05:06:07|ERROR/u);
      expect(first?.candidates[0]?.cause).toContain(subject);
    });

  it.each(['repmgr', 'barman', 'pgbackrest', 'pgpool', 'pg_auto_failover'])(
    'is told with the advice of the tool itself, and not with that of another error: %s',
    async (tool) => {
      const line = logged[tool] ?? ((error: string) => error);
      const [own = '', ...more] = line('frobnicated the slot in vain').split('\n');
      const [first] = await explained([own, 'HINT: frobnicate "max_frobs" first', ...more].join('\n'));
      expect(first?.advice).toBe('Its own advice: frobnicate "max_frobs" first.');
      expect(first?.quoted).toEqual(['HINT: frobnicate "max_frobs" first']);
      expect(JSON.stringify(first?.candidates)).not.toContain('about a replication slot');
      const between = line('all is well').replaceAll('ERROR', 'INFO');
      const [another] = await explained([own, between, 'HINT: dance', ...more].join('\n'));
      expect(another?.advice ?? '').not.toContain('dance');
      expect(JSON.stringify(another?.candidates)).toContain('about a replication slot');
    },
  );

  it('says of the words of the server that they are its own', async () => {
    for (const error of ['pq: permission denied to alter the frobnicator', 'could not frobnicate (SQLSTATE 42501)'])
      expect(
        (await explained(`$ terraform apply\n│ Error: could not create postgres role repl: ${error}`))[0]?.means,
      ).toBe('Terraform reports an error that standbylint does not know. Its last part is what the server answered.');
  });

  it('has the last line of a traceback', async () => {
    const [first] = await explained(
      [
        '2025-03-04 05:06:07,123 ERROR: get_frobs',
        'Traceback (most recent call last):',
        '  File "/usr/lib/python3/patroni/dcs/etcd3.py", line 840, in _load_cluster',
        'patroni.exceptions.FrobError: too many frobs',
      ].join('\n'),
    );
    expect(first?.text).toBe('get_frobs');
    expect(first?.quoted).toEqual(['patroni.exceptions.FrobError: too many frobs']);
  });

  it('says where more is told where its words tell nothing', async () => {
    const [first] = await explained('[2025-03-04 05:06:07] [ERROR] repmgr frobnicated');
    expect(first?.candidates[0]?.cause).toContain('DETAIL and HINT');
  });
});
