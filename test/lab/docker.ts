import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { until } from './until.ts';

/** Why no containers can be run here; undefined where they can. */
export const noDocker: string | undefined = await (async () => {
  if (process.getuid?.() !== 0) return 'a Docker daemon needs root';
  return access('/usr/sbin/dockerd').then(
    () => undefined,
    () => "Docker is not installed (Debian's docker.io)",
  );
})();

/** A Docker daemon of its own, on a socket of its own, with what it keeps in a temporary folder. */
export interface Docker {
  readonly host: string;
  /** Standard output of `docker …`; throws where it fails. */
  docker(...args: readonly string[]): Promise<string>;
  /** A line as it is printed by a report, in a shell of this machine; what is typed comes without a terminal. */
  paste(line: string, typed?: string, environment?: Readonly<Record<string, string>>): Promise<string>;
  end(): Promise<void>;
}

/** `layered`: as Docker keeps images where it can, which is faster where one is built. Else it copies, which works everywhere. */
export async function aDocker({ layered = false } = {}): Promise<Docker> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-docker-'));
  const host = `unix://${folder}/socket`;
  const daemon = execa(
    '/usr/sbin/dockerd',
    [
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')],
      ...(layered ? [] : ['--storage-driver', 'vfs']),
      ...['-H', host, '--bridge', 'none', '--iptables=false', '--ip6tables=false'],
      ...['--ip-forward=false', '--ip-masq=false'],
    ],
    { reject: false, stdin: 'ignore', stdout: 'ignore', stderr: { file: join(folder, 'log') } },
  );
  const env = { DOCKER_HOST: host, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const docker = async (...args: readonly string[]): Promise<string> =>
    (await execa('docker', args, { env, extendEnv: false, stdin: 'ignore' })).stdout;
  await until('the Docker daemon answers', () => docker('version').catch(() => null), 30_000);
  return {
    host,
    docker,
    paste: async (line, typed = '', environment = {}) => {
      const all = { ...env, ...environment };
      const command = line.replaceAll(' -it ', ' -i ');
      return (await execa('sh', ['-c', command], { env: all, extendEnv: false, input: typed, timeout: 60_000 })).stdout;
    },
    end: async () => {
      // one that is gone with its end may be on its way out
      await until('no container is left', async () => {
        const all = (await docker('ps', '-aq')).split('\n').filter((id) => id !== '');
        if (all.length > 0) await docker('rm', '-f', '-v', ...all).catch(() => null);
        return all.length === 0 ? true : null;
      });
      // a bridge outlives its daemon
      await docker('network', 'prune', '-f');
      daemon.kill('SIGTERM');
      await daemon;
      // a build with the machine's own network leaves a mount
      await execa('umount', ['-l', join(folder, 'exec/netns/default')], { reject: false });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const script = fileURLToPath(new URL('postgres-image', import.meta.url));

/** An image like the official one, and what its containers are made with: the release is mounted, and SIGINT stops the server. */
export async function anImage({ host }: Docker, major: number, name: string): Promise<readonly string[]> {
  await execa(script, [String(major), name], { env: { DOCKER_HOST: host }, stdin: 'ignore' });
  return ['--stop-signal', 'SIGINT', '-v', `/opt/postgresql/${major}:/opt/postgresql/${major}:ro`];
}

/** The same with the release in it: whoever runs it mounts nothing. */
export async function anImageOfItsOwn({ host }: Docker, major: number, name: string): Promise<void> {
  await execa(script, [String(major), name, 'debian', 'whole'], { env: { DOCKER_HOST: host }, stdin: 'ignore' });
}
