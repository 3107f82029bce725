import { describe, expect, it } from 'vitest';

import { explained } from './explained.ts';

const ports: Readonly<Record<string, readonly number[]>> = {
  'etcd does not answer': [2379, 2380],
  'Consul does not answer': [8500, 8300],
  'ZooKeeper does not answer': [2181],
  'The REST API of Patroni does not answer': [8008],
  'The API of Kubernetes does not answer': [6443],
};

const lines: Readonly<Record<string, (port: number) => string>> = {
  Go: (port) => `postgres-7: dial tcp 10.0.0.3:${port}: connect: connection refused`,
  Python: (port) =>
    `2025-03-04 05:06:07,123 ERROR: HTTPConnectionPool(host='10.0.0.3', port=${port}): Max retries exceeded (Caused by NewConnectionError(': [Errno 111] Connection refused'))`,
  JSON: (port) =>
    `{"level":"warn","msg":"pg: retrying","error":"transport: Error while dialing dial tcp 10.0.0.3:${port}: connect: connection refused"}`,
};

describe('a connection that was refused', () => {
  for (const [language, line] of Object.entries(lines)) {
    it.each(Object.entries(ports))(`is of the service at its port: ${language}, %s`, async (service, own) => {
      for (const port of own) {
        const [first] = await explained(line(port));
        expect(first?.means).toContain(`${service} at 10.0.0.3.`);
        expect(JSON.stringify(first)).not.toMatch(/pg_isready|listen_addresses/u);
      }
    });

    it(`is of PostgreSQL at its own: ${language}`, async () => {
      expect((await explained(line(5432)))[0]?.means).toContain('nothing accepts connections');
    });
  }

  it('is of the address that stands next to it', async () => {
    const [first] = await explained(
      'api_url http://10.0.0.3:8008/patroni, conn_url postgres://10.0.0.3:5432/shop: Connection refused',
    );
    expect(first?.means).not.toContain('REST API');
  });
});

it('hears a program whose command stands in the same record', async () => {
  const record = {
    changed: true,
    cmd: 'PGAPPNAME=db2 /usr/bin/pg_basebackup -R -D /srv/pg --username=repl --host=10.0.0.2 --port=5432\n',
    stderr:
      'pg_basebackup: error: connection to server at "10.0.0.2", port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.3", user "repl", no encryption',
  };
  const [first] = await explained(`fatal: [db2]: FAILED! => ${JSON.stringify(record)}`);
  expect(first?.means).toContain('no line of its pg_hba.conf matches');
});

it('tells a stop that took too long from a start', async () => {
  for (const line of ["State 'stop-sigterm' timed out. Killing.", 'Stopping timed out. Killing.']) {
    const [first] = await explained(
      `Mar 04 05:06:07 db2 systemd[1]: postgresql.service: ${line}\nMar 04 05:06:07 db2 systemd[1]: postgresql.service: Failed with result 'timeout'.`,
    );
    expect(first?.means).toContain('asked the service to stop');
  }
  const [start] = await explained(
    "Mar 04 05:06:07 db2 systemd[1]: postgresql.service: start operation timed out. Terminating.\nMar 04 05:06:07 db2 systemd[1]: postgresql.service: Failed with result 'timeout'.",
  );
  expect(start?.means).toContain('waited for the server to say that it has started');
});

it('reads what stands before the fields of a console line, and what an engine of containers keeps', async () => {
  const fields =
    '2025-03-04T05:06:07.123Z\tERROR\tcmd/keeper.go:732\terror retrieving cluster data\t{"error": "context deadline exceeded"}';
  expect((await explained(fields))[0]?.names).toContain('stolon-store');
  const own = "2025-03-04 05:06:07,123 [77] barman.server ERROR: Check 'ssh' failed for server 'main'";
  const [bare] = await explained(own);
  for (const kept of [
    JSON.stringify({ log: `${own}\n`, stream: 'stderr', time: '2025-03-04T05:06:07.2Z' }),
    JSON.stringify({ MESSAGE: own, SYSLOG_IDENTIFIER: 'barman' }),
  ])
    expect((await explained(kept))[0]?.names).toEqual(bare?.names);
});

it('names the file to which a task sent the words of its command', async () => {
  const record = {
    changed: true,
    cmd: 'repmgr standby register &>> /var/log/repmgr/register.log',
    msg: 'non-zero return code',
    rc: 1,
    stderr: '',
  };
  const [first] = await explained(`TASK [postgres : register]\nfatal: [db2]: FAILED! => ${JSON.stringify(record)}`);
  expect(first?.candidates[0]?.check?.command).toBe('tail -n 50 /var/log/repmgr/register.log');
});

it.each([
  ['etcdserver: permission denied', 'store-login'],
  ["403 Permission denied: token with AccessorID '0' lacks permission 'key:list' on \"service/shop/\"", 'store-login'],
  ['Zookeeper session lost, state: EXPIRED_SESSION', 'zookeeper-session-ended'],
])('tells a refusal of the store from one of PostgreSQL: %s', async (said, name) => {
  const [first] = await explained(`2025-03-04 05:06:07,123 ERROR: ${said}\npatroni goes on`);
  expect(first?.names).toContain(name);
});

it('takes a standby for no crashed cluster', async () => {
  const of = async (state: string) =>
    (
      await explained(`The source cluster was not shut down cleanly, state reported as: "${state}"\nFailure, exiting`)
    )[0]?.means;
  expect(await of('in archive recovery')).toContain('it is a standby');
  expect(await of('in production')).toContain('was killed or crashed');
});

it.each([
  '[ALERT]    (1) : Starting frontend postgres_primary: cannot bind socket (Address already in use) [0.0.0.0:5000]',
  '2025-03-04 05:06:07,123 ERROR: Exception in patroni\nOSError: [Errno 98] Address already in use',
  'patroni1 etcd[77]: listen tcp 10.0.0.1:2380: bind: address already in use',
])('takes the port of another program for none of the server: %s', async (text) => {
  expect((await explained(text))[0]?.means).toContain('The program that says this');
});

it('takes the port of PostgreSQL for its own', async () => {
  const [first] = await explained('LOG:  could not bind IPv4 address "0.0.0.0": Address already in use');
  expect(first?.means).not.toContain('The program that says this');
});
