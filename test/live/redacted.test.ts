import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

import { expect, onTestFinished, test } from 'vitest';

import { aPair } from '../lab/pair.ts';
import { onReleasesInTurn } from '../lab/releases.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import { until } from '../lab/until.ts';

/** Part of every name, whatever its case and its escapes; no word of PostgreSQL or of ours has it. */
const bird = /kanarie|kan arie|%61narie/iu;
const addresses = /10\.11\.12|192\.168\.77|2001:db8:77|0a0b:0c0d/iu;

/** The ways in which a connection string can name a host, an address, a role and a database. */
const connections = [
  `host=kanarie-a.lan,kanarie-b.lan hostaddr=10.11.12.1,10.11.12.2 port=5432,5433 user=kanarie_r1 dbname=kanarie_d1`,
  `host = 'kanarie-c.lan'  user = 'Kanarie Role'   dbname='kanarie ''d2'''`,
  String.raw`host=kanarie-d.lan user=kanarie\ r3 application_name='kanarie\\app'`,
  `postgresql://kanarie_r4:secret@kanarie-e.lan:5432,10.11.12.3:5433/kanarie_d4?application_name=kanarie_app`,
  `postgres://k%61narie_r5@[2001:db8:77::5]:5432/k%61narie_d5`,
  `postgresql:///kanarie_d6?host=kanarie-f.lan&user=kanarie_r6&hostaddr=10.11.12.4`,
  `service=kanarie_service passfile=/srv/kanarie/pass sslrootcert='/srv/kan arie/kanarie root.crt'`,
  `host=/run/kanarie-socket user=KANARIE_R7 requirepeer=kanarie_os krbsrvname=kanarie_krb`,
];

const settings = [
  ...connections.map((text) => `primary_conninfo = '${text.replaceAll("'", "''")}'`),
  `# old: primary_conninfo = 'host=kanarie-old.lan user=kanarie_old' (asked kanarie@kanarie.example, 10.11.12.5)`,
  `archive_command = 'scp -i /srv/kanarie/id kanarie_os@kanarie-g.lan:/srv/kanarie/%f %p && rsync -a %p 10.11.12.6::kanarie_module/%f'`,
  `restore_command = 'ssh kanarie_os@kanarie-h.lan cat /srv/kanarie/%f > %p'`,
  `recovery_end_command = 'curl https://kanarie-i.lan:8443/kanarie_path?server=kanarie-j.lan'`,
  `cluster_name = 'kanarie cluster'`,
  `primary_slot_name = 'kanarie_slot'`,
  `synchronous_standby_names = 'FIRST 1 ("Kanarie One", kanarie_two)'`,
  `log_line_prefix = '%m [%p] %q%u@%d/%a %h '`,
  `listen_addresses = '10.11.12.7, kanarie-k.lan, ::ffff:10.11.12.8'`,
];

const hba = [
  'host kanarie_d1,"Kanarie D" kanarie_r1,+kanarie_group kanarie-a.lan scram-sha-256',
  'host all all .kanarie.lan md5 # kanarie comment 10.11.12.9',
  'hostssl all "kanarie r" 192.168.77.0 255.255.255.0 cert map=kanarie_map clientname=CN',
  'host all all 10.11.12.0/24 ldap ldapserver=kanarie-l.lan ldapprefix="uid=" ldapsuffix=",ou=kanarie,dc=kanarie"',
  'host all all 2001:db8:77::/48 ident map=kanarie_map',
];

onReleasesInTurn((release) => {
  test(
    'nothing tells whose servers they are, however it is written; equal stays equal',
    { timeout: 180_000 },
    async () => {
      const { primary, standby } = await aPair({
        release,
        settings: { wal_keep_size: '64MB', cluster_name: 'kanarie_p' },
      });
      const { server } = primary;
      await server.psql(
        `CREATE ROLE kanarie_r1 LOGIN; CREATE ROLE "Kanarie Role" LOGIN; CREATE DATABASE "kanarie D"; CREATE DATABASE kanarie_d1;
       SELECT pg_create_physical_replication_slot('kanarie_slot'); SELECT pg_create_physical_replication_slot('kanarie_other', true);`,
      );
      await until('the databases are there', async () =>
        (await standby.query("SELECT 1 FROM pg_database WHERE datname = 'kanarie_d1'")).length > 0 ? true : null,
      );
      for (const [role, database] of [
        ['kanarie_r1', 'kanarie_d1'],
        ['kanarie_nobody', 'kanarie_nowhere'],
        ['Kanarie Role', 'kanarie D'],
      ])
        await standby.run(standby.programPath('psql'), [
          '-X',
          '-h',
          '127.0.0.1',
          '-p',
          String(standby.port),
          '-U',
          role ?? '',
          '-w',
          database ?? '',
        ]);
      await standby.stop();
      const at = (name: string): string => join(standby.dataDirectory, name);
      await appendFile(at('postgresql.conf'), settings.map((line) => `${line}\n`).join(''));
      await appendFile(at('pg_hba.conf'), hba.map((line) => `${line}\n`).join(''));
      await appendFile(
        at('pg_ident.conf'),
        'kanarie_map kanarie_os kanarie_r1\nkanarie_map /^(.*)@kanarie\\.example$ \\1\n',
      );
      await appendFile(
        standby.logFile,
        [
          'FATAL:  could not connect to the primary server: could not translate host name "kanarie-a.lan" to address: Name or service not known',
          'FATAL:  could not connect to the primary server: connection to server at "kanarie-b.lan" (10.11.12.2), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "10.11.12.10", user "kanarie_r1", no encryption',
          'FATAL:  pg_hba.conf rejects connection for host "kanarie-m.lan", user "Kanarie Role", database "kanarie D", SSL encryption',
          'FATAL:  could not start WAL streaming: ERROR:  replication slot "kanarie_slot" does not exist',
          'FATAL:  password authentication failed for user "kanarie_r9"',
          'DETAIL:  Connection matched file "/srv/kanarie/pg_hba.conf" line 3: "host all kanarie_r9 10.11.12.0/24 scram-sha-256"',
          'LOG:  connection received: host=kanarie-n.lan port=51234',
          'LOG:  connection authorized: user=kanarie_r9 database=kanarie_d9 application_name=kanarie_app9 SSL enabled (protocol=TLSv1.3)',
          'LOG:  user=kanarie_r10,db=kanarie_d10,app=kanarie_app10,client=kanarie-o.lan connection lost',
          'FATAL:  no pg_hba.conf entry for host "fe80::0a0b:0c0d:1%eth0", user "kanarie_r8", database "kanarie_d8", SSL off',
          'LOG:  could not open directory "pg_tblspc/16400/PG_15_202209061": tablespace "kanarie_space" at "/srv/kanarie space/ts"',
        ]
          .map((line) => `2026-11-29 10:00:00.000 UTC [4711] ${line}\n`)
          .join(''),
      );
      const folder = await mkdtemp('/tmp/standbylint-redacted-');
      onTestFinished(async () => rm(folder, { recursive: true, force: true }));
      await chmod(folder, 0o777);
      const words = [
        'postmortem',
        '-D',
        standby.dataDirectory,
        '--admin',
        primary.admin,
        '--log',
        standby.logFile,
        '--redact',
      ];

      const facts = join(folder, 'facts');
      const bundle = join(folder, 'bundle.tar.gz');
      const collected = await runStandbylint(['collect', ...words, '--redact-map', `${facts}.json`, '-o', facts], {
        on: standby,
      });
      const bundled = await runStandbylint(['bundle', ...words, '--yes', '-o', bundle], { on: standby });
      expect([collected.exitCode, bundled.exitCode], collected.stderr + bundled.stderr).toEqual([0, 0]);
      const analyzed = await runStandbylint(['analyze', facts, '--full']);
      const { stdout: listed } = await promisify(execFile)('tar', ['-tzf', bundle]);
      const texts = {
        facts: gunzipSync(await readFile(facts)).toString(),
        bundle: gunzipSync(await readFile(bundle)).toString(),
        names: listed,
        told: bundled.stdout,
        report: analyzed.stdout + analyzed.stderr,
      };
      for (const [what, text] of Object.entries(texts)) expect([what, leaksOf(text)]).toEqual([what, []]);
      // one name has one token
      const tokens: unknown = JSON.parse(await readFile(`${facts}.json`, 'utf8'));
      const meanings = Object.values(tokens ?? {}).map(String);
      expect(new Set(meanings).size).toBe(meanings.length);
    },
  );
});

/** Around each place that tells something. */
function leaksOf(text: string): readonly string[] {
  return text
    .split(/\n|\\n|"/u)
    .filter((line) => bird.test(line) || addresses.test(line))
    .map((line) => line.slice(0, 240));
}
