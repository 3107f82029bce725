import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runStandbylint } from '../lab/standbylint.ts';

interface Explained {
  readonly explanations: readonly {
    readonly text: string;
    readonly message: string | null;
    readonly rule: { readonly id: string } | null;
    readonly steps: readonly { readonly on: string; readonly text: string }[];
    readonly next: readonly { readonly command: string }[];
    readonly count: number;
    readonly over: boolean;
  }[];
}

async function explained(text: string, input?: string) {
  const run = await runStandbylint(['explain', '--format', 'json', text], input === undefined ? {} : { input });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the JSON of explain, whose parts the tests look at
  const { explanations } = JSON.parse(run.stdout) as Explained;
  return { explanations, exitCode: run.exitCode };
}

const line = (second: number, text: string): string => `2026-11-21 20:00:${second}.000 UTC [7] ${text}\n`;

describe('explain', () => {
  it.each([
    [
      'FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.7", user "Rep", SSL encryption',
      'hba/no-replication-entry',
      ['hostssl replication Rep 10.0.0.7/32 scram-sha-256', 'SELECT pg_reload_conf();'],
      'standbylint postmortem -D <data directory>',
    ],
    [
      '2026-11-21 20:00:02.000 UTC [18] FATAL:  could not connect to the primary server: connection to server at "db1" (fd00::1), port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "fd00::7", user "rep", no encryption',
      'hba/no-replication-entry',
      ['host replication rep fd00::7/128 scram-sha-256', 'SELECT pg_reload_conf();'],
      'standbylint postmortem -D <data directory>',
    ],
    [
      'pg_basebackup: error: connection to server at "10.0.0.1", port 5433 failed: FATAL:  password authentication failed for user "rep"',
      'role/wrong-password',
      // other clients use the same password
      [],
      'standbylint preflight pg_basebackup -h 10.0.0.1 -p 5433 -U rep -D <data directory> -X stream -R',
    ],
    [
      'FATAL:  could not start WAL streaming: ERROR:  replication slot "s1" does not exist',
      'slot/missing',
      ["SELECT pg_create_physical_replication_slot('s1', true);"],
      'standbylint postmortem -D <data directory>',
    ],
    [
      'FATAL:  data directory "/var/lib/my data" has invalid permissions\nDETAIL:  Permissions should be u=rwx (0700) or u=rwx,g=rx (0750).',
      'standby/permissions',
      ["chmod 0700 '/var/lib/my data'"],
      "standbylint postmortem -D '/var/lib/my data'",
    ],
    [
      'pg_basebackup: error: only tar mode backups can be compressed',
      'command/options-conflict',
      [],
      'standbylint preflight pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -R',
    ],
  ])('%s', async (text, rule, steps, next) => {
    const { explanations, exitCode } = await explained(text);
    expect(exitCode).toBe(0);
    expect(explanations).toHaveLength(1);
    const [only] = explanations;
    expect(only?.rule?.id).toBe(rule);
    expect(only?.steps.map((step) => step.text)).toEqual(steps.map((step) => expect.stringContaining(step)));
    expect(only?.next[0]?.command).toBe(next);
  });

  it('tells of a log what stands now before what is over, and each once', async () => {
    const refused =
      'FATAL:  could not connect to the primary server: connection to server at "db1" (10.0.0.1), port 5432 failed: FATAL:  role "rep" does not exist';
    const log = [
      line(10, refused),
      line(15, refused),
      line(20, 'LOG:  started streaming WAL from primary at 0/3000000 on timeline 1'),
      line(41, 'ERROR:  relation "replication" does not exist'),
      // the process that streamed is another one
      line(42, 'FATAL:  could not access file "timescaledb": No such file or directory').replace('[7]', '[8]'),
    ];
    const { explanations } = await explained('-', log.join(''));
    expect(explanations.map(({ message, count, over }) => [message, count, over])).toEqual([
      ['extension-library-missing', 1, false],
      ['role-does-not-exist', 2, true],
    ]);
  });

  it('tells what else a text says before a line that only says that something failed', async () => {
    const text =
      'The replica of postgres 14 dies when recovery.conf is present.\n\npg_ctl: could not start server\nExamine the log output.\n';
    const { explanations } = await explained('-', text);
    expect(explanations.map(({ message }) => message)).toEqual([null, 'pgctl-could-not-start']);
  });

  it('prints the page of a message', async () => {
    const { stdout } = await runStandbylint(['explain', 'log/requested-wal-removed']);
    expect(stdout).toContain('requested WAL segment %s has already been removed');
  });

  it.each([
    '-bash: pg_basebackup: command not found',
    '-[ RECORD 1 ]-------+----------\nslot_name           | node_b\nslot_type           | physical\nactive              | f\nrestart_lsn         | 0/5000000',
    '- FATAL:  role "rep" does not exist',
  ])('takes %j for a text, and no option', async (text) => {
    const given = await explained(text);
    expect(given.explanations).not.toEqual([]);
    expect(given).toEqual(await explained('-', text));
  });

  it('knows nothing of what is no message', async () => {
    expect(await explained('the cat sat on the mat')).toEqual({ explanations: [], exitCode: 1 });
  });
});

describe('a log of 200 MB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'standbylint-large-log-'));
  const log = join(folder, 'postgresql.log');
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    const ordinary = Array.from(
      { length: 10_000 },
      (_, n) =>
        `2026-11-28 10:00:0${n % 10}.123 UTC [${1000 + (n % 500)}] LOG:  duration: ${n % 977}.5 ms  statement: SELECT * FROM orders WHERE id = ${n}\n`,
    ).join('');
    for (let part = 0; part < 100; part += 1) appendFileSync(log, ordinary);
    appendFileSync(log, `2026-11-28 10:01:00.000 UTC [77] FATAL:  role "replicator" does not exist\n`);
    for (let part = 0; part < 100; part += 1) appendFileSync(log, ordinary);
  });

  it('is read in seconds, and what matters in it is found', async () => {
    const { stdout, exitCode, elapsedMs } = await runStandbylint(['explain', log], { user: null });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^role "replicator" does not exist/u);
    // three minutes when each record was looked up
    expect(elapsedMs).toBeLessThan(30_000);
  });

  it('is left at an interrupt', async () => {
    const { exitCode } = await runStandbylint(['explain', log], {
      user: null,
      within: ['timeout', '--signal=INT', '--foreground', '--preserve-status', '--kill-after=5', '0.4'],
    });
    expect(exitCode).toBe(130);
  });
});

describe('explain without words', () => {
  it.each(['FATAL:  role "replicator" does not exist\n', '\uFEFFFATAL:  role "replicator" does not exist'])(
    'reads what is piped into it',
    async (input) => {
      const { stdout, exitCode } = await runStandbylint(['explain'], { input });
      expect([exitCode, stdout.split('\n')[0]]).toStrictEqual([0, 'role "replicator" does not exist']);
    },
  );

  it('asks for a message at a terminal', async () => {
    const typed = String.raw`printf 'FATAL:  role "replicator" does not exist\n\004'`;
    const { stdout } = await execa('sh', [
      '-c',
      `(sleep 2; ${typed}; sleep 3) | script -qec '"${process.execPath}" dist/standbylint.js explain' /dev/null`,
    ]);
    expect(stdout).toMatch(/Paste the message, then press Enter and Ctrl-D\.[^]*Role replicator does not exist/u);
  });

  it('does not wait for ever for what is never piped into it', { timeout: 120_000 }, async () => {
    const { stderr, exitCode } = await execa(process.execPath, ['dist/standbylint.js', 'explain'], {
      stdin: 'pipe',
      reject: false,
    });
    expect([exitCode, stderr]).toStrictEqual([2, expect.stringContaining('nothing to explain')]);
  });
});
