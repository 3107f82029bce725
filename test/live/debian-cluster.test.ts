import { access, appendFile, chmod, chown, rename, symlink, writeFile } from 'node:fs/promises';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { asUser, serverUser } from '../../src/throwaway/os-user.ts';
import { ThrowawayServer } from '../../src/throwaway/throwaway-server.ts';
import { freePort } from '../../src/throwaway/free-port.ts';
import { releases } from '../lab/releases.ts';
import { roots, runStandbylint } from '../lab/standbylint.ts';
import { turn } from '../lab/turn.ts';
import { until } from '../lab/until.ts';

const release = releases.find(({ major }) => major === 15);
const missing =
  process.getuid?.() === 0
    ? await Promise.all(
        ['/usr/bin/pg_createcluster', '/usr/lib/postgresql/15/bin/postgres'].map(async (file) => access(file)),
      ).then(
        () => (release === undefined ? 'PostgreSQL 15 is not installed' : undefined),
        () => "Debian's postgresql-15 is not installed",
      )
    : 'only root can make a cluster';

const name = `standbylint-${process.pid}`;
const folder = `/etc/postgresql/15/${name}`;
const data = `/var/lib/postgresql/15/${name}`;
/** Not in /etc/postgresql, where it would be a cluster of another name. */
const kept = `/etc/${name}-kept`;
const elsewhere = `/var/log/${name}`;
const log = `/var/log/postgresql/postgresql-15-${name}.log`;

let primary: ThrowawayServer;
let port: number;

interface Broken {
  readonly fault: string;
  readonly make: () => Promise<void>;
  readonly rule: string;
}

/** What keeps Debian's tools from starting a server without a word in its log. */
const broken: readonly Broken[] = [
  {
    fault: 'start.conf says disabled',
    make: async () => writeFile(`${folder}/start.conf`, '# by hand\ndisabled\n'),
    rule: 'standby/start-refused',
  },
  {
    fault: 'start.conf says something else',
    make: async () => writeFile(`${folder}/start.conf`, 'enabled\n'),
    rule: 'standby/start-refused',
  },
  {
    fault: 'environment was written for a shell',
    make: async () => appendFile(`${folder}/environment`, 'export TZ=UTC\n'),
    rule: 'standby/start-refused',
  },
  {
    fault: 'pg_ctl.conf has a line of another form',
    make: async () => appendFile(`${folder}/pg_ctl.conf`, 'pg_ctl_options = -w -t 60\n'),
    rule: 'standby/start-refused',
  },
  {
    fault: 'the log was made by root',
    make: async () => {
      await chown(log, 0, 0);
      await chmod(log, 0o600);
    },
    rule: 'standby/start-refused',
  },
  {
    fault: 'the log is in a directory that does not exist',
    make: async () => symlink(`${elsewhere}/server.log`, `${folder}/log`),
    rule: 'standby/start-refused',
  },
  {
    fault: 'start.conf cannot be read',
    make: async () => chmod(`${folder}/start.conf`, 0),
    rule: 'standby/start-refused',
  },
  {
    fault: 'PostgreSQL reads a line of postgresql.conf that its tools do not',
    make: async () => appendFile(`${folder}/postgresql.conf`, 'bgwriter_delay = +200\nbgwriter_lru_maxpages = +100\n'),
    rule: 'standby/start-refused',
  },
  {
    fault: 'pg_hba.conf was written by root, for itself',
    make: async () => {
      await chown(`${folder}/pg_hba.conf`, 0, 0);
      await chmod(`${folder}/pg_hba.conf`, 0o600);
    },
    rule: 'standby/path-missing',
  },
  {
    fault: 'data_directory is another one',
    make: async () => appendFile(`${folder}/postgresql.conf`, `data_directory = '${data}-of-before'\n`),
    rule: 'standby/path-missing',
  },
];

/** A minute: every other turn, when pg_auto_failover is not played. */
const isItsTurn = turn === 'whole' || turn % 2 === 0;

/** Lines with which the server does not start, and says so in its log. */
const lines = [
  {
    file: 'pg_hba.conf',
    line: 'host all all 10.0.0.0/33 md5',
    words: /could not load pg_hba\.conf/,
    rule: 'standby/hba-file-error',
  },
  {
    file: 'postgresql.conf',
    line: "ssl = on\nssl_cert_file = '/nowhere/server.crt'",
    words: /could not load server certificate file/,
    rule: 'standby/path-missing',
  },
  {
    file: 'postgresql.conf',
    line: "shared_preload_libraries = 'nowhere'",
    words: /could not access file "nowhere"/,
    rule: 'standby/library-missing',
  },
  {
    file: 'postgresql.conf',
    line: "unix_socket_directories = '/nowhere'",
    words: /could not create lock file/,
    rule: 'standby/path-missing',
  },
];

if (!isItsTurn || (missing !== undefined && process.env['CI'] !== 'true'))
  test.skip(`clusters of Debian's packages are not made: ${missing ?? 'it is the turn of others'}`, () => undefined);
else
  describe("a cluster of Debian's packages", { timeout: 120_000 }, () => {
    beforeAll(async () => {
      if (release === undefined) throw new Error(missing);
      primary = await ThrowawayServer.create({ release, settings: { wal_keep_size: '64MB' } });
      await primary.start();
      port = await freePort();
      const user = (await serverUser())?.name ?? 'postgres';
      await execa('pg_createcluster', ['-u', user, '-p', String(port), '15', name]);
      await rename(data, `${data}-of-initdb`);
      const conninfo = `host=${primary.folder} port=${primary.port} user=postgres`;
      await asOwner(`pg_basebackup -d '${conninfo}' -D ${data} -R -c fast`);
      await asOwner(`pg_ctlcluster 15 ${name} start`);
      await streams();
    }, 120_000);

    afterAll(async () => {
      await execa('pg_dropcluster', ['--stop', '15', name], { reject: false });
      // its folder stays where copies of its files lie in it
      await execa('rm', ['-rf', folder, kept, elsewhere, data, `${data}-of-initdb`]);
      await primary?.dispose();
    }, 60_000);

    test('without -D, the directory of the standby is named', async () => {
      const { exitCode, stderr } = await runStandbylint(['postmortem']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`-D ${data}`);
    });

    test.each(broken)('$fault: the steps, as printed, end in a standby that streams', async ({ make, rule }) => {
      await asOwner(`pg_ctlcluster 15 ${name} stop`);
      await make();
      await expect(asOwner(`pg_ctlcluster 15 ${name} start`)).rejects.toThrow(/Error: /);
      const found = await postmortem();
      expect(roots(found)).toEqual([rule]);
      for (const { step } of found.plan.steps)
        await (step.asRoot === undefined ? asOwner(step.text) : execa('sh', ['-c', step.asRoot]));
      await streams();
      expect(roots(await postmortem())).toEqual([]);
    });

    test('without its folder in /etc: the steps, as printed, make the cluster known again, and it streams', async () => {
      await asOwner(`pg_ctlcluster 15 ${name} stop`);
      await rename(folder, kept);
      // a copy of a cluster of Debian's packages has none
      await asOwner(`cd ${data} && rm -f postgresql.conf pg_hba.conf pg_ident.conf`);
      const found = await postmortem();
      expect(roots(found)).toEqual(['standby/config-file-error', 'standby/hba-file-error']);
      const steps = found.plan.steps.map(({ step }) => step);
      expect(steps.at(-1)?.asRoot).toBe(
        `touch ${data}/pg_ident.conf && pg_createcluster -d ${data} --start 15 ${name}`,
      );
      expect(steps[0]?.text).toMatch(/^Create .*postgresql\.conf, readable/u);
      await execa('cp', ['-p', `${kept}/postgresql.conf`, data]);
      for (const { kind, text, asRoot } of steps) {
        if (asRoot !== undefined) await execa('sh', ['-c', asRoot]);
        else if (kind === 'shell') await asOwner(text);
      }
      await streams();
      expect(roots(await postmortem())).toEqual([]);
    });

    test.each(lines)('$rule in $file: what the last start ended with is no cause once it is fixed', async (one) => {
      const { file, line, words, rule } = one;
      await asOwner(`pg_ctlcluster 15 ${name} stop`);
      await asOwner(`cp -p ${folder}/${file} ${folder}/${file}.kept && echo "${line}" >> ${folder}/${file}`);
      await expect(asOwner(`pg_ctlcluster 15 ${name} start`)).rejects.toThrow(words);
      expect(roots(await postmortem())).toEqual([rule]);
      await asOwner(`cp ${folder}/${file}.kept ${folder}/${file}`);
      const found = await postmortem();
      expect(roots(found)).toEqual(['standby/not-running']);
      expect(found.findings[0]?.message).toMatch(/Its last start ended with .* That cause is gone: /);
      await asOwner(found.plan.steps.map(({ step }) => step.text).join('\n'));
      await streams();
    });
  });

/** A line in a shell of the user of the server, with the ordinary environment of a machine with Debian's packages. */
async function asOwner(line: string): Promise<void> {
  await execa('sh', ['-c', line], {
    ...asUser(await serverUser()),
    cwd: '/',
    env: { PATH: '/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    extendEnv: false,
  });
}

async function streams(): Promise<void> {
  await until('it streams', async () => {
    const rows = await primary.query("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'");
    return rows.length > 0 ? true : null;
  });
}

async function postmortem() {
  const admin = `host=${primary.folder} port=${primary.port} user=postgres dbname=postgres`;
  const { json } = await runStandbylint(['postmortem', '-D', data, '--admin', admin, '--format', 'json']);
  return json;
}
