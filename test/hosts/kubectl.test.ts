import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { podHost } from '../../src/hosts/kubectl.ts';
import { inspectPod, podNameIn } from '../../src/hosts/pod-inspect.ts';

const isThere = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const container = (name: string, image: string, more = {}): unknown => ({ name, image, ...more });
const state = (name: string, now: unknown, more = {}): unknown => ({ name, restartCount: 3, state: now, ...more });
const loops = { waiting: { reason: 'CrashLoopBackOff' } };
const pods: Readonly<Record<string, unknown>> = {
  'pg-1': {
    metadata: {
      name: 'pg-1',
      namespace: 'prod',
      ownerReferences: [{ kind: 'StatefulSet', name: 'pg', controller: true }],
    },
    spec: {
      containers: [
        container('metrics', 'quay.io/prometheuscommunity/postgres-exporter:v0.15'),
        container('db', 'localhost:5000/library/postgres:17'),
      ],
    },
    status: { phase: 'Running', containerStatuses: [state('db', { running: {} })] },
  },
  'cnpg-1': {
    metadata: {
      name: 'cnpg-1',
      namespace: 'prod',
      ownerReferences: [{ kind: 'Cluster', name: 'cnpg', controller: true }],
    },
    spec: { containers: [container('postgres', 'ghcr.io/cloudnative-pg/postgresql:16.2@sha256:0a')] },
    status: {
      phase: 'Running',
      containerStatuses: [
        state('postgres', loops, { lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }),
      ],
    },
  },
};

const refusal = (code: number, reason: string, message: string): unknown => ({
  ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, metadata: {} },
});

const discovery: Readonly<Record<string, unknown>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/api/v1/namespaces/prod': { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'prod' } },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    ...{ kind: 'APIResourceList', groupVersion: 'v1' },
    resources: [
      {
        name: 'pods',
        singularName: 'pod',
        namespaced: true,
        kind: 'Pod',
        shortNames: ['po'],
        verbs: ['get', 'list', 'delete', 'create'],
      },
      { name: 'pods/exec', namespaced: true, kind: 'PodExecOptions', verbs: ['create'] },
      { name: 'pods/log', namespaced: true, kind: 'Pod', verbs: ['get'] },
    ],
  },
};

/** As much of the API of Kubernetes as kubectl asks for before it runs a command: pods, a log, and a refusal. */
const api: Server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://api');
  const [, name = '', what] = /^\/api\/v1\/namespaces\/[^/]+\/pods\/([^/]+)(?:\/(\w+))?$/u.exec(pathname) ?? [];
  const pod = pods[name];
  const tell = (code: number, body: unknown): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const known = discovery[pathname];
  if (known !== undefined) tell(200, known);
  else if (pathname === '/version') tell(200, { major: '1', minor: '30', gitVersion: 'v1.30.0' });
  else if (pathname.includes('/namespaces/closed/'))
    tell(
      403,
      refusal(
        403,
        'Forbidden',
        `pods "${name}" is forbidden: User "dev" cannot get resource "pods" in API group "" in the namespace "closed"`,
      ),
    );
  else if (pod === undefined) tell(404, refusal(404, 'NotFound', `pods "${name}" not found`));
  else if (what === 'log') response.end('LOG:  started streaming WAL\n');
  else if (what === 'exec')
    tell(
      403,
      refusal(
        403,
        'Forbidden',
        `pods "${name}" is forbidden: User "dev" cannot create resource "pods/exec" in API group "" in the namespace "prod"`,
      ),
    );
  else tell(200, { apiVersion: 'v1', kind: 'Pod', ...pod });
});
// an upgrade to a stream is refused in the same way
api.on('upgrade', (_, socket) => {
  const body = JSON.stringify(
    refusal(
      403,
      'Forbidden',
      'pods "pg-1" is forbidden: User "dev" cannot create resource "pods/exec" in API group "" in the namespace "prod"',
    ),
  );
  socket.end(
    `HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
});

describe.skipIf(!isThere && process.env['CI'] !== 'true')('the real kubectl', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'standbylint-kubeconfig-'));
  const before = { KUBECONFIG: process.env['KUBECONFIG'], HOME: process.env['HOME'] };
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      api.listen(0, '127.0.0.1', resolve);
    });
    const { port } = api.address() as AddressInfo;
    const context = (name: string): unknown => ({ name, context: { cluster: 'c', user: 'u' } });
    writeFileSync(
      join(folder, 'config'),
      JSON.stringify({
        ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'here' },
        clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
        users: [{ name: 'u', user: {} }],
        contexts: [context('here'), context('arn:aws:eks:eu-west-1:1:cluster/prod')],
      }),
    );
    Object.assign(process.env, { KUBECONFIG: join(folder, 'config'), HOME: folder });
  });
  afterAll(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['prod/pg-1', { context: undefined, namespace: 'prod', name: 'pg-1', container: undefined }],
    ['prod/pg-1/db', { context: undefined, namespace: 'prod', name: 'pg-1', container: 'db' }],
    ['here/prod/pg-1', { context: 'here', namespace: 'prod', name: 'pg-1', container: undefined }],
    ['here/prod/pg-1/db', { context: 'here', namespace: 'prod', name: 'pg-1', container: 'db' }],
    [
      'arn:aws:eks:eu-west-1:1:cluster/prod/ns/pg-1',
      { context: 'arn:aws:eks:eu-west-1:1:cluster/prod', namespace: 'ns', name: 'pg-1', container: undefined },
    ],
    ['there/prod/pg-1/db', { context: 'there', namespace: 'prod', name: 'pg-1', container: 'db' }],
  ])('%s', async (written, pod) => {
    expect(await podNameIn(written, 10_000)).toEqual({ ok: true, value: pod });
  });

  it('tells of a pod, and which of its containers is the server', async () => {
    const pod = { context: 'here', namespace: 'prod', name: 'pg-1', container: undefined };
    expect(await inspectPod(pod, 10_000)).toEqual({
      ok: true,
      value: {
        container: 'db',
        controller: 'statefulset/pg',
        image: 'localhost:5000/library/postgres:17',
        restarts: 3,
        waits: undefined,
      },
    });
  });

  it.each([
    ['prod/none', 'no-pod', /pods "none" not found/u],
    ['closed/pg-1', 'forbidden', /cannot get resource "pods"/u],
    ['there/prod/pg-1/db', 'no-context', /context .*there/u],
    ['prod/pg-1', 'forbidden', /pods\/exec/u],
    ['prod/cnpg-1', 'pod-not-running', /CrashLoopBackOff; it last ended with exit code 137, killed for its memory/u],
  ])('%s: %s', async (written, code, says) => {
    const reached = await podHost(written, '/data', 10_000, 'postmortem');
    if (reached.ok) reached.value.close();
    expect(reached).toMatchObject({ ok: false, problem: { code } });
    expect(reached.ok ? '' : reached.problem.message).toMatch(says);
  });

  it('takes the words of what is printed', async () => {
    const ran = async (line: string): Promise<string> => {
      const { stdout, stderr } = await execa('kubectl', line.split(' '), {
        stdin: 'ignore',
        reject: false,
        timeout: 20_000,
      });
      return `${stdout}${stderr}`;
    };
    expect(await ran('logs --context here -n prod pg-1 -c db --tail=200000')).toBe('LOG:  started streaming WAL');
    expect(await ran('logs -n prod pg-1 -c db --tail=200000 --previous')).toBe('LOG:  started streaming WAL');
    // each gets as far as the API, which refuses: its words were understood
    for (const line of [
      'exec -it --context here -n prod pg-1 -c db -- su -s /bin/sh postgres -c true',
      'exec -n prod pg-1 -c db -- psql -X',
    ])
      expect(await ran(line)).toMatch(/pods\/exec|[Ff]orbidden/u);
    for (const line of [
      'delete pod --context here -n prod none',
      'debug -n prod none -it --same-node --copy-to=none-look --container=db -- sh',
    ])
      expect(await ran(line)).toMatch(/not ?found/iu);
  });
});
