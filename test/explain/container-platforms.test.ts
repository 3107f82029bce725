import { describe, expect, it } from 'vitest';

import { answersAboutKubernetesEvents } from '../../src/explain/answers/kubernetes-events.ts';
import { shapesIn } from '../../src/explain/shapes.ts';
import { explained } from './explained.ts';

/** The columns of `kubectl describe` and of `kubectl get events`, before the message. */
const columns = [
  '  Warning  FailedSomething  8s  kubelet  ',
  '  Warning  FailedSomething  9m10s (x12 over 41m)  default-scheduler  ',
  '41m         Warning   FailedSomething   pod/shop-postgres-0   ',
];

const filledIn = (says: string): string =>
  says.replaceAll(/%[-0-9.]*(?:ll|l|z)?[duxX]/gu, '3').replaceAll(/%[sm]/gu, 'shop-postgres-0');

describe('events of Kubernetes', () => {
  const wordings = answersAboutKubernetesEvents.flatMap(({ id = '', says = [] }) =>
    says.map((one): readonly [string, string] => [id, filledIn(one)]),
  );

  it.each(columns)('are known behind the columns, each row by itself: %s', async (before) => {
    const silent: string[] = [];
    for (const [id, message] of wordings) {
      const rows = [
        '  Normal   Scheduled  10s  default-scheduler  Successfully assigned db/shop-postgres-0 to node-2',
        `${before}${message}`,
        '  Normal   Pulled  9s  kubelet  Container image "registry.lan/shop-db:1" already present on machine',
      ];
      const found = await explained(rows.join('\n'));
      if (!found.some(({ names }) => names.includes(id))) silent.push(message);
    }
    expect(silent).toEqual([]);
  });

  it.each(columns)('a message of the server in one row does not go on in the next: %s', async (before) => {
    const text = [
      `${before}Liveness probe failed: psql: error: FATAL:  role "probe" does not exist`,
      `${before}Readiness probe failed: psql: error: FATAL:  password authentication failed for user "probe_2"`,
    ].join('\n');
    const names = (await explained(text)).flatMap((one) => one.names);
    expect(names).toEqual(expect.arrayContaining(['role-does-not-exist', 'auth-password-failed']));
  });
});

describe('how a container ended', () => {
  const said = (text: string): string => JSON.stringify(shapesIn(text));
  const state = (reason: string, code: number): string =>
    [
      'Name:  shop-postgres-1',
      '    Last State:     Terminated',
      `      Reason:       ${reason}`,
      `      Exit Code:    ${code}`,
      '    Restart Count:  4',
    ].join('\n');

  it.each([
    ['OOMKilled', 137, 'more memory than its limit'],
    ['Error', 137, 'SIGKILL'],
    ['Error', 143, 'SIGTERM'],
    ['Error', 139, 'segmentation fault'],
    ['Error', 134, 'PANIC'],
    ['Error', 127, 'not found in the image'],
    ['Error', 1, 'in its log'],
  ])('%s, %d', (reason, code, words) => {
    expect(said(state(reason, code))).toContain(words);
  });

  it('is read in YAML, in docker inspect and behind kubectl exec, too', () => {
    expect(said('name: postgres\nlastState:\n  terminated:\n    exitCode: 137\n    reason: OOMKilled')).toContain(
      'more memory',
    );
    expect(said('"Name": "/pg-standby",\n"ExitCode": 137,\n"OOMKilled": true')).toContain('more memory');
    expect(said('pod shop-pgbackrest-7 failed: command terminated with exit code 137')).toContain('SIGKILL');
  });

  it('says nothing where it ended well, or where no PostgreSQL is spoken of', () => {
    expect(shapesIn(state('Completed', 0))).toEqual([]);
    expect(shapesIn(state('Error', 137).replace('shop-postgres-1', 'shop-web-1'))).toEqual([]);
  });
});

describe('claims without a volume', () => {
  const said = (text: string): string => JSON.stringify(shapesIn(text));
  const head = 'NAME               STATUS    VOLUME     CAPACITY   ACCESS MODES   STORAGECLASS   AGE';

  it('are named, with what they wait for', () => {
    const rows = (...lines: readonly string[]): string => [head, ...lines].join('\n');
    const bound = 'pgdata-shop-0      Bound     pvc-01ab   10Gi       RWO            fast           5d';
    expect(
      said(rows(bound, 'pgdata-shop-1      Pending                                                    5m')),
    ).toContain('pgdata-shop-1 has no storage class');
    expect(
      said(rows(bound, 'pgdata-shop-1      Pending                                         fast2          5m')),
    ).toContain('waits for a volume of class fast2');
    expect(said(rows('pgdata-shop-1      Lost      pvc-02ab   0                         fast           5d'))).toContain(
      'is gone',
    );
    expect(said('Name:          pgdata-shop-2\nNamespace:     db\nStorageClass:  \nStatus:        Pending')).toContain(
      'pgdata-shop-2 has no storage class',
    );
    expect(shapesIn(rows(bound))).toEqual([]);
    expect(shapesIn([head, 'data-cache-0   Pending      5m'].join('\n'))).toEqual([]);
  });
});

describe('kubectl cnpg status', () => {
  const status = (ready: number, ...streams: readonly string[]): string =>
    [
      'Cluster Summary',
      'Name:               db/shop',
      'Primary instance:   shop-1',
      'Status:             Cluster in healthy state ',
      'Instances:          3',
      `Ready instances:    ${ready}`,
      '',
      'Streaming Replication status',
      'Name    Sent LSN   Write LSN  Flush LSN  Replay LSN  Write Lag  Flush Lag  Replay Lag  State      Sync State',
      '----    --------   ---------  ---------  ----------  ---------  ---------  ----------  -----      ----------',
      ...streams.map(
        (name) =>
          `${name}  0/9000060  0/9000060  0/9000060  0/9000060   00:00:00   00:00:00   00:00:00    streaming  async`,
      ),
      '',
      'Instances status',
      'Name    Current LSN  Replication role  Status',
    ].join('\n');
  const causesOf = (text: string): readonly string[] =>
    shapesIn(text).flatMap(({ candidates }) => candidates.map(({ cause }) => cause));

  it('says what is missing, and only that', () => {
    expect(causesOf(status(3, 'shop-2', 'shop-3'))).toEqual([]);
    expect(causesOf(status(2, 'shop-2'))).toEqual([expect.stringContaining('1 of 3 instances is not ready')]);
    expect(causesOf(status(3, 'shop-2'))).toEqual([expect.stringContaining('Only shop-2 streams')]);
    expect(causesOf(status(3))).toEqual([expect.stringContaining('No standby streams from shop-1')]);
  });
});

describe('tasks of a Docker swarm', () => {
  it.each([
    ['"task: non-zero exit (1)"', 'exit status 1'],
    ['"task: non-zero exit (137)"', 'memory'],
    ['"No such image: shop-postgres:17"', 'with-registry-auth'],
    ['"no suitable node (1 node not available for new tasks)"', 'No node may run'],
    ['"invalid mount config for type "bind""', 'exists on each node by itself'],
  ])('%s', (error, words) => {
    const text = [
      'ID             NAME               IMAGE              NODE     DESIRED STATE   CURRENT STATE            ERROR',
      `k3j2h1g0f9d8   pg_replica.1       shop-postgres:17   node-2   Shutdown        Failed 4 seconds ago     ${error}`,
    ].join('\n');
    expect(JSON.stringify(shapesIn(text))).toContain(words);
  });
});

describe('a volume of two servers', () => {
  const service = (name: string, volume: string, more = ''): string =>
    `  ${name}:\n    image: postgres:17\n${more}    volumes:\n      - ${volume}:/var/lib/postgresql/data\n`;
  const causesOf = (text: string): string => JSON.stringify(shapesIn(text));

  it('is told where two services serve from it', () => {
    expect(causesOf(`services:\n${service('primary', 'pgdata')}${service('standby', 'pgdata')}`)).toContain(
      'primary and standby have their data on the same volume, pgdata',
    );
  });

  it.each([
    service('primary', 'pgdata') + service('standby', 'pgdata2'),
    service('copy', 'pgdata2', '    command: pg_basebackup -h primary -D /var/lib/postgresql/data -R\n') +
      service('standby', 'pgdata2'),
    service('standby', 'pgdata2', '    depends_on:\n      copy:\n        condition: service_completed_successfully\n') +
      service('copy', 'pgdata2'),
  ])('and not where one of them only fills it', (services) => {
    expect(causesOf(`services:\n${services}`)).not.toContain('the same volume');
  });
});

describe('the host of the primary that a container is told', () => {
  const run = (options: string): string =>
    JSON.stringify(shapesIn(`docker run -d --name standby ${options} bitnami/postgresql:16`));

  it.each(['REPLICATION_HOST=localhost', 'POSTGRESQL_MASTER_HOST=127.0.0.1', 'PG_PRIMARY_HOST=localhost'])(
    'is the container itself in %s',
    (told) => {
      expect(run(`-e ${told}`)).toContain('localhost is the container itself');
      expect(run(`-e '${told}'`)).toContain('localhost is the container itself');
    },
  );

  it.each(['-e POSTGRESQL_MASTER_HOST=localhost --network host', '-e POSTGRESQL_MASTER_HOST=localhost.shop.lan'])(
    'and not in %s',
    (options) => {
      expect(run(options)).not.toContain('localhost is the container itself');
    },
  );
});

describe('quotes in a list of a compose file', () => {
  const compose = (item: string): string =>
    JSON.stringify(shapesIn(`services:\n  standby:\n    image: postgres:17\n    environment:\n      - ${item}\n`));

  it.each(["PRIMARY_HOST='db-1'", 'PGDATA="/data"'])('belong to the value: %s', (item) => {
    expect(compose(item)).toContain('become part of the value');
  });

  it.each(["'PRIMARY_HOST=db-1'", 'PRIMARY_HOST=db-1', "PG_OPTIONS=-c x='y'"])('and not in %s', (item) => {
    expect(compose(item)).not.toContain('become part of the value');
  });

  it('and no password is shown', () => {
    expect(compose("POSTGRES_PASSWORD='hidden1'")).not.toContain('hidden1');
  });
});
