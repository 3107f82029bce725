import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { aContainerPair, data, image, password, primary, standby } from '../lab/container-pair.ts';
import type { ContainerPair } from '../lab/container-pair.ts';
import { anImage, noDocker } from '../lab/docker.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import { hasTool } from '../lab/tool.ts';
import { until } from '../lab/until.ts';

const admin = ['--admin', `docker:${primary}`];
let pair: ContainerPair;
let folder = '';

if (noDocker !== undefined && process.env['CI'] !== 'true')
  test.skip(`containers cannot be run here: ${noDocker}`, () => undefined);
else
  describe('what happens to a standby in a container', { timeout: 240_000 }, () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'standbylint-mounted-'));
      pair = await aContainerPair(15);
    }, 240_000);
    afterAll(async () => {
      await pair.here.end();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    test('a pg_hba.conf is mounted that does not exist: Docker makes a directory of it', async () => {
      const { here, beside, postmortem } = pair;
      await pair.create('mounted', ['-v', `${join(folder, 'pg_hba.conf')}:/etc/postgresql/pg_hba.conf`]);
      await beside(`echo "hba_file = '/etc/postgresql/pg_hba.conf'" >> ${data}/postgresql.conf`, 'mounted');
      await here.docker('start', 'mounted');
      await pair.ended('mounted');
      const { json } = await postmortem('docker:mounted', ...admin);
      expect(roots(json)).toEqual(['standby/hba-file-error']);
      expect(json.findings[0]?.title).toBe("The standby's pg_hba.conf is a directory");
      expect(json.plan.steps.map(({ step }) => step.text).join('\n')).toContain('rmdir');
    });

    test('a postgresql.conf is mounted that does not exist', async () => {
      const { here, postmortem } = pair;
      const [mount, option] = [
        `${join(folder, 'no.conf')}:/etc/postgresql/postgresql.conf`,
        'config_file=/etc/postgresql/postgresql.conf',
      ];
      await pair.create('unconfigured', ['-v', mount], ['postgres', '-c', option]);
      await here.docker('start', 'unconfigured');
      await pair.ended('unconfigured');
      const { json } = await postmortem('docker:unconfigured', ...admin);
      expect(roots(json)).toEqual(['standby/config-file-error']);
      expect(json.findings[0]?.title).toBe('postgresql.conf is a directory');
      expect(json.plan.steps.map(({ step }) => step.text).join('\n')).toContain('docker rename');
    });

    test('config_file is in another directory: pg_hba.conf stays beside the data', async () => {
      const { here, within, streams, postmortem } = pair;
      const file = join(folder, 'postgresql.conf');
      await writeFile(file, "listen_addresses = '*'\n", { mode: 0o644 });
      await chmod(folder, 0o755);
      const [mounted, option] = [
        `${file}:/etc/postgresql/postgresql.conf:ro`,
        'config_file=/etc/postgresql/postgresql.conf',
      ];
      await pair.create('configured', ['-v', mounted], ['postgres', '-c', option]);
      await here.docker('start', 'configured');
      await streams('configured');
      await within('configured', `rm ${data}/standby.signal`);
      await here.docker('stop', 'configured');
      const { json } = await postmortem('docker:configured', ...admin);
      expect(roots(json)).toEqual(['standby/signal-missing']);
    });

    test('the data directory is emptied under the running server', async () => {
      const { here, streams, postmortem } = pair;
      await pair.create('emptied');
      await here.docker('start', 'emptied');
      await streams('emptied');
      await here.docker('exec', 'emptied', 'sh', '-c', `rm -rf ${data}/*`);
      const { json } = await postmortem('docker:emptied', ...admin);
      expect(roots(json)).toEqual(['standby/not-a-data-directory']);
      expect(json.findings[0]?.title).toMatch(/^The files of the (?:running server|standby) were removed$/u);
      expect(json.plan.steps.at(-1)?.step.text).toContain('standbylint clone');
      await here.docker('restart', 'emptied');
      await until('its entrypoint has made a cluster', async () =>
        (await pair.psql('emptied', 'SELECT pg_is_in_recovery()').catch(() => '')) === 'f' ? true : null,
      );
      const after = await postmortem('docker:emptied', ...admin);
      expect(after.json.findings[0]?.title).toBe('The data of the container "emptied" were removed');
    });

    test('POSTGRES_USER names a role that an older volume does not have', async () => {
      const { here, within, streams, look } = pair;
      await pair.create('renamed', ['-e', 'POSTGRES_USER=admin']);
      await here.docker('start', 'renamed');
      await streams('renamed');
      await within('renamed', `sed -i s/port=5432/port=5433/ ${data}/postgresql.auto.conf`);
      await here.docker('restart', 'renamed');
      await until('it answers', () => pair.psql('renamed', 'SELECT 1').catch(() => null));
      const words = ['postmortem', '-D', 'docker:renamed', '--standby', 'docker:renamed', ...admin, '--format', 'json'];
      const { json } = await look(words);
      expect(roots(json)).toEqual(['network/connection-refused']);
      expect(json.plan.steps.at(-1)?.step.text).toContain('psql -X -U postgres ');
      for (const { step } of json.plan.steps) await here.paste(step.text);
      await streams('renamed');
    });

    test('it was created with the network none: the printed lines let it out while it runs', async () => {
      const { here, streams, postmortem } = pair;
      await pair.create('alone');
      await here.docker('network', 'disconnect', 'pg-net', 'alone');
      await here.docker('network', 'connect', 'none', 'alone');
      await here.docker('start', 'alone');
      await until('it answers', () => pair.psql('alone', 'SELECT 1').catch(() => null));
      const { json } = await postmortem('docker:alone', ...admin);
      expect(roots(json)).toEqual(['network/name-not-resolved']);
      expect(json.plan.steps.map(({ step }) => step.text)).toEqual([
        'docker network disconnect none alone',
        'docker network connect pg-net alone',
      ]);
      for (const { step } of json.plan.steps) await here.paste(step.text);
      await streams('alone');
      // what two containers of one engine say to each other leaves no machine
      const after = await postmortem('docker:alone', ...admin);
      expect(after.json.findings.map(({ rule }) => rule)).not.toContain('tls/plaintext-replication');
    });

    test('TLS is on without a certificate, in an image without openssl', async () => {
      const { here, beside, streams, postmortem } = pair;
      await pair.create('bare');
      await beside(`echo 'ssl = on' >> ${data}/postgresql.conf`, 'bare');
      await here.docker('start', 'bare');
      await pair.ended('bare');
      const { json } = await postmortem('docker:bare', ...admin);
      expect(roots(json)).toEqual(['standby/path-missing']);
      for (const { step } of json.plan.steps) await here.paste(step.text);
      await streams('bare');
      expect(await pair.psql('bare', 'SHOW ssl')).toBe('off');
    });

    test('nobody keeps its output: the report says so, and judges without', async () => {
      await pair.create('nolog', ['--log-driver', 'none']);
      const { stdout, json } = await pair.postmortem('docker:nolog');
      expect(json.findings[0]?.rule).toBe('standby/not-running');
      const { stdout: text } = await pair.look(['postmortem', '-D', 'docker:nolog', ...admin]);
      expect(text.replaceAll(/\s+/gu, ' ')).toContain(
        'docker keeps no output of the container nolog (its log driver is none)',
      );
      expect(stdout).not.toContain('does not support reading');
    });

    test('its root file system is read-only: it streams, and what is printed fixes it', async () => {
      await pair.create('read-only', [
        '--read-only',
        '--tmpfs',
        '/tmp',
        '--tmpfs',
        '/var/run/postgresql:uid=999,gid=999',
      ]);
      await pair.here.docker('start', 'read-only');
      await pair.streams('read-only');
      expect((await pair.postmortem('docker:read-only')).json.verdict).not.toBe('broken');
      await pair.within('read-only', `echo 'max_connections = many' >> ${data}/postgresql.conf`);
      await pair.here.docker('restart', 'read-only');
      await pair.ended('read-only');
      const { json } = await pair.postmortem('docker:read-only');
      expect(json.findings[0]?.rule).toBe('standby/config-file-error');
      for (const { step } of json.plan.steps) await pair.here.paste(step.text);
      await pair.streams('read-only');
    });

    test("its volume is one level up, as 18's image has it, and its log tells why it does not start", async () => {
      const below = '/var/lib/postgresql/18/docker';
      const options = ['-v', 'eighteen:/var/lib/postgresql', '-e', `PGDATA=${below}`];
      await pair.here.docker('create', ...pair.run('eighteen').slice(2), ...options, image);
      await pair.beside('chown postgres:postgres /var/lib/postgresql', 'eighteen', 'root');
      await pair.copyInto('eighteen', below);
      await pair.here.docker('start', 'eighteen');
      await pair.streams('eighteen');
      const { json } = await pair.postmortem('docker:eighteen');
      expect([json.verdict, json.subject.dataDirectory]).toEqual(['degraded', below]);
      await pair.here.docker('stop', 'eighteen');
      await pair.beside(`echo 'max_connections = many' >> ${below}/postgresql.conf`, 'eighteen');
      await pair.here.docker('start', 'eighteen');
      await pair.ended('eighteen');
      const { json: broken, stdout } = await pair.postmortem('docker:eighteen');
      expect(broken.findings[0]?.rule).toBe('standby/config-file-error');
      expect(stdout).toContain('docker logs eighteen');
      for (const { step } of broken.plan.steps) await pair.here.paste(step.text);
      await pair.streams('eighteen');
    });

    test("it has the network of its primary's container: the copy is made in that one", async () => {
      const made = pair.run('beside').slice(2);
      const at = made.indexOf('--network');
      const own = [...made.slice(0, at), '--network', `container:${primary}`, ...made.slice(at + 2)];
      await pair.here.docker('create', ...own, image, 'postgres', '-p', '5433');
      const words = ['-h', '127.0.0.1', '-U', 'replicator', '-D', 'docker:beside', '-R', '-c', 'fast', '--start'];
      await pair.within(
        primary,
        `echo 'host replication replicator 127.0.0.1/32 scram-sha-256' >> ${data}/pg_hba.conf`,
      );
      await pair.psql(primary, 'SELECT pg_reload_conf()');
      await pair.here.docker(
        ...['run', '--rm', '--volumes-from', 'beside', '-u', 'root', '--entrypoint', 'chmod', image, '0700', data],
      );
      const { stdout } = await runStandbylint(['clone', ...words], {
        user: null,
        env: { DOCKER_HOST: pair.here.host, PGPASSWORD: password },
        timeoutMs: 200_000,
      });
      expect(stdout).toContain('It streams');
    });

    test.skipIf(!hasTool('docker-compose'))(
      'what Compose has made is made again by the line that is printed',
      async () => {
        const service = {
          image,
          command: ['postgres', '-c', 'primary_conninfo=host=nowhere user=replicator'],
          environment: { POSTGRES_PASSWORD: password },
          stop_signal: 'SIGINT',
          volumes: ['/opt/postgresql/15:/opt/postgresql/15:ro', `data:${data}`],
          networks: ['net'],
        };
        const place = join(folder, 'composed');
        const written = async (one: object): Promise<void> =>
          writeFile(
            join(place, 'docker-compose.yml'),
            JSON.stringify({
              version: '3',
              services: { db: one },
              volumes: { data: {} },
              networks: { net: { external: true, name: 'pg-net' } },
            }),
          );
        await mkdir(place);
        await written(service);
        const compose = `cd '${place}' && docker-compose -p composed`;
        // the next test, and this one when it is repeated, begin without it
        onTestFinished(async () => {
          await pair.here.paste(`${compose} down -v`);
          await rm(place, { recursive: true });
        });
        await pair.here.paste(`${compose} up --no-start`);
        const filter = 'label=com.docker.compose.project=composed';
        const name = await pair.here.docker('ps', '-a', '--filter', filter, '--format', '{{.Names}}');
        await pair.copyInto(name);
        await pair.here.docker('start', name);
        const { json } = await pair.postmortem('compose:composed/db');
        expect(json.findings[0]?.rule).toBe('conninfo/overridden');
        const [, line = ''] =
          /Then run (docker-compose .*? up -d db), which/u.exec(json.plan.steps[0]?.step.text ?? '') ?? [];
        const { command: _, ...without } = service;
        await written(without);
        await pair.here.paste(line);
        await pair.streams(name);
      },
    );

    test('a service that two projects have is the one of the project that is worked in', async () => {
      const { here } = pair;
      const labels = ['project=other', 'service=db', 'oneoff=False', `project.working_dir=${folder}`];
      await here.docker(
        ...['create', '--name', 'other-db-1', ...labels.flatMap((one) => ['--label', `com.docker.compose.${one}`])],
        image,
      );
      onTestFinished(async () => void (await here.docker('rm', 'other-db-1')));
      const at = async (cwd: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
        (
          await runStandbylint(['postmortem', '-D', 'compose:db:/no/directory'], {
            ...{ user: null, cwd, env: { DOCKER_HOST: here.host, ...env }, timeoutMs: 60_000 },
          })
        ).stderr;
      expect(await at('/')).toContain('2 containers are of the service db');
      expect(await at(folder)).toContain('the container other-db-1 is not running');
      expect(await at('/', { COMPOSE_PROJECT_NAME: 'other' })).toContain('the container other-db-1 is not running');
    });

    test('it has a second network, which the primary is in: its name resolves, and the copy is made there', async () => {
      const { here, run, look } = pair;
      await here.docker('network', 'create', 'first-net');
      const made = run('in-two').slice(2);
      await here.docker('create', ...made.map((word) => (word === 'pg-net' ? 'first-net' : word)), image);
      await here.docker('network', 'connect', 'pg-net', 'in-two');
      await here.docker(
        ...['run', '--rm', '--volumes-from', 'in-two', '-u', 'root', '--entrypoint', 'chmod', image, '0700', data],
      );
      const words = ['-h', primary, '-U', 'replicator', '-R', '-X', 'stream', '-c', 'fast', '-D', 'docker:in-two'];
      const { json } = await look(['preflight', ...words, ...admin, '--format', 'json']);
      expect(roots(json)).not.toContain('network/name-not-resolved');
      const { stdout } = await runStandbylint(['clone', ...words, '--start'], {
        user: null,
        env: { DOCKER_HOST: here.host, PGPASSWORD: password },
        timeoutMs: 200_000,
      });
      expect(stdout).toContain('streaming');
      await here.docker('rm', '-f', '-v', 'in-two');
      await here.docker('network', 'rm', 'first-net');
    });

    test("its primary's port is in the files of that container, and no login is given: the port is named", async () => {
      const { here, psql, within, postmortem, streams } = pair;
      await psql(primary, 'ALTER SYSTEM SET port = 5544');
      await here.docker('restart', primary);
      await until('it runs', () => within(primary, 'psql -p 5544 -XAtc "SELECT 1"').catch(() => null));
      await until('the standby is cut off', async () => {
        const { json } = await postmortem(`docker:${standby}`);
        return json.findings[0]?.title === `The server in "${primary}" listens on port 5544, not 5432` ? json : null;
      });
      await within(primary, 'psql -p 5544 -XAtc "ALTER SYSTEM RESET port"');
      await here.docker('restart', primary);
      await streams();
    });

    test('another directory that is empty is no directory whose files were removed', async () => {
      await pair.here.docker('exec', standby, 'mkdir', '/tmp/empty');
      const { json } = await pair.postmortem(`docker:${standby}:/tmp/empty`, ...admin);
      expect(json.findings[0]?.title).toBe('The data directory does not exist or is not one');
    });

    test('the image of a later release is run on the volume', async () => {
      const { here } = pair;
      const mounts = await anImage(here, 17, 'pg-later');
      await pair.create('later');
      const common = [
        '--network',
        'pg-net',
        '--volumes-from',
        'later',
        '-e',
        `POSTGRES_PASSWORD=${password}`,
        ...mounts,
      ];
      await here.docker('run', '-d', '--name', 'same-place', ...common, 'pg-later');
      await pair.ended('same-place');
      const { json } = await pair.postmortem('docker:same-place');
      expect(roots(json)).toEqual(['standby/version-mismatch']);
      expect(json.findings[0]?.remedy?.steps[0]?.text).toContain('with an image of PostgreSQL 15 in place of 17');

      // what images do from 18 on: a directory of its own for each release
      await here.docker('run', '-d', '--name', 'own-place', ...common, '-e', `PGDATA=${data}/17/docker`, 'pg-later');
      await until('it has a cluster', () => pair.psql('own-place', 'SELECT 1').catch(() => null));
      const other = (await pair.postmortem('docker:own-place')).json;
      expect(roots(other)).toEqual(['standby/already-primary']);
      expect(other.findings[0]?.title).toBe(`Container "own-place" runs on a new cluster, not on the standby's data`);
      expect(other.findings[0]?.remedy?.steps[0]?.text).toContain(`with PGDATA=${data}, and`);
      await here.docker('rm', '-f', 'same-place', 'own-place', 'later');
    });

    test('PGDATA is in none of its volumes, as with the volume of older images', async () => {
      const { here, run } = pair;
      await here.docker('create', ...run('newer').slice(2), '-e', 'PGDATA=/var/lib/postgresql/18/docker', image);
      const { stderr } = await runStandbylint(
        ['preflight', '-D', 'docker:newer', '-h', primary, '-U', 'replicator', ...admin],
        { user: null, env: { DOCKER_HOST: here.host } },
      );
      expect(stderr).toMatch(/is in none of its volumes \([\s\S]*gone with the container[\s\S]*-v NAME:DIRECTORY/u);
    });

    test('its primary was made again with -p 5544: a running primary is not started, its port is named', async () => {
      const { here, within, postmortem } = pair;
      await here.docker('stop', primary);
      await here.docker('rename', primary, 'on-5432');
      await here.docker(...pair.run(primary), '--volumes-from', 'on-5432', image, 'postgres', '-p', '5544');
      await until('it runs', () => within(primary, 'psql -p 5544 -XAtc "SELECT 1"').catch(() => null));
      await until('the standby is cut off', async () => {
        const { json } = await postmortem(`docker:${standby}`);
        return roots(json).join() === 'network/connection-refused' ? true : null;
      });
      const { json } = await postmortem(`docker:${standby}`);
      expect(json.findings[0]?.title).toBe(`The server in "${primary}" listens on port 5544, not 5432`);
      for (const { step } of json.plan.steps) await here.paste(step.text);
      await until('it streams', async () =>
        (await within(standby, 'psql -XAtc "SELECT status FROM pg_stat_wal_receiver"')) === 'streaming' ? true : null,
      );
    });
  });
