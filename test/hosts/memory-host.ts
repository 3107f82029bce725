import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect as dial, isIP } from 'node:net';
import { posix } from 'node:path';

import { answer, noAnswer } from '../../src/hosts/host.ts';
import type { Account, Answer, FileKind, FileStatus, Host, Ran } from '../../src/hosts/host.ts';
import { listening } from '../../src/hosts/listening-ports.ts';
import { processStatus, userName } from '../../src/hosts/local-processes.ts';
import { findPrograms } from '../../src/hosts/local-programs.ts';
import { piecesOf } from '../../src/hosts/local-logs.ts';
import { matching } from '../../src/hosts/path-pattern.ts';

/** A file of a machine that does not exist. */
interface Entry {
  readonly kind: 'file' | 'directory' | 'link';
  readonly bytes: Buffer;
  readonly owner: Pick<Account, 'uid' | 'gid'>;
  readonly mode: number;
}

export interface Machine {
  readonly name: string;
  readonly account: Account;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: () => Date;
  /** Its own addresses. */
  readonly addresses: readonly string[];
  /** The names that it knows. */
  readonly names: Readonly<Record<string, string>>;
  /** Where an `address:port` of its network really leads. */
  readonly network: Readonly<Record<string, number>>;
  /** What its programs print, by their paths. */
  readonly programs: Readonly<Record<string, (args: readonly string[]) => string>>;
  readonly files: ReadonlyMap<string, Entry>;
}

export const aFile = (text: string | Buffer, owner = root, mode = 0o644): Entry => ({
  ...{ kind: 'file', bytes: Buffer.from(text), owner, mode },
});
export const aFolder = (owner = root, mode = 0o755): Entry => ({
  ...{ kind: 'directory', bytes: Buffer.alloc(0), owner, mode },
});
const root = { uid: 0, gid: 0 };

/** A directory of this machine as it would be somewhere else, with another owner. */
export function movedTo(path: string, from: string, owner: Entry['owner']): readonly (readonly [string, Entry])[] {
  const inside = readdirSync(from, { withFileTypes: true }).flatMap((entry): readonly (readonly [string, Entry])[] => {
    const [own, there] = [`${from}/${entry.name}`, posix.join(path, entry.name)];
    if (entry.isDirectory()) return movedTo(there, own, owner);
    if (entry.isSymbolicLink()) return [[there, { ...aFile(readlinkSync(own), owner, 0o777), kind: 'link' }]];
    return entry.isFile() ? [[there, aFile(readFileSync(own), owner, 0o600)]] : [];
  });
  return [[path, aFolder(owner, 0o700)], ...inside];
}

/** A machine in memory: nothing that is asked of it touches this one, but for the connections that `network` names. */
export function memoryHost(machine: Machine): Host {
  const { account, environment, clock, names, programs } = machine;
  const files = new Map(machine.files);
  for (const path of [...files.keys(), ...Object.keys(programs)])
    for (let above = posix.dirname(path); !files.has(above); above = posix.dirname(above)) files.set(above, aFolder());
  for (const path of Object.keys(programs)) files.set(path, aFile('', root, 0o755));
  const since = clock();
  const inodes = new Map([...files.keys()].map((path, at) => [path, at + 2]));

  const at = (path: string, follow = true, left = 8): Answer<readonly [string, Entry]> => {
    if (left === 0) return noAnswer('ELOOP', 'too many links');
    const whole = posix.resolve('/', path);
    const parts = whole.split('/').slice(1);
    // links on the way
    for (let length = 1; length <= parts.length; length += 1) {
      const way = `/${parts.slice(0, length).join('/')}`;
      const entry = files.get(way);
      if (entry?.kind !== 'link' || (length === parts.length && !follow)) continue;
      const to = posix.resolve(posix.dirname(way), entry.bytes.toString());
      return at(posix.join(to, ...parts.slice(length)), follow, left - 1);
    }
    const entry = files.get(whole);
    return entry === undefined ? noAnswer('ENOENT', 'no such file or directory') : answer([whole, entry]);
  };
  const plain = (path: string): Answer<Buffer> => {
    const found = at(path);
    if (!found.ok) return found;
    return found.value[1].kind === 'directory' ? noAnswer('EISDIR', 'it is a directory') : answer(found.value[1].bytes);
  };
  const host: Host = {
    label: machine.name,
    account,
    privileged: account.uid === 0,
    environment,
    architecture: 'x64',
    platform: 'linux',
    workingDirectory: account.home,
    now: clock,
    status: async (path, options) => {
      const found = at(path, options?.followLinks === true);
      if (!found.ok) return found;
      const [real, { kind, mode, owner, bytes }] = found.value;
      const status: FileStatus = {
        ...{
          kind,
          mode,
          ...owner,
          sizeBytes: bytes.length,
          device: 1,
          inode: inodes.get(real) ?? 1,
          modifiedAt: since,
        },
      };
      return answer(status);
    },
    read: async (path, options = {}) => {
      const found = plain(path);
      if (!found.ok) return found;
      const { from = 0, maxBytes = 16 * 1024 * 1024 } = options;
      return answer({
        bytes: found.value.subarray(from, from + maxBytes),
        truncated: found.value.length > from + maxBytes,
      });
    },
    list: async (path, options) => {
      const found = at(path);
      if (!found.ok) return found;
      if (found.value[1].kind !== 'directory') return noAnswer('ENOTDIR', 'it is no directory');
      const limit = options?.limit ?? 1_000;
      const entries = [...files].flatMap(([name, { kind }]): readonly { name: string; kind: FileKind }[] =>
        name !== '/' && posix.dirname(name) === found.value[0] ? [{ name: posix.basename(name), kind }] : [],
      );
      return answer({ entries: entries.slice(0, limit), truncated: entries.length > limit });
    },
    glob: async (patterns) => answer(await matching(host, patterns)),
    pieces: async (path, options) => {
      const found = plain(path);
      return found.ok
        ? answer(piecesOf(piecesFrom(found.value.subarray(options?.from ?? 0)), options?.unpacked === true))
        : found;
    },
    readLink: async (path) => {
      const found = at(path, false);
      if (!found.ok) return found;
      return found.value[1].kind === 'link' ? answer(found.value[1].bytes.toString()) : noAnswer('EINVAL', 'no link');
    },
    realPath: async (path) => {
      const found = at(path);
      return found.ok ? answer(found.value[0]) : found;
    },
    may: async (path, what) => {
      const found = at(path);
      if (!found.ok) return found;
      const { mode, owner } = found.value[1];
      const bit = { read: 4, write: 2, execute: 1 }[what];
      return answer(((owner.uid === account.uid ? mode >> 6 : mode) & bit) !== 0);
    },
    fileSystem: async (path) => {
      const found = at(path);
      if (!found.ok) return found;
      const [bytes, free] = [2 ** 40, 2 ** 39];
      return answer({
        ...{ mountPoint: '/', type: 'ext4', device: 1, source: '/dev/nowhere', readOnly: false },
        ...{ totalBytes: bytes, freeBytes: free, totalInodes: 1_000_000, freeInodes: 900_000 },
      });
    },
    addressesOf: async (name) => {
      const address = isIP(name) > 0 ? name : names[name];
      return address === undefined ? noAnswer('ENOTFOUND', 'the name is not known') : answer([address]);
    },
    interfaces: () => machine.addresses.map((address) => ({ address, netmask: '255.255.255.0' })),
    connect: async (destination) => {
      const where = destination.kind === 'tcp' ? `${destination.address}:${destination.port}` : destination.path;
      const port = machine.network[where];
      if (port === undefined) throw Object.assign(new Error(`nothing is at ${where}`), { code: 'ECONNREFUSED' });
      const socket = dial({ host: '127.0.0.1', port });
      await new Promise((resolve, reject) => {
        socket.once('connect', resolve).once('error', reject);
      });
      return Object.defineProperty(socket, 'localAddress', { value: machine.addresses[0] });
    },
    portInUse: (port) => listening(host, port, undefined),
    mayListen: async (address, port) => {
      const taken = await listening(host, port, undefined);
      if (!['0.0.0.0', '::', '127.0.0.1', '::1', ...machine.addresses].includes(address))
        return answer('not-of-this-machine');
      return taken.ok ? answer(taken.value ? 'taken' : 'free') : taken;
    },
    processStatus: (pid) => processStatus(host, pid, () => Promise.resolve(false)),
    userName: (uid) => userName(host, uid),
    replaceFile: () => Promise.resolve(noAnswer('EROFS', 'nothing is written')),
    withScratch: () => Promise.resolve(noAnswer('ENOTSUP', 'nothing is written')),
    run: async (program, args): Promise<Answer<Ran>> => {
      const path = program.startsWith('/') ? program : `/usr/bin/${program}`;
      const printed = programs[path]?.(args);
      return printed === undefined
        ? noAnswer('ENOENT', `${program} is not there`)
        : answer({ exitCode: 0, stdout: printed, stderr: '' });
    },
    start: () => ({
      pid: undefined,
      ended: Promise.resolve(noAnswer('ENOENT', 'nothing is started')),
      interrupt: () => undefined,
    }),
    findPrograms: (name, places) => findPrograms(host, name, places ?? []),
  };
  return host;
}

async function* piecesFrom(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
