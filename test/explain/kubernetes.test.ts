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
