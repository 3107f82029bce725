import { createServer, isIP } from 'node:net';
import { arch, homedir, networkInterfaces, platform, userInfo } from 'node:os';

import { answer, noAnswer } from './host.ts';
import type { Account, Answer, Host } from './host.ts';
import { withinTime } from './local-answers.ts';
import { fileSystemOf } from './local-file-system.ts';
import { localFiles } from './local-files.ts';
import { listening } from './listening-ports.ts';
import { filesBelow } from './local-tree.ts';
import { localLogs } from './local-logs.ts';
import { processStatus, userName } from './local-processes.ts';
import { findPrograms, run, start } from './local-programs.ts';
import { connectHere } from './local-socket.ts';
import { replaceFile } from './local-replace.ts';
import { withScratch } from './local-scratch.ts';

export interface LocalOptions {
  readonly timeoutMs?: number | undefined;
  /** How long before the look began what others saw of the machine is one of its answers (of-machine.ts); until it looks anew. */
  readonly sharedMs?: number | undefined;
}

/**
 * This machine. The `local-*.ts` files beside this one are the only place of the program that touches files, programs,
 * names and sockets of the examined machine.
 *
 * Every call ends within `timeoutMs` (default 5,000), whatever the system does: see local-mounts.ts for a network file
 * system that hangs.
 */
export function localHost(options: LocalOptions = {}): Host {
  const timeoutMs = options.timeoutMs ?? 5_000;
  const files = localFiles(timeoutMs);
  let began = performance.now();
  let sharedMs = options.sharedMs ?? 0;
  const names = new Map<number, Promise<Answer<string>>>();
  // when the machine was started: one long file for all processes
  let kernel: ReturnType<Host['read']> | undefined;
  const readOnce: Host['read'] = (path, how) =>
    path === '/proc/stat' ? (kernel ??= host.read(path, how)) : host.read(path, how);
  const host: Host = {
    label: 'this host',
    account: account(),
    privileged: process.getuid?.() === 0,
    environment: process.env,
    architecture: arch(),
    platform: platform(),
    workingDirectory: workingDirectory(),
    now: () => new Date(),
    lookBegan: () => began,
    sharedMs: () => sharedMs,
    anew: () => {
      began = performance.now();
      sharedMs = 0;
    },
    ...files,
    filesBelow,
    replaceFile: (path, replacement) => replaceFile(path, replacement, timeoutMs),
    ...localLogs(timeoutMs, { ...files, workingDirectory: workingDirectory() }),
    fileSystem: (path) => fileSystemOf(host, path, timeoutMs),
    addressesOf: (name) => addressesOf(host, name, timeoutMs),
    interfaces: () =>
      Object.values(networkInterfaces()).flatMap((addresses) =>
        (addresses ?? []).map(({ address, netmask }) => ({ address, netmask })),
      ),
    connect: connectHere,
    portInUse: (port) => withinTime(timeoutMs, `port ${port}`, () => portInUse(host, port)),
    mayListen: (address, port) =>
      withinTime(timeoutMs, `port ${port} of ${address}`, () => mayListen(host, address, port)),
    processStatus: (pid) => processStatus({ ...host, read: readOnce }, pid),
    userName: (uid) => {
      const known = names.get(uid) ?? userName(host, uid);
      names.set(uid, known);
      return known;
    },
    withScratch,
    run: (program, args, how) => run(program, args, { timeoutMs, ...how }),
    start,
    findPrograms: (name, places) => findPrograms(host, name, places ?? []),
  };
  return host;
}

/**
 * getaddrinfo(3), as libpq asks it. A call to a name server that does not answer cannot be stopped and would keep even
 * the exit of this process waiting: unless the name needs no name server, a child process asks first.
 */
async function addressesOf(host: Host, name: string, timeoutMs: number): Promise<Answer<readonly string[]>> {
  const what = `the addresses of ${name}`;
  if (name === '' || name.includes('\0')) return noAnswer('ENOTFOUND', `${what}: this is not a name`);
  if (isIP(name) === 0 && !(await inHostsFile(host, name))) {
    const asked = await host.run('getent', ['ahosts', '--', name], { timeoutMs });
    if (!asked.ok && asked.problem.code === 'ETIMEDOUT')
      return noAnswer('ETIMEDOUT', `${what}: no answer within ${timeoutMs / 1000} s`);
  }
  return withinTime(timeoutMs, what, async () => {
    const { lookup } = await import('node:dns/promises');
    const found = await lookup(name, { all: true, order: 'verbatim' });
    return answer([...new Set(found.map(({ address }) => address))]);
  });
}

async function inHostsFile(host: Host, name: string): Promise<boolean> {
  const hosts = await host.read('/etc/hosts', { maxBytes: 1024 * 1024 });
  if (!hosts.ok) return false;
  const lines = new TextDecoder().decode(hosts.value.bytes).split('\n');
  return lines.some((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1).includes(name));
}

/** A container may run under a number that has no line in /etc/passwd: there the number is the name. */
function account(): Account {
  try {
    const { uid, gid, username, homedir: home } = userInfo();
    return { uid, gid, name: username, home };
  } catch {
    const uid = process.geteuid?.() ?? -1;
    return { uid, gid: process.getegid?.() ?? -1, name: String(uid), home: homeByEnvironment() };
  }
}

function homeByEnvironment(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** The directory that the shell stood in may have been removed since. */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** A listener on one address alone takes the port from a server that wants all of them, and on Linux `::` meets them all. */
async function portInUse(host: Host, port: number): Promise<Answer<boolean>> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return noAnswer('ERANGE', `${port} is not a TCP port`);
  if (await isQuiet(host, port)) return answer(false);
  const tried: Answer<boolean>[] = [];
  // undefined is `::` where there is IPv6; named, Node would look whether that is an address, by a pattern that takes an
  // eighth of its own start to compile
  for (const address of [undefined, '0.0.0.0', '127.0.0.1']) {
    const one = await bindable(port, address);
    if (one.ok && !one.value) return answer(true);
    tried.push(one);
  }
  return tried.find(({ ok }) => ok) === undefined ? (tried.at(-1) ?? answer(false)) : answer(false);
}

async function mayListen(
  host: Host,
  address: string,
  port: number,
): Promise<Answer<'free' | 'taken' | 'not-of-this-machine'>> {
  // any port shows whether the address is one of this machine
  const tried = await bindable((await isQuiet(host, port)) ? 0 : port, address);
  if (tried.ok) return answer(tried.value ? 'free' : 'taken');
  return tried.problem.code === 'EADDRNOTAVAIL' ? answer('not-of-this-machine') : tried;
}

/**
 * Nothing listens on the port at any address, as the system shows it. Then it is not tried: to try it is to have it for a
 * moment, in which a server that is started does not get it, and another look takes it for taken.
 */
async function isQuiet(host: Host, port: number): Promise<boolean> {
  const shown = await listening(host, port, undefined);
  return shown.ok && !shown.value;
}

const bindable = (port: number, host: string | undefined): Promise<Answer<boolean>> =>
  new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'EUNKNOWN';
      resolve(
        code === 'EADDRINUSE'
          ? answer(false)
          : noAnswer(code, `port ${port} of ${host ?? '::'} could not be tried: ${code}`),
      );
    });
    // `::` alone, as the server binds it (pqcomm.c, IPV6_V6ONLY); without a name both families are meant
    const where = host === undefined ? {} : { host, ipv6Only: true };
    server.listen({ port, ...where, exclusive: true }, () => server.close(() => resolve(answer(true))));
  });
