import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { get, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import { aPair } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { onEachRelease } from '../lab/releases.ts';
import { startProgram } from '../lab/running-program.ts';
import type { RunningProgram } from '../lab/running-program.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { hasTool } from '../lab/tool.ts';
import { until } from '../lab/until.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(port: number, path: string, options: Asked = {}): Promise<Answer> {
  const asked = request({ host: '127.0.0.1', port, path, agent: false, ...options });
  asked.end();
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** Asks for the three pages in turn over one connection, without waiting for an answer; gives the status of each. */
async function manyAtOnce(port: number, count: number): Promise<readonly string[]> {
  const socket = connect(port, '127.0.0.1');
  const paths = ['/metrics', '/healthz', '/'];
  const asked = Array.from({ length: count }, (_, at) => `GET ${paths[at % 3]} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  socket.write(`${asked.slice(0, -1).join('')}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const answered = await text(socket);
  return [...answered.matchAll(/HTTP\/1\.1 (\d+) /gu)].map(([, status = '']) => status);
}

const metric = (body: string, name: string): number =>
  Number(new RegExp(String.raw`^standbylint_${name}(?:\{[^\n]*\})? (\S+)$`, 'mu').exec(body)?.[1]);

async function served(pair: Pair, ...more: readonly string[]): Promise<RunningProgram & { readonly port: number }> {
  const { primary, standby } = pair;
  const words = ['serve', '-D', standby.dataDirectory, '--admin', primary.admin, '--port', '0', ...more];
  const run = await startProgram(words, standby.environment);
  await run.shows('Listening on http://127.0.0.1:');
  return { ...run, port: Number(/:(\d+)\/$/mu.exec(run.output())?.[1]) };
}

const logins = async ({ primary }: Pair): Promise<number> =>
  (await primary.server.log()).split('connection received').length - 1;

onEachRelease((release) => {
  test.skipIf(release.major !== 17)(
    'what the last look saw: a fault that comes and goes, requests that start no look, data that grows old',
    { timeout: 180_000 },
    async () => {
      const pair = await aPair({ release, settings: { wal_keep_size: '64MB', log_connections: 'on' } });
      const { primary } = pair;
      const run = await served(pair, '--every', '2');
      const { port } = run;
      await until('the first look', async () => ((await ask(port, '/healthz')).status === 200 ? true : null));
      const [metrics, page] = [await ask(port, '/metrics'), await ask(port, '/')];
      expect(metrics.body).toMatch(/standbylint_verdict\{.*verdict="healthy"\} 1/u);
      expect(metric(metrics.body, 'look_stale')).toBe(0);
      expect(page.body).toContain('HEALTHY');
      if (hasTool('promtool')) {
        const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], {
          input: metrics.body,
          encoding: 'utf8',
        });
        expect([status, stderr.replaceAll(/^.*non-histogram.*\n/gmu, '')]).toEqual([0, '']);
      }
      for (const { headers } of [metrics, page])
        expect(headers).toMatchObject({
          'content-security-policy': expect.stringContaining("default-src 'none'"),
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        });
      for (const secret of [primary.password, 'password='])
        expect([metrics.body, page.body].join('')).not.toContain(secret);

      // 3,000 requests, at 1,000 a second and more, and not one look for them
      const before = { looks: metric(metrics.body, 'looks_total'), logins: await logins(pair) };
      const started = performance.now();
      const statuses = (await Promise.all(Array.from({ length: 20 }, async () => manyAtOnce(port, 150)))).flat();
      const seconds = (performance.now() - started) / 1000;
      expect([statuses.length, ...new Set(statuses)]).toEqual([3_000, '200']);
      // 1,000 a second on a machine that has nothing else to do
      expect(3_000 / seconds).toBeGreaterThan(300);
      const looks = metric((await ask(port, '/metrics')).body, 'looks_total') - before.looks;
      expect(looks).toBeLessThanOrEqual(seconds / 2 + 1);
      expect((await logins(pair)) - before.logins).toBeLessThanOrEqual(12 * (looks + 1));

      await primary.server.stop('immediate');
      await until('the fault', async () =>
        /verdict="broken"\} 1/u.test((await ask(port, '/metrics')).body) ? true : null,
      );
      expect((await ask(port, '/')).body).toContain('network/connection-refused');
      expect((await ask(port, '/healthz')).status).toBe(200);
      await primary.server.start();
      await until('its end', async () =>
        /verdict="healthy"\} 1/u.test((await ask(port, '/metrics')).body) ? true : null,
      );
      expect(await run.end('SIGTERM')).toBe(0);
    },
  );

  test.skipIf(release.major !== 17)('who may ask what, and how slowly', { timeout: 120_000 }, async () => {
    const pair = await aPair({ release });
    const run = await served(pair, '--every', '60');
    const { port } = run;
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect([method, (await ask(port, '/', { method })).status]).toEqual([method, 405]);
    const head = await ask(port, '/metrics', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect((await ask(port, '/../../etc/passwd')).status).toBe(404);
    for (const [host, status] of [
      ['evil.example', 421],
      ['127.0.0.1.evil.example:80', 421],
      [`localhost:${port}`, 200],
      [`127.0.0.1:${port}`, 200],
      [`[::1]:${port}`, 200],
    ] as const)
      expect([host, (await ask(port, '/metrics', { headers: { host } })).status]).toEqual([host, status]);

    // headers that never end: they hold nobody up, and are ended
    const slow = Array.from({ length: 200 }, () => connect(port, '127.0.0.1'));
    onTestFinished(() => slow.forEach((socket) => socket.destroy()));
    const closed = Promise.all(
      slow.map(
        async (socket) =>
          new Promise((resolve) => {
            socket.once('close', resolve);
          }),
      ),
    );
    for (const socket of slow)
      socket
        .on('error', () => undefined)
        .resume()
        .write('GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ');
    const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write('a')), 500);
    onTestFinished(() => clearInterval(drip));
    const asked = performance.now();
    expect((await ask(port, '/metrics')).status).toBe(200);
    expect(performance.now() - asked).toBeLessThan(1_000);
    await closed;
    expect(performance.now() - asked).toBeLessThan(12_000);

    // an answer that nobody reads, and a connection that is idle, do not hold up the end
    get({ host: '127.0.0.1', port, path: '/' }).on('error', () => undefined);
    const idle = connect(port, '127.0.0.1');
    await once(idle, 'connect');
    idle.on('error', () => undefined);
    const ended = performance.now();
    expect(await run.end('SIGTERM')).toBe(0);
    expect(performance.now() - ended).toBeLessThan(3_000);
  });
});

test('what cannot be listened on is a usage error, and another address than loopback is warned of', async () => {
  const taken = await startProgram(['serve', '-D', '/nonexistent', '--port', '0', '--host', '0.0.0.0'], {});
  await taken.shows('Listening on http://0.0.0.0:');
  await taken.shows('There is no password and no encryption.');
  const port = /:(\d+)\/$/mu.exec(taken.output())?.[1] ?? '';
  const second = await runStandbylint(['serve', '-D', '/nonexistent', '--port', port]);
  expect([second.exitCode, second.stderr]).toEqual([
    2,
    expect.stringContaining(`port ${port}: another program does so.`),
  ]);
  for (const words of [['--port', '70000'], ['--fix'], ['--format', 'json'], ['--every', '0'], ['x']])
    expect((await runStandbylint(['serve', ...words])).exitCode).toBe(2);
  expect(await taken.end('SIGTERM')).toBe(0);
});
