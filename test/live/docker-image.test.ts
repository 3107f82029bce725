import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { aContainerPair, adminOf, data, network, password, primary, standby } from '../lab/container-pair.ts';
import type { ContainerPair, Json } from '../lab/container-pair.ts';
import { noDocker } from '../lab/docker.ts';
import { hasTool } from '../lab/tool.ts';
import { turn } from '../lab/turn.ts';
import { expectValidReport } from '../report/valid-report.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const makesBase = fileURLToPath(new URL('../lab/node-image', import.meta.url));
const its = turn === 'whole' || turn % 4 === 0;

/** The lines that the Dockerfile gives for its use: `docker …`, joined where they go on. */
const given = (dockerfile: string, word: string): string => {
  const lines = dockerfile.split('\n').map((line) => line.replace(/^#\s*/u, ''));
  const found = lines.find((line) => line.startsWith(`docker ${word}`));
  if (found === undefined) throw new Error(`the Dockerfile says no docker ${word}`);
  return found;
};

if ((noDocker !== undefined || !hasTool('mmdebstrap')) && process.env['CI'] !== 'true')
  test.skip(`no image can be built here: ${noDocker ?? 'mmdebstrap is not installed'}`, () => undefined);
else
  describe.runIf(its)('the image of integrations/docker', { timeout: 900_000 }, () => {
    let pair: ContainerPair;
    let dockerfile: string;
    beforeAll(async () => {
      // its client programs are those of Debian 12
      pair = await aContainerPair(15, { layered: true });
      const { here } = pair;
      dockerfile = await readFile(`${root}/integrations/docker/Dockerfile`, 'utf8');
      await execa(makesBase, ['node-of-its-own'], { env: { DOCKER_HOST: here.host }, stdin: 'ignore' });
      const [, ...build] = given(dockerfile, 'build').split(' ');
      const options = ['--network', 'host', '--build-arg', 'NODE=node-of-its-own'];
      await execa('docker', ['build', ...options, ...build.slice(1)], {
        cwd: root,
        env: { DOCKER_HOST: here.host, DOCKER_BUILDKIT: '0' },
        stdin: 'ignore',
      });
    }, 900_000);
    afterAll(async () => pair.here.end(), 60_000);

    /** A line of the Dockerfile, with words that are this pair's own and a report as JSON. */
    async function typed(line: string, replace: Readonly<Record<string, string>>): Promise<Json> {
      let whole = line;
      for (const [from, to] of Object.entries(replace)) whole = whole.replaceAll(from, to);
      const { stdout, stderr } = await execa('sh', ['-c', whole], {
        env: { DOCKER_HOST: pair.here.host, PGPASSWORD: password },
        reject: false,
        stdin: 'ignore',
      });
      // what docker itself says of this machine
      expect(stderr.replace(/^WARNING: IPv4 forwarding is disabled.*$/mu, '')).toBe('');
      const json = JSON.parse(stdout) as Json;
      expectValidReport(json);
      return json;
    }

    test('belongs to nobody of importance, and has the program and the client programs', async () => {
      const { here } = pair;
      expect(await here.docker('run', '--rm', '--entrypoint', 'id', 'standbylint', '-un')).toBe('node');
      expect(await here.docker('run', '--rm', 'standbylint', '--version')).toMatch(/^standbylint \d/u);
      expect(await here.docker('run', '--rm', '--entrypoint', 'pg_basebackup', 'standbylint', '--version')).toContain(
        ' 15.',
      );
    });

    test('finds a primary ready, and names what it lacks', async () => {
      const line = given(dockerfile, 'run --rm -e');
      const words = {
        'docker run': `docker run --network ${network}`,
        '-h db1': `-h ${primary}`,
        'preflight ': 'preflight --format json ',
      };
      const { findings, verdict } = await typed(line, words);
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      // without --admin the configuration of the primary is not seen
      expect(verdict).toBe('unknown');
      const other = await typed(line, { ...words, '-U replicator': '-U replicater' });
      expect(other.findings[0]?.rule).toBe('hba/no-replication-entry');
    });

    test('looks at a standby in another container', async () => {
      const line = given(dockerfile, 'run --rm --volumes-from');
      const words = {
        NAME: standby,
        DIRECTORY: data,
        "'host=db1 user=postgres'": `'${adminOf(primary)}'`,
        'postmortem ': 'postmortem --format json ',
      };
      const json = await typed(line, words);
      expect(json.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      // its log is the output of the other container, which only Docker shows
      expect(json.verdict).toMatch(/^(?:healthy|degraded)$/u);
      await pair.psql(primary, 'ALTER ROLE replicator NOLOGIN');
      await pair.here.docker('restart', standby);
      expect((await typed(line, words)).findings[0]?.rule).toBe('role/no-login');
    });
  });
