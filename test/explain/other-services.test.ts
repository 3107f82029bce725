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
