import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { aContainerPair, adminOf, data, image, network, password, primary, standby } from '../lab/container-pair.ts';
import type { ContainerPair, Json } from '../lab/container-pair.ts';
import { noDocker } from '../lab/docker.ts';
import type { Docker } from '../lab/docker.ts';
import { complete } from '../lab/releases.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { itsRelease, turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';
import { expectValidReport } from '../report/valid-report.ts';

/** Each turn has another release. */
const major = turn === 'whole' ? 15 : (itsRelease(complete, 1, turn) ?? 15);

const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));
let here: Docker;
let pair: ContainerPair;

if (noDocker !== undefined && process.env['CI'] !== 'true')
  test.skip(`containers cannot be run here: ${noDocker}`, () => undefined);
else
  describe('a standby in a container', { timeout: 120_000 }, () => {
    beforeAll(async () => {
      pair = await aContainerPair(major);
      ({ here } = pair);
      await here.docker('network', 'create', 'elsewhere');
    }, 120_000);
    afterAll(async () => here.end(), 60_000);

    test('that streams has no error', async () => {
      const { json } = await postmortem();
      expect(json.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(json.summary.unexamined).toBe(0);
      expect(json.verdict).toBe('degraded');
    });

    test('without standby.signal, stopped, by the path of its volume on this machine', async () => {
      const volume = await here.docker(
        ...['inspect', '-f', `{{range .Mounts}}{{if eq .Destination "${data}"}}{{.Source}}{{end}}{{end}}`, standby],
      );
      await here.docker('stop', standby);
      await beside(`rm ${data}/standby.signal`);
      const { json } = await postmortem(volume);
      expect(roots(json)).toEqual(['standby/signal-missing']);
      await pastePlan(json);
      await streams();
    });

    test('that Docker starts again and again', async () => {
      await within(standby, `echo 'max_connectionz = 5' >> ${data}/postgresql.conf`);
      await here.docker('restart', standby);
      await until('it was started again', async () =>
        Number(await here.docker('inspect', '-f', '{{.RestartCount}}', standby)) > 0 ? true : null,
      );
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['standby/config-file-error']);
      expect(json.plan.steps[0]?.step.text).toBe(`docker stop ${standby}`);
      expect(json.findings[0]?.evidence.map(({ source }) => source)).toContain(`docker logs ${standby}`);
      await pastePlan(json);
      await streams();
    });

    test('whose primary_conninfo names a port that nothing listens on, by its service', async () => {
      await within(standby, `sed -i s/port=5432/port=5433/ ${data}/postgresql.auto.conf`);
      await here.docker('restart', standby);
      const { json, stdout } = await postmortem('compose:shop/db');
      expect(roots(json)).toEqual(['network/connection-refused']);
      expect(stdout).not.toContain('this host');
      await pastePlan(json);
      await streams();
      expect(await psql(standby, 'SELECT count(*) FROM rows')).toBe('10003');
    });

    test('in another network than its primary, which is stopped', async () => {
      await here.docker('network', 'connect', 'elsewhere', standby);
      await here.docker('network', 'disconnect', network, standby);
      await here.docker('stop', primary);
      const { json } = await postmortem();
      expect(roots(json)).toEqual(['network/name-not-resolved']);
      expect(json.plan.steps.map(({ step }) => step.text)).toEqual([
        `docker start ${primary}`,
        `docker network connect ${network} ${standby}`,
      ]);
      await pastePlan(json);
      await streams();
      await here.docker('network', 'disconnect', 'elsewhere', standby);
    });

    test('that is to be made: what prevents the copy, then what makes it', async () => {
      const made = 'postgres-new';
      await here.docker('create', ...run(made).slice(2), image);
      const words = ['-h', primary, '-U', 'second', '-D', `docker:${made}`, '-R', '-C', '-S', 'new', '-c', 'fast'];
      const preflight = (...more: readonly string[]): Promise<StandbylintResult> =>
        runStandbylint(['preflight', ...words, '--admin', adminOf(primary), ...more], {
          user: null,
          env: { DOCKER_HOST: here.host, PGPASSWORD: password },
          timeoutMs: 90_000,
        });
      const { json } = await preflight('--format', 'json');
      expectValidReport(json);
      expect(roots(json)).toEqual(expect.arrayContaining(['role/missing']));
      for (const { step } of json.plan.steps) {
        if (step.does === 'check-again') continue;
        expect(step.on).toBe('client');
        await here.paste(step.text, `${password}\n${password}\n`);
      }
      const { stdout } = await preflight();
      expect(stdout).toContain('READY');
      expect(stdout).not.toContain(password);
      const lines = (stdout.split('Next:')[1] ?? '').split('\n').filter((line) => line.trim() !== '');
      expect(lines.map((line) => line.trim().split(' ')[1])).toEqual(['run', 'start']);
      for (const line of lines) await here.paste(line, '', { PGPASSWORD: password });
      await until('the new standby has the rows', async () =>
        (await psql(made, 'SELECT count(*) FROM rows').catch(() => '')) === '10003' ? true : null,
      );
      await here.docker('rm', '-f', '-v', made);
      await psql(primary, "SELECT pg_drop_replication_slot('new')").catch(() => '');
    });

    test('that clone makes: copied beside it, started, watched from within', async () => {
      const made = 'postgres-made';
      await here.docker('create', ...run(made).slice(2), image);
      // what goes wrong with the guides: no REPLICATION, no entry, something in the directory; the image's volume is 0755
      await psql(primary, `CREATE ROLE third LOGIN PASSWORD '${password}'`);
      await beside(`mkdir ${data}/base && touch ${data}/postgresql.conf`, made);
      const clone = (directory: string, ...more: readonly string[]): Promise<StandbylintResult> =>
        runStandbylint(
          [
            ...['clone', '-h', primary, '-U', 'third', '-D', directory, '-R', '-C', '-S', 'made', '-c', 'fast'],
            ...['--start', '--admin', adminOf(primary), '--timeout', '10', ...more],
          ],
          { user: null, env: { DOCKER_HOST: here.host, PGPASSWORD: password }, timeoutMs: 90_000 },
        );
      const { json } = await clone(`docker:${made}`, '--format', 'json');
      expect(json.verdict).toBe('blocked');
      expect(roots(json)).toEqual(
        expect.arrayContaining(['hba/no-replication-entry', 'role/no-replication', 'target/not-empty']),
      );
      let directory = `docker:${made}`;
      for (const { step } of json.plan.steps)
        if (step.does === 'check-again') directory = /-D (\S+)/u.exec(step.text)?.[1] ?? directory;
        else await here.paste(step.text);
      const { exitCode, stdout, stderr } = await clone(directory);
      expect(stdout, stderr).toMatch(/rows of public\.rows\s+10,003\s+=\s+10,003/u);
      expect(stdout).toContain('pg_stat_wal_receiver');
      expect(stdout).not.toContain(password);
      expect(exitCode).toBe(0);
      expect(await here.docker('inspect', made)).not.toContain('PGPASSWORD');
      await here.docker('rm', '-f', '-v', made);
      await until('the slot is free', () => psql(primary, "SELECT pg_drop_replication_slot('made')").catch(() => null));
    });

    test('whose server runs and keeps its sessions while a copy is made beside it, and is interrupted', async () => {
      const made = 'postgres-busy';
      await here.docker('run', '-v', '/copies', ...run(made).slice(1), image);
      await until('it answers', () => psql(made, 'SELECT 1').catch(() => null), 30_000);
      await here.docker('exec', made, 'chmod', '1777', '/copies');
      const words = (to: string, ...more: readonly string[]): readonly string[] => [
        ...['clone', '-h', primary, '-U', 'replicator', '-D', `docker:${made}:${to}`, '-R', '-c', 'fast'],
        ...['--admin', adminOf(primary), '--timeout', '10', ...more],
      ];
      const env = { DOCKER_HOST: here.host, PGPASSWORD: password };
      for (let count = 0; count < 3; count += 1) {
        // that of the one before would be taken for it: where its container went before its last packet did, the primary
        // waits for an answer
        await until('none is copied', async () => {
          const ended = 'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_progress_basebackup';
          return (await psql(primary, ended)) === '0' ? true : null;
        });
        const child = execa(process.execPath, [program, ...words(`/copies/cut-${count}`, '-r', '64k')], {
          ...{ env, reject: false, stdin: 'ignore' },
        });
        await until('it copies', async () =>
          (await psql(primary, 'SELECT count(*) FROM pg_stat_progress_basebackup')) === '1' ? true : null,
        );
        child.kill('SIGINT');
        expect((await child).exitCode).toBe(130);
      }
      const inLayer = await runStandbylint(words('/tmp/copy'), { user: null, env, timeoutMs: 60_000 });
      expect(inLayer.stderr, inLayer.stdout).toContain('is in no volume of the container');
      const whole = await runStandbylint(words('/copies/whole'), { user: null, env, timeoutMs: 90_000 });
      expect(whole.exitCode, whole.stderr).toBe(0);
      expect(await within(made, 'cat /copies/whole/PG_VERSION')).toBe(String(major));
      expect(await here.paste(`docker logs ${made} 2>&1`)).not.toMatch(
        /terminated by signal|untracked|all server processes terminated/u,
      );
      await here.docker('rm', '-f', '-v', made);
    });

    test('that is not there, or is paused, is told in one sentence', async () => {
      const none = await look(['postmortem', '-D', 'docker:postgres-stanby']);
      expect(none.exitCode).toBe(2);
      expect(none.stderr).toMatch(/there is no container postgres-stanby\.[\s\S]*postgres-standby/u);
      await here.docker('pause', standby);
      const paused = await look(['postmortem', '-D', `docker:${standby}`]);
      await here.docker('unpause', standby);
      expect(paused.exitCode).toBe(2);
      expect(paused.stderr).toContain(`docker unpause ${standby}`);
    });

    test('leaves nothing behind', async () => {
      await until('every container beside it is gone', async () =>
        (await here.docker('ps', '-aq', '--filter', 'name=standbylint')) === '' ? true : null,
      );
      const running = await here.docker('top', standby, '-eo', 'pid,args');
      expect(running.split('\n').filter((line) => /^\s*\d+ (?:sh|perl)\b/u.test(line))).toEqual([]);
      // the first process of a container takes what is left to it for a crashed backend
      for (const name of [primary, standby])
        expect(await here.paste(`docker logs ${name} 2>&1`)).not.toContain('was terminated by signal');
    });
  });

const run: ContainerPair['run'] = (name) => pair.run(name);
const psql: ContainerPair['psql'] = async (name, statement) => pair.psql(name, statement);
const within: ContainerPair['within'] = async (name, command) => pair.within(name, command);
const beside: ContainerPair['beside'] = async (command, name) => pair.beside(command, name);
const look: ContainerPair['look'] = async (words) => pair.look(words);
const postmortem: ContainerPair['postmortem'] = async (directory) => pair.postmortem(directory);
const streams = async (): Promise<unknown> => pair.streams();

async function pastePlan({ plan }: Json): Promise<void> {
  expect(plan.steps.map(({ step }) => [step.on, step.kind])).toEqual(plan.steps.map(() => ['client', 'shell']));
  for (const { step } of plan.steps) await here.paste(step.text);
}
