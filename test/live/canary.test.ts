import { appendFile, chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { serverUser } from '../../src/throwaway/os-user.ts';
import { aPair } from '../lab/pair.ts';
import { aPlaceForAStandby, aPrimary } from '../lab/primary.ts';
import type { Primary } from '../lab/primary.ts';
import { runStandbylint } from '../lab/standbylint.ts';
import type { RunOptions } from '../lab/standbylint.ts';
import { aServer, errorResponse, message } from '../lab/strange-servers.ts';

/** No word of PostgreSQL or of ours has it: wherever it turns up, a secret got out. */
const canary = 'kAnArIe';
const bird = (place: string): string => `${canary}-${place}`;
const user = await serverUser();

interface Output {
  readonly exitCode: number;
  readonly all: string;
}

/** Runs it in both formats while the process list is watched; nothing of the canary may show in either. */
async function keepsSecrets(words: readonly string[], options: RunOptions = {}): Promise<readonly Output[]> {
  const outputs: Output[] = [];
  for (const format of ['json', 'stylish']) {
    const watch = new AbortController();
    const listed = watchProcessList(watch.signal);
    const result = await runStandbylint([...words, '--format', format], options);
    watch.abort();
    const all = `${result.stdout}\n${result.stderr}`;
    expect(leaks(all), `${words.join(' ')}\n${all}`).toEqual([]);
    expect(await listed).toEqual([]);
    expect(all).not.toMatch(/^\s+at .+:\d+:\d+\)?$/mu);
    outputs.push({ exitCode: result.exitCode, all });
  }
  // a call that nobody could follow writes no file
  const isFollowed = outputs.some(({ exitCode }) => exitCode !== 2);
  if (isFollowed && (words[0] === 'preflight' || words[0] === 'postmortem')) {
    const all = await collected(words, options);
    expect(leaks(all), `collect, bundle ${words.join(' ')}\n${all}`).toEqual([]);
  }
  return outputs;
}

/** The same look as a file of facts, and as a bundle: what is told of them, and all that is in them. */
async function collected(words: readonly string[], options: RunOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-facts-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  if (user !== null) await chown(folder, user.uid, user.gid);
  const file = join(folder, 'facts');
  const { stdout, stderr } = await runStandbylint(['collect', ...words, '-o', file], options);
  const bundle = await runStandbylint(['bundle', ...words, '--yes', '-o', `${file}.tar.gz`], options);
  const files = await Promise.all(
    [file, `${file}.tar.gz`].map(async (one) => gunzipSync(await readFile(one)).toString()),
  );
  return [stdout, stderr, bundle.stdout, bundle.stderr, ...files].join('\n');
}

/** Written as it is, escaped for a URI, or in base64. */
const leaks = (text: string): readonly string[] =>
  [canary, Buffer.from(canary).toString('base64').slice(0, 8)].filter((form) => text.includes(form));

/** Command lines that show the canary; the program's own are what the user typed, and the server archives by a command. */
async function watchProcessList(signal: AbortSignal): Promise<readonly string[]> {
  const found = new Set<string>();
  while (!signal.aborted) {
    for (const id of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/u.test(name))) {
      const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      if (line.includes(canary) && !/standbylint\.js|curl.-u.backup/u.test(line)) found.add(line.replaceAll('\0', ' '));
    }
    await pause(5);
  }
  return [...found];
}

let primary: Primary;
let hash = '';
beforeAll(async () => {
  primary = await aPrimary({
    lifetime: 'file',
    role: { password: bird('role') },
    settings: {
      archive_mode: 'on',
      archive_command: `curl -u backup:${bird('archive')} -T %p ftp://nowhere.invalid/%f || false`,
      restore_command: `curl -u backup:${bird('restore')} ftp://nowhere.invalid/%f`,
      primary_conninfo: `host=nowhere.invalid user=replicator password=${bird('primary_conninfo')}`,
      'my.secret': bird('custom'),
    },
    hba: [
      'host replication replicator 127.0.0.1/32 scram-sha-256',
      'host all all 127.0.0.1/32 scram-sha-256',
      `host all all 10.1.0.0/16 ldap ldapserver=ldap.invalid ldapbasedn="dc=x" ldapbinddn="cn=x" ldapbindpasswd="${bird('ldap')}"`,
      `host replication all 10.2.0.0/16 ldap ldapserver=ldap.invalid ldapbasedn="dc=x" ldapbinddn="cn=x" ldapbindpasswd=${bird('ldap2')} # ${bird('comment')}`,
      `host replication all 10.3.0.0/16 radius radiusservers="10.0.0.1" radiussecrets="${bird('radius')}"`,
    ],
  });
  // the server would not have started with these; the view tells of them nevertheless
  await appendFile(
    join(primary.server.dataDirectory, 'pg_hba.conf'),
    `host replication all 10.4.0.0/16 scram-sha-256 ldapbindpasswd=${bird('error')}\nhost replication replicator 127.0.0.1/32 ldap ldapserver=x ldapbindpasswd="${bird('open')}\n`,
  );
  await primary.server.query(`ALTER ROLE postgres PASSWORD '${bird('superuser')}'`);
  await primary.server.query(`COMMENT ON ROLE replicator IS 'its password is ${bird('role-comment')}'`);
  await primary.server.query(`ALTER ROLE replicator SET my.secret = '${bird('role-setting')}'`);
  const [row] = await primary.server.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'replicator'");
  hash = row?.['rolpassword'] ?? '';
});

const place = async (): Promise<string> => (await aPlaceForAStandby()).dataDirectory;

async function aFile(content: string, mode = 0o600): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'standbylint-secret-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  await writeFile(path, content, { mode });
  for (const one of user === null ? [] : [folder, path]) await chown(one, user?.uid ?? 0, user?.gid ?? 0);
  return path;
}

const short = ['-w', '--timeout', '2', '-X', 'stream', '-R'] as const;
const call = async (...more: readonly string[]): Promise<readonly string[]> => [
  'preflight',
  '-D',
  await place(),
  ...short,
  ...more,
];

const ways = (): readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] => {
  const { port } = primary.server;
  const secrets = [bird('role'), bird('wrong')];
  return secrets.flatMap((secret) => [
    ['PGPASSWORD', primary.connection, { PGPASSWORD: secret }],
    ['-d, keywords', ['-d', `${primary.conninfo} password='${secret}' sslpassword=${bird('ssl')}`], {}],
    ['-d, URI', ['-d', `postgresql://replicator:${secret}@127.0.0.1:${port}/?sslpassword=${bird('ssl')}`], {}],
    ['--dbname=, URI', [`--dbname=postgresql://127.0.0.1:${port}/?user=replicator&password=${secret}`], {}],
  ]);
};

describe('the passwords of a connection', () => {
  test('given to the replication connection', async () => {
    for (const [name, words, env] of ways()) {
      const outputs = await keepsSecrets(await call(...words), { env });
      for (const { exitCode } of outputs) expect([0, 1, 3], name).toContain(exitCode);
    }
  });

  test('given to --admin, and what a superuser sees', async () => {
    const { port } = primary.server;
    const env = { PGPASSWORD: bird('role') };
    for (const admin of [
      `host=127.0.0.1 port=${port} user=postgres password='${bird('superuser')}'`,
      `postgresql://postgres:${bird('superuser')}@127.0.0.1:${port}/postgres`,
      `postgresql://postgres:${bird('wrong')}@127.0.0.1:${port}/postgres`,
      primary.admin,
    ]) {
      const outputs = await keepsSecrets(await call(...primary.connection, '--admin', admin), { env });
      for (const { all } of outputs) expect(all).not.toContain(hash.slice(14, 60));
    }
  });

  test('in a password file, with lines that are right, wrong and broken', async () => {
    const { port } = primary.server;
    const lines = [
      `otherhost:*:*:*:${bird('other')}`,
      `127.0.0.1:${port}:postgres:replicator:${bird('database')}`,
      `127.0.0.1:${port}:replication:replicator:${bird('colon')}:unescaped`,
      bird('no-colons-at-all'),
      String.raw`127.0.0.1:${port}:replication:replicator:${bird('escaped')}\:\\x`,
    ];
    for (const content of [
      lines.join('\n'),
      lines.slice(0, 2).join('\n'),
      `${lines[4]}\n${lines[0]}`,
      `*:*:*:*:${bird('role')}\n`,
    ])
      for (const mode of [0o600, 0o644])
        await keepsSecrets(await call(...primary.connection), { env: { PGPASSFILE: await aFile(content, mode) } });
  });

  test('in a service file, well and badly formed', async () => {
    const { port } = primary.server;
    const head = `[here]\nhost=127.0.0.1\nport=${port}\nuser=replicator\n`;
    for (const content of [
      `${head}password=${bird('role')}\n`,
      `${head}password=${bird('wrong')}\nsslpassword=${bird('ssl')}\n`,
      `${head}password ${bird('malformed')}\n`,
      `${head}passwrd=${bird('unknown')}\n`,
      `[elsewhere]\npassword=${bird('elsewhere')}\n`,
    ])
      await keepsSecrets(await call('-d', 'service=here'), { env: { PGSERVICEFILE: await aFile(content) } });
  });

  test('in calls that cannot be followed', { timeout: 180_000 }, async () => {
    const broken = [
      `host=127.0.0.1 password='${canary}`,
      `host=127.0.0.1 password=${canary} nonsense`,
      `host=127.0.0.1 password=${canary} port=ninety`,
      `host=127.0.0.1 password=${canary} sslmode=sometimes`,
      `host=127.0.0.1 passwrd=${canary}`,
      `host=127.0.0.1 password = ${canary} user`,
      `host 127.0.0.1 password=${canary}`,
      `postgresql://u:${canary}@h:port/`,
      `postgresql://u:${canary}@[::1/`,
      `postgresql://u:p@${canary}@h/`,
      `postgresql://u:${canary}%zz@h/`,
      `postgresql://u@h/?password=${canary}&password`,
      `postgresql://u@h/?passwrd=${canary}`,
      `postgresql:/u:${canary}@h/`,
      `postgres//u:${canary}@h/`,
    ];
    for (const conninfo of broken) {
      await keepsSecrets(['preflight', '-D', '/tmp/x', ...short, '-d', conninfo]);
      await keepsSecrets(['preflight', '-D', '/tmp/x', ...short, '-h', '127.0.0.1', '-p', '1', '--admin', conninfo]);
    }
    for (const words of [
      // a forgotten quote makes words of a connection string
      ['-d', 'host=127.0.0.1', 'user=u', `password=${canary}`],
      [`postgresql://u:${canary}@h/`],
      [`--password=${canary}`],
      [`--passwrd=${canary}`],
      ['--admn', `password=${canary}`],
      [`--admn=postgresql://u:${canary}@h/`],
      ['--format', `password=${canary}`],
      ['--timeout', `postgresql://u:${canary}@h/`],
    ])
      expect((await keepsSecrets(['preflight', '-D', '/tmp/x', ...words])).map(({ exitCode }) => exitCode)).toEqual([
        2, 2,
      ]);
    for (const command of [`password=${canary}`, `postgresql://u:${canary}@h/`]) await keepsSecrets([command]);
  });
});

describe('what a server says', () => {
  test('echoes the password that it was sent', async () => {
    const port = await aServer((socket) => {
      socket.on('data', (data: Buffer) => {
        if (data.length === 8) socket.write('N');
        else if (data[0] === 0x70) {
          const said = data.toString('utf8', 5, data.length - 1);
          const words = `password authentication failed for user "u" with "${said}"`;
          socket.end(errorResponse({ C: '28P01', M: words, D: words, H: said, R: 'auth_failed' }));
        } else socket.write(message('R', '\0\0\0\u0003'));
      });
    });
    await keepsSecrets(await call('-d', `host=127.0.0.1 port=${port} user=u password='${canary} with space'`));
    await keepsSecrets(
      await call(
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-U',
        'u',
        '--admin',
        `host=127.0.0.1 port=${port} user=u password=${canary}`,
      ),
      { env: { PGPASSWORD: canary } },
    );
  });

  test('a standby as the source, whose primary_conninfo holds a password', async () => {
    const { primary: upstream, standby } = await aPair({ role: { password: bird('role') } });
    const source = ['-h', '127.0.0.1', '-p', String(standby.port), '-U', 'replicator'];
    const admin = `host=${standby.folder} port=${standby.port} user=postgres dbname=postgres`;
    const env = { PGPASSWORD: upstream.password };
    const outputs = await keepsSecrets(await call(...source, '--admin', admin), { env });
    for (const { all } of outputs) expect(all).toMatch(/is-standby/u);
  });
});

describe('clone', () => {
  test('gives the password to pg_basebackup in its environment only', async () => {
    await primary.server.psql("CREATE TABLE bulk AS SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
    for (const [words, env] of [
      [[...primary.connection], { PGPASSWORD: bird('role') }],
      [['-d', `${primary.conninfo} password='${bird('role')}'`], {}],
      [['-d', `postgresql://replicator:${bird('role')}@127.0.0.1:${primary.server.port}/`], {}],
    ] as const) {
      const target = await aPlaceForAStandby();
      const watch = new AbortController();
      const listed = watchProcessList(watch.signal);
      const { stdout, stderr, exitCode } = await runStandbylint(
        ['clone', '-D', target.dataDirectory, ...words, '-w', '-X', 'stream', '-R', '-c', 'fast', '-r', '20M', '-P'],
        { on: target, env },
      );
      watch.abort();
      expect(leaks(`${stdout}${stderr}`), `${stdout}${stderr}`).toEqual([]);
      expect(await listed).toEqual([]);
      expect([0, 1, 3], `${stdout}${stderr}`).toContain(exitCode);
    }
  });

  test('does not print it with --dry-run', async () => {
    const target = await aPlaceForAStandby();
    await keepsSecrets(
      ['clone', '-D', target.dataDirectory, '-d', `${primary.conninfo} password='${bird('role')}'`, '-w', '--dry-run'],
      { on: target },
    );
  });
});
