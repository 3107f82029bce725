import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { freePort } from '../../src/throwaway/free-port.ts';
import type { Report } from '../../src/findings/report.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import { turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';

/** One who is not root, and has a range of numbers to be root of (subuid(5)). */
const user = await (async () => {
  const ranges = await readFile('/etc/subuid', 'utf8').catch(() => '');
  const passwd = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const name = ranges
    .split('\n')
    .map((line) => line.split(':')[0] ?? '')
    .find((one) => one !== '' && passwd.some(([known]) => known === one));
  const [, , uid, gid] = passwd.find(([known]) => known === name) ?? [];
  return name === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) };
})();

const noPodman: string | undefined = (() => {
  if (process.getuid?.() !== 0) return 'to be another user needs root';
  if (user === undefined) return 'no user has a range in /etc/subuid';
  try {
    // runc does not start a container without control groups
    for (const program of ['podman', 'crun', 'newuidmap']) execFileSync('which', [program], { stdio: 'ignore' });
    return undefined;
  } catch {
    return "Podman is not installed (Debian's podman, crun and uidmap)";
  }
})();

const major = 15;
const release = `/opt/postgresql/${major}`;
const data = '/var/lib/postgresql/data';
const password = 'Kept-to-itself-8';
const script = fileURLToPath(new URL('../lab/postgres-image', import.meta.url));

/** An image is made and imported: every fourth turn is enough. */
const isItsTurn = turn === 'whole' || turn % 4 === 3;

if (!isItsTurn || (noPodman !== undefined && process.env['CI'] !== 'true'))
  test.skip(`Podman is not run: ${noPodman ?? 'it is the turn of others'}`, () => undefined);
else
  describe('a standby in a container of rootless Podman', { timeout: 200_000 }, () => {
    let folder = '';
    let env: Record<string, string> = {};
    const as = { ...(user && { uid: user.uid, gid: user.gid }), extendEnv: false, stdin: 'ignore' } as const;
    const podman = async (...words: readonly string[]): Promise<string> =>
      (await execa('podman', words, { ...as, env, cwd: folder })).stdout;
    const paste = async (line: string): Promise<unknown> => execa('sh', ['-c', line], { ...as, env, cwd: folder });
    const ports = { primary: 0, standby: 0 };
    const psql = async (name: keyof typeof ports, statement: string): Promise<string> =>
      podman('exec', '-u', 'postgres', name, 'psql', '-p', String(ports[name]), '-XAtc', statement);
    const beside = async (command: string): Promise<string> =>
      podman(
        ...[
          'run',
          '--rm',
          '--volumes-from',
          'standby',
          '-u',
          'postgres',
          '--entrypoint',
          'sh',
          'localhost/pg',
          '-c',
          command,
        ],
      );
    const postmortem = async (...more: readonly string[]): Promise<Report> => {
      const words = [
        'postmortem',
        '-D',
        'podman:standby',
        '--admin',
        'podman:primary',
        '--format',
        'json',
        '--timeout',
        '20',
      ];
      const { json, stderr } = await runStandbylint([...words, ...more], {
        user: user ?? null,
        env,
        cwd: folder,
        timeoutMs: 150_000,
      });
      expectValidReport(json);
      expect(stderr).not.toContain(password);
      return json;
    };
    const streams = async (): Promise<unknown> =>
      until(
        'the standby streams',
        async () =>
          (await psql('standby', 'SELECT status FROM pg_stat_wal_receiver').catch(() => '')) === 'streaming'
            ? true
            : null,
        60_000,
      );

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'standbylint-podman-'));
      await chmod(folder, 0o755);
      const [home, run, shim] = ['home', 'run', 'shim'].map((name) => join(folder, name));
      if (home === undefined || run === undefined || shim === undefined || user === undefined)
        throw new Error('no folders');
      for (const path of [home, run, shim, join(home, '.config'), join(home, '.config/containers')]) {
        await mkdir(path);
        await chmod(path, 0o700);
        await chown(path, user.uid, user.gid);
      }
      await chown(folder, user.uid, user.gid);
      // a machine without user sessions: no systemd that makes control groups, and the network of the machine
      await writeFile(
        join(home, '.config/containers/containers.conf'),
        '[containers]\ncgroups = "disabled"\nnetns = "host"\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n',
      );
      await writeFile(join(home, '.config/containers/storage.conf'), '[storage]\ndriver = "vfs"\n');
      env = { HOME: home, XDG_RUNTIME_DIR: run, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
      // crun refuses a machine with both kinds of control groups: the process that keeps the user's namespaces, which the
      // first command starts, does not see the newer ones
      await execa(
        'unshare',
        [
          ...['--mount', 'sh', '-c', 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"', 'sh'],
          ...['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', 'podman', 'info'],
        ],
        { env, extendEnv: false, stdin: 'ignore', cwd: folder },
      );
      // the image is made by root, and imported by the other
      await writeFile(join(shim, 'docker'), `#!/bin/sh\ncat >'${folder}/image.tar'\n`, { mode: 0o755 });
      await execa(script, [String(major), 'pg'], { env: { PATH: `${shim}:${env['PATH'] ?? ''}` }, extendEnv: false });
      const bin = `${release}/usr/lib/postgresql/${major}/bin`;
      const changes = [
        `ENV PATH=/usr/local/bin:${bin}:/usr/bin:/bin`,
        `ENV PGDATA=${data}`,
        `VOLUME ${data}`,
        'ENTRYPOINT ["docker-entrypoint.sh"]',
        'CMD ["postgres"]',
        'EXPOSE 5432',
      ];
      await podman(
        'import',
        ...changes.flatMap((change) => ['--change', change]),
        join(folder, 'image.tar'),
        'localhost/pg',
      );
      ports.primary = await freePort();
      ports.standby = await freePort();
      const made = (name: keyof typeof ports): readonly string[] => [
        ...['--name', name, '--stop-signal', 'SIGINT', '-e', `POSTGRES_PASSWORD=${password}`],
        ...['-v', `${release}:${release}:ro`, 'localhost/pg', 'postgres', '-p', String(ports[name])],
      ];
      await podman('run', '-d', ...made('primary'));
      await until('the primary answers', () => psql('primary', 'SELECT 1').catch(() => null), 60_000);
      await psql('primary', `CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${password}'`);
      await podman(
        'exec',
        '-u',
        'postgres',
        'primary',
        'sh',
        '-c',
        `echo 'host replication replicator all scram-sha-256' >> ${data}/pg_hba.conf`,
      );
      await psql('primary', 'SELECT pg_reload_conf()');
      await podman('create', ...made('standby'));
      await beside(
        `chmod 700 ${data} && PGPASSWORD=${password} pg_basebackup -d 'host=127.0.0.1 port=${ports.primary} user=replicator password=${password}' -D ${data} -R -c fast -C -S standby`,
      );
      await podman('start', 'standby');
      await streams();
    }, 200_000);
    afterAll(async () => {
      await podman('rm', '-f', '-v', '-t', '5', '-a').catch(() => '');
      // files of the users that it was root of
      await podman('unshare', 'rm', '-rf', join(folder, 'home/.local')).catch(() => '');
      // it ends the process that keeps the user's namespaces
      await podman('system', 'migrate').catch(() => '');
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    test('that streams has no error', async () => {
      const report = await postmortem();
      expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(report.summary.unexamined).toBe(0);
    });

    test('without standby.signal, stopped: the printed lines mend it', async () => {
      await podman('stop', 'standby');
      await beside(`rm ${data}/standby.signal`);
      const report = await postmortem();
      expect(roots(report)).toEqual(['standby/signal-missing']);
      expect(report.plan.steps.map(({ step }) => step.text.split(' ')[0])).toEqual(['podman', 'podman']);
      for (const { step } of report.plan.steps) await paste(step.text);
      await streams();
    });

    test('--fix mends one that runs', async () => {
      await podman(
        'exec',
        '-u',
        'postgres',
        'standby',
        'sed',
        '-i',
        `s/port=${ports.primary}/port=1/`,
        `${data}/postgresql.auto.conf`,
      );
      await podman('restart', 'standby');
      await until('it accepts connections', () => psql('standby', 'SELECT 1').catch(() => null), 60_000);
      const report = await postmortem('--fix', '--yes', '--fix-journal', join(folder, 'journal'));
      expect(report.applied?.map(({ outcome }) => outcome)).not.toContain('failed');
      expect(roots(report)).toEqual([]);
      await streams();
    });
  });
