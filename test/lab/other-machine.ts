import { execFileSync } from 'node:child_process';

import { execa } from 'execa';

import type { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { afterwards } from './lifetime.ts';

/** A machine beside this one, as far as the network and the environment of its programs go. */
export interface OtherMachine {
  readonly address: string;
  /**
   * The server runs there from now on, with this in its environment. `path`: where its data directory is there, in a mount
   * namespace of its own, whatever this machine has at that path.
   */
  readonly takeOver: (
    server: ThrowawayServer,
    environment: Readonly<Record<string, string>>,
    path?: string,
  ) => Promise<void>;
}

/** Why there can be none. */
export const noOtherMachine: string | undefined = (() => {
  try {
    execFileSync('unshare', ['--net', 'ip', 'link', 'show'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no network namespace can be made here (root, unshare, ip)';
  }
})();

/** A network namespace at the other end of a cable (veth): nothing of it is on an address of this machine. It is gone when the test file ends. */
export async function anotherMachine(): Promise<OtherMachine> {
  const number = await aNamespace();
  const name = nameOf(number);
  const [here, there] = [`sl${number}`, `sm${number}`];
  // a network for the two alone, among those that are kept for tests of network devices (RFC 2544)
  const address = (last: number): string => `198.18.${number >> 6}.${((number & 0x3f) << 2) + last}`;
  afterwards(async () => void (await execa('ip', ['netns', 'del', name], { reject: false })), 'file');
  const [ip, inside] = [
    async (...args: readonly string[]) => execa('ip', args),
    async (...args: readonly string[]) => execa('ip', ['-n', name, ...args]),
  ];
  await ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
  await ip('address', 'add', `${address(1)}/30`, 'dev', here);
  await ip('link', 'set', here, 'up');
  await inside('address', 'add', `${address(2)}/30`, 'dev', there);
  for (const device of ['lo', there]) await inside('link', 'set', device, 'up');
  return {
    address: address(2),
    takeOver: async (server, environment, path) => {
      if (await server.isRunning()) await server.stop();
      const user = server.runAs === null ? [] : ['-S', String(server.runAs.uid), '-G', String(server.runAs.gid)];
      const start = [
        server.programPath('pg_ctl'),
        'start',
        '-w',
        '-s',
        '-D',
        path ?? server.dataDirectory,
        '-l',
        server.logFile,
      ];
      const enter = ['nsenter', `--net=/run/netns/${name}`, ...user];
      const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
      const apart =
        path === undefined ? [] : ['unshare', '--mount', 'sh', '-c', script, 'sh', server.dataDirectory, path];
      const [program = 'nsenter', ...words] = [...apart, ...enter, ...start];
      await execa(program, words, {
        cwd: server.folder,
        env: { ...server.environment, ...environment },
        extendEnv: false,
        stdio: 'ignore',
      });
    },
  };
}

const nameOf = (number: number): string => `standbylint${number}`;

/** The first number that nobody has: a namespace whose name is taken is not made. */
async function aNamespace(): Promise<number> {
  for (let number = 0; ; number += 1) {
    const { exitCode, stderr } = await execa('ip', ['netns', 'add', nameOf(number)], { reject: false });
    if (exitCode === 0) return number;
    if (!stderr.includes('File exists')) throw new Error(stderr);
  }
}
