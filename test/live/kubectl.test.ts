import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Report } from '../../src/findings/report.ts';
import { aContainerPair, adminOf, data, primary, standby } from '../lab/container-pair.ts';
import type { ContainerPair } from '../lab/container-pair.ts';
import { noDocker } from '../lab/docker.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import type { StandbylintResult } from '../lab/standbylint.ts';
import { expectValidReport } from '../report/valid-report.ts';

const standIn = fileURLToPath(new URL('../lab/kubectl-stand-in', import.meta.url));
const place = 'kubectl:here/prod/pg-1/postgres';

if (noDocker !== undefined && process.env['CI'] !== 'true')
  test.skip(`containers cannot be run here: ${noDocker}`, () => undefined);
else
  describe('a standby in a pod, by a stand-in for kubectl', { timeout: 200_000 }, () => {
    let pair: ContainerPair;
    let folder = '';
    let environment: Readonly<Record<string, string>> = {};
    const pods = async (state = 'running'): Promise<void> =>
      writeFile(
        join(folder, 'pods'),
        [
          `prod pg-0 postgres ${primary} running`,
          `prod pg-1 exporter none running`,
          `prod pg-1 postgres ${standby} ${state}`,
          `closed pg-1 postgres ${standby} running`,
          `prod odd one none running`,
          `prod odd two none running`,
          '',
        ].join('\n'),
      );
    const look = async (words: readonly string[], env = {}): Promise<StandbylintResult> =>
      runStandbylint(words, { user: null, env: { ...environment, ...env }, timeoutMs: 180_000 });
    const postmortem = async (directory: string, ...more: readonly string[]): Promise<Report> => {
      const words = ['postmortem', '-D', directory, '--admin', adminOf(primary), '--format', 'json', '--timeout', '20'];
      const { json } = await look([...words, ...more]);
      expectValidReport(json);
      return json;
    };
    const between: ReadonlySet<string> = new Set(['network/idle-timeout', 'tls/plaintext-replication']);
    const outcomes = ({ rules }: Report): readonly string[] => rules.map(({ id, outcome }) => `${id} ${outcome}`);

    beforeAll(async () => {
      pair = await aContainerPair(15);
      folder = await mkdtemp(join(tmpdir(), 'standbylint-kubectl-'));
      await copyFile(standIn, join(folder, 'kubectl'));
      await pods();
      environment = {
        DOCKER_HOST: pair.here.host,
        PODS: join(folder, 'pods'),
        PATH: `${folder}:/usr/local/bin:/usr/bin:/bin`,
      };
    }, 240_000);
    afterAll(async () => {
      await pair.here.end();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    test('that streams gets the report that its container gets', async () => {
      const report = await postmortem('kubectl:prod/pg-1');
      const { json } = await pair.postmortem(undefined, '--timeout', '20');
      // two containers of one engine are on one machine; of two pods nobody knows
      const ofNetwork = ({ rules }: Report): readonly string[] =>
        rules.flatMap(({ id, outcome }) => (outcome === 'not-applicable' ? [] : [id])).filter((id) => between.has(id));
      expect(ofNetwork(json)).toEqual([]);
      expect(ofNetwork(report)).toEqual([...between]);
      const others = (one: Report): readonly string[] =>
        outcomes(one).filter((line) => !between.has(line.replace(/ .*/u, '')));
      expect(others(report)).toEqual(others(json));
      expect(report.verdict).toBe(json.verdict);
    });

    test('its lines can be pasted, and --fix takes them and takes them back', async () => {
      const damage = async (): Promise<void> => {
        await pair.within(standby, `sed -i s/port=5432/port=5433/ ${data}/postgresql.auto.conf`);
        await pair.here.docker('restart', standby);
      };
      await damage();
      const report = await postmortem(place);
      expect(roots(report)).toEqual(['network/connection-refused']);
      const lines = report.plan.steps.map(({ step }) => step);
      expect(lines.every(({ on, kind }) => on === 'client' && kind === 'shell')).toBe(true);
      for (const { text } of lines) {
        expect(text).toMatch(
          /^(?:echo .*\| )?kubectl exec (?:-i )?--context here -n prod pg-1 -c postgres -- su -s \/bin\/sh postgres -c '/u,
        );
        await pair.here.paste(text, '', environment);
      }
      await pair.streams();

      await damage();
      const journal = join(folder, 'journal');
      const mended = await postmortem(place, '--fix', '--yes', '--fix-journal', journal);
      expect(mended.applied?.map(({ outcome }) => outcome)).not.toContain('failed');
      expect(roots(mended)).toEqual([]);
      await pair.streams();
      expect(await readFile(journal, 'utf8')).toContain('kubectl:here/prod/pg-1/postgres:');
      const undone = await look(['undo', '--yes', journal]);
      expect(undone.stdout).toContain('Everything that can be undone was undone.');
      expect(await pair.within(standby, `grep -c 5433 ${data}/postgresql.auto.conf`)).toBe('1');
      await pair.within(standby, `sed -i s/port=5433/port=5432/ ${data}/postgresql.auto.conf`);
      await pair.here.docker('restart', standby);
      await pair.streams();
    });

    test('a restart is told to a person, and not done', async () => {
      await pair.psql(primary, 'ALTER SYSTEM SET max_connections = 150');
      await pair.here.docker('restart', primary);
      const report = await postmortem(place, '--fix', '--yes', '--disruptive', '--fix-journal', join(folder, 'none'));
      const restart = report.findings
        .flatMap(({ remedy }) => remedy?.steps ?? [])
        .filter(({ does }) => does === 'restart' || does === 'start');
      for (const { kind, text } of restart)
        expect(`${kind} ${text}`).toContain(
          'manual Let Kubernetes start the server again: "kubectl delete pod --context here -n prod pg-1" ends',
        );
      expect(restart.length).toBeGreaterThan(0);
      expect((report.applied ?? []).map(({ step }) => step.does)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/start/u)]),
      );
      await pair.psql(primary, 'ALTER SYSTEM RESET max_connections');
      await pair.here.docker('restart', primary);
    });

    test('--admin is the socket of a pod', async () => {
      const report = await look([
        'postmortem',
        '-D',
        place,
        '--admin',
        'kubectl:prod/pg-0',
        '--format',
        'json',
        '--timeout',
        '20',
      ]);
      expect(report.json.summary.unexamined, report.stderr).toBe(0);
    });

    test('a preflight prints a copy that the server can read', async () => {
      const result = await look(
        [
          'preflight',
          '-h',
          primary,
          '-U',
          'replicator',
          '-D',
          'kubectl:prod/pg-1:/var/lib/postgresql/copy',
          '-R',
          '-X',
          'stream',
          '--admin',
          adminOf(primary),
          '--timeout',
          '20',
        ],
        { PGPASSWORD: 'Kept-to-itself-7' },
      );
      expect(result.stdout, result.stderr).toContain(
        `kubectl exec -it -n prod pg-1 -c postgres -- su -s /bin/sh postgres -c `,
      );
      expect(result.stdout).not.toContain('Kept-to-itself-7');
    });

    test('clone makes the copy there, as the user of the server, and leaves the start to Kubernetes', async () => {
      const copy = '/var/lib/postgresql/copy';
      const words = [
        ...['clone', '-h', primary, '-U', 'replicator', '-D', `${place}:${copy}`, '-R', '-X', 'stream', '-c', 'fast'],
        ...['--admin', adminOf(primary), '--timeout', '20'],
      ];
      const env = { PGPASSWORD: 'Kept-to-itself-7' };
      const refused = await look([...words, '--start'], env);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain('is started by Kubernetes');
      const made = await look([...words, '--format', 'json'], env);
      expect(made.exitCode, made.stderr + made.stdout).toBe(0);
      expect(`${made.stdout}${made.stderr}`).not.toContain('Kept-to-itself-7');
      const there = await pair.within(standby, `stat -c '%U %a' ${copy}; ls ${copy}/standby.signal`);
      expect(there.split('\n')).toEqual(['postgres 700', `${copy}/standby.signal`]);
      await pair.within(standby, `pg_ctl -D ${copy} -o '-p 5433' -l /tmp/copy.log -w start`);
      expect(await pair.within(standby, `psql -p 5433 -XAtc 'SELECT count(*) FROM rows'`)).toBe('10003');
      await pair.within(standby, `pg_ctl -D ${copy} -w stop`);
    });

    test.each([
      ['kubectl:prod/odd', 'running', 'it does not show which of them', 'kubectl:prod/odd/one'],
      ['kubectl:prod/pg-1/pgbouncer', 'running', 'has no container pgbouncer; it has exporter, postgres', 'kubectl:'],
      ['kubectl:prod/none', 'running', 'pods "none" not found', 'kubectl -n prod get pods'],
      ['kubectl:there/prod/pg-1/postgres', 'running', 'context "there" does not exist', 'kubectl config get-contexts'],
      [
        'kubectl:closed/pg-1',
        'running',
        'cannot create resource "pods/exec"',
        'kubectl -n closed auth can-i create pods/exec',
      ],
      [
        'kubectl:prod/pg-1',
        'CrashLoopBackOff',
        'CrashLoopBackOff; it last ended with exit code 1',
        '"kubectl debug -n prod pg-1 -it --same-node',
      ],
      ['kubectl:pg-1', 'running', 'names no pod', 'kubectl:NAMESPACE/POD'],
    ])('%s, %s', async (directory, state, says, helps) => {
      await pods(state);
      const { exitCode, stderr, stdout } = await look(['postmortem', '-D', directory]);
      await pods();
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      const said = stderr.replaceAll(/\s+/gu, ' ');
      expect(said).toContain(says);
      expect(said).toContain(helps);
    });

    test('without kubectl', async () => {
      const { exitCode, stderr } = await look(['postmortem', '-D', 'kubectl:prod/pg-1'], { PATH: '/nowhere' });
      expect(exitCode).toBe(2);
      expect(stderr).toContain('kubectl is not installed here');
    });
  });
