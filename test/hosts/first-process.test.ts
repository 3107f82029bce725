import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import type { ShellProgram } from '../../src/hosts/shells-together.ts';
import { shellChannel } from '../../src/hosts/shell-channel.ts';
import { prelude } from '../../src/hosts/shell-greeting.ts';
import { diallingThere } from '../../src/hosts/shell-socket.ts';
import { startThere } from '../../src/hosts/shell-start.ts';
import { until } from '../lab/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'standbylint-first-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * As the first process of a container, which is often the postmaster: what loses its parent becomes its child. A child that it
 * does not know and that ended with anything but 0 or 1 is a crashed backend to it, and it ends every session.
 */
const firstProcess = `
my ($file, @shell) = @ARGV;
syscall(${process.arch === 'arm64' ? 167 : 157}, 36, 1, 0, 0, 0) == 0 or die "PR_SET_CHILD_SUBREAPER: $!";
my $own = fork();
if (!$own) { exec { $shell[0] } @shell; exit 127; }
open(my $out, ">", $file); my $left = "";
while ((my $pid = wait()) > 0) { $left .= "$?\\n" if $pid != $own; }
print $out "ended\\n$left"; close($out);
`;

/** The statuses of what was left to the first process, once nothing is left of it all. */
const leftIn = async (file: string): Promise<readonly number[]> => {
  const text = await until('nothing is left', async () => {
    const now = await readFile(file, 'utf8').catch(() => '');
    return now.startsWith('ended') ? now : null;
  });
  return text.trim().split('\n').slice(1).map(Number);
};

const harmless = (statuses: readonly number[]): boolean =>
  statuses.every((status) => status === 0 || status >> 8 === 1);

const shellWith = (programs: readonly string[]): { readonly shell: ShellProgram; readonly file: string } => {
  const place = mkdtempSync(join(folder, 'programs-'));
  for (const program of programs) symlinkSync(`/usr/bin/${program}`, join(place, program));
  const file = join(place, 'left');
  return {
    file,
    shell: { program: 'perl', args: ['-e', firstProcess, file, '/usr/bin/env', `PATH=${place}`, '/bin/sh'] },
  };
};

describe.each([
  ['perl', ['sh', 'perl']],
  ['bash', ['sh', 'bash', 'cat']],
])('a connection by %s leaves nothing to the first process that it takes for a crash', (_, programs) => {
  it.each(['server', 'client'])('ended by the %s', async (who) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined).resume()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { shell, file } = shellWith(programs);
    const { connect } = diallingThere(shell, 'there');
    const stream = await connect({ kind: 'tcp', address: '127.0.0.1', port }, new AbortController().signal);
    stream.on('error', () => undefined).resume();
    stream.write('x'.repeat(100_000));
    // bash has tried whether it can connect
    const came = await until('it came', async () => sockets.find(({ bytesRead }) => bytesRead === 100_000) ?? null);
    if (who === 'server') came.destroy();
    else stream.end();
    expect(harmless(await leftIn(file))).toBe(true);
    stream.destroy();
    server.close();
  });
});

it('a program that was started leaves nothing of that kind either', async () => {
  const { shell, file } = shellWith(['sh', 'cat', 'true']);
  await startThere(shell, 'true', []).ended;
  expect(harmless(await leftIn(file))).toBe(true);
});

it('a script that does not end in time is ended where it runs, and leaves nothing of that kind', async () => {
  const { shell, file } = shellWith(['sh', 'sleep', 'cat']);
  // as docker exec: the end of the program here ends nothing there
  const apart = { program: 'setsid', args: ['-w', shell.program, ...shell.args], another: { program: 'sh', args: [] } };
  const channel = shellChannel(apart, prelude, 500);
  const asked = await channel.ask('(sleep 601; sleep 602 | cat); sleep 603');
  expect(asked).toMatchObject({ ok: false, problem: { code: 'ETIMEDOUT' } });
  channel.close();
  expect(harmless(await leftIn(file))).toBe(true);
});

it('what has a session of its own by then, as a server that pg_ctl waits for, goes on', async () => {
  const { shell } = shellWith(['sh', 'sleep', 'cat', 'setsid']);
  const apart = { program: 'setsid', args: ['-w', shell.program, ...shell.args], another: { program: 'sh', args: [] } };
  const channel = shellChannel(apart, prelude, 500);
  const seconds = String(6_000 + process.pid / 1_000_000);
  const found = (): string | undefined => readdirSync('/proc').find((pid) => commandOf(pid) === `sleep ${seconds}`);
  const asked = channel.ask(`(setsid sleep ${seconds}); sleep 605`);
  await until('it runs', async () => found() ?? null);
  expect(await asked).toMatchObject({ ok: false, problem: { code: 'ETIMEDOUT' } });
  channel.close();
  const pid = Number(found());
  expect(pid).toBeGreaterThan(0);
  process.kill(pid);
});

/** Of a process that may end meanwhile. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}
