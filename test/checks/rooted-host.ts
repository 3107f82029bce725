import { join } from 'node:path';
import type { Host } from '../../src/hosts/host.ts';
import { answer } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { findPrograms } from '../../src/hosts/local-programs.ts';

/** This machine as seen from a folder that stands for its root: real files, where tests may put an /etc or a /usr of their own. */
export function rootedHost(root: string, environment: Readonly<Record<string, string>> = {}): Host {
  const local = localHost();
  const below = (path: string): string => join(root, path);
  const above = (path: string): string => (path.startsWith(root) ? path.slice(root.length) || '/' : path);
  const host: Host = {
    ...local,
    account: { uid: 1000, gid: 1000, name: 'anna', home: '/home/anna' },
    environment: { PATH: '/usr/bin', ...environment },
    workingDirectory: '/home/anna',
    status: (path, options) => local.status(below(path), options),
    read: (path, options) => local.read(below(path), options),
    list: (path, options) => local.list(below(path), options),
    glob: async (patterns) => {
      const found = await local.glob(patterns.map(below));
      return found.ok ? answer(found.value.map(above)) : found;
    },
    pieces: (path, options) => local.pieces(path === '-' ? path : below(path), options),
    readLink: (path) => local.readLink(below(path)),
    realPath: async (path) => {
      const real = await local.realPath(below(path));
      return real.ok ? answer(above(real.value)) : real;
    },
    may: (path, what) => local.may(below(path), what),
    fileSystem: async (path) => {
      const found = await local.fileSystem(below(path));
      return found.ok ? answer({ ...found.value, mountPoint: '/' }) : found;
    },
    run: (program, args, options) => local.run(program.startsWith('/') ? below(program) : program, args, options),
    findPrograms: (name, places) => findPrograms(host, name, places ?? []),
  };
  return host;
}
