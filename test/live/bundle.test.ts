import { execFile } from 'node:child_process';
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

import { serverUser } from '../../src/throwaway/os-user.ts';
import { aPair } from '../lab/pair.ts';
import { onEachRelease } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';

const run = promisify(execFile);
const user = await serverUser();

/** No word of PostgreSQL or of ours has it. */
const canary = 'kAnArIe';
const bird = (place: string): string => `${canary}-${place}`;

async function aFolder(): Promise<string> {
  const folder = await mkdtemp('/tmp/standbylint-bundle-');
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o777);
  return folder;
}

/** What tar(1) makes of it: the names, and all that is in it as one text. */
async function unpacked(file: string): Promise<{ readonly names: readonly string[]; readonly text: string }> {
  const at = await aFolder();
  await run('tar', ['-xzf', file, '-C', at]);
  const { stdout } = await run('tar', ['-tzf', file]);
  const names = stdout.trim().split('\n');
  const texts = await Promise.all(names.map(async (name) => readFile(join(at, name), 'utf8')));
  return { names, text: [...names, ...texts].join('\n') };
}

/** Secrets in each of the ways in which people write them down. */
const settings = (): readonly string[] => [
  `primary_conninfo = 'host=127.0.0.1 user=replicator password=${bird('plain')} sslpassword=${bird('ssl')}'`,
  `primary_conninfo = 'host=127.0.0.1 user=replicator password=''${bird('quoted')} with blanks'''`,
  `primary_conninfo = 'postgresql://replicator:${bird('uri')}@127.0.0.1/?sslpassword=${bird('uri-ssl')}'`,
  `primary_conninfo = 'user=replicator passw\\ord=${bird('escaped')}'`,
  `#primary_conninfo = 'user=replicator password=${bird('comment')}'`,
  `# the password is '${bird('prose')}', password: ${bird('prose-colon')}`,
  `archive_command = 'PGPASSWORD=${bird('env')} curl -u backup:${bird('curl')} -T %p ftp://x/%f'`,
  `restore_command = 'sshpass -p ${bird('sshpass')} scp x:%f %p # aws_secret_access_key=${bird('aws')}'`,
  `ssl_passphrase_command = 'echo ${bird('passphrase')}'`,
  `my.secret = '${bird('custom')}'`,
  `my.api_token = "${bird('double')}"`,
];

const hba = (): readonly string[] => [
  `host all all 10.1.0.0/16 ldap ldapserver=x ldapbasedn="dc=x" ldapbinddn="cn=x" ldapbindpasswd="${bird('ldap')}"`,
  `host all all 10.2.0.0/16 ldap ldapserver=x ldapbindpasswd=${bird('ldap-bare')} # ${bird('hba-comment')}`,
  `host all all 10.3.0.0/16 radius radiusservers="10.0.0.1" radiussecrets="${bird('radius')},${bird('radius-2')}"`,
  `host all all 10.4.0.0/16 ldap ldapserver=x ldapbindpasswd="${bird('open')}`,
];

const statements = (): readonly string[] => [
  `ALTER ROLE postgres PASSWORD '${bird('alter')}'`,
  `SELECT '${bird('literal')}'`,
  `SELECT\n'${bird('second-line')}'\n::text`,
  `SELECT CAST('${bird('cast')}' AS integer)`,
  `DO $$ BEGIN RAISE LOG 'a function says ${bird('raised')}'; END $$`,
  `CREATE TEMP TABLE t (a text PRIMARY KEY); INSERT INTO t VALUES ('${bird('key')}'), ('${bird('key')}')`,
  `SELECT 1/0, '${bird('error')}'`,
];

onEachRelease(
  (release) => {
    test('all that a support engineer asks for, and no secret in it', { timeout: 120_000 }, async () => {
      const { primary, standby } = await aPair({
        release,
        settings: { wal_keep_size: '64MB' },
        standby: {
          settings: { log_statement: 'all', log_min_duration_statement: '0', log_error_verbosity: 'verbose' },
        },
      });
      // a standby answers queries too, and its log has them
      for (const statement of statements()) await standby.query(statement).catch(() => undefined);
      const { dataDirectory } = standby;
      await standby.stop();
      const included = join(dataDirectory, 'conf.d');
      await mkdir(included);
      await writeFile(join(included, 'own.conf'), `${settings().join('\n')}\n`);
      await writeFile(join(dataDirectory, 'recovery.done'), `${settings().join('\n')}\n`);
      await appendFile(join(dataDirectory, 'postgresql.conf'), "\ninclude_dir 'conf.d'\n");
      await appendFile(join(dataDirectory, 'pg_hba.conf'), `${hba().join('\n')}\n`);
      // what another user of the machine has is none of this server's business
      const elsewhere = join(await aFolder(), 'elsewhere');
      await writeFile(elsewhere, `elsewhere.name = '${canary}-elsewhere'\n`, { mode: 0o644 });
      await rm(join(dataDirectory, 'pg_ident.conf'));
      await symlink(elsewhere, join(dataDirectory, 'pg_ident.conf'));
      await writeFile(join(included, 'root.conf'), `# ${canary} of another user\n`, { mode: 0o600 });
      const owners = [included, join(included, 'own.conf'), join(dataDirectory, 'recovery.done')];
      if (user !== null) for (const path of owners) await chown(path, user.uid, user.gid);

      const folder = await aFolder();
      const file = join(folder, 'b.tar.gz');
      const words = ['postmortem', '-D', dataDirectory, '--admin', primary.admin];
      const asking = await runStandbylint(['bundle', ...words, '-o', file], { on: standby });
      expect([asking.exitCode, asking.stdout]).toEqual([2, '']);
      expect(asking.stderr).toContain('--yes');
      await expect(stat(file)).rejects.toThrow('ENOENT');

      const bundled = await runStandbylint(['bundle', ...words, '-o', file, '--yes'], { on: standby });
      expect([bundled.exitCode, bundled.stderr], bundled.stdout).toEqual([0, '']);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const { names, text } = await unpacked(file);
      expect(names).toEqual(
        expect.arrayContaining([
          'README.txt',
          'facts.jsonl',
          'data-directory/postgresql.conf',
          'data-directory/postgresql.auto.conf',
          'data-directory/pg_hba.conf',
          'data-directory/conf.d/own.conf',
          'data-directory/recovery.done',
          'data-directory/standby.signal',
          'pg_controldata.txt',
        ]),
      );
      expect(names.filter((name) => name.startsWith('log/'))).not.toEqual([]);
      // what is listed is what is in it
      for (const name of names) expect(bundled.stdout).toContain(name);
      expect(text).toContain('ldapserver=x ldapbindpasswd=');
      expect(text).toMatch(/Database system identifier: +\d+/u);
      expect(text).toContain('STATEMENT:  (left out)');
      expect(text).toContain('started streaming WAL from primary');
      expect(bundled.stdout).toMatch(/pg_ident\.conf: it links to/u);
      const leaks = `${text}${bundled.stdout}`.matchAll(/.{0,80}kAnArIe[\w-]*/gu);
      expect([...leaks].map(([found]) => found)).toEqual([]);

      const facts = join(folder, 'facts');
      await runStandbylint(['collect', ...words, '-o', facts], { on: standby });
      const [one, other] = await Promise.all(
        [file, facts].map(async (from) => runStandbylint(['analyze', from, '--format', 'json'])),
      );
      expect(one?.json.findings.map(({ id }) => id)).toEqual(other?.json.findings.map(({ id }) => id));
      expect(one?.exitCode).toBe(other?.exitCode);
    });

    test('without names, in all of it', { timeout: 120_000 }, async () => {
      const { primary, standby } = await aPair({
        release,
        standby: { settings: { cluster_name: 'aurora_nine', log_line_prefix: '%m [%p] %q%u@%d ' } },
      });
      await primary.server.query('CREATE ROLE tycho_brahe LOGIN SUPERUSER');
      await primary.server.query('CREATE DATABASE hven_island');
      await appendFile(
        join(standby.dataDirectory, 'pg_hba.conf'),
        'host hven_island kepler_j 192.168.77.0/24 md5\nlocal hven_island tycho_brahe trust\n',
      );
      await standby.query('SELECT pg_sleep(0.2)');
      const folder = await aFolder();
      const [file, map] = [join(folder, 'b.tar.gz'), join(folder, 'map.json')];
      const words = ['postmortem', '-D', standby.dataDirectory, '--admin', primary.admin, '--yes'];
      const bundled = await runStandbylint(['bundle', ...words, '--redact', '--redact-map', map, '-o', file], {
        on: standby,
      });
      expect([bundled.exitCode, bundled.stderr], bundled.stdout).toEqual([0, '']);
      const { text } = await unpacked(file);
      const folders = standby.dataDirectory.split('/').filter((part) => part.startsWith('standbylint-'));
      const known = ['aurora_nine', 'hven_island', 'kepler_j', 'tycho_brahe', '192.168.77', ...folders];
      expect(known.filter((name) => text.includes(name))).toEqual([]);
      expect(text).toContain('Names, addresses and paths are replaced by tokens.');
      const tokens = JSON.parse(await readFile(map, 'utf8')) as Readonly<Record<string, string>>;
      expect(Object.values(tokens)).toEqual(expect.arrayContaining(['kepler_j', 'hven_island']));
      const { json } = await runStandbylint(['analyze', file, '--format', 'json']);
      expect(json.command).toBe('postmortem');
    });

    test('a preflight: the facts, and that there is nothing else yet', { timeout: 60_000 }, async () => {
      const { primary } = await aPair({ release });
      const folder = await aFolder();
      const file = join(folder, 'b.tar.gz');
      const words = ['preflight', '-D', join(folder, 'copy'), '-d', primary.conninfo, '-w', '-R', '--yes', '-o', file];
      const bundled = await runStandbylint(['bundle', ...words], {
        on: primary.server,
        env: { PGPASSWORD: primary.password },
      });
      expect([bundled.exitCode, bundled.stderr], bundled.stdout).toEqual([0, '']);
      expect((await unpacked(file)).names).toEqual(['README.txt', 'facts.jsonl']);
      expect((await runStandbylint(['analyze', file, '--format', 'json'])).json.command).toBe('preflight');
    });
  },
  { from: 15, to: 17 },
);
