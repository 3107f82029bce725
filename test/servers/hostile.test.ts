import type { Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';

import { afterEach, describe, expect, test } from 'vitest';

import type { ConnectionAttempt } from '../../src/facts/connection.ts';
import { localHost } from '../../src/hosts/local.ts';
import { connect } from '../../src/servers/connect.ts';
import { resolveConnection } from '../../src/servers/resolve-connection.ts';
import { aServer, drip, message } from '../lab/strange-servers.ts';

const timeoutMs = 400;

interface Tried {
  readonly attempts: readonly ConnectionAttempt[];
  readonly elapsedMs: number;
  readonly loggedIn: boolean;
}

async function tryTo(port: number, more = '', signal = new AbortController().signal): Promise<Tried> {
  const host = { ...localHost(), environment: { HOME: '/nonexistent' } };
  const given = {
    conninfo: `host=127.0.0.1 port=${port} user=u password=secret ${more}`,
    host: undefined,
    port: undefined,
    user: undefined,
  };
  const resolved = await resolveConnection(host, given, { replication: true });
  if (!resolved.ok) throw new Error(resolved.message);
  const begin = performance.now();
  const { attempts, session } = await connect(resolved.connection, { host, timeoutMs, signal });
  await session?.close();
  return { attempts, elapsedMs: performance.now() - begin, loggedIn: session !== undefined };
}

const outcomes = ({ attempts }: Tried): readonly unknown[] =>
  attempts.map(({ encryption, outcome }) => [encryption, outcome]);

/** The startup packet has come, after a refusal of TLS where that was asked for. */
function afterStartup(answer: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.on('data', (data: Buffer) => {
      if (data.length === 8 && data.readInt32BE(4) === 80_877_103) socket.write('N');
      else if (data.length > 8 && data.readInt32BE(4) === 196_608) answer(socket);
    });
  };
}

const unhandled: unknown[] = [];
process.on('uncaughtException', (error) => unhandled.push(error));
process.on('unhandledRejection', (error) => unhandled.push(error));
afterEach(async () => {
  // late errors of sockets that were given up
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  expect(unhandled).toEqual([]);
});

describe('what accepts and is no PostgreSQL', () => {
  test('accepts and says nothing', async () => {
    const port = await aServer(() => undefined);
    const tried = await tryTo(port);
    expect(outcomes(tried)).toEqual([['tls', { kind: 'timed-out', phase: 'tls', message: 'no answer within 0.4 s' }]]);
    expect(tried.elapsedMs).toBeLessThan(timeoutMs * 2);
    expect(outcomes(await tryTo(port, 'sslmode=disable'))).toEqual([
      ['none', { kind: 'timed-out', phase: 'login', message: 'no answer within 0.4 s' }],
    ]);
  });

  test('closes at once', async () => {
    const port = await aServer((socket) => socket.end());
    expect(outcomes(await tryTo(port))).toMatchObject([['tls', { kind: 'closed', phase: 'tls' }]]);
    expect(outcomes(await tryTo(port, 'sslmode=disable'))).toMatchObject([
      ['none', { kind: 'closed', phase: 'login' }],
    ]);
  });

  test('resets the connection', async () => {
    const port = await aServer((socket) => socket.on('data', () => socket.resetAndDestroy()));
    expect(outcomes(await tryTo(port))).toMatchObject([
      ['tls', { kind: 'closed', phase: 'tls', message: 'connection reset by the other side' }],
    ]);
    expect(outcomes(await tryTo(port, 'sslmode=disable'))).toMatchObject([
      ['none', { kind: 'closed', phase: 'login' }],
    ]);
  });

  test('HTTP', async () => {
    const port = await aServer(() => undefined, createHttpServer());
    for (const sslmode of ['prefer', 'disable', 'require']) {
      const tried = await tryTo(port, `sslmode=${sslmode}`);
      expect(tried.attempts.at(-1)?.outcome).toEqual({
        kind: 'not-postgresql',
        answered: String.raw`HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n`,
      });
    }
  });

  test('SSH, whose greeting begins as the word for "yes, TLS"', async () => {
    const port = await aServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'));
    for (const sslmode of ['prefer', 'disable']) {
      expect((await tryTo(port, `sslmode=${sslmode}`)).attempts.at(-1)?.outcome).toEqual({
        kind: 'not-postgresql',
        answered: String.raw`SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n`,
      });
    }
  });

  test('terminal escapes are escaped and cut', async () => {
    const port = await aServer((socket) => socket.write(`\u001B[2J\u0007${'x'.repeat(100)}`));
    const [attempt] = (await tryTo(port)).attempts;
    expect(attempt?.outcome).toEqual({
      kind: 'not-postgresql',
      answered: `${String.raw`\x1b[2J\x07`}${'x'.repeat(49)}`,
    });
  });

  test.each(['', 'sslmode=disable'])('10 MB of garbage (%s)', async (more) => {
    const port = await aServer((socket) => socket.write(Buffer.alloc(10 * 1024 * 1024, 'garbage ')));
    const tried = await tryTo(port, more);
    expect(tried.attempts.at(-1)?.outcome.kind).toBe('not-postgresql');
    expect(tried.elapsedMs).toBeLessThan(timeoutMs * 2);
  });

  test('a byte now and then', async () => {
    const tried = await tryTo(await aServer(drip('SSSSSSSSSS')));
    expect(tried.attempts.at(-1)?.outcome.kind).toMatch(/^(?:tls-other|not-postgresql|timed-out)$/u);
    expect(tried.elapsedMs).toBeLessThan(timeoutMs * 2);
    const slow = await tryTo(await aServer(drip('Rather slow')), 'sslmode=disable');
    expect(slow.attempts.at(-1)?.outcome).toMatchObject({ kind: 'not-postgresql' });
    expect(slow.elapsedMs).toBeLessThan(timeoutMs * 2);
  });

  test('agrees to TLS and speaks none', async () => {
    const port = await aServer((socket) =>
      socket.once('data', () => {
        socket.write('S');
        socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
      }),
    );
    expect(outcomes(await tryTo(port, 'sslmode=require'))).toEqual([
      ['tls', { kind: 'tls-other', message: expect.stringMatching(/wrong version number|packet length/u) }],
    ]);
  });

  test('agrees to TLS and says something in the clear beside it', async () => {
    const port = await aServer((socket) => socket.once('data', () => socket.write('SE\0\0\0\0')));
    expect((await tryTo(port, 'sslmode=require')).attempts.at(-1)?.outcome.kind).toBe('not-postgresql');
  });
});

describe('what begins like PostgreSQL', () => {
  const cases: readonly (readonly [string, Buffer | string])[] = [
    ['an authentication request of 1 GB', Buffer.from([0x52, 0x40, 0, 0, 0, 0, 0, 0, 0])],
    ['a negative length', Buffer.from([0x52, 0xff, 0xff, 0xff, 0xff])],
    ['an error without an end', message('E', 'SFATAL\0C28000\0Mno')],
    ['an error whose last field has no end', message('E', 'SFATAL\0M')],
    [
      'mechanisms without an end',
      message('R', Buffer.concat([Buffer.from([0, 0, 0, 10]), Buffer.from('SCRAM-SHA-256')])),
    ],
    ['an empty authentication request', message('R', '')],
    ['a row before the login', message('D', '\0\0')],
    [
      'AuthenticationOk and a row description that promises too much',
      Buffer.concat([message('R', '\0\0\0\0'), message('T', Buffer.from([0x7f, 0xff]))]),
    ],
    [
      'AuthenticationOk and a row of -1 columns',
      Buffer.concat([message('R', '\0\0\0\0'), message('D', Buffer.from([0xff, 0xff]))]),
    ],
    [
      'AuthenticationOk and half a parameter',
      Buffer.concat([message('R', '\0\0\0\0'), message('S', 'server_version')]),
    ],
  ];
  test.each(cases)('%s', async (_name, bytes) => {
    const port = await aServer(afterStartup((socket) => socket.write(bytes)));
    const tried = await tryTo(port);
    expect(tried.attempts.at(-1)?.outcome.kind).toBe('not-postgresql');
    expect(tried.elapsedMs).toBeLessThan(timeoutMs);
  });

  test('a flood of notices instead of a login', async () => {
    const notice = message('N', `SNOTICE\0M${'x'.repeat(50_000)}\0\0`);
    const port = await aServer(
      afterStartup((socket) => {
        socket.write(message('R', '\0\0\0\0'));
        for (let count = 0; count < 100; count += 1) socket.write(notice);
      }),
    );
    expect((await tryTo(port)).attempts.at(-1)?.outcome.kind).toBe('not-postgresql');
  });

  test.each([
    [7, 'GSSAPI'],
    [9, 'SSPI'],
    [4711, 'authentication method 4711'],
  ])('a method that we do not know (%i)', async (code, words) => {
    const body = Buffer.alloc(4);
    body.writeInt32BE(code);
    const port = await aServer(afterStartup((socket) => socket.write(message('R', body))));
    expect((await tryTo(port)).attempts.at(-1)?.outcome).toMatchObject({
      kind: 'client-stopped',
      why: 'method',
      message: expect.stringContaining(words),
    });
  });

  test('a SCRAM server that cannot prove that it knows the password', async () => {
    const port = await aServer((socket) => {
      let step = 0;
      socket.on('data', (data: Buffer) => {
        if (data.readInt32BE(4) === 80_877_103) socket.write('N');
        else if (step === 0) {
          step = 1;
          socket.write(message('R', '\0\0\0\nSCRAM-SHA-256\0\0'));
        } else if (step === 1) {
          step = 2;
          const nonce = /r=([^,]+)/u.exec(data.toString('latin1'))?.[1] ?? '';
          socket.write(message('R', `\0\0\0\u000Br=${nonce}more,s=c2FsdA==,i=4096`));
        } else socket.write(message('R', `\0\0\0\fv=${Buffer.alloc(32).toString('base64')}`));
      });
    });
    expect((await tryTo(port)).attempts.at(-1)?.outcome).toMatchObject({
      kind: 'client-stopped',
      why: 'method',
      message: expect.stringContaining('signature'),
    });
  });

  test('a password is not sent where channel binding is demanded', async () => {
    let sent = '';
    const port = await aServer((socket) => {
      afterStartup((one) => one.write(message('R', '\0\0\0\u0003')))(socket);
      socket.on('data', (data: Buffer) => {
        sent += data.toString('latin1');
      });
    });
    expect((await tryTo(port, 'channel_binding=require')).attempts.at(-1)?.outcome).toMatchObject({
      kind: 'client-stopped',
      why: 'channel-binding',
    });
    expect(sent).not.toContain('secret');
  });

  test('a server that is starting: the next host, and no other encryption', async () => {
    const starting = message(
      'E',
      'SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0RProcessStartupPacket\0\0',
    );
    const port = await aServer(afterStartup((socket) => socket.end(starting)));
    const other = await aServer(
      afterStartup((socket) =>
        socket.end(
          message(
            'E',
            'SFATAL\0C28000\0Mno pg_hba.conf entry for replication connection from host "127.0.0.1", user "u", no encryption\0RClientAuthentication\0\0',
          ),
        ),
      ),
    );
    const tried = await tryTo(port, `host=127.0.0.1,127.0.0.1 port=${port},${other}`);
    expect(
      tried.attempts.map(({ outcome }) => (outcome.kind === 'server-refused' ? outcome.refusal : outcome.kind)),
    ).toEqual(['tls-not-offered', 'starting-up', 'tls-not-offered', 'no-hba-entry']);
  });

  test('PgBouncer', async () => {
    const refusal = message('E', 'SFATAL\0C08P01\0Munsupported startup parameter: replication\0\0');
    const port = await aServer(afterStartup((socket) => socket.end(refusal)));
    expect((await tryTo(port)).attempts.at(-1)?.outcome).toMatchObject({ kind: 'server-refused', refusal: 'pooler' });
  });
});

describe('what does not answer', () => {
  test('no one listens', async () => {
    const { attempts } = await tryTo(55188);
    expect(attempts).toMatchObject([
      { address: '127.0.0.1', port: 55188, outcome: { kind: 'refused', phase: 'connect' } },
    ]);
  });

  test('a directory without a socket, a name without an address', async () => {
    expect((await tryTo(5432, 'host=/nonexistent')).attempts).toMatchObject([
      { address: '/nonexistent/.s.PGSQL.5432', outcome: { kind: 'no-socket' } },
    ]);
    expect((await tryTo(5432, 'host=nowhere.invalid')).attempts).toMatchObject([
      { address: undefined, outcome: { kind: 'not-resolved' } },
    ]);
  });

  test('connect_timeout makes libpq go on where it would wait for ever', async () => {
    const silent = await aServer(() => undefined);
    const hosts = `host=127.0.0.1,127.0.0.1 port=${silent},55188`;
    expect((await tryTo(silent, hosts)).attempts).toHaveLength(1);
    expect((await tryTo(silent, `${hosts} connect_timeout=1`)).attempts.map(({ outcome }) => outcome.kind)).toEqual([
      'timed-out',
      'refused',
    ]);
  });

  test('an interrupt ends it at once', async () => {
    const silent = await aServer(() => undefined);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const tried = await tryTo(silent, `host=127.0.0.1,127.0.0.1 port=${silent},${silent}`, controller.signal);
    expect(tried.elapsedMs).toBeLessThan(200);
    expect(outcomes(tried)).toEqual([['tls', { kind: 'closed', phase: 'tls', message: 'interrupted' }]]);
  });
});
