import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

import { aPair } from '../lab/pair.ts';
import type { Pair } from '../lab/pair.ts';
import { newestRelease } from '../lab/releases.ts';
import { hasTool } from '../lab/tool.ts';

const folder = fileURLToPath(new URL('../../integrations', import.meta.url));
const program = fileURLToPath(new URL('../../dist/standbylint.js', import.meta.url));
const text = async (file: string): Promise<string> => readFile(join(folder, file), 'utf8');

async function aFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'standbylint-integrations-'));
  onTestFinished(async () => rm(made, { recursive: true, force: true }));
  // the servers' user writes there, too
  await chmod(made, 0o777);
  return made;
}

/** A folder for PATH, where `standbylint` is the built program, and `npx` runs it without a registry. */
async function installed(): Promise<string> {
  const bin = await aFolder();
  const runs = `exec ${process.execPath} ${program} "$@"\n`;
  await writeFile(join(bin, 'standbylint'), `#!/bin/sh\n${runs}`, { mode: 0o755 });
  await writeFile(join(bin, 'npx'), `#!/bin/sh\n[ "$1" = --yes ] && shift 2\n${runs}`, { mode: 0o755 });
  return bin;
}

/** Runs a line of a configuration file as the servers' user, by a shell, with the program on its PATH. */
async function typed({ standby }: Pair, line: string, environment: Readonly<Record<string, string>> = {}) {
  const path = `${await installed()}:${standby.environment['PATH'] ?? ''}:/usr/bin:/bin`;
  return standby.run('/bin/bash', ['-c', line], { environment: { ...environment, PATH: path } });
}

const verify = async (checks: string, ...words: readonly string[]): Promise<string> => {
  const { exitCode, all } = await execa(checks, words, { all: true, reject: false });
  return exitCode === 0 ? '' : `${checks} ended with ${exitCode}: ${all}`;
};

const release = newestRelease;

describe('a standby that streams, and then loses its signal file', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await aPair({ release, lifetime: 'file', settings: { wal_keep_size: '64MB' } });
  });

  /** The same standby, its server stopped and standby.signal away. */
  const broken = async (run: () => Promise<void>): Promise<void> => {
    const { standby } = pair;
    const signal = join(standby.dataDirectory, 'standby.signal');
    await standby.stop();
    await rm(signal);
    try {
      await run();
    } finally {
      await standby.run('touch', [signal]);
      await standby.start();
    }
  };

  test.runIf(hasTool('promtool'))('the systemd unit writes metrics that Prometheus reads', async () => {
    const at = await aFolder();
    const [, start = ''] = /^ExecStart=(.*)$/mu.exec(await text('systemd/standbylint.service')) ?? [];
    const line = start.replace('/var/lib/prometheus/node-exporter', at);
    const environment = { PGDATA: pair.standby.dataDirectory };
    expect(await typed(pair, line, environment)).toMatchObject({ exitCode: 0, stdout: '' });
    const metrics = await readFile(join(at, 'standbylint.prom'), 'utf8');
    expect(metrics).toMatch(/verdict="healthy"\} 1$/mu);
    expect((await execa('promtool', ['check', 'metrics'], { input: metrics, reject: false })).stderr).toBe('');
    await broken(async () => {
      // the unit takes this status for a success
      expect(await typed(pair, line, environment)).toMatchObject({ exitCode: 1 });
      expect(await readFile(join(at, 'standbylint.prom'), 'utf8')).toMatch(/verdict="broken"\} 1$/mu);
    });
  });

  test.each([
    ['nagios/standbylint.cfg', /command_name\s+check_standby\n\s+command_line\s+(.+)/u],
    ['icinga2/standbylint.conf', undefined],
  ])('%s gives the status of a plugin', async (file, pattern) => {
    const { dataDirectory } = pair.standby;
    const whole = await text(file);
    const line =
      pattern === undefined
        ? `${[...(/command = \[(.*)\]/u.exec(whole)?.[1] ?? '').matchAll(/"([^"]+)"/gu)].map(([, word]) => word).join(' ')} -D ${dataDirectory} --format nagios`
        : (pattern.exec(whole)?.[1] ?? '').replace('$ARG1$', dataDirectory);
    const well = await typed(pair, line);
    expect([well.exitCode, well.stdout.split('\n')[0]]).toEqual([0, expect.stringContaining('OK - HEALTHY')]);
    await broken(async () => {
      const { exitCode, stdout } = await typed(pair, line);
      expect([exitCode, stdout.split('\n')[0]]).toEqual([2, expect.stringContaining('CRITICAL - BROKEN')]);
    });
  });

  test('the GitHub action annotates, and leaves a file for code scanning', async () => {
    const at = await aFolder();
    const { runs } = parse(await text('github/action.yml')) as { runs: { steps: readonly [{ run: string }] } };
    const environment = {
      ARGUMENTS: `postmortem -D '${pair.standby.dataDirectory}'`,
      VERSION: 'latest',
      SARIF: join(at, 'standbylint.sarif'),
      GITHUB_STEP_SUMMARY: join(at, 'summary.md'),
    };
    await broken(async () => {
      const { exitCode, stdout } = await typed(pair, runs.steps[0].run, environment);
      expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^::error .*standby\/signal-missing/mu)]);
      expect(JSON.parse(await readFile(environment.SARIF, 'utf8'))).toMatchObject({ version: '2.1.0' });
      expect(await readFile(environment.GITHUB_STEP_SUMMARY, 'utf8')).toContain('standby.signal');
    });
  });

  test.runIf(hasTool('ansible-playbook'))(
    'the Ansible role goes on with a healthy standby, and stops at a broken one with its root cause',
    async () => {
      const at = await aFolder();
      const play = {
        hosts: 'all',
        gather_facts: false,
        vars: {
          standbylint_program: join(await installed(), 'standbylint'),
          standbylint_arguments: ['postmortem', '-D', pair.standby.dataDirectory],
        },
        roles: [join(folder, 'ansible/standbylint')],
      };
      await writeFile(join(at, 'play.json'), JSON.stringify([play]));
      // else it leaves them in the home of the user
      const own = join(pair.standby.folder, 'ansible');
      const kept = {
        ANSIBLE_HOME: own,
        ANSIBLE_LOCAL_TEMP: join(own, 'here'),
        ANSIBLE_REMOTE_TEMP: join(own, 'there'),
      };
      const ansible = async () =>
        pair.standby.run(
          'ansible-playbook',
          ['-i', 'localhost,', '-c', 'local', '-e', '{"ansible_become": false}', join(at, 'play.json')],
          {
            environment: {
              PATH: `${pair.standby.environment['PATH'] ?? ''}:/usr/bin:/bin`,
              LC_ALL: 'C.UTF-8',
              ...kept,
            },
          },
        );
      const well = await ansible();
      expect([well.exitCode, well.stdout]).toEqual([0, expect.stringMatching(/"msg": "healthy"|failed=0/u)]);
      await broken(async () => {
        const { exitCode, stdout } = await ansible();
        expect([exitCode, stdout]).toEqual([2, expect.stringContaining('broken: standby.signal is missing')]);
      });
    },
  );

  test('the preflight of the Kubernetes init container and of the cron job runs as it stands there', async () => {
    const { server, password } = pair.primary;
    for (const file of ['kubernetes/init-container.yaml', 'kubernetes/cronjob.yaml']) {
      const args = [...(await text(file)).matchAll(/^ +- (--\S+|preflight|pg_basebackup)$/gmu)].map(([, word = '']) =>
        word.replace('db1', `127.0.0.1 -p ${server.port}`).replace(/^--pgdata=.*/u, `--pgdata=${server.folder}/new`),
      );
      expect(args.slice(0, 2)).toEqual(['preflight', 'pg_basebackup']);
      const { exitCode, stdout } = await typed(pair, `standbylint ${args.join(' ')} --format compact`, {
        PGPASSWORD: password,
      });
      expect([exitCode, stdout]).toEqual([0, expect.stringContaining('preflight: READY')]);
    }
  });
});

describe('what reads the files takes them', () => {
  test.runIf(hasTool('systemd-analyze'))('systemd', async () => {
    const unit = (name: string): string => join(folder, 'systemd', name);
    expect(await verify('systemd-analyze', 'verify', unit('standbylint.service'), unit('standbylint.timer'))).toBe('');
  });

  test.runIf(hasTool('nagios4'))('Nagios', async () => {
    const at = await aFolder();
    const host = [
      'define host {\n host_name db2\n address 127.0.0.1\n max_check_attempts 1\n check_period always\n contacts nobody\n}',
      'define timeperiod {\n timeperiod_name always\n alias always\n}',
      'define command {\n command_name nothing\n command_line /bin/true\n}',
      'define contact {\n contact_name nobody\n host_notification_commands nothing\n service_notification_commands nothing\n host_notification_period always\n service_notification_period always\n}',
      ...['check_standby!/srv/standby', 'check_standby_preflight!replicator'].map(
        (command, index) =>
          `define service {\n host_name db2\n service_description ${index}\n check_command ${command}\n max_check_attempts 1\n check_period always\n contacts nobody\n}`,
      ),
    ];
    await writeFile(join(at, 'host.cfg'), host.join('\n'));
    await copyFile(join(folder, 'nagios/standbylint.cfg'), join(at, 'standbylint.cfg'));
    await mkdir(join(at, 'results'));
    // nagios goes on as its own user
    await chmod(join(at, 'results'), 0o777);
    const main = [
      ...['host.cfg', 'standbylint.cfg'].map((file) => `cfg_file=${join(at, file)}`),
      `log_file=${at}/nagios.log`,
      `check_result_path=${at}/results`,
      `object_cache_file=${at}/objects`,
      `precached_object_file=${at}/precached`,
      `status_file=${at}/status`,
      `lock_file=${at}/lock`,
      `temp_file=${at}/temp`,
      `temp_path=${at}`,
      `command_file=${at}/command`,
      `state_retention_file=${at}/retention`,
    ];
    await writeFile(join(at, 'nagios.cfg'), `${main.join('\n')}\n`);
    expect(await verify('nagios4', '-v', join(at, 'nagios.cfg'))).toBe('');
  });

  test.runIf(hasTool('icinga2'))('Icinga', async () => {
    expect(await verify('icinga2', 'daemon', '-C', '-c', join(folder, 'icinga2/standbylint.conf'))).toBe('');
  });

  test('YAML', async () => {
    const files = (await readdir(folder, { recursive: true })).filter(
      (name) => name.endsWith('.yaml') || name.endsWith('.yml'),
    );
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) expect(parse(await text(file)), file).toBeTypeOf('object');
  });
});

describe('a fleet in shards', () => {
  const count = 4;

  /** A fleet of targets that are not there: what is judged is how its shards are called. */
  async function aFleet(): Promise<string> {
    const at = await aFolder();
    const targets = Object.fromEntries(
      Array.from({ length: 6 }, (_, number) => [
        `db-${number}`,
        // one cannot be examined at all: its shard is whole all the same
        { command: 'postmortem', pgdata: number === 0 ? 'docker:none-of-this-name' : `/nonexistent/${number}` },
      ]),
    );
    await writeFile(join(at, 'standbylint.config.json'), JSON.stringify({ targets }));
    return at;
  }

  const parts = Array.from({ length: count }, (_, at) => at);
  const kubernetes = (): Promise<string> =>
    text('kubernetes/fleet-job.yaml').then((job) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as Kubernetes defines it
      const { spec } = parse(job) as {
        readonly spec: {
          readonly template: { readonly spec: { readonly containers: readonly { command: string[] }[] } };
        };
      };
      return spec.template.spec.containers[0]?.command[2] ?? '';
    });
  const gitlab = (): Promise<string> =>
    text('gitlab/fleet.gitlab-ci.yml').then(
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as GitLab defines it
      (file) => (parse(file) as { readonly fleet: { readonly script: readonly string[] } }).fleet.script[0] ?? '',
    );
  const github = (): Promise<string> =>
    text('github/fleet.yml').then((file) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as GitHub defines it
      const { jobs } = parse(file) as {
        readonly jobs: { readonly shard: { readonly steps: readonly { run?: string }[] } };
      };
      return jobs.shard.steps.find(({ run }) => run !== undefined)?.run ?? '';
    });

  test.each([
    ['Kubernetes', kubernetes, (at: number, here: string) => ({ JOB_COMPLETION_INDEX: String(at), REPORTS: here })],
    [
      'Slurm',
      async () => text('slurm/fleet.sbatch'),
      (at: number) => ({ SLURM_ARRAY_TASK_ID: String(at + 1), SLURM_ARRAY_TASK_COUNT: String(count) }),
    ],
    ['GitLab', gitlab, (at: number) => ({ CI_NODE_INDEX: String(at + 1), CI_NODE_TOTAL: String(count) })],
    ['GitHub', github, (at: number) => ({ SHARD: String(at + 1) })],
  ] as const)('%s: its script, as four processes at once', { timeout: 60_000 }, async (_name, script, variables) => {
    const cwd = await aFleet();
    const line = (await script()).replace('/etc/standbylint/standbylint.config.json', 'standbylint.config.json');
    const bin = await installed();
    const path = `${bin}:/usr/bin:/bin`;
    const ran = await Promise.all(
      parts.map(async (at) =>
        execa('sh', ['-c', line], { cwd, env: { PATH: path, ...variables(at, cwd) }, reject: false }),
      ),
    );
    expect(ran.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(parts.map(() => [0, '']));
    const files = parts.map((at) => `shard-${at + 1}.json`);
    const merged = await execa(join(bin, 'standbylint'), ['merge', ...files], {
      cwd,
      env: { PATH: path },
      reject: false,
    });
    expect([merged.exitCode, merged.stderr]).toEqual([2, '']);
    expect(merged.stdout).toContain('6 targets');
    await writeFile(join(cwd, 'standbylint.config.json'), '{');
    const [first = 0] = parts;
    const broken = await execa('sh', ['-c', line], {
      cwd,
      env: { PATH: path, ...variables(first, cwd) },
      reject: false,
    });
    expect(broken.exitCode).not.toBe(0);
  });
});
