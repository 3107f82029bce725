import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import type { ShellProgram } from '../../src/hosts/shells-together.ts';
import { shellChannel } from '../../src/hosts/shell-channel.ts';
import { greet, prelude } from '../../src/hosts/shell-greeting.ts';
import { diallerThere } from '../../src/hosts/shell-socket.ts';
import { shellsTogether } from '../../src/hosts/shells-together.ts';
import type { ShellsThere } from '../../src/hosts/shells-together.ts';
import { until } from '../lab/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'standbylint-together-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const usual = ['sh', 'cat', 'head', 'tail', 'id', 'uname', 'date', 'stat', 'sleep', 'readlink'];
let made = 0;

/** A machine with these programs, and a word in the environment of all that runs there. */
function machine(programs: readonly string[], by: string, scripts: Readonly<Record<string, string>> = {}) {
  const place = mkdtempSync(join(folder, 'programs-'));
  for (const program of programs) symlinkSync(`/usr/bin/${program}`, join(place, program));
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(place, name), text, { mode: 0o755 });
  made += 1;
  const word = `STANDBYLINT_TEST=${process.pid}-${made}`;
  const begun = join(place, 'begun');
  const counted = `echo >>'${begun}'; exec /usr/bin/env PATH='${place}' ${word} ${by}`;
  return {
    shell: { program: '/bin/sh', args: ['-c', counted] } satisfies ShellProgram,
    /** How often a shell was brought from here. */
    brought: async (): Promise<number> => (await readFile(begun, 'utf8')).length,
    isEmpty: async (): Promise<unknown> => until('nothing is left', async () => (await left(word)) === 0 || null),
  };
}

async function left(word: string): Promise<number> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name));
  const environments = await Promise.all(
    all.map(async (pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
  );
  return environments.filter((text) => text.split('\0').includes(word)).length;
}

const shellsOf = (shell: ShellProgram, ms = 5_000) => {
  const shells = shellsTogether(shell);
  return { shells, channel: shellChannel(shell, prelude, ms, shells) };
};

async function echoing(): Promise<{ readonly port: number; readonly sockets: Socket[]; readonly end: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, sockets, end: () => server.close() };
}

const connected = async (shells: ShellsThere, port: number) =>
  diallerThere(shells, 'there').dialling.connect(
    { kind: 'tcp', address: '127.0.0.1', port },
    new AbortController().signal,
  );

describe.each([
  ['perl', [...usual, 'perl'], 1, '/bin/sh'],
  ['perl, by bash', [...usual, 'perl'], 1, '/bin/bash'],
  ['bash alone', [...usual, 'bash'], 4, '/bin/sh'],
])('with %s', (_, programs, shellsBrought, by) => {
  it('one question and three connections at once, and nothing is left', async () => {
    const { shell, brought, isEmpty } = machine(programs, by);
    const { shells, channel } = shellsOf(shell);
    const { port, end } = await echoing();
    const greeting = greet(channel);
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_one, at) => (at * 7) % 256));
    const echoes = [1, 2, 3].map(async () => {
      const socket = await connected(shells, port);
      socket.write(bytes);
      let came = Buffer.alloc(0);
      for await (const chunk of socket) {
        came = Buffer.concat([came, chunk]);
        if (came.length >= bytes.length) break;
      }
      expect(came.equals(bytes)).toBe(true);
    });
    await Promise.all(echoes);
    expect((await greeting).ok).toBe(true);
    expect(await brought()).toBe(shellsBrought);
    channel.close();
    shells.close();
    await isEmpty();
    end();
  });

  it('a connection that is made when all is closed is brought by itself', async () => {
    const { shell, isEmpty } = machine(programs, by);
    const { shells, channel } = shellsOf(shell);
    const { port, end } = await echoing();
    expect((await channel.ask('echo')).ok).toBe(true);
    channel.close();
    shells.close();
    const socket = await connected(shells, port);
    socket.write('still');
    expect(String((await once(socket.resume(), 'data'))[0])).toBe('still');
    socket.destroy();
    await isEmpty();
    end();
  });

  it('goes on where more is asked than a pipe holds, while more is answered', async () => {
    const { shell } = machine(programs, by);
    const { shells, channel } = shellsOf(shell);
    const long = 'x'.repeat(100_000);
    const all = await Promise.all(Array.from({ length: 30 }, async () => channel.ask(`: ${long}; printf %s ${long}`)));
    expect(all.every((one) => one.ok && one.value.out.length === long.length)).toBe(true);
    channel.close();
    shells.close();
  });

  it('when it is over, a connection that never comes about is not waited for', async () => {
    const { shell, isEmpty } = machine(programs, by);
    const { shells, channel } = shellsOf(shell);
    const { port, sockets, end } = await echoing();
    expect((await channel.ask('echo')).ok).toBe(true);
    const socket = await connected(shells, port);
    socket.on('error', () => undefined);
    const came = await until('it came', async () => sockets.at(-1) ?? null);
    // a server that has hung says nothing, and hears nothing
    came.pause().unpipe();
    socket.destroy();
    channel.close();
    shells.close();
    if (shellsBrought === 1) await isEmpty();
    for (const one of sockets) one.destroy();
    await isEmpty();
    end();
  });

  it('a script that does not end is ended, and the connections stay', async () => {
    const { shell } = machine(programs, by);
    const { shells, channel } = shellsOf(shell, 500);
    const { port, end } = await echoing();
    const socket = await connected(shells, port);
    expect(await channel.ask('sleep 600')).toMatchObject({ ok: false, problem: { code: 'ETIMEDOUT' } });
    expect(await channel.ask('echo here')).toMatchObject({ ok: true });
    socket.write('still');
    expect(String((await once(socket.resume(), 'data'))[0])).toBe('still');
    expect(channel.lost()).toBeUndefined();
    socket.destroy();
    channel.close();
    shells.close();
    end();
  });
});

it('a way that breaks off ends all that it carries, and is said to have', async () => {
  const { shell, brought, isEmpty } = machine([...usual, 'perl'], '/bin/sh');
  const { shells, channel } = shellsOf(shell);
  const { port, end } = await echoing();
  const socket = await connected(shells, port);
  const parent = await channel.ask('read -r _ _ _ p _ </proc/$$/stat; echo $p');
  const pid = Number(parent.ok && parent.value.out.toString());
  // what runs there at this moment comes to its own end
  const cut = Promise.all([channel.ask('sleep 3'), channel.ask('echo')]);
  process.kill(pid, 'SIGKILL');
  expect((await cut).map(({ ok }) => ok)).toEqual([false, false]);
  expect(await brought()).toBe(1);
  await once(
    socket.resume().on('error', () => undefined),
    'close',
  );
  await until('it is known', async () => channel.lost() ?? null);
  channel.close();
  shells.close();
  await isEmpty();
  end();
});

it('what prints without end is not heard out, and nothing is left of it', async () => {
  const { shell, isEmpty } = machine([...usual, 'perl', 'yes'], '/bin/sh');
  const { shells, channel } = shellsOf(shell);
  expect(await channel.ask('yes')).toMatchObject({ ok: false, problem: { code: 'EMSGSIZE' } });
  channel.close();
  shells.close();
  await isEmpty();
});

it('bytes come as they are whatever perl is told to take them for', async () => {
  const { shell } = machine([...usual, 'perl'], 'PERL_UNICODE=SDA PERL5OPT=-Mopen=:std,:utf8 /bin/sh');
  const { shells, channel } = shellsOf(shell);
  const asked = await channel.ask(String.raw`printf '\303\251\377'`);
  expect(asked.ok && [...asked.value.out]).toEqual([0o303, 0o251, 0o377]);
  channel.close();
  shells.close();
  const { port, end } = await echoing();
  const byItself = await connected(shells, port);
  byItself.write(Buffer.from([0o377, 0o300]));
  expect([...(await once(byItself.resume(), 'data'))[0]]).toEqual([0o377, 0o300]);
  byItself.destroy();
  end();
});

it('a machine that never stops greeting is left', async () => {
  const shell = { program: 'sh', args: ['-c', 'yes'] };
  const { shells, channel } = shellsOf(shell);
  expect(await channel.ask('echo')).toMatchObject({ ok: false });
  channel.close();
  shells.close();
});

it('a perl that does not run is as none', async () => {
  const { shell } = machine(usual, '/bin/sh', { perl: '#!/bin/sh\nexit 1\n' });
  const { shells, channel } = shellsOf(shell);
  expect(await channel.ask('echo here')).toMatchObject({ ok: true });
  expect(channel.lost()).toBeUndefined();
  channel.close();
  shells.close();
});

it.each([
  ['no program', { program: '/no/such/program', args: [] }, 'is not there'],
  ['one that refuses', { program: 'sh', args: ['-c', 'echo Permission denied >&2; exit 255'] }, 'Permission denied'],
])('%s brings no shell, is tried once for all, and says why', async (_, shell, why) => {
  const { shells, channel } = shellsOf(shell);
  const [asked] = await Promise.all([
    channel.ask('echo'),
    expect(connected(shells, 1)).rejects.toThrow('no connection could be made from there'),
  ]);
  expect(asked).toMatchObject({ ok: false, problem: { message: expect.stringContaining(why) } });
  channel.close();
  shells.close();
});
