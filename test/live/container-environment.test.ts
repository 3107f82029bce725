import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { aContainerPair, data, image, password, primary } from '../lab/container-pair.ts';
import type { ContainerPair, Json } from '../lab/container-pair.ts';
import { noDocker } from '../lab/docker.ts';
import { roots } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';

const admin = ['--admin', `docker:${primary}`];
let pair: ContainerPair;
let folder = '';

if (noDocker !== undefined && process.env['CI'] !== 'true')
  test.skip(`containers cannot be run here: ${noDocker}`, () => undefined);
else
  describe('what a container is created with', { timeout: 240_000 }, () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'standbylint-created-'));
      await chmod(folder, 0o755);
      pair = await aContainerPair(15);
    }, 240_000);
    afterAll(async () => {
      await pair.here.end();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    /** A standby that is made with these options, and whose primary_conninfo has no password. */
    const aStandby = async (
      name: string,
      options: readonly string[],
      command: readonly string[] = [],
    ): Promise<void> => {
      await pair.create(name, options, command);
      await pair.beside(`sed -i "s/password=''[^']*'' //" ${data}/postgresql.auto.conf`, name);
    };
    const stepsOf = (json: Json): readonly string[] => json.plan.steps.map(({ step }) => step.text);

    /** What is to be typed, the lines below a sentence among it. */
    const typed = async (json: Json): Promise<void> => {
      for (const { step } of json.plan.steps) {
        if (step.does === 'check-again') continue;
        const lines = step.kind === 'manual' ? step.text.split('\n').slice(1).join('\n') : step.text;
        expect(lines).not.toBe('');
        await pair.here.paste(lines, `${password}\n`);
      }
    };

    test.each([[admin], [[]]])(
      "the primary's command allows no WAL sender: it is created again, with %j",
      async (given) => {
        const { here, run, psql, look } = pair;
        const name = `commanded-${given.length}`;
        await here.docker(...run(name), image, 'postgres', '-c', 'max_wal_senders=0', '-c', 'work_mem=8MB');
        await until('it answers', () => psql(name, 'SELECT 1').catch(() => null), 30_000);
        await psql(name, `CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${password}'`);
        await pair.within(name, `echo 'host replication replicator samenet scram-sha-256' >> ${data}/pg_hba.conf`);
        await psql(name, 'SELECT pg_reload_conf()');
        await here.docker('create', ...run(`of-${name}`).slice(2), image);
        await pair.beside(`chmod 700 ${data}`, `of-${name}`);
        const login = given.length === 0 ? [] : ['--admin', `docker:${name}`];
        const words = ['preflight', '-d', `host=${name} user=replicator password=${password}`, '-R', '-X', 'stream'];
        const preflight = (): ReturnType<typeof look> =>
          look([...words, '-D', `docker:of-${name}`, ...login, '--format', 'json']);
        const { json, stdout } = await preflight();
        expect(roots(json)).toEqual(['primary/no-wal-senders']);
        expect(stdout).not.toContain('docker restart');
        await typed(json);
        await until('it answers again', () => psql(name, 'SELECT 1').catch(() => null), 30_000);
        expect(await psql(name, 'SHOW work_mem')).toBe('8MB');
        expect(roots((await preflight()).json)).toEqual([]);
      },
    );

    test('/dev/shm has no room for a session', async () => {
      await pair.create('small', ['--shm-size', '64k']);
      await pair.here.docker('start', 'small');
      const json = await until('it says so', async () => {
        const { json: found } = await pair.postmortem('docker:small', ...admin);
        return roots(found).length > 0 ? found : null;
      });
      expect(roots(json)).toEqual(['standby/memory-too-small']);
      await typed(json);
      await pair.streams('small');
    });

    test('--rm: what stops it would delete it with its data', async () => {
      const { here, psql, streams } = pair;
      await pair.create('short', ['--rm']);
      await here.docker('start', 'short');
      await streams('short');
      await pair.within('short', `pg_ctl promote -w -D ${data}`);
      const { json } = await pair.postmortem('docker:short', ...admin);
      expect(roots(json)).toEqual(['standby/already-primary']);
      await typed(json);
      await streams('short-kept');
      expect(await psql('short-kept', 'SELECT count(*) FROM rows')).toBe('10003');
    });

    test("localhost is the standby's own container", async () => {
      const { here, run, look } = pair;
      await here.docker('create', ...run('to-itself').slice(2), image);
      for (const host of [['-h', 'localhost'], []]) {
        const words = ['preflight', ...host, '-U', 'replicator', '-R', '-D', 'docker:to-itself', ...admin];
        const { json, stdout } = await look([...words, '--format', 'json']);
        expect(roots(json)).toContain('network/connection-refused');
        expect(stdout).toContain("the standby's own container");
        expect(json.plan.steps.at(-1)?.step.text).toContain(`-h ${primary}`);
      }
    });

    test.each([true, false])('PGPASSFILE names a file that others may read; it runs: %s', async (runs) => {
      const { here, beside, postmortem, streams } = pair;
      const name = `passfile-${runs}`;
      await aStandby(name, ['-e', `PGPASSFILE=${data}/passwords`]);
      await beside(`echo '*:*:*:*:${password}' > ${data}/passwords; chmod 644 ${data}/passwords`, name);
      if (runs) await here.docker('start', name);
      const { json } = await postmortem(`docker:${name}`, ...admin);
      expect(roots(json)).toEqual(['client/passfile-ignored']);
      for (const line of stepsOf(json)) await here.paste(line);
      await streams(name);
    });

    test('PGPASSWORD has the quotation marks of its --env-file', async () => {
      const { here, postmortem } = pair;
      await writeFile(join(folder, 'env'), `PGPASSWORD="${password}"\n`);
      await aStandby('quoted', ['--env-file', join(folder, 'env')]);
      await here.docker('start', 'quoted');
      const { json } = await postmortem('docker:quoted', ...admin);
      expect(roots(json)).toEqual(['role/wrong-password']);
      expect(json.findings[0]?.message).toContain('PGPASSWORD');
      expect(stepsOf(json)[0]).toMatch(/^Create the container quoted again with the correct password in PGPASSWORD/u);
    });

    test.each([true, false])('nothing has the password: what is typed stays; it runs: %s', async (runs) => {
      const { here, postmortem, streams } = pair;
      const name = `no-password-${runs}`;
      await aStandby(name, []);
      if (runs) await here.docker('start', name);
      const { json } = await postmortem(`docker:${name}`, ...admin);
      expect(roots(json)).toEqual(['conninfo/no-password']);
      for (const line of stepsOf(json)) await here.paste(line, `${password}\n`);
      await streams(name);
    });

    test('a preflight of one that does not run has the password typed into the environment', async () => {
      const { here, run, look } = pair;
      await here.docker('create', ...run('to-be-made').slice(2), image);
      const { json } = await look([
        ...['preflight', '-h', primary, '-U', 'replicator', '-R', '-D', 'docker:to-be-made', '--format', 'json'],
      ]);
      expect(roots(json)).toContain('client/no-password');
      expect(stepsOf(json).join('\n')).toContain('export PGPASSWORD');
      expect(stepsOf(json).join('\n')).not.toContain('.pgpass');
    });

    test('its entrypoint is no program, and the WAL that it needs is gone: both are named', async () => {
      const { here, psql, postmortem } = pair;
      await writeFile(join(folder, 'entrypoint'), 'exec docker-entrypoint.sh postgres\n', { mode: 0o755 });
      await aStandby('no-program', [
        '-v',
        `${join(folder, 'entrypoint')}:/entrypoint`,
        '--entrypoint',
        '/entrypoint',
        '-e',
        `PGPASSWORD=${password}`,
      ]);
      await here.docker('start', 'no-program').catch(() => '');
      await pair.ended('no-program');
      for (let round = 0; round < 3; round += 1) {
        await psql(primary, 'SELECT pg_switch_wal()');
        await psql(primary, 'CHECKPOINT');
      }
      const { json } = await postmortem('docker:no-program', ...admin);
      expect(roots(json)).toEqual(['standby/not-running', 'wal/segment-removed']);
      expect(stepsOf(json)[0]).toContain('/entrypoint is a script without a first line such as #!/bin/sh');
    });

    test('its command has a setting that does not exist: it is created again, and not only started', async () => {
      const { here, postmortem } = pair;
      await aStandby(
        'mistyped',
        ['--restart', 'always', '-e', `PGPASSWORD=${password}`],
        ['postgres', '-c', 'hot_stanby=on'],
      );
      await here.docker('start', 'mistyped');
      const { json } = await postmortem('docker:mistyped', ...admin);
      expect(roots(json)[0]).toBe('standby/config-file-error');
      expect(stepsOf(json).at(-1)).toMatch(/^Create the container mistyped again with its command without hot_stanby/u);
      expect(stepsOf(json)).not.toContain('docker start mistyped');
    });

    test('its data are on a tmpfs: a copy would be gone with the next stop', async () => {
      const { here, run, psql, postmortem } = pair;
      await here.docker(...run('in-memory'), '--tmpfs', `${data}:uid=999,gid=999,mode=700`, image);
      await until('it answers', () => psql('in-memory', 'SELECT 1').catch(() => null), 30_000);
      const { json } = await postmortem('docker:in-memory', ...admin);
      expect(roots(json)).toEqual(['standby/already-primary']);
      expect(json.findings[0]?.title).toBe('The data of the container "in-memory" are in memory');
      expect(stepsOf(json)[0]).toContain(`with a volume at ${data} in place of the tmpfs`);
    });

    test('the container only sleeps on the volume: it is not called the one that starts the server', async () => {
      const { here, postmortem } = pair;
      await pair.create('of-the-server');
      const sleeping = ['run', '-d', '--name', 'shell', '--network', 'pg-net', '--volumes-from', 'of-the-server'];
      await here.docker(...sleeping, '--entrypoint', 'sleep', image, 'infinity');
      const { json } = await postmortem('docker:shell', ...admin);
      expect(roots(json)).toEqual(['standby/not-running']);
      const [text = ''] = stepsOf(json);
      expect(text).toContain('The main program of container shell is sleep, which starts no server');
      const [, filter = ''] = /docker ps -a (--filter \S+)/u.exec(text) ?? [];
      const names = await here.docker('ps', '-a', ...filter.split(' '), '--format', '{{.Names}}');
      expect(names.split('\n')).toContain('of-the-server');
    });

    test('another user than the one that owns the directory on the host: the directory is given to it', async () => {
      const { here, run, look } = pair;
      const directory = await mkdtemp(join(folder, 'bind-'));
      await chmod(directory, 0o755);
      await here.docker(
        'create',
        ...run('of-1000').slice(2),
        '--user',
        '1000:1000',
        '-v',
        `${directory}:${data}`,
        image,
      );
      const words = ['preflight', '-h', primary, '-U', 'replicator', '-R', '-D', 'docker:of-1000', '--format', 'json'];
      const { json } = await look(words);
      expect(roots(json)).toContain('target/wrong-owner');
      for (const line of stepsOf(json)) if (line.startsWith('docker run')) await here.paste(line);
      const { json: after } = await look(words);
      expect(roots(after)).not.toContain('target/wrong-owner');
      expect(roots(after)).not.toContain('target/not-writable');
    });
  });
